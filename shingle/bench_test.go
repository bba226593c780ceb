package shingle

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
)

// classic is the pipeline that a Go programmer writes first.
func classic(dst []uint64, text string, w int) []uint64 {
	f := strings.Fields(strings.ToLower(text))
	if len(f) > 0 && len(f) < w {
		return append(dst, xxhash.Sum64String(strings.Join(f, " ")))
	}
	for i := 0; i+w <= len(f); i++ {
		dst = append(dst, xxhash.Sum64String(strings.Join(f[i:i+w], " ")))
	}
	return dst
}

const (
	englishWords = "the of and to in a is that for it as was with be by on not he his but at are this have from or had " +
		"an they which one you were all her she there would their we him been has when who will no more if out so up said " +
		"what its about than into them can only other time new some could these two may first then do any like my now over " +
		"such our man me even most made after also did many off before must well back through years much where your way " +
		"down should because long each just state those people too mr how little good world make very year still see own " +
		"work men day get here between both being under three never know same last another while us might great since " +
		"against go came right take used himself few house use during without again place around however home small found " +
		"thought went say part once general high upon school every government ministry council investment minister " +
		"agreement infrastructure officials announced yesterday percent approximately development international " +
		"representatives parliament organisation responsibilities commissioner transportation electricity hospital " +
		"negotiations spokeswoman environmental opposition Wednesday January 2024 15 3.5 $40m twenty-five long-term"
	frenchWords = "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec " +
		"mais comme ou si leur y dont tout été elle cette aux on ont ses d'un l'on qu'il c'est même après être fait deux " +
		"aussi encore bien peut déjà années ministère président république société économie développement gouvernement " +
		"européen européenne français française négociations décision mercredi janvier élections régionales à où très " +
		"près année général sécurité santé énergie hôpital forêt l'été l’Élysée l’État d’après infrastructure " +
		"investissement représentants organisation responsabilités conseil porte-parole pourcentage 2024 15"
	chineseChars = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法" +
		"学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政"
)

// rareEnglish and rareFrench are words of 4 to 13 letters that no language has.
var (
	rareEnglish = rareWords("ba con der est for gra hol in jus ken lat men nor op per qua res sti tion un ver wi ex ying zo")
	rareFrench  = rareWords("be con der est for gra hol in jus ken lat men nor op per qué res sti tion un ver é ex eur zo ca")
)

func rareWords(syllables string) []string {
	rng := rand.New(rand.NewPCG(1, 2))
	s := strings.Fields(syllables)
	words := make([]string, 3000)
	for i := range words {
		for range 2 + rng.IntN(3)*rng.IntN(3)/2 {
			words[i] += s[rng.IntN(len(s))]
		}
	}
	return words
}

// newsText returns a text of about size bytes in one of three languages, its
// words drawn with the frequencies of Zipf's law.
func newsText(rng *rand.Rand, lang string, size int) string {
	var b strings.Builder
	if lang == "zh" {
		chars := []rune(chineseChars)
		for b.Len() < size {
			for range rng.IntN(20) + 4 {
				i := int(float64(len(chars)) * rng.Float64() * rng.Float64())
				b.WriteRune(chars[i])
			}
			b.WriteString([]string{"，", "。", "、", "，", "。\n", "2024年"}[rng.IntN(6)])
		}
		return b.String()
	}
	words, rare := strings.Fields(englishWords), rareEnglish
	if lang == "fr" {
		words, rare = strings.Fields(frenchWords), rareFrench
	}
	zipf := rand.NewZipf(rng, 1.05, 4, uint64(len(words)-1))
	start := true
	for b.Len() < size {
		w := words[zipf.Uint64()]
		if rng.IntN(100) < 55 {
			w = rare[rng.IntN(len(rare))]
		}
		if start {
			w = strings.ToUpper(w[:1]) + w[1:]
		}
		b.WriteString(w)
		start = false
		switch rng.IntN(16) {
		case 0:
			b.WriteString(", ")
		case 1:
			b.WriteString(". ")
			start = true
		default:
			b.WriteByte(' ')
		}
		if rng.IntN(80) == 0 {
			b.WriteString("\n\n")
		}
	}
	return b.String()
}

// newsTexts returns so many texts of about size bytes that a benchmark does
// not see the same one again soon.
func newsTexts(lang string, size int) []string {
	rng := rand.New(rand.NewPCG(1, uint64(size)))
	texts := make([]string, max(8, 1<<20/size))
	for i := range texts {
		texts[i] = newsText(rng, lang, size)
	}
	return texts
}

func BenchmarkShingle(b *testing.B) {
	for _, doc := range []struct {
		lang string
		size int
		w    int
	}{
		{"en", 240, 3}, {"en", 1 << 10, 3}, {"en", 5 << 10, 3}, {"en", 9 << 10, 5}, {"en", 50 << 10, 3},
		{"fr", 5 << 10, 3}, {"zh", 5 << 10, 3},
	} {
		texts := newsTexts(doc.lang, doc.size)
		for _, impl := range []struct {
			name string
			f    func([]uint64, string, int) []uint64
		}{{"classic", classic}, {"neardup", AppendWords}} {
			b.Run(fmt.Sprintf("impl=%s/doc=%s-%dB/w=%d", impl.name, doc.lang, doc.size, doc.w), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(texts[0])))
				var dst []uint64
				i := 0
				for b.Loop() {
					dst = impl.f(dst[:0], texts[i%len(texts)], doc.w)
					i++
				}
			})
		}
	}
}
