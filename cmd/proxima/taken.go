package main

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"proxima/jobfile"
)

// takenBy tells what proxies are being made already, so that none is made twice.
type takenBy struct {
	jobs    map[string]string     // folded output -> the job of the farm that makes it
	made    map[string][]underWay // what is made of what -> the job of the farm that does
	here    map[string]string     // folded output -> the source of this queue that takes it
	waiting int                   // jobs in the farm
}

// underWay is a proxy that a job makes.
type underWay struct{ job, out string }

func (t *takenBy) has(out string) bool {
	k := fold(out)
	return t.jobs[k] != "" || t.here[k] != ""
}

// taken reads the farm's unfinished jobs.
func taken(store *jobfile.Store, r jobfile.Roots) (*takenBy, error) {
	t := &takenBy{jobs: map[string]string{}, made: map[string][]underWay{}, here: map[string]string{}}
	ids, _, err := store.JobIDs()
	if err != nil {
		return nil, err
	}
	t.waiting = len(ids)
	for _, id := range ids {
		j, err := store.Job(id)
		if err != nil {
			continue // a broken job says so itself
		}
		out, err := r.Locate(j.Output.Path)
		if err != nil {
			continue
		}
		if m, _, err := store.Marker(id); err == nil && m != nil {
			continue
		}
		t.jobs[fold(out)] = id
		if src, err := r.Locate(j.Source.Path); err == nil {
			key := madeOf(src, j.Source.Size, j.Source.Modified, &j.Recipe)
			t.made[key] = append(t.made[key], underWay{id, out})
		}
	}
	return t, nil
}

// below finds the job that makes the same of a source elsewhere below an output folder: a folder that
// is queued mirrors its files otherwise than a timeline does. What goes to another folder was asked
// for there.
func (t *takenBy) below(output, made string) (underWay, bool) {
	for _, u := range t.made[made] {
		if rel, err := filepath.Rel(output, u.out); err == nil && output != "" && filepath.IsLocal(rel) {
			return u, true
		}
	}
	return underWay{}, false
}

// madeOf identifies what is made of a source. A source that was replaced is another.
func madeOf(source string, size int64, modified time.Time, r *jobfile.Recipe) string {
	recipe, err := json.Marshal(r)
	if err != nil { // it holds plain values
		recipe = []byte(r.Preset)
	}
	return strings.Join([]string{
		fold(source), strconv.FormatInt(size, 10), strconv.FormatInt(modified.Unix(), 10),
		strings.ReplaceAll(string(recipe), "[]", "null"), // a list of nothing is read back as none
	}, "\x00")
}

// notOurs is what to do about a file that is not Proxima's, which no flag replaces.
const notOurs = "move it away, or queue with --existing keep-both"

// judge looks at the files that stand where proxies would go: one with its source's frames, rate
// and timecode is as good as one that would be made.
func (q *queuing) judge(ctx context.Context, clips []clip) error {
	var g errgroup.Group
	g.SetLimit(atOnce())
	for i := range clips {
		c := &clips[i]
		if c.facts == nil {
			continue
		}
		g.Go(func() error {
			why, err := q.tools.Unfit(ctx, c.Output, c.facts)
			var fault *jobfile.Fault
			switch {
			case ctx.Err() != nil:
				return errInterrupted
			case errors.As(err, &fault):
				c.refuse(err)
			case err != nil:
				return err
			case why == "":
				c.Proxy, c.Reason = proxyGood, "a file stands there already, and it fits"
			default:
				c.Proxy, c.Reason = proxyUnfit, "a file stands there already, but "+why
				c.next = "make it again with --existing overwrite, or move it away"
				if ours, err := q.tools.Ours(ctx, c.Output); err == nil && !ours {
					c.next = notOurs
				}
			}
			return nil
		})
	}
	return g.Wait()
}
