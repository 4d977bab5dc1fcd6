//go:build !windows

package main

import "io"

// obeyEscapes is for Windows; other terminals do.
func obeyEscapes(io.Writer) {}
