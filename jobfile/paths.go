package jobfile

import (
	"fmt"
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
		if !absolute(p.Rel, goos) {
			return "", &Fault{
				Kind: FaultMachine, Reason: Quote(p.Rel) + " is a path of another kind of machine",
				Next: "name the folder as a root in farm.yaml, with its place on each platform, and queue again",
			}
		}
		return cleaned(p.Rel, goos), nil
	}
	base, ok := r[p.Root]
	if !ok {
		return "", &Fault{
			Kind: FaultMachine, Reason: "root " + Quote(p.Root) + " has no place on this machine",
			Next: "add this machine's path for it under roots: in farm.yaml",
		}
	}
	if !absolute(base, goos) {
		return "", &Fault{
			Kind: FaultMachine, Reason: "root " + Quote(p.Root) + " lies at " + Quote(base) + ", which is a path of another kind of machine",
			Next: "correct this machine's path for it under roots: in farm.yaml",
		}
	}
	names := strings.Split(p.Rel, "/")
	for _, c := range names {
		if why := windowsMeans(c); why != "" && goos == "windows" {
			return "", &Fault{
				Kind: FaultMachine, Reason: Quote(p.Rel) + " cannot be opened on this machine: " + why,
				Next: "rename the file and queue it again, or leave it to machines with another system",
			}
		}
	}
	return putTogether(base, names, goos), nil
}

// cleaned is a path without what means nothing: a separator at its end, the other slash.
func cleaned(path, goos string) string {
	at := takeApart(path, goos)
	if goos == "windows" {
		return putTogether(at.volume, at.names, goos)
	}
	return putTogether("", at.names, goos)
}

// Name turns a path of this machine into one for everybody: the longest root that holds it
// wins; a path under no root stays as it is.
func (r Roots) Name(path string) Path { return r.name(path, runtime.GOOS) }

func (r Roots) name(path, goos string) Path {
	if !absolute(path, goos) && !(goos == "windows" && strings.HasPrefix(path, `\\?\`)) {
		return Path{Rel: path}
	}
	at := takeApart(path, goos)
	best, depth := Path{Rel: path}, -1
	for name, base := range r {
		folder := takeApart(base, goos)
		names, ok := below(at, folder, goos)
		n := len(folder.names)
		if !absolute(base, goos) || !ok || n < depth || n == depth && name > best.Root {
			continue
		}
		p := Path{Root: name, Rel: strings.Join(names, "/")}
		if p.Validate() == nil {
			best, depth = p, n
		}
	}
	return best
}
