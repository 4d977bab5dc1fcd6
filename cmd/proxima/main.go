// Command proxima makes proxies on all workstations of a room at once. The farm is a shared
// folder; there is no server.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, signals: make(chan os.Signal, 2), notify: onDesktop}
	signal.Notify(a.signals, os.Interrupt, syscall.SIGTERM)
	code := a.main(ctx, cancel, os.Args[1:])
	cancel()
	os.Exit(code)
}
