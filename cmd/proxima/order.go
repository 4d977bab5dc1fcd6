package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"proxima/encode"
	"proxima/jobfile"
	"proxima/presets"
)

// order is a preset as a queue uses it.
type order struct {
	name    string
	recipes []jobfile.Recipe // one for each encoder, the best first
	fields  map[string]jobfile.Words
	suffix  string // of the proxy's name
	folder  string // beside the source
	assets  []jobfile.AssetFile
}

// orders tells with which presets each source is made: those that the queuer named, else
// those of the first rule that matches, a person's rules before the farm's, else the farm's
// default.
type orders struct {
	set      presets.Set
	layers   []presets.Layer // the queuer's --set
	named    []string
	rules    []ruleBook
	fallback string
	farm     string // folder of the farm's presets
	resolved map[string]*order
}

// ruleBook is the rules and filters of one file.
type ruleBook struct {
	file    string
	rules   jobfile.Rules
	filters jobfile.Filters
}

// ruleBooks are a person's, and behind it the farm's if there is one.
func ruleBooks(conf *userConfig, farm *jobfile.Farm) []ruleBook {
	out := []ruleBook{{"config.yaml", conf.Rules, conf.Filters}}
	if farm != nil {
		out = append(out, ruleBook{jobfile.FarmFile, farm.Rules, farm.Filters})
	}
	return out
}

func (a *app) newOrders(store *jobfile.Store, farm *jobfile.Farm, conf *userConfig, named, sets []string) (*orders, error) {
	set, err := a.allPresets(store)
	if err != nil {
		return nil, err
	}
	layers, err := setLayers(sets)
	if err != nil {
		return nil, err
	}
	o := &orders{
		set: set, layers: layers, farm: store.Dir(), named: named, fallback: farm.Defaults.Preset, resolved: map[string]*order{},
		rules: ruleBooks(conf, farm),
	}
	// Mistakes show before anything is probed.
	names := append([]string{}, named...)
	if len(named) == 0 {
		names = append(names, o.fallback)
		for _, b := range o.rules {
			for i := range b.rules {
				names = append(names, b.rules[i].Presets...)
			}
		}
	}
	for _, n := range names {
		if _, err := o.order(n, clipSettings{}); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// clipSettings are what an editor has set for a clip.
type clipSettings struct{ level, flip string }

// layers lie over a preset, and below what the queuer says with --set.
func (c clipSettings) layers() ([]presets.Layer, error) {
	var sets []string
	if c.level != "" {
		sets = append(sets, "data_level="+c.level)
	}
	if c.flip != "" {
		sets = append(sets, "flip="+c.flip)
	}
	return setLayers(sets)
}

// settings are those of a source. One file may be several clips; where an editor has set them
// otherwise, no proxy is right for all, and its own picture is the one to have.
func (c *candidate) settings() (s clipSettings, differ bool) {
	for i, m := range c.media {
		one := clipSettings{m.DataLevel, m.Flip}
		if i > 0 && one != s {
			return clipSettings{}, true
		}
		s = one
	}
	return s, false
}

func (o *orders) order(name string, set clipSettings) (*order, error) {
	key := strings.Join([]string{name, set.level, set.flip}, "\x00")
	if have := o.resolved[key]; have != nil {
		return have, nil
	}
	layers, err := set.layers()
	if err != nil {
		return nil, err
	}
	e, err := o.set.Effective(name, append(layers, o.layers...)...)
	var unknown *presets.Unknown
	switch {
	case errors.As(err, &unknown) && unknown.What == "preset":
		return nil, &usageError{err.Error(), "proxima presets list shows them"}
	case err != nil:
		return nil, &hinted{what: "a preset cannot be used", err: err, code: exitRefused, next: "mend the preset, or what --set says"}
	}
	made := &order{name: name, fields: e.Fields(), suffix: e.Suffix, folder: e.Folder}
	lut, err := o.asset(made, e.LUT, ".cube")
	if err != nil {
		return nil, err
	}
	image, err := o.asset(made, e.Watermark, ".png")
	if err != nil {
		return nil, err
	}
	if made.recipes, err = e.Recipes(lut, image); err != nil {
		return nil, &hinted{what: "a preset cannot be used", err: err, code: exitRefused, next: "mend the preset"}
	}
	o.resolved[key] = made
	return made, nil
}

// asset reads a file that a preset names, which travels with the job. A preset of the farm was
// written by whoever may write there: it names files beside itself and no others, or it would
// copy this person's files into the farm.
func (o *orders) asset(to *order, p *presets.AssetPath, ext string) (*jobfile.Asset, error) {
	if p == nil {
		return nil, nil
	}
	refuse := func(err error) (*jobfile.Asset, error) {
		if p.From.Line > 0 {
			err = withLineOf(p.From.File, &jobfile.DecodeError{File: p.From.File, Line: p.From.Line, Column: p.From.Column, Reason: err.Error()})
		}
		return nil, &hinted{what: "preset " + to.name + " names a file that cannot be used", err: err, code: exitRefused, next: "correct it in " + jobfile.Printable(p.From.String())}
	}
	path := filepath.FromSlash(p.Path)
	if p.From.Flag == "" && !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(p.From.File), path)
	}
	if in, err := filepath.Rel(o.farm, p.From.File); o.farm != "" && p.From.Flag == "" && err == nil && filepath.IsLocal(in) {
		if err := (jobfile.Fence{filepath.Dir(p.From.File)}).Check(path); err != nil || filepath.IsAbs(filepath.FromSlash(p.Path)) {
			return refuse(fmt.Errorf("%s does not lie in the farm's folder presets", jobfile.Quote(p.Path)))
		}
	}
	data, err := readSmall(path, jobfile.MaxAsset)
	if err != nil {
		return refuse(err)
	}
	file := jobfile.NewAsset(ext, data)
	if err := encode.CheckAsset(file.Asset, data); err != nil {
		return refuse(err)
	}
	to.assets = append(to.assets, file)
	return &file.Asset, nil
}

