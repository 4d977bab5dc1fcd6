package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"proxima/encode"
	"proxima/gather"
	"proxima/jobfile"
	"proxima/timeline"
)

// clip is one line of a queue: a source with a preset, and what is to become of it. The JSON
// names are a contract with other people's scripts.
type clip struct {
	Target        string `json:"target"`
	Source        string `json:"source"`
	Status        string `json:"status"` // make, exists, missing, skipped, refused
	Reason        string `json:"reason"`
	Preset        string `json:"preset"`
	Output        string `json:"output"`
	Frames        int64  `json:"frames"`
	Rate          string `json:"rate"`
	StartTimecode string `json:"start_timecode"`
	Units         int    `json:"units"`
	Job           string `json:"job"`

	FramesExact bool     `json:"frames_exact"`         // frames is the container's count, not an estimate
	Chunks      []chunk  `json:"chunks"`               // where the picture is divided
	BytesRead   int64    `json:"bytes_read"`           // of the source, to plan it
	Seconds     float64  `json:"duration_s"`           // of the source
	Bytes       int64    `json:"bytes_estimated"`      // of the proxy
	Rule        string   `json:"rule,omitempty"`       // that chose the preset, or left the source out
	Proxy       string   `json:"proxy,omitempty"`      // where one exists: good, unfit, or queued as job
	Timelines   []string `json:"timelines,omitempty"`  // that use the source
	Found       string   `json:"found,omitempty"`      // how, where the source lies elsewhere than the timeline says
	Tried       []string `json:"tried,omitempty"`      // where it was looked for in vain
	Either      []string `json:"either,omitempty"`     // the files that it may be, where there are several
	Level       string   `json:"data_level,omitempty"` // that is set for the clip: full or video
	Flip        string   `json:"flip,omitempty"`       // that is set for the clip: horizontal, vertical or both
	Warnings    []string `json:"warnings,omitempty"`   // what of the source is left out or could not be read
	Result      string   `json:"result,omitempty"`     // with --wait: done or failed
	Error       string   `json:"error,omitempty"`

	next  string
	named bool
	job   *jobfile.Job
	media []*timeline.Media // of a project, that the source is

	assets []jobfile.AssetFile // of the job
	facts  *encode.Probed      // of the source, where a file stands at the proxy's place and has to be judged
}

// What stands at a proxy's place.
const (
	proxyGood   = "good"   // it has the source's frames, rate and timecode
	proxyUnfit  = "unfit"  // it has not
	proxyQueued = "queued" // nothing yet: a job makes it
)

// chunk is one range of the plan, for people and scripts.
type chunk struct {
	Unit    string  `json:"unit"`
	FromPTS int64   `json:"start_pts"`
	From    float64 `json:"start_s"` // from the first frame
	Frames  int64   `json:"frames"`
}

// probe opens one candidate. It never fails: what is wrong becomes the candidate's status.
func (p *probes) probe(ctx context.Context, c candidate) probed {
	out := probed{candidate: c}
	if c.Status != "" {
		return out
	}
	l := p.look(ctx, c.Path)
	var not *encode.NotVideo
	var fault *jobfile.Fault
	var path *fs.PathError
	switch {
	case errors.As(l.err, &not):
		out.Status, out.Reason = gather.Skipped, not.Why
		if c.Named {
			out.Status = gather.Refused
		}
	case errors.As(l.err, &fault):
		out.Status, out.Reason, out.Next = gather.Refused, fault.Error(), fault.Next
	case errors.As(l.err, &path):
		out.Status, out.Reason = gather.Missing, plainCause(l.err)
	case errors.Is(l.err, errGrows):
		out.Status, out.Reason, out.Next = gather.Refused, l.err.Error(), "wait until the copy is complete, then queue it again"
	case l.err != nil:
		out.Status, out.Reason = gather.Refused, l.err.Error()
	case !c.Named && l.facts.Ours:
		out.Status, out.Reason = gather.Skipped, "a finished proxy"
	default:
		out.size, out.modified, out.facts = l.size, l.modified, l.facts
	}
	return out
}

// planner turns probed sources into clips with jobs.
type planner struct {
	tools    *encode.Tools
	roots    jobfile.Roots
	fence    jobfile.Fence
	*order          // what to make; nil for what is not made
	output   string // folder to mirror into; "" puts proxies beside their sources
	existing string
	policy   jobfile.Policy
	priority int
	now      time.Time
	by       string
	taken    *takenBy
}

