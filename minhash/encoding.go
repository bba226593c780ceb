package minhash

import (
	"errors"
	"fmt"
)

// What decoding and merging report, wrapped with detail, to be matched by [errors.Is].
var (
	// ErrVersion says that the data are of a format that this version of the package does not know.
	ErrVersion = errors.New("unknown version")
	// ErrCorrupt says that the data are damaged, cut short or not an encoding of this type at all.
	ErrCorrupt = errors.New("corrupt data")
	// ErrMismatch says that the data are sound, but of another configuration than asked for.
	ErrMismatch = errors.New("other configuration")
)

// match returns an error that names the first difference of o from c, nil if there is none.
func (c Config) match(o Config) error {
	switch {
	case o.Scheme != c.Scheme:
		return fmt.Errorf("minhash: scheme %d, want %d: %w", o.Scheme, c.Scheme, ErrMismatch)
	case o.K != c.K:
		return fmt.Errorf("minhash: %d slots, want %d: %w", o.K, c.K, ErrMismatch)
	case o.Seed != c.Seed:
		return fmt.Errorf("minhash: seed %d, want %d: %w", o.Seed, c.Seed, ErrMismatch)
	}
	return nil
}