// of lists what is made of a source, and why; what is left out is so marked.
func (o *orders) of(p *probed) (list []*order, why string, err error) {
	m := &p.facts.Media
	frames, _ := frameCount(p.facts)
	facts := &jobfile.Facts{
		Path: filepath.ToSlash(p.Path), Camera: p.facts.Camera, Video: m.Video, Duration: clipDuration(p.facts, frames),
	}
	for _, b := range o.rules {
		if no := b.filters.Refuses(facts); no != "" {
			p.Status, p.Reason = "skipped", no+" in "+b.file
			return nil, "", nil
		}
	}
	names := o.named
	if len(names) == 0 {
		names = []string{o.fallback}
		for _, b := range o.rules {
			i := b.rules.Choose(facts)
			if i < 0 {
				continue
			}
			r := &b.rules[i]
			why = fmt.Sprintf("rule %d of %s", i+1, b.file)
			if r.Skip != "" {
				p.Status, p.Reason = "skipped", r.Skip
				return nil, why, nil
			}
			names = r.Presets
			break
		}
	}
	set, _ := p.settings()
	for _, n := range names {
		one, err := o.order(n, set)
		if err != nil {
			return nil, "", err
		}
		list = append(list, one)
	}
	return list, why, nil
}

// preflight tries each preset that is used for real, here: what nobody is known to be able to
// do is said when it is queued, and not when somebody wonders why nothing moves.
func (a *app) preflight(ctx context.Context, t *encode.Tools, store *jobfile.Store, clips []clip) error {
	ws, _, err := store.Workers()
	if err != nil {
		return err
	}
	ws = heard(ws, time.Now())
	tried := map[string]bool{}
	for _, c := range clips {
		if c.job == nil || tried[c.Preset] {
			continue
		}
		tried[c.Preset] = true
		why := preflightOne(ctx, t, ws, append([]jobfile.Recipe{c.job.Recipe}, c.job.Others...))
		if ctx.Err() != nil {
			return errInterrupted
		}
		if why != nil {
			fmt.Fprintf(a.stderr, "proxima: no machine is known that can do preset %s: %s\n", jobfile.Printable(c.Preset), oneLine(why))
			fmt.Fprintf(a.stderr, "  next: it waits until one is; %s\n", nextOf(why))
		}
	}
	return nil
}

// preflightOne is nil if one of the recipes works here, or if a worker is known to have the
// encoder of one that this machine has not. Where the encoder does work here without what the
// preset says of it, that is to blame, and no worker does better.
func preflightOne(ctx context.Context, t *encode.Tools, ws []*jobfile.Worker, rs []jobfile.Recipe) (why error) {
	for i := range rs {
		err := t.CanEncode(ctx, &rs[i])
		if err == nil {
			return nil
		}
		why = cmp.Or(why, err)
	}
	for i := range rs {
		v := &rs[i].Video
		if !slices.ContainsFunc(ws, func(w *jobfile.Worker) bool { return slices.Contains(w.Can, v.Encoder) }) {
			continue
		}
		plain := rs[i]
		plain.Video.Args, plain.Video.Profile, plain.Video.Speed, plain.Video.Tune = nil, "", "", ""
		if t.CanEncode(ctx, &plain) != nil {
			return nil
		}
	}
	return why
}

// nextOf is what an error says to do.
func nextOf(err error) string {
	var f *jobfile.Fault
	if errors.As(err, &f) && f.Next != "" {
		return jobfile.OneLine(f.Next)
	}
	return "proxima status tells what the workers here lack"
}
