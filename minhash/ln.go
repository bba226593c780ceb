package minhash

import "math"

// lnSeries holds the coefficients 1/23, 1/21, … 1/3.
var lnSeries = [...]float64{1. / 23, 1. / 21, 1. / 19, 1. / 17, 1. / 15, 1. / 13, 1. / 11, 1. / 9, 1. / 7, 1. / 5, 1. / 3}

// ln returns the natural logarithm of x > 0 with an error below 2^-50 relative to it, +Inf for +Inf
// and -Inf for 0. In package math some architectures use instructions of their own; signatures of
// weighted sets need the same bits everywhere.
func ln(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 1) {
		if x == 0 {
			return math.Inf(-1)
		}
		return x
	}
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = m*2, e-1
	}
	// With s = (m-1)/(m+1), ln m is 2·(s + s³/3 + s⁵/5 + …); s² is below 0.0295.
	s := (m - 1) / (m + 1)
	t := float64(s * s)
	p := 0.0
	for _, c := range lnSeries {
		p = float64((p + c) * t)
	}
	// The high part of ln 2 has so few bits that the product is exact.
	const high, low = 6.93147180369123816490e-01, 1.90821492927058770002e-10
	return float64(float64(e)*high) + (float64(2*s) + (float64(float64(2*s)*p) + float64(float64(e)*low)))
}
