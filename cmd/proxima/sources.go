package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"proxima/gather"
	"proxima/jobfile"
	"proxima/timeline"
)

// candidate is a file that might be a clip, or why there is none.
type candidate struct {
	gather.File
	media []*timeline.Media // of the projects that name it; none for what was named as a file
	used  []string          // timelines that use it, for people
}

// source is one thing that was asked for: files, or a project.
type source struct {
	files   []candidate
	project *project
}

// project is what a timeline's file holds, or an editor's open project, and what of it is wanted.
type project struct {
	*timeline.Project
	name   string // as it was given
	chosen []int  // timelines; none where the whole pool is wanted
	all    bool
	wanted timeline.Selection
	mu     sync.Mutex          // of the maps
	found  map[int]gather.File // by medium
	spans  map[jobfile.Rational]map[int]timeline.Span
	usedBy [][]string // the chosen timelines, by medium
}

// read tells what each argument is: a timeline is read, a folder walked, anything else taken as a
// media file. What cannot be used is a source with a reason.
func (q *queuing) read(ctx context.Context, args []string) error {
	for _, arg := range args {
		if arg == openInResolve {
			s, err := q.readResolve(ctx)
			if err != nil {
				return err
			}
			q.sources = append(q.sources, s)
			continue
		}
		if timeline.Is(arg) {
			q.sources = append(q.sources, q.readTimeline(arg))
			continue
		}
		files, err := gather.Named(ctx, arg)
		if err != nil {
			return errInterrupted
		}
		s := source{}
		for _, f := range files {
			s.files = append(s.files, candidate{File: f})
		}
		q.sources = append(q.sources, s)
	}
	return nil
}

func (q *queuing) readTimeline(arg string) source {
	refused := candidate{File: gather.File{Target: arg, Named: true, Status: gather.Refused}}
	abs, err := filepath.Abs(arg)
	if err != nil {
		refused.Reason = err.Error()
		return source{files: []candidate{refused}}
	}
	refused.Path = abs
	p, err := timeline.Read(abs)
	var e *timeline.Error
	switch {
	case errors.As(err, &e):
		refused.Reason, refused.Next = e.Error(), e.Next
		return source{files: []candidate{refused}}
	case err != nil:
		refused.Reason = "cannot be read: " + plainCause(err)
		return source{files: []candidate{refused}}
	}
	return source{project: newProject(arg, p)}
}

func newProject(name string, p *timeline.Project) *project {
	return &project{Project: p, name: name, found: map[int]gather.File{}, spans: map[jobfile.Rational]map[int]timeline.Span{}}
}

func plainCause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// newFinder finds media on this machine: through the farm's roots, and by name where --search says.
func (q *queuing) newFinder() *gather.Finder {
	f := &gather.Finder{
		Here:   func(p string) []string { return q.farm.Here(p, runtime.GOOS, jobfile.Hostname()) },
		Prober: q.probes, Search: q.o.search,
	}
	for _, dir := range fence(q.store, q.farm, q.conf.Allow) {
		f.Within = append(f.Within, dir)
		if real, err := filepath.EvalSymlinks(dir); err == nil && real != dir {
			f.Within = append(f.Within, real)
		}
	}
	if q.o.json {
		return f
	}
	said := 0
	f.Progress = func(files int) {
		if files >= said+indexStep {
			said = files / indexStep * indexStep
			fmt.Fprintf(q.stderr, "searching: %d files so far\n", said)
		}
	}
	return f
}

// indexStep is after how many files a search says that it goes on.
const indexStep = 20_000

// find finds one medium of a project, once.
func (q *queuing) find(ctx context.Context, p *project, medium int) (gather.File, error) {
	p.mu.Lock()
	f, ok := p.found[medium]
	p.mu.Unlock()
	if ok {
		return f, nil
	}
	f, err := q.finder.Find(ctx, p.wanting(medium))
	if err != nil {
		return f, errInterrupted
	}
	if next, packed := p.Packed(medium); packed && f.Status == gather.Missing && len(f.Either) == 0 {
		f.Reason, f.Next = "it lies inside of "+jobfile.Quote(p.name), next
	}
	p.mu.Lock()
	p.found[medium] = f
	p.mu.Unlock()
	return f, nil
}

// findAll finds several media at once: to tell files of one name apart means to look into them.
func (q *queuing) findAll(ctx context.Context, p *project) error {
	if len(q.o.search) == 0 {
		return nil // to see whether a file is there is quick
	}
	step, stop := func() {}, func() {}
	if len(p.wanted.Media) >= barFrom && !q.o.json {
		step, stop = q.countBar("finding", len(p.wanted.Media))
	}
	defer stop()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce())
	for _, m := range p.wanted.Media {
		g.Go(func() error {
			defer step()
			_, err := q.find(gctx, p, m)
			return err
		})
	}
	return g.Wait()
}

