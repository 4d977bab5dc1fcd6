package presets

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"proxima/jobfile"
)

// Source is where a value was written. The zero Source is a default of the program.
type Source struct {
	Preset       string // in whose block it stands
	File         string // OriginBuiltin, or a file as it was given
	Line, Column int    // from 1; 0 where there is none
	Flag         string // of the command line: --set crf=20
	Pattern      string // of a worker's override
	Job          bool   // what the job says
}

// String says it for people.
func (s Source) String() string {
	at := jobfile.Printable(s.File)
	if s.Line > 0 && s.File != OriginBuiltin {
		at += fmt.Sprintf(":%d", s.Line)
	}
	switch {
	case s.Flag != "":
		return jobfile.Printable(s.Flag)
	case s.Pattern != "":
		return fmt.Sprintf("override %s, %s", jobfile.Quote(s.Pattern), at)
	case s.Job:
		return "the job"
	case s.File == "":
		return "default"
	}
	return fmt.Sprintf("preset %s, %s", jobfile.Printable(s.Preset), at)
}

// Layer is a set of fields that lies over a preset: flags of a queuer, overrides of a worker.
type Layer struct{ fields map[string]value }

// ParseSet reads what --set is given: field=value, with commas between the words of a list. An
// empty value takes the field away. Errors are for people.
func ParseSet(arg string) (Layer, error) {
	name, text, ok := strings.Cut(arg, "=")
	name = strings.TrimSpace(name)
	if !ok {
		return Layer{}, fmt.Errorf("%s is not of the form field=value, like crf=20", jobfile.Quote(arg))
	}
	f, err := fieldNamed(name)
	if err != nil {
		return Layer{}, err
	}
	if f.Name == "extends" {
		return Layer{}, fmt.Errorf("extends is for files of presets; name the other preset instead")
	}
	var w jobfile.Words
	switch text = strings.TrimSpace(text); {
	case text == "":
	case f.List:
		w = words(jobfile.Words{strings.Trim(text, "[]")})
	default:
		w = jobfile.Words{text}
	}
	if err := f.check(w); err != nil {
		return Layer{}, fmt.Errorf("%s: %w", f.Name, reason(err))
	}
	return Layer{map[string]value{f.Name: {w, Source{Flag: "--set " + arg}}}}, nil
}

// Value is what a field came to, and where from.
type Value struct {
	Field string
	Words jobfile.Words // as written; none where the default says it
	Final string        // what that comes to, in ffmpeg's words; "" for what has no say here
	From  Source
}

// AssetPath names a file that recipes need. It is as written: relative to the folder of
// From.File, or to the current folder if it came by a flag.
type AssetPath struct {
	Path string
	From Source
}

// Effective is a preset with all that lies over it.
type Effective struct {
	Name           string
	Suffix, Folder string // of the proxy: after its stem, beside its source
	LUT, Watermark *AssetPath
	Description    string

	fields  map[string]value
	recipes []jobfile.Recipe // without the files
}

// notBelow is a preset to extend that no layer has so far.
type notBelow struct{ Unknown }

func (e *notBelow) Error() string { return e.Unknown.Error() }

// Effective lays layers over a preset, the later over the earlier. Errors are *Unknown where
// there is no such preset, and *FieldError where a field of it can't be.
func (s Set) Effective(name string, layers ...Layer) (Effective, error) {
	p := s.top(name)
	if p == nil {
		return Effective{}, s.unknown(name)
	}
	fields, err := s.flatten(name, p, nil)
	if err != nil {
		return Effective{}, filled(err, name, fields)
	}
	return newEffective(name, fields, layers)
}

// FromJob lays a worker's overrides over the fields that a job was made with (job.Preset). Files
// stay those of the job: recipe is its own (job.Recipe), and Recipes(nil, nil) has them.
func FromJob(name string, fields map[string]jobfile.Words, recipe *jobfile.Recipe, layers ...Layer) (Effective, error) {
	base := map[string]value{}
	for _, n := range slices.Sorted(maps.Keys(fields)) {
		f, err := fieldNamed(n)
		if err == nil {
			err = f.check(fields[n])
		}
		if err != nil {
			return Effective{}, &FieldError{Preset: name, Origin: "the job", Field: jobfile.Printable(n), Err: reason(err)}
		}
		base[n] = value{fields[n], Source{Job: true}}
	}
	e, err := newEffective(name, base, layers)
	if err != nil {
		return e, err
	}
	var lut, image *jobfile.Asset
	if lut = recipe.Video.LUT; recipe.Video.Watermark != nil {
		image = &recipe.Video.Watermark.Image
	}
	if e.recipes, err = e.Recipes(lut, image); err == nil {
		e.LUT, e.Watermark = nil, nil
	}
	return e, err
}

// flatten lays a preset over those that it extends.
func (s Set) flatten(name string, p *preset, chain []string) (map[string]value, error) {
	label := name
	if p.layer > 0 || len(s.presets[name]) > 1 {
		label += " (" + jobfile.Printable(p.origin) + ")"
	}
	if slices.Contains(chain, label) {
		return p.fields, bad("extends", "goes round in a circle: %s", strings.Join(append(chain, label), " > "))
	}
	if chain = append(chain, label); len(chain) > 32 {
		return p.fields, bad("extends", "more than 32 presets, each extending the next")
	}
	ext, ok := p.fields["extends"]
	if !ok || unset(&Field{}, ext.words) {
		return lay(nil, p.fields), nil
	}
	to := ext.words[0]
	q := s.reachable(to, p, to == name)
	if q == nil {
		names := s.Names()
		u := notBelow{Unknown{What: "preset", Name: to, Near: near(to, names), Known: names}}
		if len(s.presets[to]) > 0 {
			u.Near, u.Known = nil, nil
			return p.fields, &FieldError{Field: "extends", Origin: p.origin, Err: fmt.Errorf("%s: %w below this file; one can extend presets of the same file, and of those that are read before it", jobfile.Printable(to), &u)}
		}
		return p.fields, &FieldError{Field: "extends", Origin: p.origin, Err: &u}
	}
	below, err := s.flatten(to, q, chain)
	if err != nil {
		return p.fields, err
	}
	below = maps.Clone(below)
	delete(below, "description")
	return lay(below, p.fields), nil
}

