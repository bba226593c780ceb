// Package peers runs the same work on other Go libraries, each as its own documentation says,
// beside this one: speed and quality in one line of output.
//
//	cd bench/peers && go test -run '^$' -bench . -count 6 | benchstat -row /impl -col /doc -
//
// The metrics beside the time: rmse/theory is the error of the Jaccard estimate as a multiple of
// sqrt(j(1-j)/k); auc is the probability that a pair of texts with Jaccard 0.8 or more scores
// higher than a pair with 0.65 or less; failed is the share of texts that the library refuses.
//
// Libraries of other languages are in the folder others: its run.sh fetches them with pip and
// cargo, at pinned versions, and runs them in turn with this library on the same texts.
package peers
