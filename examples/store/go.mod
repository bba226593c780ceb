module github.com/neardup/neardup/examples/store

go 1.25.0

require (
	github.com/google/go-cmp v0.7.0
	github.com/neardup/neardup v0.0.0
	go.etcd.io/bbolt v1.5.0
)

require (
	github.com/bits-and-blooms/bitset v1.29.0 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	golang.org/x/sys v0.45.0 // indirect
	golang.org/x/text v0.34.0 // indirect
)

replace github.com/neardup/neardup => ../..
