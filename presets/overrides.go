package presets

import (
	"path"
	"slices"
	"strings"
	"time"

	"proxima/jobfile"
)

// Overrides are what a worker does otherwise than a job's preset says. The zero Overrides is
// none.
type Overrides struct{ entries []override }

type override struct {
	pattern string
	layer   Layer
}

// ReadOverrides reads the value of `overrides:` in a file, a mapping of patterns to fields:
//
//	presets:
//	  *proxy:
//	    threads: 2
//
// Errors are *jobfile.DecodeError. n may be nil.
func ReadOverrides(file string, n *jobfile.Node) (Overrides, error) {
	var o Overrides
	if n == nil || n.Kind == jobfile.NodeEmpty {
		return o, nil
	}
	if n.Kind != jobfile.NodeMapping {
		return o, n.Wrong(file, "overrides: write presets: below it, and below that patterns of presets' names with their fields")
	}
	for i := range n.Keys {
		if n.Keys[i].Word != "presets" {
			return o, n.Keys[i].Wrong(file, "overrides: there is only presets, not %s; patterns of presets' names go below presets, indented", jobfile.Quote(n.Keys[i].Word))
		}
	}
	list := n.Get("presets")
	switch {
	case list == nil || list.Kind == jobfile.NodeEmpty:
		return o, nil
	case list.Kind != jobfile.NodeMapping:
		return o, list.Wrong(file, "overrides.presets: write patterns of presets' names with a colon, and their fields below, indented")
	}
	for i := range list.Keys {
		key := &list.Keys[i]
		if err := checkPattern(key.Word); err != "" {
			return o, key.Wrong(file, "overrides: %s", err)
		}
		fs, err := readFields(file, "overrides of "+key.Word, &list.Items[i], Source{Pattern: key.Word, File: file})
		if err != nil {
			return o, err
		}
		for _, f := range fields {
			if v, ok := fs[f.Name]; ok && f.Fixed != "" {
				return o, (&jobfile.Node{Line: v.from.Line, Column: v.from.Column}).Wrong(file, "overrides of %s: %s can't be overridden by a worker: %s; leave it out", key.Word, f.Name, f.Fixed)
			}
		}
		o.entries = append(o.entries, override{key.Word, Layer{fs}})
	}
	return o, nil
}

// checkPattern says what is wrong with a pattern, or "". It is a name with wildcards, so the
// signs that a name takes.
func checkPattern(p string) string {
	if p == "" || len(p) > 128 || !reName.MatchString("x"+strings.NewReplacer("*", "", "?", "").Replace(p)) {
		return jobfile.Quote(p) + " is no pattern of names: letters, digits, _ - . and the wildcards * (any) and ? (one sign)"
	}
	return ""
}

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// For are the layers that lie over a preset, the later ones over the earlier.
func (o Overrides) For(preset string) []Layer {
	var out []Layer
	for _, e := range o.entries {
		if matches(e.pattern, preset) {
			out = append(out, e.layer)
		}
	}
	return out
}

// Then lays more over o.
func (o Overrides) Then(more Overrides) Overrides {
	return Overrides{append(append([]override(nil), o.entries...), more.entries...)}
}

// Values lists what is overridden, in the order of the file and the fields': each field's name
// is behind its pattern, as "*proxy.threads".
func (o Overrides) Values() []Value {
	var out []Value
	for _, e := range o.entries {
		for _, f := range fields {
			if v, ok := e.layer.fields[f.Name]; ok {
				out = append(out, Value{Field: e.pattern + "." + f.Name, Words: v.words, From: v.from})
			}
		}
	}
	return out
}

// None reports whether there are none.
func (o Overrides) None() bool { return len(o.entries) == 0 }

// Matching lists the patterns that a preset's name matches, in order.
func (o Overrides) Matching(preset string) []string {
	var out []string
	for _, e := range o.entries {
		if matches(e.pattern, preset) {
			out = append(out, e.pattern)
		}
	}
	return out
}

// Unused lists the patterns that match none of the names, as one with a slip in it does.
func (o Overrides) Unused(names []string) []string {
	var out []string
	for _, e := range o.entries {
		if !slices.ContainsFunc(names, func(n string) bool { return matches(e.pattern, n) }) {
			out = append(out, e.pattern)
		}
	}
	return out
}

// Workers are a farm's overrides, by the name or a tag of a worker. The zero Workers is none.
type Workers struct{ entries []workerEntry }

type workerEntry struct {
	pattern   string // of a worker's name, or tag:NAME
	tags      []string
	overrides Overrides
	duty      jobfile.Duty
}

