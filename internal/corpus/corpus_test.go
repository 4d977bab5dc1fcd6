package corpus

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestNamesAreOneEachAndFitAllSystems(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range Sources() {
		key := strings.ToLower(s.Name)
		if seen[key] {
			t.Errorf("%s: twice", s.Name)
		}
		seen[key] = true
		if strings.ContainsAny(s.Name, `<>:"/\|?*`) || strings.Trim(s.Name, ". ") != s.Name {
			t.Errorf("%s: not a name everywhere", s.Name)
		}
		if s.Trap == "" || s.Keys < 1 {
			t.Errorf("%s: says not what it tests", s.Name)
		}
		if last := s.steps[len(s.steps)-1]; !strings.HasSuffix(last, " out"+filepath.Ext(s.Name)) {
			t.Errorf("%s: its last step does not make it", s.Name)
		}
	}
}

func TestAnUnknownNameIsRefused(t *testing.T) {
	t.Parallel()
	if err := Make(t.Context(), t.TempDir(), "silent.mp4", "no-such.mov"); err == nil || !strings.Contains(err.Error(), "no-such.mov") {
		t.Errorf("%v", err)
	}
}

func TestTurn90NeedsATrackHeader(t *testing.T) {
	t.Parallel()
	for _, b := range []string{"", "tkhd", "tkhd\x01" + strings.Repeat("x", 100), strings.Repeat("x", 100)} {
		if turn90([]byte(b)) == nil {
			t.Errorf("%q: patched", b)
		}
	}
	if err := turn90([]byte("tkhd\x00" + strings.Repeat("x", 100))); err != nil {
		t.Error(err)
	}
}
