package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"proxima/jobfile"
)

// lineHandler writes log records as plain lines that a person reads and grep finds:
//
//	14:02:11 claimed  job=49_… unit=0003 attempt=1
//
// Values are made printable: some of them come from the folder.
type lineHandler struct {
	mu    *sync.Mutex
	out   io.Writer
	level slog.Level
	with  string

	stamp   string // layout of the time
	journal bool   // journald keeps the time, and reads the level from a number in front
}

func newLineHandler(out io.Writer, level slog.Level) *lineHandler {
	return &lineHandler{mu: &sync.Mutex{}, out: out, level: level, stamp: "15:04:05 "}
}

func (h *lineHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

func (h *lineHandler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	switch {
	case !h.journal:
		b.WriteString(r.Time.Format(h.stamp))
	case r.Level >= slog.LevelError:
		b.WriteString("<3>")
	case r.Level >= slog.LevelWarn:
		b.WriteString("<4>")
	default:
		b.WriteString("<6>")
	}
	switch {
	case r.Level >= slog.LevelError:
		b.WriteString("error: ")
	case r.Level >= slog.LevelWarn:
		b.WriteString("warning: ")
	}
	b.WriteString(jobfile.OneLine(r.Message))
	b.WriteString(h.with)
	r.Attrs(func(a slog.Attr) bool {
		writeAttr(&b, a)
		return true
	})
	b.WriteByte('\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.out, b.String())
	return err
}

func writeAttr(b *strings.Builder, a slog.Attr) {
	v := jobfile.Printable(a.Value.Resolve().String())
	if v == "" {
		return
	}
	if strings.ContainsAny(v, " =\"") {
		v = `"` + strings.ReplaceAll(v, `"`, `'`) + `"`
	}
	fmt.Fprintf(b, " %s=%s", a.Key, v)
}

func (h *lineHandler) WithAttrs(as []slog.Attr) slog.Handler {
	var b strings.Builder
	for _, a := range as {
		writeAttr(&b, a)
	}
	c := *h
	c.with += b.String()
	return &c
}

// WithGroup is not needed: nothing here groups.
func (h *lineHandler) WithGroup(string) slog.Handler { return h }
