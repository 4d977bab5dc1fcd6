package main

import (
	"io"
	"log/slog"

	"proxima/jobfile"
)

// What a log may be written as.
const (
	logText = "text"
	logJSON = "json"
)

func checkLogFormat(format string) error {
	if format != logText && format != logJSON {
		return &usageError{"--log-format " + jobfile.Quote(format) + " is not text or json", "leave it out for text"}
	}
	return nil
}

// newJSONHandler writes a record as a line of JSON, for programs that gather logs: time, level, msg,
// and the values by their names. Texts are made printable as in the others: whoever reads them does so on a
// terminal in the end.
func newJSONHandler(out io.Writer, level slog.Level) slog.Handler {
	return slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch v := a.Value.Resolve(); v.Kind() {
		case slog.KindString:
			a.Value = slog.StringValue(jobfile.OneLine(v.String()))
		case slog.KindDuration, slog.KindAny:
			if a.Key != slog.LevelKey || v.Kind() == slog.KindDuration {
				a.Value = slog.StringValue(jobfile.OneLine(v.String()))
			}
		}
		return a
	}})
}
