// Package client is a client of the service, generated from its description. The tests of the service
// use it.
package client

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.5.0 -config config.yaml ../../openapi.yaml
