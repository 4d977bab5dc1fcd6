package gather

import (
	"context"
	"path/filepath"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"proxima/jobfile"
)

// maxIndexed bounds what is kept of the folders that are searched.
const maxIndexed = 2_000_000

// index is the files of the folders that are searched.
type index struct {
	paths []string
	stems []string         // folded names without their extensions, beside paths
	names map[string][]int // folded names -> paths
	stem  map[string][]int // folded names without their extensions -> paths
	notes []string         // what could not be looked through
	full  bool
}

// folded is the same for two spellings of a name: that of a Mac and that of others, and capitals
// or not.
func folded(s string) string { return cases.Fold().String(norm.NFC.String(s)) }

// stemOf is a name without its extension.
func stemOf(name string) string {
	if ext := filepath.Ext(name); ext != name {
		return strings.TrimSuffix(name, ext)
	}
	return name
}

// read walks the folders, once. The error is ctx's.
func (f *Finder) read(ctx context.Context) (*index, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.index != nil {
		return f.index, nil
	}
	x := &index{names: map[string][]int{}, stem: map[string][]int{}}
	seen := map[string]bool{}
	for _, dir := range f.Search {
		abs, err := filepath.Abs(dir)
		if err != nil {
			x.notes = append(x.notes, err.Error())
			continue
		}
		if real, err := filepath.EvalSymlinks(abs); err == nil {
			abs = real // a folder that is searched twice is one
		}
		skip := func(path string, s Status, reason string) {
			if s == Refused && len(x.notes) < 20 {
				x.notes = append(x.notes, jobfile.Quote(path)+" "+reason)
			}
		}
		err = walk(ctx, abs, skip, func(path string) {
			if seen[path] {
				return
			}
			if len(x.paths) == maxIndexed {
				x.full = true
				return
			}
			seen[path] = true
			x.add(path)
			if f.Progress != nil {
				f.Progress(len(x.paths))
			}
		})
		if err != nil {
			return nil, err
		}
	}
	f.index = x
	return x, nil
}

func (x *index) add(path string) {
	at, name := len(x.paths), folded(filepath.Base(path))
	stem := stemOf(name)
	x.paths, x.stems = append(x.paths, path), append(x.stems, stem)
	x.names[name] = append(x.names[name], at)
	x.stem[stem] = append(x.stem[stem], at)
}

// named finds the files of a name; where there are none, those that have it before their
// extension.
func (x *index) named(name string) []int {
	name = folded(name)
	if name == "" {
		return nil
	}
	if hits := x.names[name]; len(hits) > 0 {
		return hits
	}
	return x.stem[name]
}

// beginning finds the files whose names begin as a reel does. Strict lists cut a reel to eight
// letters and write "_" for what they do not allow.
func (x *index) beginning(reel string) []int {
	reel = folded(reel)
	if reel == "" {
		return nil
	}
	var out []int
	for i, stem := range x.stems {
		if begins(stem, reel) {
			out = append(out, i)
		}
	}
	return out
}

func begins(name, reel string) bool {
	if strings.HasPrefix(name, reel) {
		return true
	}
	if !strings.Contains(reel, "_") {
		return false
	}
	n, r := []rune(name), []rune(reel)
	if len(n) < len(r) {
		return false
	}
	for i := range r {
		if r[i] != '_' && r[i] != n[i] {
			return false
		}
	}
	return true
}
