package shingle

import (
	"strings"
	"testing"
)

// BenchmarkProse compares the prose view with the tokenizer on pages of which
// half is menus and headlines.
func BenchmarkProse(b *testing.B) {
	for _, lang := range []struct{ name, page string }{
		{"en", pageEnglish}, {"ru", pageRussian}, {"zh", pageChinese},
	} {
		page := strings.Repeat(lang.page+"\n\n", 9000/len(lang.page)+1)
		b.Run("text="+lang.name+"/impl=prose", func(b *testing.B) {
			b.SetBytes(int64(len(page)))
			b.ReportAllocs()
			var p prose
			var blocks []Block
			for b.Loop() {
				blocks, _ = proseBlocks(&p, blocks[:0], page)
			}
		})
		b.Run("text="+lang.name+"/impl=tokens", func(b *testing.B) {
			b.SetBytes(int64(len(page)))
			b.ReportAllocs()
			var hashes []uint64
			for b.Loop() {
				hashes = appendHashes(hashes[:0], page, tokenWords, false)
			}
		})
	}
}
