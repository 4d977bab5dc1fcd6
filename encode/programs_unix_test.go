//go:build unix

package encode

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"proxima/internal/testprog"
)

// through has the installed programs started by a shell: by the lines given, the last of which goes before the program.
func through(t testing.TB, lines string) *Tools {
	t.Helper()
	dir := t.TempDir()
	by := func(prog string) string {
		path := filepath.Join(dir, baseName(prog))
		testprog.Write(t, path, "#!/bin/sh\n"+lines+" "+shellQuote(prog)+" \"$@\"\n")
		return path
	}
	return &Tools{ffmpeg: by(tools(t).ffmpeg), ffprobe: by(tools(t).ffprobe), StallAfter: tools(t).StallAfter}
}

// countedTools are the installed programs, and how many of them were started since it was last asked.
func countedTools(t *testing.T) (*Tools, func() (started int, known bool)) {
	t.Helper()
	list := filepath.Join(t.TempDir(), "started")
	tl := through(t, "echo >>"+shellQuote(list)+"\nexec")
	return tl, func() (int, bool) {
		b, err := os.ReadFile(list)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		put(t, list, nil)
		return bytes.Count(b, []byte("\n")), true
	}
}
