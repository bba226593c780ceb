module github.com/go-dedup/text

go 1.24.0
