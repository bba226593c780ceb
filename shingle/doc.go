// Package shingle turns text into features.
package shingle
