package jobfile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Fence is the folders of this machine that jobs may name: a daemon reads sources and writes
// outputs below them and nowhere else, whatever a document says. An empty fence lets
// everything pass.
type Fence []string

// Check answers with a fault of the machine for a path outside. Links are followed first: one
// that was planted inside must not lead out.
func (f Fence) Check(path string) error {
	if len(f) == 0 {
		return nil
	}
	real, known := resolve(path)
	for _, dir := range f {
		in, _ := resolve(dir)
		if rel, err := filepath.Rel(in, real); known && err == nil && filepath.IsLocal(rel) {
			return nil
		}
	}
	why := ""
	if !known || real != filepath.Clean(path) {
		why = " (it leads to " + Quote(real) + ")"
	}
	return &Fault{
		Kind:   FaultMachine,
		Reason: fmt.Sprintf("%s lies outside of the folders that jobs may use on this machine%s", Quote(path), why),
		Next:   "name its folder under roots in farm.yaml, or under allow in this machine's config.yaml",
	}
}

// resolve follows the links of the part of a path that exists. Not known is where a link leads
// to nothing, in a circle, or where it cannot be read: what is made there may land anywhere.
func resolve(path string) (real string, known bool) {
	path = filepath.Clean(path)
	for rest := ""; ; {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return filepath.Join(real, rest), true
		}
		if st, err := os.Lstat(path); err == nil && st.Mode()&fs.ModeSymlink != 0 {
			to, _ := os.Readlink(path)
			return filepath.Join(to, rest), false
		}
		dir, name := filepath.Split(path)
		dir = filepath.Clean(dir)
		if dir == path || strings.TrimRight(dir, `/\`) == "" && name == "" {
			return filepath.Join(path, rest), true
		}
		path, rest = dir, filepath.Join(name, rest)
	}
}
