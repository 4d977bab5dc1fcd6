package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// A log for programs: a line of JSON for each record, in which nothing is left that a terminal obeys.
func TestLogsAsJSON(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	log := slog.New(newJSONHandler(&b, slog.LevelInfo)).With("worker", "edit7")
	log.Info("done", "job", "a\x1b[31m\u202e\u009b", "took", 1500*time.Millisecond, "frames", 25, "why", errors.New("no\ngood"))
	log.Debug("nothing")
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || strings.Count(b.String(), "\n") != 1 {
		t.Fatal(err, b.String())
	}
	for k, want := range map[string]any{"level": "INFO", "msg": "done", "worker": "edit7", "job": `a\x1b[31m\u202e\x9b`, "took": "1.5s", "frames": 25.0, "why": `no\ngood`} {
		if got[k] != want {
			t.Errorf("%s is %q, want %q", k, got[k], want)
		}
	}
	if _, err := time.Parse(time.RFC3339, got["time"].(string)); err != nil {
		t.Error(err)
	}
}

// A service writes what its flags say, into a file that is turned over.
func TestTheServicesLogAsJSON(t *testing.T) {
	t.Parallel()
	a, _ := someApp()
	file := t.TempDir() + "/proxima.log"
	for format, want := range map[string]string{logText: "hello n=1\n", logJSON: `"msg":"hello","n":1}` + "\n"} {
		h, done, err := a.serviceLog(file, format)
		if err != nil {
			t.Fatal(err)
		}
		slog.New(h).Info("hello", "n", 1)
		done()
		if got := logFile(file).String(); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q", format, got)
		}
	}
}
