package main

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics are what Prometheus is told.
type metrics struct {
	registry *prometheus.Registry

	requests        *prometheus.CounterVec   // by route and code
	seconds         *prometheus.HistogramVec // by route
	inFlight        prometheus.Gauge
	articles        *prometheus.CounterVec // by what was done
	commitSeconds   prometheus.Histogram
	commitRecords   prometheus.Histogram
	journalErrors   prometheus.Counter
	journalBytes    prometheus.Gauge
	sequence        prometheus.Gauge
	snapshotTime    prometheus.Gauge
	snapshotSeconds prometheus.Gauge
	snapshotErrors  prometheus.Counter
	forgotten       prometheus.Counter
}

// newMetrics returns metrics at zero.
func newMetrics() *metrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "neardup", Name: name, Help: help})
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "neardup", Name: name, Help: help})
	}
	histogram := func(name, help string, buckets []float64) prometheus.HistogramOpts {
		return prometheus.HistogramOpts{Namespace: "neardup", Name: name, Help: help, Buckets: buckets}
	}
	times := prometheus.ExponentialBuckets(0.0001, 2.5, 14) // 0.1 ms to 15 s
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "neardup", Name: "http_requests_total", Help: "Requests answered.",
		}, []string{"route", "code"}),
		seconds:  prometheus.NewHistogramVec(histogram("http_request_seconds", "Time from a request to the end of its answer.", times), []string{"route"}),
		inFlight: gauge("http_requests_in_flight", "Requests being answered."),
		articles: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "neardup", Name: "articles_total", Help: "Articles that were answered.",
		}, []string{"what"}),
		commitSeconds:   prometheus.NewHistogram(histogram("journal_commit_seconds", "Time to write changes to the journal and sync it.", times)),
		commitRecords:   prometheus.NewHistogram(histogram("journal_commit_changes", "Changes that were written together.", prometheus.ExponentialBuckets(1, 4, 6))),
		journalErrors:   counter("journal_errors_total", "Writes to the journal that failed."),
		journalBytes:    gauge("journal_bytes", "Bytes of the changes since the last snapshot."),
		sequence:        gauge("journal_sequence", "Number of the last change."),
		snapshotTime:    gauge("snapshot_timestamp_seconds", "When the last snapshot was written."),
		snapshotSeconds: gauge("snapshot_seconds", "Time that the last snapshot took."),
		snapshotErrors:  counter("snapshot_errors_total", "Snapshots that failed."),
		forgotten:       counter("forgotten_total", "Articles that were dropped because they are older than the window."),
	}
	m.registry.MustRegister(
		m.requests, m.seconds, m.inFlight, m.articles, m.commitSeconds, m.commitRecords, m.journalErrors,
		m.journalBytes, m.sequence, m.snapshotTime, m.snapshotSeconds, m.snapshotErrors, m.forgotten,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// gauge adds one that is asked for its value.
func (m *metrics) gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "neardup", Name: name, Help: help}, value))
}
