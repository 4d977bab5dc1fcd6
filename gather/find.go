package gather

import (
	"context"
	"io/fs"
	"os"
	pathpkg "path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"proxima/jobfile"
)

// Wanted is a medium as far as a timeline tells where it is.
type Wanted struct {
	Target string   // raw, as it is written
	Paths  []string // where it lies, with forward slashes, the likeliest first; none where it has only names
	Files  []string // names of its file, with or without extension, the likeliest first
	Reel   string   // of which the name of its file may be the beginning
	Clip   string   // its name in the editor, which may be the file's
	Use    Use
}

// Use is what is known of the time in a medium, to tell it from others of its name.
type Use struct {
	// Part is the part that is used, in frames of the file's own timecode at its rate (frames per
	// second); ok is false where that cannot be said. nil where nothing is known.
	Part func(rate jobfile.Rational) (in, out int64, ok bool)

	Start    *jobfile.Rational // of the whole medium's timecode, seconds; nil not said
	Duration *jobfile.Rational // of the whole medium, seconds; nil not said
}

// Facts is what a look into a file tells.
type Facts struct {
	Video  bool             // it is a film
	Proxy  bool             // it is a proxy that Proxima made
	Rate   jobfile.Rational // frames per second
	Frames int64            // 0 unknown
	Start  *int64           // of its timecode, frames; nil where it has none

	Label func(frame int64) string // its timecode there, for people; may be nil
}

// Prober looks into a file. An error is a file that cannot be judged.
type Prober interface {
	Facts(ctx context.Context, path string) (Facts, error)
}

// Finder finds media on this machine, for several goroutines if need be. It looks through each
// folder once. The zero value finds what lies where it is said to lie.
type Finder struct {
	Here     func(path string) []string // where a path of any machine lies on this one; may be nil
	Within   []string                   // on Windows: folders outside of which no server is asked; none: any is
	Search   []string                   // folders in which names are looked for
	Prober   Prober                     // needed with Search
	Progress func(files int)            // while the folders are walked; may be nil

	mu     sync.Mutex
	listed map[string]map[string][]string // folders by what their names fold to
	index  *index
}

// Find looks for a medium: where it is said to lie, then by name in the folders to search. The
// error is ctx's; a medium that is not found says so itself.
func (f *Finder) Find(ctx context.Context, w Wanted) (File, error) {
	out := File{Target: w.Target}
	for _, p := range f.places(w) {
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		if !mayAsk(runtime.GOOS, f.Within, p) {
			out.Tried = append(out.Tried, p+" (not looked at: that server is outside of the folders that jobs may use on this machine)")
			continue
		}
		if at, ok := f.there(p); ok {
			out.Path = at
			if st, err := os.Stat(at); err == nil && !st.Mode().IsRegular() && !st.IsDir() {
				out.Status, out.Reason = Refused, "not a regular file"
				return out, nil
			}
			out.raw()
			return out, nil
		}
		out.Tried = append(out.Tried, p)
	}
	if len(f.Search) > 0 {
		if err := f.search(ctx, w, &out); err != nil || out.Path != "" || out.Status != "" {
			return out, err
		}
	}
	out.Status = Missing
	switch {
	case len(out.Tried) == 0:
		out.Reason = "the timeline gives a name and no path"
		out.Next = "tell where to look for it: --search FOLDER"
	case len(f.Search) == 0:
		out.Reason = "not found at " + strings.Join(out.Tried, ", nor at ")
		out.Next = "mount the volume, name its folder under roots in farm.yaml, or look for it by name: --search FOLDER"
	default:
		out.Reason = "not found: " + strings.Join(out.Tried, ", ")
		out.Next = "mount the volume, or search in another folder"
	}
	return out, nil
}

// places are where a medium may lie here, in the order in which to look: below this machine's own
// roots and through them, then as it is written, for each reading of it.
func (f *Finder) places(w Wanted) []string {
	var out []string
	add := func(p string) {
		if p = filepath.FromSlash(p); filepath.IsAbs(p) && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	for _, p := range w.Paths {
		if f.Here != nil {
			for _, at := range f.Here(p) {
				add(at)
			}
		}
	}
	for _, p := range w.Paths {
		// On Unix two slashes are as good as one, but in a timeline they are a server.
		if runtime.GOOS == "windows" || !strings.HasPrefix(p, "//") {
			add(p)
		}
	}
	if len(out) == 0 {
		out = slices.Clone(w.Paths[:min(len(w.Paths), 1)]) // of another system: it is told what was looked for
	}
	return out
}

// mayAsk reports whether a path may be looked at, by its text alone: to whatever server a path names,
// Windows shows who the user is when it is asked for a file. Outside of those folders nothing would
// be taken anyway.
func mayAsk(goos string, within []string, path string) bool {
	server := func(p string) (string, bool) {
		p = strings.ReplaceAll(p, `\`, "/")
		return "/" + folded(pathpkg.Clean("/"+strings.TrimLeft(p, "/"))), strings.HasPrefix(p, "//")
	}
	p, is := server(path)
	if goos != "windows" || len(within) == 0 || !is {
		return true
	}
	for _, dir := range within {
		if d, is := server(dir); is && (p == d || strings.HasPrefix(p, d+"/")) {
			return true
		}
	}
	return false
}

// there finds a file under a path, as it is written or as this machine spells it.
func (f *Finder) there(path string) (string, bool) {
	if !filepath.IsAbs(path) {
		return "", false
	}
	if st, err := os.Stat(path); err == nil {
		return straight(path, st), true
	}
	return f.spelled(path)
}

// straight is a path without its two dots: jobs name no path that climbs. Through a link they lead
// elsewhere than the text says.
func straight(path string, st fs.FileInfo) string {
	clean := filepath.Clean(path)
	if clean == path {
		return path
	}
	if same, err := os.Stat(clean); err == nil && os.SameFile(st, same) {
		return clean
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return clean
}

// spelled finds a path whose names are written otherwise on this disk: accents as a letter of
// their own or not, and capitals, which Windows and macOS do not tell apart. It takes only what is
// there once.
func (f *Finder) spelled(path string) (string, bool) {
	dir, name := filepath.Split(filepath.Clean(path))
	dir = filepath.Clean(dir)
	if name == "" || dir == path {
		return "", false
	}
	if _, err := os.Stat(dir); err != nil {
		at, ok := f.spelled(dir)
		if !ok {
			return "", false
		}
		dir = at
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return filepath.Join(dir, name), true
		}
	}
	names := f.list(dir)[folded(name)]
	if len(names) != 1 {
		return "", false
	}
	return filepath.Join(dir, names[0]), true
}

// list is a folder's names by what they fold to. A folder is listed once: a timeline may name
// thousands of files in it.
func (f *Finder) list(dir string) map[string][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if have, ok := f.listed[dir]; ok {
		return have
	}
	names := map[string][]string{}
	if es, err := os.ReadDir(dir); err == nil {
		for _, e := range es {
			k := folded(e.Name())
			names[k] = append(names[k], e.Name())
		}
	}
	if f.listed == nil {
		f.listed = map[string]map[string][]string{}
	}
	f.listed[dir] = names
	return names
}