// reachable is the topmost preset of a name that p can extend.
func (s Set) reachable(name string, p *preset, own bool) *preset {
	for _, q := range slices.Backward(s.presets[name]) {
		if q.layer < p.layer || q.layer == p.layer && !own {
			return q
		}
	}
	return nil
}

// rivals are fields of which one layer's replaces another layer's: whoever writes a bitrate over
// a preset with a crf means the bitrate.
var rivals = [][]string{{"crf", "qscale", "bitrate"}, {"codec", "encoders"}}

func lay(below, over map[string]value) map[string]value {
	out := maps.Clone(below)
	if out == nil {
		out = map[string]value{}
	}
	for _, group := range rivals {
		for _, f := range group {
			if v, ok := over[f]; !ok || len(v.words) == 0 {
				continue
			}
			for _, other := range group {
				delete(out, other)
			}
		}
	}
	laySound(out, over)
	for n, v := range over {
		out[n] = v
	}
	return out
}

func newEffective(name string, fields map[string]value, layers []Layer) (Effective, error) {
	for _, l := range layers {
		fields = lay(fields, l.fields)
	}
	r := raw{}
	kept := map[string]value{}
	for n, v := range fields {
		f, err := fieldNamed(n)
		if err != nil || n == "extends" {
			continue
		}
		if kept[n] = v; !unset(f, v.words) {
			r[n] = v.words
		}
	}
	e := Effective{Name: name, fields: kept, Description: r.word("description")}
	err := error(nil)
	if e.recipes, err = r.recipes(name); err == nil {
		e.Suffix, e.Folder, err = r.place()
	}
	if err == nil && r["watermark"] != nil {
		_, err = r.watermark(jobfile.Asset{})
	}
	if err != nil {
		return Effective{}, filled(err, name, kept)
	}
	for i := range e.recipes {
		if err := e.recipes[i].Validate(); err != nil {
			return Effective{}, fmt.Errorf("preset %s: %w", jobfile.Quote(name), err)
		}
	}
	for field, to := range map[string]**AssetPath{"lut": &e.LUT, "watermark": &e.Watermark} {
		if v := r.word(field); v != "" {
			*to = &AssetPath{v, kept[field].from}
		}
	}
	return e, nil
}

// filled completes an error with the preset's name and where the field was written.
func filled(err error, name string, fields map[string]value) error {
	var fe *FieldError
	if !errors.As(err, &fe) {
		return err
	}
	fe.Preset = name
	if v, ok := fields[fe.Field]; ok {
		fe.Origin = v.from.String()
	} else if fe.Origin == "" {
		fe.Origin = "default"
	}
	return err
}

// Recipes are the preset's, the first choice first: a job's Recipe, and its Others. The files
// are those that LUT and Watermark name; one that is missing, or that nobody asked for, is an
// error, so that no clip goes without what its preset says.
func (e Effective) Recipes(lut, watermark *jobfile.Asset) ([]jobfile.Recipe, error) {
	for _, f := range []struct {
		field string
		path  *AssetPath
		got   *jobfile.Asset
	}{{"lut", e.LUT, lut}, {"watermark", e.Watermark, watermark}} {
		if f.path != nil && f.got == nil {
			return nil, &FieldError{Preset: e.Name, Origin: f.path.From.String(), Field: f.field, Err: fmt.Errorf("the file %s was not read", jobfile.Quote(f.path.Path))}
		}
		if f.path == nil && f.got != nil {
			return nil, &FieldError{Preset: e.Name, Origin: "default", Field: f.field, Err: errors.New("a file that the preset does not name")}
		}
	}
	out := slices.Clone(e.recipes)
	for i := range out {
		if lut != nil {
			a := *lut
			out[i].Video.LUT = &a
		}
		if watermark != nil {
			w, err := e.raw().watermark(*watermark)
			if err != nil {
				return nil, err
			}
			out[i].Video.Watermark = w
		}
		if err := out[i].Validate(); err != nil {
			return nil, fmt.Errorf("preset %s: %w", jobfile.Quote(e.Name), err)
		}
	}
	return out, nil
}

func (e Effective) raw() raw {
	r := raw{}
	for n, v := range e.fields {
		r[n] = v.words
	}
	return r
}

// Fields are the effective fields as written, for a job's Preset: what workers lay their
// overrides over.
func (e Effective) Fields() map[string]jobfile.Words {
	out := map[string]jobfile.Words{}
	for n, v := range e.fields {
		if len(v.words) > 0 && n != "description" {
			out[n] = v.words
		}
	}
	return out
}

// Values lists every field in the order of the table, with where its value came from. Fields
// that nobody wrote have the program's default.
func (e Effective) Values() []Value {
	var out []Value
	for _, f := range fields {
		if f.Name == "extends" {
			continue
		}
		v := e.fields[f.Name]
		one := Value{f.Name, v.words, e.final(f.Name), v.from}
		if list, ok := e.fields["encoders"]; ok && f.Name == "codec" && len(v.words) == 0 {
			one.From = list.from
		}
		if f.Name == "speed" && len(v.words) == 0 && squash(e.raw().word("profile")) == squash(one.Final) {
			one.From = e.fields["profile"].from // x264's speed, as people file it
		}
		out = append(out, one)
	}
	return out
}