// plan says what is to become of a source. Where that is a job, its output is taken, and divide makes it: what it looks up
// in the source is nobody else's, so several may do so at once.
func (pl *planner) plan(ctx context.Context, p probed) (c clip, divide func(context.Context, *clip)) {
	c = clip{
		Target: p.Target, Source: p.Path, Status: string(p.Status), Reason: p.Reason, next: p.Next, named: p.Named,
		Timelines: p.used, Found: p.How, Tried: p.Tried, Either: p.Either, media: p.media,
	}
	if p.facts == nil || pl.order == nil {
		return c, nil
	}
	if _, differ := p.settings(); differ {
		c.Reason = "its clips differ in data level or flip: the proxy has neither"
	}
	recipe := &pl.recipes[0]
	c.Preset, c.Level, c.Flip = pl.name, recipe.Video.DataLevel, recipe.Video.Flip
	m := &p.facts.Media
	c.Rate, c.StartTimecode, c.BytesRead, c.Warnings = m.Video.FrameRate.String(), m.Timecode, p.facts.BytesRead, p.facts.Warnings
	frames, exact := frameCount(p.facts)
	c.Frames, c.FramesExact = frames, exact
	duration := clipDuration(p.facts, frames)
	c.Seconds = duration.Seconds()
	c.Bytes = encode.Estimate(m, recipe, duration)

	if err := encode.Fits(m, recipe); err != nil {
		c.refuse(err)
		return c, nil
	}
	at := pl.place(p)
	out, base := at.out, at.base
	for _, path := range []string{p.Path, out} {
		if err := pl.fence.Check(path); err != nil {
			c.refuse(err)
			return c, nil
		}
	}
	c.Output = out
	switch {
	case at.job != "":
		c.Status, c.Proxy, c.Job = "exists", proxyQueued, at.job
		c.Reason = "already queued as job " + at.job
		if at.elsewhere != "" {
			c.Output = at.elsewhere
			c.Reason += ", which makes it at " + at.elsewhere
		}
		return c, nil
	case at.other != "":
		c.Status, c.Reason = "refused", "its proxy would have the name of another's: "+at.other
		c.next = "queue it with --existing keep-both, or with another --output"
		return c, nil
	case at.stands:
		c.Status, c.facts = "exists", p.facts // judge says of which kind it is
		return c, nil
	}
	if pl.existing == "overwrite" && exists(out) {
		switch ours, err := pl.tools.Ours(ctx, out); {
		case err != nil:
			c.refuse(err)
			return c, nil
		case !ours:
			c.Status, c.Reason = "refused", "the file at "+jobfile.Quote(out)+" is not a proxy that Proxima made, and is never replaced"
			c.next = notOurs
			return c, nil
		}
	}
	pl.taken.here[fold(out)] = p.Path
	return c, func(ctx context.Context, c *clip) { pl.divide(ctx, p, c, base) }
}

// soundPatience is how long a source's sound is waited for that may not go into the proxy. A share sends some gigabytes then.
const soundPatience = 20 * time.Second

// divide finds where to cut a source, and makes its job.
func (pl *planner) divide(ctx context.Context, p probed, c *clip, base string) {
	m, recipe, out := &p.facts.Media, &pl.recipes[0], c.Output
	duration := clipDuration(p.facts, c.Frames)
	read, err := pl.tools.TakesSound(ctx, p.Path, m, recipe, soundPatience)
	c.BytesRead += read
	if err != nil {
		c.refuse(err)
		return
	}
	var cuts []int64
	if pl.policy.Worth(duration) {
		cuts, read, err = pl.tools.Cuts(ctx, p.Path, p.facts, pl.policy.Target(duration))
		c.BytesRead += read
		if err != nil {
			c.refuse(err)
			return
		}
	}
	units := jobfile.PlanUnits(m, recipe, p.facts.FirstPTS, cuts, c.Frames)
	j := &jobfile.Job{
		Format: jobfile.Format, ID: jobfile.NewJobID(pl.priority, pl.now, p.Path),
		Created: pl.now.UTC().Truncate(time.Second), By: pl.by, Version: versionText(),
		Source: jobfile.Source{Path: pl.roots.Name(p.Path), Size: p.size, Modified: p.modified.UTC()},
		Output: jobfile.Output{Path: pl.roots.Name(out), Base: pl.roots.Name(base), Existing: jobfile.Existing(pl.existing)},
		Recipe: *recipe, Others: pl.recipes[1:], Preset: pl.fields, Media: *m,
		Plan: jobfile.Plan{
			Frames: c.Frames, Exact: c.FramesExact, FirstPTS: p.facts.FirstPTS, LastPTS: p.facts.LastPTS,
			ChunkTarget: jobfile.Duration(pl.policy.Target(duration)), BytesRead: c.BytesRead, Units: units,
		},
	}
	if err := j.Validate(); err != nil {
		c.Status, c.Reason = "refused", "it cannot be planned: "+err.Error()
		return
	}
	c.Status = "make"
	if pl.existing == "overwrite" && exists(out) {
		c.Reason = strings.TrimPrefix(c.Reason+"; overwrites what stands there", "; ")
	}
	c.Units, c.Job, c.job, c.assets = len(units), j.ID, j, pl.assets
	for _, u := range j.Plan.VideoUnits() {
		c.Chunks = append(c.Chunks, chunk{
			Unit: string(u.ID), FromPTS: u.Range.Start, Frames: u.Frames,
			From: float64(m.Video.TimeBase.Micros(u.Range.Start-p.facts.FirstPTS)) / 1e6,
		})
	}
}

