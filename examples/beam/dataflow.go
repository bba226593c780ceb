//go:build dataflow

package main

// Google Dataflow brings many modules along, so it is there only where it is asked for: go build
// -tags dataflow.
import _ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow"
