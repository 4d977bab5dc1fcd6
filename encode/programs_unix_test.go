//go:build unix

package encode

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// countedTools are the installed programs, and how many of them were started since it was last asked.
func countedTools(t *testing.T) (*Tools, func() (started int, known bool)) {
	t.Helper()
	dir := t.TempDir()
	list := filepath.Join(dir, "started")
	counted := func(prog string) string {
		path := filepath.Join(dir, baseName(prog))
		script := "#!/bin/sh\necho >>" + shellQuote(list) + "\nexec " + shellQuote(prog) + ` "$@"` + "\n"
		if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tl := &Tools{ffmpeg: counted(tools(t).ffmpeg), ffprobe: counted(tools(t).ffprobe), StallAfter: tools(t).StallAfter}
	return tl, func() (int, bool) {
		b, err := os.ReadFile(list)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		put(t, list, nil)
		return bytes.Count(b, []byte("\n")), true
	}
}
