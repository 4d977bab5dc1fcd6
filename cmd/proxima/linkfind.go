package main

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"proxima/jobfile"
	"proxima/resolve"
)

// foundProxy is a file that may be a medium's proxy.
type foundProxy struct {
	path  string
	job   string // that made it; "" where it lies beside its source
	fresh bool   // Resolve, which keeps what it has read, does not know it yet
}

// finishedJob is a job whose proxy is there.
type finishedJob struct {
	id             string
	source, output string // on this machine
	finished       time.Time
	fresh          bool // it was waited for
}

// finishedJobs lists the farm's finished jobs, the latest first: all, or those that names mean.
// Without names a farm is not needed.
func (a *app) finishedJobs(conf *userConfig, names []string) ([]finishedJob, *jobfile.Farm, error) {
	if _, err := a.farmDir(conf); err != nil && len(names) == 0 {
		return nil, nil, nil
	}
	store, farm, _, err := a.openFarm()
	if err != nil {
		return nil, nil, err
	}
	ids, err := jobsNamed(store, names)
	if err != nil {
		return nil, nil, err
	}
	var out []finishedJob
	for _, id := range ids {
		j, why := finishedJobOf(store, roots(farm), fence(store, farm, conf.Allow), id)
		switch {
		case why == "":
			out = append(out, j)
		case len(names) > 0:
			return nil, nil, &hinted{what: "job " + jobfile.Quote(id) + " has no proxy to link: " + why, code: exitRefused, next: "proxima status " + jobfile.Printable(id)}
		}
	}
	slices.SortStableFunc(out, func(x, y finishedJob) int { return y.finished.Compare(x.finished) })
	return out, farm, nil
}

// jobsNamed lists jobs of the farm that names are a part of; all without names.
func jobsNamed(store *jobfile.Store, names []string) ([]string, error) {
	active, _, err := store.JobIDs()
	if err != nil {
		return nil, err
	}
	retired, err := store.FinishedIDs()
	if err != nil {
		return nil, err
	}
	all := append(active, retired...)
	if len(names) == 0 {
		return all, nil
	}
	var out []string
	for _, name := range names {
		var hits []string
		for _, id := range all {
			if strings.Contains(id, name) {
				hits = append(hits, id)
			}
		}
		switch {
		case len(hits) == 0:
			return nil, &hinted{what: "no job is called " + jobfile.Quote(name), next: "proxima status lists them", code: exitRefused}
		case len(hits) > 1 && !slices.Contains(hits, name):
			return nil, &hinted{what: plural(len(hits), "", "jobs match ") + jobfile.Quote(name), next: "give more of the name: " + hits[0], code: exitRefused}
		case len(hits) > 1:
			hits = []string{name}
		}
		out = append(out, hits...)
	}
	return out, nil
}

// finishedJobOf reads a finished job, whose paths are no more to be trusted than other jobs'.
func finishedJobOf(store *jobfile.Store, r jobfile.Roots, within jobfile.Fence, id string) (f finishedJob, why string) {
	j, err := store.Job(id)
	if err != nil {
		return f, err.Error()
	}
	m, state, err := store.Marker(id)
	switch {
	case err != nil:
		return f, err.Error()
	case m == nil || state != jobfile.Done:
		return f, "it is not finished"
	}
	f = finishedJob{id: id, finished: m.Finished}
	if f.source, err = r.Locate(j.Source.Path); err == nil {
		f.output, err = r.Locate(m.Output)
	}
	if err == nil {
		err = within.Check(f.output)
	}
	if err != nil {
		return f, err.Error()
	}
	return f, ""
}

