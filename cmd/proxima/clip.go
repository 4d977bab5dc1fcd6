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
	"proxima/jobfile"
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

	FramesExact bool    `json:"frames_exact"`     // frames is the container's count, not an estimate
	Chunks      []chunk `json:"chunks"`           // where the picture is divided
	BytesRead   int64   `json:"bytes_read"`       // of the source, to plan it
	Seconds     float64 `json:"duration_s"`       // of the source
	Rule        string  `json:"rule,omitempty"`   // that chose the preset, or left the source out
	Result      string  `json:"result,omitempty"` // with --wait: done or failed
	Error       string  `json:"error,omitempty"`

	next  string
	named bool
	job   *jobfile.Job

	assets []jobfile.AssetFile // of the job
}

// chunk is one range of the plan, for people and scripts.
type chunk struct {
	Unit    string  `json:"unit"`
	FromPTS int64   `json:"start_pts"`
	From    float64 `json:"start_s"` // from the first frame
	Frames  int64   `json:"frames"`
}

// probed is what probing a candidate gave.
type probed struct {
	candidate
	size     int64
	modified time.Time
	facts    *encode.Probed
	next     string
}

// probe opens one candidate. It never fails: what is wrong becomes the candidate's status.
func probe(ctx context.Context, t *encode.Tools, c candidate) probed {
	p := probed{candidate: c}
	if c.status != "" {
		return p
	}
	before, err := os.Stat(c.path)
	if err != nil {
		p.status, p.reason = "missing", plainCause(err)
		return p
	}
	facts, err := t.Probe(ctx, c.path)
	var not *encode.NotVideo
	var fault *jobfile.Fault
	switch {
	case errors.As(err, &not):
		p.status, p.reason = "skipped", not.Why
		if c.named {
			p.status = "refused"
		}
		return p
	case errors.As(err, &fault):
		p.status, p.reason, p.next = "refused", fault.Error(), fault.Next
		return p
	case err != nil:
		p.status, p.reason = "refused", err.Error()
		return p
	}
	after, err := os.Stat(c.path)
	if err != nil || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		p.status, p.reason, p.next = "refused", "it is still being written", "wait until the copy is complete, then queue it again"
		return p
	}
	if !c.named && facts.Ours {
		p.status, p.reason = "skipped", "a finished proxy"
		return p
	}
	p.size, p.modified, p.facts = after.Size(), after.ModTime(), facts
	return p
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
	taken    map[string]string // output, lower case -> who has it
}

