//go:build e2e

package corpus

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestEverySourceIsMadeAndHasItsKeyframes(t *testing.T) {
	dir, err := Folder()
	if err != nil {
		t.Fatal(err)
	}
	if err := Make(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	for _, s := range Sources() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(dir, s.Name)
			cmd := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-select_streams", "V:0", "-show_entries", "packet=flags", "-of", "csv=p=0", path)
			var complaints bytes.Buffer
			cmd.Stderr = &complaints
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("ffprobe: %v\n%s", err, complaints.Bytes())
			}
			keys := 0
			for _, l := range bytes.Split(out, []byte("\n")) {
				if bytes.HasPrefix(l, []byte("K")) {
					keys++
				}
			}
			if keys < s.Keys || s.Keys == 1 && keys != 1 {
				t.Errorf("%d keyframes, want %d", keys, s.Keys)
			}
		})
	}
}

func TestAnInterruptedRunLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Make(ctx, dir, "silent.mp4"); err == nil {
		t.Error("made with a context that had ended")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