// wanting is what a project tells of where a medium is.
func (p *project) wanting(medium int) gather.Wanted {
	m := &p.Media[medium]
	w := gather.Wanted{
		Target: m.Target, Reel: m.Reel, Clip: m.Name,
		Use: gather.Use{Start: m.Start, Duration: m.Duration},
	}
	file := func(name string) {
		name = strings.TrimRight(name, "/")
		name = name[strings.LastIndexByte(name, '/')+1:]
		if name != "" && name != m.Name && name != m.Reel && !slices.Contains(w.Files, name) {
			w.Files = append(w.Files, name)
		}
	}
	place := func(path string) {
		if path != "" && !slices.Contains(w.Paths, path) {
			w.Paths = append(w.Paths, path)
		}
	}
	if m.Path != "" {
		place(m.Path)
		// The file's own name is one to look for, also where the editor's clip has it.
		w.Files = append(w.Files, m.Path[strings.LastIndexByte(m.Path, '/')+1:])
	} else if m.Target != m.Name {
		file(m.Target)
	}
	for _, n := range m.Names {
		if strings.Contains(n, "/") && m.Path != "" {
			place(n)
		}
		file(n)
	}
	if p.Format == timeline.EDL {
		w.Use.Part = func(rate jobfile.Rational) (in, out int64, ok bool) {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.spans[rate] == nil {
				p.spans[rate] = p.Spans(rate)
			}
			s, ok := p.spans[rate][medium]
			return s.In, s.Out, ok
		}
	}
	return w
}

func isFolder(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// collect turns the sources into candidates, in order, each file once: a clip may be in several
// timelines, and in a folder that was named, too.
func (q *queuing) collect(ctx context.Context) ([]candidate, error) {
	var out []candidate
	at := map[string]int{}
	add := func(c candidate) {
		key := c.Path
		if runtime.GOOS != "linux" {
			key = cases.Fold().String(norm.NFC.String(key))
		}
		i, there := at[key]
		if !there || c.Path == "" || c.Status != "" || out[i].Status != "" {
			at[key] = len(out)
			out = append(out, c)
			return
		}
		have := &out[i]
		have.Named = have.Named || c.Named
		have.media = append(have.media, c.media...)
		for _, u := range c.used {
			if !slices.Contains(have.used, u) {
				have.used = append(have.used, u)
			}
		}
	}
	for _, s := range q.sources {
		for _, c := range s.files {
			add(c)
		}
		if s.project == nil {
			continue
		}
		if err := q.findAll(ctx, s.project); err != nil {
			return nil, err
		}
		for _, m := range s.project.wanted.Media {
			cs, err := q.mediumFiles(ctx, s.project, m)
			if err != nil {
				return nil, err
			}
			for _, c := range cs {
				add(c)
			}
		}
	}
	return out, nil
}

// mediumFiles are the files of one medium: one, but for the folders that a list may name.
func (q *queuing) mediumFiles(ctx context.Context, p *project, medium int) ([]candidate, error) {
	f, err := q.find(ctx, p, medium)
	if err != nil {
		return nil, err
	}
	m := &p.Media[medium]
	c := candidate{File: f, media: []*timeline.Media{m}, used: p.users(medium)}
	if f.Status != "" || f.Path == "" {
		return []candidate{c}, nil
	}
	// A timeline may come from anybody: nothing outside of what this machine allows is looked into.
	var fault *jobfile.Fault
	if err := fence(q.store, q.farm, q.conf.Allow).Check(f.Path); errors.As(err, &fault) {
		c.Status, c.Reason, c.Next = gather.Refused, fault.Error(), fault.Next
		return []candidate{c}, nil
	}
	if !isFolder(f.Path) {
		c.Rel = q.mirrored(f.Path)
		return []candidate{c}, nil
	}
	if p.Format != timeline.List {
		c.Status, c.Reason = gather.Refused, "a folder, where a file should be"
		return []candidate{c}, nil
	}
	files, err := gather.Named(ctx, f.Path)
	if err != nil {
		return nil, errInterrupted
	}
	var out []candidate
	for _, file := range files {
		out = append(out, candidate{File: file, media: c.media})
	}
	return out, nil
}

// users are the chosen timelines that use a medium. It is not safe for several goroutines.
func (p *project) users(medium int) []string {
	if len(p.chosen) == 0 {
		return nil // also while somebody chooses
	}
	if p.usedBy == nil {
		p.usedBy = make([][]string, len(p.Media))
		for _, at := range p.chosen {
			t := &p.Timelines[at]
			met := map[int]bool{}
			for _, u := range t.Uses {
				if u.Video && !met[u.Media] {
					met[u.Media] = true
					p.usedBy[u.Media] = append(p.usedBy[u.Media], t.Display)
				}
			}
		}
	}
	return p.usedBy[medium]
}

// mirrored is the folder below --output for a file that no folder was named for: as below the
// farm's root, else as on its disk. It hangs on the file alone, so that another edit finds what
// was made for this one.
func (q *queuing) mirrored(path string) string {
	dir := filepath.Dir(path)
	if at := roots(q.farm).Name(path); at.Root != "" {
		return filepath.Dir(filepath.FromSlash(at.Rel))
	}
	return strings.Trim(strings.TrimPrefix(dir, filepath.VolumeName(dir)), string(filepath.Separator))
}
