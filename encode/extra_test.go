package encode

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"proxima/jobfile"
)

func TestTruncatedIsTheSourcesFault(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.mp4")
	ff(t, "-f lavfi -i testsrc2=size=320x240:rate=25:duration=2 -c:v libx264 -preset ultrafast -movflags +faststart", path)
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, st.Size()*2/3); err != nil {
		t.Fatal(err)
	}
	_, err = tools(t).Probe(t.Context(), path)
	var f *jobfile.Fault
	if !errors.As(err, &f) || f.Kind != jobfile.FaultSource {
		t.Errorf("%v", err)
	}
}

func TestSoundOnlyIsNotVideo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	ff(t, "-f lavfi -i sine=duration=1", path)
	_, err := tools(t).Probe(t.Context(), path)
	var n *NotVideo
	if !errors.As(err, &n) {
		t.Errorf("%v", err)
	}
}
