module github.com/neardup/neardup/bench/peers

go 1.24.0

require (
	github.com/axiomhq/hyperminhash v0.0.0-20180309235147-8f66e1a15548
	github.com/cespare/xxhash/v2 v2.3.0
	github.com/dgryski/go-metro v0.0.0-20250106013310-edb8663e5e33
	github.com/dgryski/go-minhash v0.0.0-20190315135803-ad340ca03076
	github.com/ekzhu/minhash-lsh v0.0.0-20190924033628-faac2c6342f8
	github.com/glaslos/ssdeep v1.0.0
	github.com/glaslos/tlsh v0.4.0
	github.com/go-dedup/simhash v0.0.0-20170904020510-9ecaca7b509c
	github.com/mfonda/simhash v0.0.0-20151007195837-79f94a1100d6
	github.com/neardup/neardup v0.0.0
	github.com/steakknife/hamming v0.0.0-20180906055917-c99c65617cd3
)

require (
	github.com/bits-and-blooms/bitset v1.29.0 // indirect
	github.com/dgryski/go-spooky v0.0.0-20170606183049-ed3d087f40e2 // indirect
	github.com/go-dedup/text v0.0.0 // indirect
	golang.org/x/text v0.34.0 // indirect
)

replace github.com/neardup/neardup => ../..

// github.com/go-dedup/simhash has no go.mod, and the module it imports is not on every proxy.
replace github.com/go-dedup/text => ./internal/dedup-text
