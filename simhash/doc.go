// Package simhash turns features into 64-bit fingerprints.
package simhash
