// Package text has the names that github.com/go-dedup/simhash takes from the module of this path, which not every proxy serves. Only
// its BuildSimhash calls them; what is measured, GetSimhash over NewWordFeatureSet as its README shows, does not.
package text

// Doc2Words splits a document.
type Doc2Words func(doc string) []string

// Decorator changes a document before it is split.
type Decorator func(string) string

// GetWordsFactory, Decorators and the rest satisfy a package variable; calling the result is a mistake.
func GetWordsFactory(Decorator) Doc2Words {
	return func(string) []string { panic("text: not measured") }
}

func Decorators(...func(string) string) Decorator { return nil }
func SplitCamelCase(s string) string              { return s }
func ToLower(s string) string                     { return s }
func RemovePunctuation(s string) string           { return s }
func Compact(s string) string                     { return s }
func Trim(s string) string                        { return s }