// mediaOf groups items of the pool by their media, each with the proxies that there are for
// it. With only, media without one of the jobs are left out, and jobs without a medium are
// listed instead.
func mediaOf(p *resolve.Project, items []int, jobs []finishedJob, here func(string) string, only bool) []*linked {
	bySource := map[string][]finishedJob{}
	for _, j := range jobs {
		key := pathKey(j.source)
		bySource[key] = append(bySource[key], j)
	}
	beside := newBeside()
	used := map[string]bool{}
	seen := map[int]bool{}
	var out []*linked
	for _, i := range items {
		if seen[i] {
			continue
		}
		it := &p.Items[i]
		m := &linked{Clip: it.Name, Bin: it.Bin, Source: it.Path, local: here(it.Path)}
		for _, k := range p.Of(i) {
			if seen[k] = true; p.Items[k].MediaID != "" || p.Items[k].ID != "" {
				m.items = append(m.items, k)
			}
		}
		m.Items = len(m.items)
		key := pathKey(m.local)
		for _, j := range bySource[key] {
			used[key] = true
			m.found = append(m.found, foundProxy{j.output, j.id, j.fresh})
		}
		if only && len(m.found) == 0 {
			continue
		}
		if !only {
			m.found = append(m.found, beside.of(m.local)...)
			if it.ProxyPath != "" && it.Proxy != resolve.ProxyLive { // it may have come back
				m.found = append(m.found, foundProxy{path: here(it.ProxyPath)})
			}
		}
		m.found = existing(m.found)
		if len(m.items) == 0 {
			m.Status, m.Reason, m.Next = linkGone, "Resolve tells no id of the clip, by which to find it again", "link it by hand"
		}
		out = append(out, m)
	}
	if !only {
		return out
	}
	for _, j := range jobs {
		if !used[pathKey(j.source)] {
			out = append(out, &linked{
				Clip: filepath.Base(j.source), Source: j.source, Proxy: j.output, Job: j.id, Status: linkGone,
				Reason: "no clip of the open project has this source", Next: "open the project that uses it, or link the proxy by hand",
			})
		}
	}
	return out
}

// placesHere tells where a path that Resolve names lies on this machine: as it stands, or through
// the roots of a farm, which may be nil, for projects come from other machines.
func placesHere(farm *jobfile.Farm) func(string) string {
	return func(path string) string {
		if _, err := os.Stat(path); err == nil || farm == nil {
			return path
		}
		for _, at := range farm.Here(path, runtime.GOOS, jobfile.Hostname()) {
			if _, err := os.Stat(at); err == nil {
				return at
			}
		}
		return path
	}
}

// existing keeps files that are there, each once.
func existing(found []foundProxy) []foundProxy {
	seen := map[string]bool{}
	return slices.DeleteFunc(found, func(f foundProxy) bool {
		key := pathKey(f.path)
		st, err := os.Stat(f.path)
		if err != nil || !st.Mode().IsRegular() || seen[key] {
			return true
		}
		seen[key] = true
		return false
	})
}

// beside finds proxies in the folders Proxy beside sources, each of which is listed once.
type beside struct{ folders map[string][]os.DirEntry }

func newBeside() *beside { return &beside{map[string][]os.DirEntry{}} }

// proxyExts are those of files that Resolve takes for proxies.
var proxyExts = []string{".mov", ".mp4", ".m4v", ".mkv"}

// of lists the files in Proxy that have a source's stem.
func (b *beside) of(source string) []foundProxy {
	dir := filepath.Join(filepath.Dir(source), "Proxy")
	entries, known := b.folders[dir]
	if !known {
		entries, _ = os.ReadDir(dir) // one that cannot be read has nothing to link
		b.folders[dir] = entries
	}
	want := fold(stemOf(filepath.Base(source)))
	var out []foundProxy
	for _, e := range entries {
		ext := strings.ToLower(filepath.Ext(e.Name()))
		if fold(stemOf(e.Name())) == want && slices.Contains(proxyExts, ext) && jobfile.Ours(e.Name()) {
			out = append(out, foundProxy{path: filepath.Join(dir, e.Name())})
		}
	}
	return out
}

func stemOf(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }

// pathKey makes paths comparable, as Resolve and this program write them.
func pathKey(path string) string { return fold(filepath.ToSlash(filepath.Clean(path))) }

// samePath reports whether two paths lead to one file.
func samePath(a, b string) bool { return pathKey(a) == pathKey(b) || same(a, b) }
