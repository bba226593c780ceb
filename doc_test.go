package neardup_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// Every exported function, method and type has a comment and an Example that prints: one of its own, or one that uses it.
// Methods that a standard interface asks for need none: what they do is known.
func TestExamples(t *testing.T) {
	standard := map[string]bool{
		"String": true, "Error": true, "Unwrap": true, "MarshalText": true, "AppendText": true, "UnmarshalText": true,
		"MarshalBinary": true, "AppendBinary": true, "UnmarshalBinary": true, "WriteTo": true, "ReadFrom": true,
	}
	for _, dir := range []string{".", "shingle", "simhash", "minhash"} {
		files := token.NewFileSet()
		parse := func(test bool) (out []*ast.File) {
			matches, err := fs.Glob(os.DirFS(dir), "*.go")
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range matches {
				if strings.HasSuffix(name, "_test.go") == test {
					f, err := parser.ParseFile(files, dir+"/"+name, nil, parser.ParseComments)
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, f)
				}
			}
			return out
		}
		has := make(map[string]bool)
		for _, e := range doc.Examples(parse(true)...) {
			if e.Output == "" && !e.EmptyOutput {
				t.Errorf("%s: Example%s prints nothing", dir, e.Name)
			}
			for part := range strings.SplitSeq(e.Name, "_") { // Type_Method_suffix
				has[part] = true
			}
			ast.Inspect(e.Code, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok {
					has[sel.Sel.Name] = true
				}
				return true
			})
		}
		p, err := doc.NewFromFiles(files, parse(false), "github.com/neardup/neardup/"+dir)
		if err != nil {
			t.Fatal(err)
		}
		check := func(name, comment string) {
			if comment == "" {
				t.Errorf("%s: %s has no comment", dir, name)
			}
			_, method, ok := strings.Cut(name, "_")
			if !ok {
				method = name
			}
			if !has[method] && !(ok && standard[method]) {
				t.Errorf("%s: no Example%s", dir, name)
			}
		}
		for _, f := range p.Funcs {
			check(f.Name, f.Doc)
		}
		for _, typ := range p.Types {
			check(typ.Name, typ.Doc)
			for _, f := range typ.Funcs {
				check(f.Name, f.Doc)
			}
			for _, m := range typ.Methods {
				check(typ.Name+"_"+m.Name, m.Doc)
			}
		}
	}
}
