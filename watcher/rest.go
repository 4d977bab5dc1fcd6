package watcher

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"proxima/jobfile"
)

// rest remembers what this machine cannot do for now: jobs whose source it cannot reach,
// recipes that its ffmpeg cannot do. It tries again by itself, less and less often.
type rest struct {
	mu      sync.Mutex
	jobs    map[string]*tired
	recipes map[string]*tired
	stand   map[string]*jobfile.Fault // conditions that each look finds out anew, by what they are about
}

type tired struct {
	until time.Time
	wait  time.Duration
	fault *jobfile.Fault

	encoder string // of recipes
	wanted  bool   // a job needs it; the others were tried so that people know
}

const (
	restFirst = 15 * time.Second
	restMost  = 5 * time.Minute
)

func newRest() *rest {
	return &rest{jobs: map[string]*tired{}, recipes: map[string]*tired{}}
}

// tire rests this machine from a job.
func (r *rest) tire(job string, f *jobfile.Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := longer(r.jobs[job], f)
	t.wanted = true
	r.jobs[job] = t
}

// tiredOf reports whether this machine rests from a job.
func (r *rest) tiredOf(job string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.jobs[job]
	return t != nil && time.Now().Before(t.until)
}

// miss notes that a job cannot be done here for want of its recipe.
func (r *rest) miss(job *jobfile.Job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.recipes[recipeName(&job.Recipe)]; t != nil {
		t.wanted = true
	}
}

// found replaces what the last look found wrong, by what it is about; nil stands for well.
func (r *rest) found(now map[string]*jobfile.Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stand = now
}

// recover ends the rest from a job: it went well.
func (r *rest) recover(job string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.jobs, job)
}

func longer(t *tired, f *jobfile.Fault) *tired {
	if t == nil {
		t = &tired{wait: restFirst / 2}
	}
	t.wait = min(2*t.wait, restMost)
	t.until, t.fault = time.Now().Add(t.wait), f
	return t
}

// reason tells why this machine rests from something, or nothing.
func (r *rest) reason() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, about := range slices.Sorted(maps.Keys(r.stand)) {
		if f := r.stand[about]; f != nil {
			return f.Error()
		}
	}
	for _, m := range []map[string]*tired{r.recipes, r.jobs} {
		for k, t := range m {
			if t.fault != nil && t.wanted && time.Now().Before(t.until) {
				return fmt.Sprintf("%s: %s", k, t.fault.Error())
			}
		}
	}
	return ""
}

// able reports whether this machine may try a job now: it does not rest from it, and its
// ffmpeg has shown that it can do the recipe.
func (r *rest) able(ctx context.Context, w *Watcher, job *jobfile.Job) bool {
	r.mu.Lock()
	t := r.jobs[job.ID]
	known := r.recipes[recipeName(&job.Recipe)]
	r.mu.Unlock()
	switch {
	case t != nil && time.Now().Before(t.until):
		return false
	case known == nil || known.fault != nil && !time.Now().Before(known.until):
		return r.try(ctx, w, job) == nil && ctx.Err() == nil
	}
	return known.fault == nil
}

// try has the encoder show that it can do a recipe: nil if it can, or if ctx ended.
func (r *rest) try(ctx context.Context, w *Watcher, job *jobfile.Job) *jobfile.Fault {
	f := r.tryRecipe(ctx, w, &job.Recipe)
	if f != nil {
		w.Log.Warn("this machine cannot do a recipe", "recipe", recipeName(&job.Recipe), "reason", f.Error(), "next", f.Next)
	}
	return f
}

func (r *rest) tryRecipe(ctx context.Context, w *Watcher, recipe *jobfile.Recipe) *jobfile.Fault {
	err := w.Encoder.Able(ctx, recipe)
	if ctx.Err() != nil {
		return nil
	}
	name := recipeName(recipe)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.recipes[name] = &tired{encoder: recipe.Video.Encoder}
		return nil
	}
	f := &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: err.Error()}
	errors.As(err, &f)
	known := r.recipes[name]
	if known != nil && known.fault == nil {
		known = nil // it worked until now
	}
	t := longer(known, f)
	t.encoder = recipe.Video.Encoder
	r.recipes[name] = t
	return f
}

// tryAll finds out what this machine can do, before anybody asks for it.
func (r *rest) tryAll(ctx context.Context, w *Watcher) {
	for i := range w.Trials {
		r.mu.Lock()
		known := r.recipes[recipeName(&w.Trials[i])]
		r.mu.Unlock()
		if known == nil && ctx.Err() == nil {
			r.tryRecipe(ctx, w, &w.Trials[i])
		}
	}
}

// abilities lists the encoders that were seen to work here, and why others did not.
func (r *rest) abilities() (can []string, cannot map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	cannot = map[string]string{}
	for _, t := range r.recipes {
		if t.fault == nil {
			can = append(can, t.encoder)
		}
	}
	for _, t := range r.recipes {
		if t.fault != nil && !slices.Contains(can, t.encoder) {
			cannot[t.encoder] = jobfile.Printable(t.fault.Error())
		}
	}
	slices.Sort(can)
	return slices.Compact(can), cannot
}

// recipeName is what of a recipe decides whether a machine can do it.
func recipeName(r *jobfile.Recipe) string {
	v := &r.Video
	s := fmt.Sprintf("%s %s with sound %s", strings.TrimSuffix(v.Encoder+"/"+v.Profile, "/"), v.PixelFormat, r.Sound.Encoder)
	if v.LUT != nil {
		s += ", a look-up table"
	}
	if v.BurnIn != nil {
		s += ", words on the picture"
	}
	if v.Watermark != nil {
		s += ", a watermark"
	}
	return s
}
