package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"proxima/internal/awake"
	"proxima/jobfile"
	"proxima/presets"
	"proxima/watcher"
)

// overridden is how a worker makes jobs by its own settings: the overrides of farm.yaml for it,
// and over them its own.
func overridden(over presets.Overrides) func(*jobfile.Job) ([]jobfile.Recipe, string, error) {
	return func(j *jobfile.Job) ([]jobfile.Recipe, string, error) {
		layers := over.For(j.Recipe.Preset)
		if len(layers) == 0 || len(j.Preset) == 0 {
			return append([]jobfile.Recipe{j.Recipe}, j.Others...), "", nil
		}
		e, err := presets.FromJob(j.Recipe.Preset, j.Preset, &j.Recipe, layers...)
		if err != nil {
			return nil, "", err
		}
		rs, err := e.Recipes(nil, nil)
		if err != nil {
			return nil, "", err
		}
		var why []string
		for _, v := range e.Values() {
			if v.From.Pattern != "" && !runOnly(v.Field) {
				why = append(why, v.Field+": "+strings.Join(v.Words, ", ")+" ("+v.From.String()+")")
			}
		}
		return rs, strings.Join(why, "; "), nil
	}
}

// deskIdle is after how long without a touch nobody is taken to sit at a machine.
const deskIdle = 10 * time.Minute

// onDuty tells a worker when to work.
func onDuty(c *watcher.Config, d jobfile.Duty) error {
	hours, err := jobfile.ParseHours(d.Hours)
	if err != nil {
		return fmt.Errorf("hours: %w", err)
	}
	c.Hours, c.GiveBack = hours, d.Overrun == jobfile.DutyGiveBack
	if d.AtDesk == jobfile.DutyFinish || d.AtDesk == jobfile.DutyGiveBack {
		c.Desk, c.DeskGiveBack = awake.Idle, d.AtDesk == jobfile.DutyGiveBack
		c.DeskIdle = cmp.Or(d.DeskIdle.D(), deskIdle)
	}
	return nil
}

// runOnly reports whether a field makes no difference to the proxy.
func runOnly(name string) bool {
	return slices.ContainsFunc(presets.Fields(), func(f presets.Field) bool { return f.Name == name && f.RunOnly })
}

// silentAfter is when a worker's silence is worth a word: it renews its document each minute.
const silentAfter = 150 * time.Second

// heard are the workers that were heard of lately, by their clocks and ours. The document of one
// that died lies about for an hour, and is no word about what anybody here can do.
func heard(ws []*jobfile.Worker, now time.Time) []*jobfile.Worker {
	return slices.DeleteFunc(slices.Clone(ws), func(w *jobfile.Worker) bool { return now.Sub(w.Updated) > silentAfter })
}

// trials are recipes by which a worker finds out what it can do: one for each encoder that a
// preset names. What a preset needs besides is not asked here.
func trials(set presets.Set) []jobfile.Recipe {
	var out []jobfile.Recipe
	for _, n := range set.Names() {
		e, err := set.Effective(n)
		if err != nil || e.LUT != nil || e.Watermark != nil {
			continue
		}
		rs, err := e.Recipes(nil, nil)
		if err != nil {
			continue
		}
		for _, r := range rs {
			if !slices.ContainsFunc(out, func(o jobfile.Recipe) bool { return o.Video.Encoder == r.Video.Encoder }) {
				out = append(out, r)
			}
		}
	}
	return out
}