func (c *clip) refuse(err error) {
	c.Status, c.Reason = "refused", err.Error()
	var f *jobfile.Fault
	if errors.As(err, &f) {
		c.next = f.Next
	}
}

// spot is where a clip's proxy goes, and who is there before it.
type spot struct {
	out, base string
	job       string // that makes it already
	elsewhere string // where, if not at out
	other     string // source of this queue whose proxy goes there, or is there
	stands    bool   // a file, which is to be left
}

// place finds where a clip's proxy goes.
func (pl *planner) place(p probed) spot {
	dir := filepath.Join(filepath.Dir(p.Path), pl.folder)
	at := spot{base: filepath.Dir(p.Path)}
	if pl.output != "" {
		dir, at.base = filepath.Join(pl.output, p.Rel), pl.output
	}
	name := filepath.Base(p.Path)
	stem := strings.TrimSuffix(name, filepath.Ext(name)) + pl.suffix
	at.out = filepath.Join(dir, stem+pl.recipes[0].Ext)
	for n := 1; pl.existing == "keep-both" && (pl.taken.has(at.out) || exists(at.out)); n++ {
		at.out = filepath.Join(dir, fmt.Sprintf("%s_%d%s", stem, n, pl.recipes[0].Ext))
	}
	key := fold(at.out)
	switch {
	case pl.taken.jobs[key] != "":
		at.job = pl.taken.jobs[key]
	case pl.taken.here[key] != "":
		at.other = pl.taken.here[key]
	case same(at.out, p.Path):
		at.other = at.out
	case pl.existing == "skip" && exists(at.out):
		at.stands = true
	case pl.existing == "skip":
		if made, ok := pl.taken.below(pl.output, madeOf(p.Path, p.size, p.modified, &pl.recipes[0])); ok {
			at.job, at.elsewhere = made.job, made.out
		}
	}
	return at
}

// fold makes output names comparable as the most forgiving file system of the room would:
// APFS and SMB servers take é for e with an accent, and most take A for a.
func fold(path string) string { return cases.Fold().String(norm.NFC.String(path)) }

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func same(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

// frameCount tells how many frames a source shows: the container's own count where it fits
// the times at its ends, else an estimate from them.
func frameCount(p *encode.Probed) (frames int64, exact bool) {
	v := p.Media.Video
	if v.Frames > 0 && p.LastPTS == nil {
		return v.Frames, false
	}
	var est int64
	if p.LastPTS != nil {
		est = jobfile.FramesIn(v.TimeBase, v.FrameRate, *p.LastPTS-p.FirstPTS) + 1
	} else {
		est = jobfile.FramesIn(jobfile.Rational{Num: 1, Den: 1_000_000}, v.FrameRate, p.Media.DurationUS)
	}
	if v.Frames > 0 && abs(v.Frames-est) <= 1 {
		return v.Frames, true
	}
	return max(est, 1), false
}

func abs(n int64) int64 { return max(n, -n) }

// clipDuration is the picture's length: from its timestamps, else the container's word.
func clipDuration(p *encode.Probed, frames int64) time.Duration {
	v := p.Media.Video
	if p.LastPTS != nil && v.FrameRate.Valid() {
		us := v.TimeBase.Micros(*p.LastPTS-p.FirstPTS) + jobfile.Rational{Num: v.FrameRate.Den, Den: v.FrameRate.Num}.Micros(1)
		return time.Duration(us) * time.Microsecond
	}
	return time.Duration(cmp.Or(p.Media.DurationUS, 0)) * time.Microsecond
}