// ReadWorkers reads the value of `workers:` in farm.yaml:
//
//	edit-*:
//	  tags: [slow]
//	tag:slow:
//	  overrides: {presets: {*: {vertical_res: 540}}}
//
// Errors are *jobfile.DecodeError. n may be nil.
func ReadWorkers(file string, n *jobfile.Node) (Workers, error) {
	var w Workers
	if n == nil || n.Kind == jobfile.NodeEmpty {
		return w, nil
	}
	if n.Kind != jobfile.NodeMapping {
		return w, n.Wrong(file, "workers: write names of workers with a colon, or tag:NAME:, and below each tags or overrides")
	}
	for i := range n.Keys {
		key, body := &n.Keys[i], &n.Items[i]
		e := workerEntry{pattern: key.Word}
		if why := checkPattern(strings.TrimPrefix(key.Word, "tag:")); why != "" {
			return w, key.Wrong(file, "workers: %s", why)
		}
		if body.Kind != jobfile.NodeMapping && body.Kind != jobfile.NodeEmpty {
			return w, body.Wrong(file, "workers: %s: write tags: [NAME] or overrides: below it, indented", key.Word)
		}
		for j := range body.Keys {
			field, v := &body.Keys[j], &body.Items[j]
			var err error
			switch field.Word {
			case "tags":
				if strings.HasPrefix(key.Word, "tag:") {
					return w, field.Wrong(file, "workers: %s: tags are given to workers by their names", key.Word)
				}
				e.tags, err = readTags(file, v)
			case "overrides":
				e.overrides, err = ReadOverrides(file, v)
			case "hours", "overrun", "at_desk", "desk_idle":
				err = readDuty(file, field, v, &e.duty)
			default:
				names := []string{"tags", "overrides", "hours", "overrun", "at_desk", "desk_idle"}
				err = field.Wrong(file, "workers: %s: %v", key.Word, &Unknown{What: "field", Name: field.Word, Near: near(field.Word, names), Known: names})
			}
			if err != nil {
				return w, err
			}
		}
		w.entries = append(w.entries, e)
	}
	return w, nil
}

// readDuty reads one of the fields of when a worker works.
func readDuty(file string, field, v *jobfile.Node, d *jobfile.Duty) error {
	items := v.Items
	if v.Kind == jobfile.NodeWord {
		items = []jobfile.Node{*v}
	}
	var words []string
	for i := range items {
		if items[i].Kind != jobfile.NodeWord || v.Kind == jobfile.NodeMapping {
			return items[i].Wrong(file, "%s: write words, like %s: 19:00-08:00", field.Word, field.Word)
		}
		words = append(words, items[i].Word)
	}
	if len(words) != 1 && (field.Word != "hours" || len(words) == 0) {
		return field.Wrong(file, "%s: one word belongs here", field.Word)
	}
	one := jobfile.Duty{}
	switch field.Word {
	case "hours":
		one.Hours = words
	case "overrun":
		one.Overrun = words[0]
	case "at_desk":
		one.AtDesk = words[0]
	case "desk_idle":
		t, err := time.ParseDuration(words[0])
		if err != nil || t <= 0 {
			return v.Wrong(file, "desk_idle: %s is not a duration like 10m", jobfile.Quote(words[0]))
		}
		one.DeskIdle = jobfile.Duration(t)
	}
	if err := one.Validate(); err != nil {
		return v.Wrong(file, "%v", err)
	}
	*d = one.Over(*d)
	return nil
}

// Duty is when the farm wants a worker to work; later entries of the file go before earlier ones.
func (w Workers) Duty(worker string, own ...string) (d jobfile.Duty) {
	for _, e := range w.hits(worker, own) {
		d = e.duty.Over(d)
	}
	return d
}

// hits are the entries about a worker, by its name or a tag, in the order of the file.
func (w Workers) hits(worker string, own []string) (out []workerEntry) {
	tags := append(w.Tags(worker), own...)
	for _, e := range w.entries {
		tag, isTag := strings.CutPrefix(e.pattern, "tag:")
		hit := !isTag && matches(e.pattern, worker)
		for _, t := range tags {
			hit = hit || isTag && matches(tag, t)
		}
		if hit {
			out = append(out, e)
		}
	}
	return out
}

func readTags(file string, v *jobfile.Node) ([]string, error) {
	items := v.Items
	if v.Kind == jobfile.NodeWord {
		items = []jobfile.Node{*v}
	}
	var out []string
	for i := range items {
		if items[i].Kind != jobfile.NodeWord || !reName.MatchString(items[i].Word) || v.Kind == jobfile.NodeMapping {
			return nil, items[i].Wrong(file, "tags are words, like [slow, gpu]")
		}
		out = append(out, items[i].Word)
	}
	return out, nil
}

// Tags are those that the farm gives to a worker.
func (w Workers) Tags(worker string) []string {
	var out []string
	for _, e := range w.entries {
		if matches(e.pattern, worker) {
			out = append(out, e.tags...)
		}
	}
	return out
}

// For are the overrides of a worker, in the order of the file. Its tags are those that the farm
// gives it, and its own.
func (w Workers) For(worker string, own ...string) Overrides {
	var out Overrides
	for _, e := range w.hits(worker, own) {
		out = out.Then(e.overrides)
	}
	return out
}
