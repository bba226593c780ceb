// Package minhash turns features into signatures.
package minhash
