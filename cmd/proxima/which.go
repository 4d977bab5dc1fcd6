package main

import (
	"fmt"
	"slices"
	"strings"

	"proxima/jobfile"
)

// named finds what people mean by a word: jobs by their name, a beginning of it, its last piece, or
// the clip's name; workers by name, id or host.
type named struct {
	store  *jobfile.Store
	active []string // in jobs/
	done   []string // in done/; listed when nothing else bears the name
	listed bool
}

func newNamed(store *jobfile.Store) (*named, error) {
	active, _, err := store.JobIDs()
	return &named{store: store, active: active}, err
}

// finished are the jobs in done/.
func (n *named) finished() ([]string, error) {
	if n.listed {
		return n.done, nil
	}
	var err error
	n.done, err = n.store.FinishedIDs()
	n.listed = err == nil
	return n.done, err
}

// job finds the one job that a word means; those that are not over go before those that are.
func (n *named) job(a *app, word string) (id string, err error) {
	ids, err := n.jobs(word)
	switch {
	case err != nil:
		return "", err
	case len(ids) == 1:
		return ids[0], nil
	case len(ids) == 0:
		var stems []string
		for _, id := range n.active {
			stems = append(stems, jobfile.StemOf(id))
		}
		return "", &hinted{what: "no job is called " + jobfile.Quote(word), next: meant(jobfile.ClipStem(word), stems, "proxima status lists them")}
	}
	for _, id := range ids[:min(len(ids), 20)] {
		fmt.Fprintf(a.stderr, "  %s  %s\n", id, n.clip(id))
	}
	return "", &hinted{what: plural(len(ids), "", "jobs match ") + jobfile.Quote(word), next: "give more of the name: " + ids[0]}
}

// jobs lists all that a word may mean.
func (n *named) jobs(word string) ([]string, error) {
	if ids := n.match(n.active, word); len(ids) > 0 {
		return ids, nil
	}
	done, err := n.finished()
	if err != nil {
		return nil, err
	}
	return n.match(done, word), nil
}

func (n *named) match(ids []string, word string) []string {
	if word == "" {
		return nil
	}
	stem := jobfile.ClipStem(word)
	for _, is := range []func(id string) bool{
		func(id string) bool { return id == word },
		func(id string) bool { return strings.HasPrefix(id, word) },
		func(id string) bool { return strings.HasSuffix(id, "_"+word) },
		func(id string) bool { return strings.EqualFold(jobfile.StemOf(id), stem) },
		func(id string) bool { return strings.Contains(id, word) },
	} {
		var found []string
		for _, id := range ids {
			if is(id) {
				found = append(found, id)
			}
		}
		if len(found) > 1 { // clips of one stem: a.mov and a.mxf
			var exact []string
			for _, id := range found {
				if j, err := n.store.Job(id); err == nil && strings.EqualFold(clipOf(j), word) {
					exact = append(exact, id)
				}
			}
			if len(exact) > 0 {
				return exact
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// clip tells which clip a job is about, for people.
func (n *named) clip(id string) string { return clipName(n.store, id) }

func clipName(store *jobfile.Store, id string) string {
	j, err := store.Job(id)
	if err != nil {
		return jobfile.StemOf(id)
	}
	return jobfile.Printable(clipOf(j)) + " (" + jobfile.Printable(j.Recipe.Preset) + ")"
}

func clipOf(j *jobfile.Job) string {
	rel := strings.ReplaceAll(j.Source.Path.Rel, `\`, "/")
	return rel[strings.LastIndexByte(rel, '/')+1:]
}

// workersNamed finds those whom a word means: all processes of a name or a host, or one.
func workersNamed(ws []*jobfile.Worker, word string) ([]*jobfile.Worker, error) {
	var names []string
	for _, is := range []func(w *jobfile.Worker) bool{
		func(w *jobfile.Worker) bool { return w.ID == word },
		func(w *jobfile.Worker) bool { return w.Name == jobfile.WorkerName(word) },
		func(w *jobfile.Worker) bool { return strings.EqualFold(w.Host, word) },
	} {
		var found []*jobfile.Worker
		for _, w := range ws {
			if is(w) {
				found = append(found, w)
			}
			if !slices.Contains(names, w.Name) {
				names = append(names, w.Name)
			}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	next := "no worker is here at all; proxima work starts one"
	if len(names) > 0 {
		next = meant(word, names, "here are "+strings.Join(names[:min(len(names), 20)], ", "))
	}
	return nil, &hinted{what: "no worker is called " + jobfile.Quote(word), next: next}
}
