package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

// asker carries requests to workers and waits for their answers.
type asker struct {
	a       *app
	store   *jobfile.Store
	timeout time.Duration // for answers
	why     string
}

func (k *asker) flags(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&k.timeout, "timeout", 30*time.Second, "how `long` to wait for the workers to say that they do it; 0s does not wait")
}

func (k *asker) open(a *app) (err error) {
	k.a = a
	k.store, _, _, err = a.openFarm()
	return err
}

func (k *asker) request() *jobfile.Request {
	return &jobfile.Request{By: whoami(), Time: time.Now().UTC().Truncate(time.Second), Why: k.why}
}

// here lists the workers whose documents can be read and are not old.
func (k *asker) here() ([]*jobfile.Worker, error) {
	all, _, err := k.store.Workers()
	return heard(all, time.Now()), err
}

// silent tells of a worker whose document is so old that it cannot be at work, by its clock and ours.
func silent(w *jobfile.Worker) bool { return time.Since(w.Updated) > silentAfter }

// heeds tells whether a worker says that it obeys a request.
func heeds(w *jobfile.Worker, c jobfile.Control) bool { return slices.Contains(w.Obeys, c.File()) }

// await waits until the workers whom it is about say what they should, and tells what each said last.
// A worker that leaves meanwhile needs no answer.
func (k *asker) await(ctx context.Context, about, done func(*jobfile.Worker) bool) (answered, late []*jobfile.Worker, err error) {
	for start := time.Now(); ; {
		answered, late = nil, nil
		ws, err := k.here()
		if err != nil {
			return nil, nil, err
		}
		for _, w := range ws {
			switch {
			case !about(w):
			case done(w) || w.Controls == 0:
				answered = append(answered, w)
			default:
				late = append(late, w)
			}
		}
		if len(late) == 0 || time.Since(start) >= k.timeout {
			return answered, late, nil
		}
		select {
		case <-ctx.Done():
			fmt.Fprint(k.a.stderr, "proxima: no longer waiting; what was asked stands\n  next: proxima status shows who does it\n")
			return nil, nil, errInterrupted
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// reply tells who answered what. The error is about those who did not.
func (k *asker) reply(answered, late []*jobfile.Worker, words func(*jobfile.Worker) string) error {
	out := k.a.stdout
	for _, w := range answered {
		if w.Controls == 0 {
			fmt.Fprintf(out, "  %s runs Proxima %s, which knows no requests: it goes on as before; update it, or end it there\n", w.ID, jobfile.Printable(w.Version))
			continue
		}
		fmt.Fprintf(out, "  %s %s\n", w.ID, words(w))
	}
	if len(late) == 0 {
		return nil
	}
	var names []string
	for _, w := range late {
		names = append(names, w.ID)
		fmt.Fprintf(out, "  %s has not said so yet\n", w.ID)
	}
	if k.timeout == 0 {
		return nil // nobody was to be waited for
	}
	return &hinted{
		what: fmt.Sprintf("after %s this has not taken effect on %s", k.timeout, strings.Join(names, ", ")),
		next: "it stands, and counts there from the next look on; proxima status shows it",
	}
}

// doing tells what a worker has in work, in short.
func (k *asker) doing(w *jobfile.Worker, job string) string {
	var list []string
	for _, b := range w.Busy {
		if job != "" && b.Job != job {
			continue
		}
		s := jobfile.Printable(string(b.Unit))
		if jobfile.ValidJobID(b.Job) {
			s += " of " + jobfile.StemOf(b.Job)
		}
		if b.Of > 0 {
			s += fmt.Sprintf(" (%d %%)", 100*b.Frames/b.Of)
		}
		list = append(list, s)
	}
	if len(list) > 4 {
		list = append(list[:4], fmt.Sprintf("and %d more", len(list)-4))
	}
	return strings.Join(list, ", ")
}

// nobody says it where a request finds no worker.
func (k *asker) nobody(answered, late []*jobfile.Worker) {
	if len(answered)+len(late) == 0 {
		fmt.Fprintln(k.a.stdout, "  no worker is here; whoever comes heeds it")
	}
}
