package encode

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"proxima/jobfile"
)

// scratchPrefix begins the names of temporary folders, followed by what they are for.
const scratchPrefix = "proxima-"

// scratchFor makes a temporary folder of this machine. The caller removes it.
func scratchFor(what string) (string, error) {
	dir, err := os.MkdirTemp("", scratchPrefix+what+"-")
	if err != nil {
		return "", &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "no temporary folder can be made on this machine", Next: "make room on its system disk", Err: err}
	}
	return dir, nil
}

// fullScratch reports whether nothing more can be written into a temporary folder.
func fullScratch(dir string) bool {
	name := filepath.Join(dir, "more")
	defer os.Remove(name)
	return os.WriteFile(name, make([]byte, 64<<10), 0o600) != nil
}

// scratchAge is how old a temporary folder is that nobody uses any more: no unit takes days.
const scratchAge = 2 * 24 * time.Hour

// Tidy removes the temporary folders of those that were killed before they could. It is called
// when a daemon starts; what cannot be removed is somebody else's.
func Tidy() {
	es, _ := os.ReadDir(os.TempDir())
	for _, e := range es {
		name, ok := strings.CutPrefix(e.Name(), scratchPrefix)
		what, _, dashed := strings.Cut(name, "-")
		if !ok || !dashed || !e.IsDir() || !slices.Contains([]string{"try", "dress", "sound", "stitch", "thumb"}, what) {
			continue
		}
		if st, err := e.Info(); err == nil && time.Since(st.ModTime()) > scratchAge {
			_ = os.RemoveAll(filepath.Join(os.TempDir(), e.Name()))
		}
	}
}
