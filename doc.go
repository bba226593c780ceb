// Package neardup finds near-duplicate articles.
package neardup
