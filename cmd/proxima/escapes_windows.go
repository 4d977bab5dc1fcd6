package main

import (
	"io"
	"os"

	"golang.org/x/sys/windows"
)

// obeyEscapes asks a console to do what a terminal does. One that cannot is too old for Go.
func obeyEscapes(out io.Writer) {
	f, ok := out.(*os.File)
	if !ok {
		return
	}
	var mode uint32
	if h := windows.Handle(f.Fd()); windows.GetConsoleMode(h, &mode) == nil {
		_ = windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING)
	}
}