func (pl *planner) plan(ctx context.Context, p probed) clip {
	c := clip{Target: p.target, Source: p.path, Status: p.status, Reason: p.reason, next: p.next, named: p.named}
	if p.facts == nil || pl.order == nil {
		return c
	}
	recipe := &pl.recipes[0]
	c.Preset = pl.name
	m := &p.facts.Media
	c.Rate, c.StartTimecode, c.BytesRead = m.Video.FrameRate.String(), m.Timecode, p.facts.BytesRead
	frames, exact := frameCount(p.facts)
	c.Frames, c.FramesExact = frames, exact
	duration := clipDuration(p.facts, frames)
	c.Seconds = duration.Seconds()

	if err := encode.Fits(m, recipe); err != nil {
		c.refuse(err)
		return c
	}
	out, base, why := pl.place(p)
	for _, path := range []string{p.path, out} {
		if err := pl.fence.Check(path); err != nil {
			c.refuse(err)
			return c
		}
	}
	c.Output = out
	if why != "" {
		c.Status, c.Reason = "exists", why
		if why == collides {
			c.Status, c.next = "refused", "queue it with --existing keep-both, or with another --output"
			c.Reason = why + ": " + pl.taken[fold(out)]
		}
		return c
	}
	if pl.existing == "overwrite" && exists(out) {
		switch ours, err := pl.tools.Ours(ctx, out); {
		case err != nil:
			c.refuse(err)
			return c
		case !ours:
			c.Status, c.Reason = "refused", "the file at "+jobfile.Quote(out)+" is not a proxy that Proxima made, and is never replaced"
			c.next = "move it away, or queue with --existing keep-both"
			return c
		}
	}
	var cuts []int64
	if pl.policy.Worth(duration) {
		var read int64
		var err error
		cuts, read, err = pl.tools.Cuts(ctx, p.path, p.facts, pl.policy.Target(duration))
		c.BytesRead += read
		if err != nil {
			c.refuse(err)
			return c
		}
	}
	units := jobfile.PlanUnits(m, recipe, p.facts.FirstPTS, cuts, frames)
	j := &jobfile.Job{
		Format: jobfile.Format, ID: jobfile.NewJobID(pl.priority, pl.now, p.path),
		Created: pl.now.UTC().Truncate(time.Second), By: pl.by, Version: versionText(),
		Source: jobfile.Source{Path: pl.roots.Name(p.path), Size: p.size, Modified: p.modified.UTC()},
		Output: jobfile.Output{Path: pl.roots.Name(out), Base: pl.roots.Name(base), Existing: jobfile.Existing(pl.existing)},
		Recipe: *recipe, Others: pl.recipes[1:], Preset: pl.fields, Media: *m,
		Plan: jobfile.Plan{
			Frames: frames, Exact: exact, FirstPTS: p.facts.FirstPTS, LastPTS: p.facts.LastPTS,
			ChunkTarget: jobfile.Duration(pl.policy.Target(duration)), BytesRead: c.BytesRead, Units: units,
		},
	}
	if err := j.Validate(); err != nil {
		c.Status, c.Reason = "refused", "it cannot be planned: "+err.Error()
		return c
	}
	c.Status, c.Reason = "make", yesNo(pl.existing == "overwrite" && exists(out), "overwrites what stands there", "")
	c.Units, c.Job, c.job, c.assets = len(units), j.ID, j, pl.assets
	for _, u := range j.Plan.VideoUnits() {
		c.Chunks = append(c.Chunks, chunk{
			Unit: string(u.ID), FromPTS: u.Range.Start, Frames: u.Frames,
			From: float64(m.Video.TimeBase.Micros(u.Range.Start-p.facts.FirstPTS)) / 1e6,
		})
	}
	pl.taken[fold(out)] = p.path
	return c
}

func (c *clip) refuse(err error) {
	c.Status, c.Reason = "refused", err.Error()
	var f *jobfile.Fault
	if errors.As(err, &f) {
		c.next = f.Next
	}
}

const collides = "its proxy would have the name of another's"

// place finds where a clip's proxy goes, or why none is to be made.
func (pl *planner) place(p probed) (out, base, why string) {
	dir := filepath.Join(filepath.Dir(p.path), pl.folder)
	base = filepath.Dir(p.path)
	if pl.output != "" {
		dir, base = filepath.Join(pl.output, p.rel), pl.output
	}
	name := filepath.Base(p.path)
	stem := strings.TrimSuffix(name, filepath.Ext(name)) + pl.suffix
	out = filepath.Join(dir, stem+pl.recipes[0].Ext)
	for n := 1; ; n++ {
		by, taken := pl.taken[fold(out)]
		there := exists(out)
		if !taken && !there {
			return out, base, ""
		}
		if pl.existing == "keep-both" {
			out = filepath.Join(dir, fmt.Sprintf("%s_%d%s", stem, n, pl.recipes[0].Ext))
			continue
		}
		switch {
		case taken && strings.HasPrefix(by, queuedMark):
			return out, base, "already queued as job " + strings.TrimPrefix(by, queuedMark)
		case taken:
			return out, base, collides
		case same(out, p.path):
			return out, base, collides
		case pl.existing == "overwrite":
			return out, base, ""
		}
		return out, base, "a file stands there already"
	}
}

// queuedMark tells outputs of jobs that wait from those of this queue.
const queuedMark = "\x00job "

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
