package jobfile

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"
)

// Path names a file as every machine can find it: below a root of farm.yaml, relative and
// with forward slashes; or, under no root, as the queuing machine wrote it.
type Path struct {
	Root string `yaml:"root,omitempty"`
	Rel  string `yaml:"path"`
}

func (p Path) String() string {
	if p.Root == "" {
		return p.Rel
	}
	return p.Root + ":" + p.Rel
}

const maxPath = 4096

// Validate refuses what cannot be one file's place: a relative path that leaves its root, a
// bare path that is not absolute on any system. What a name below a root means to Windows alone
// is for Windows machines to refuse: see Locate.
func (p Path) Validate() error {
	switch {
	case p.Rel == "" || len(p.Rel) > maxPath || strings.ContainsRune(p.Rel, 0):
		return fmt.Errorf("%s is not a path", Quote(p.Rel))
	case !utf8.ValidString(p.Rel):
		return fmt.Errorf("%s is not UTF-8, so other machines cannot be told it; rename the file", Quote(p.Rel))
	case p.Root == "":
		return checkBare(p.Rel)
	case !reRootName.MatchString(p.Root):
		return fmt.Errorf("%s is not a root's name", Quote(p.Root))
	}
	for _, c := range strings.Split(p.Rel, "/") {
		if c == "" || c == "." || c == ".." {
			return fmt.Errorf("%s leaves its root or is not in its simplest form", Quote(p.Rel))
		}
	}
	return nil
}

// Roots maps a root's name to where it lies on this machine.
type Roots map[string]string

// Locate turns p into a path of this machine.
func (r Roots) Locate(p Path) (string, error) { return r.locate(p, runtime.GOOS) }

func (r Roots) locate(p Path, goos string) (string, error) {
	if err := p.Validate(); err != nil {
		return "", err
	}
	if p.Root == "" {
		if !filepath.IsAbs(p.Rel) {
			return "", &Fault{
				Kind: FaultMachine, Reason: Quote(p.Rel) + " is a path of another kind of machine",
				Next: "name the folder as a root in farm.yaml, with its place on each platform, and queue again",
			}
		}
		return filepath.Clean(p.Rel), nil
	}
	base, ok := r[p.Root]
	if !ok {
		return "", &Fault{
			Kind: FaultMachine, Reason: "root " + Quote(p.Root) + " has no place on this machine",
			Next: "add this machine's path for it under roots: in farm.yaml",
		}
	}
	if !filepath.IsAbs(base) {
		return "", &Fault{
			Kind: FaultMachine, Reason: "root " + Quote(p.Root) + " lies at " + Quote(base) + ", which is a path of another kind of machine",
			Next: "correct this machine's path for it under roots: in farm.yaml",
		}
	}
	for _, c := range strings.Split(p.Rel, "/") {
		if why := windowsMeans(c); why != "" && goos == "windows" {
			return "", &Fault{
				Kind: FaultMachine, Reason: Quote(p.Rel) + " cannot be opened on this machine: " + why,
				Next: "rename the file and queue it again, or leave it to machines with another system",
			}
		}
	}
	rel := filepath.FromSlash(p.Rel)
	if !filepath.IsLocal(rel) {
		return "", fmt.Errorf("%s leaves root %s", Quote(p.Rel), p.Root)
	}
	return filepath.Join(base, rel), nil
}

// Name turns a path of this machine into one for everybody: the longest root that holds it
// wins; a path under no root stays as it is.
func (r Roots) Name(path string) Path {
	best, rel := "", ""
	for name, base := range r {
		d, err := filepath.Rel(base, path)
		if err != nil || !filepath.IsLocal(d) || d == "." {
			continue
		}
		if best == "" || len(base) > len(r[best]) || len(base) == len(r[best]) && name < best {
			best, rel = name, filepath.ToSlash(d)
		}
	}
	if best == "" {
		return Path{Rel: path}
	}
	return Path{Root: best, Rel: rel}
}
