// Package presets turns a preset's name into the frozen recipes that a job carries.
//
// Presets come in layers: those built in, the farm's, a person's own. A preset of a later layer
// replaces the one of that name as a whole, unless it extends it. Over them lie what the queuer
// says on the command line and, on a worker, its overrides. Resolving is pure; it names every
// default and refuses what could not work, so that mistakes show where a job is queued and not
// on a worker an hour later.
package presets

import (
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"proxima/jobfile"
)

//go:embed builtin.yaml
var builtin []byte

// OriginBuiltin is the origin of the presets that come with the program.
const OriginBuiltin = "built in"

// value is what is written for a field, and where.
type value struct {
	words jobfile.Words
	from  Source
}

type preset struct {
	fields map[string]value
	origin string
	line   int
	layer  int // presets of its own and lower layers can be extended
}

// Set is a layer of presets, or several laid over each other. The zero Set is empty. A Set
// never changes.
type Set struct {
	presets map[string][]*preset // of each name, the lowest layer's first
	layers  int
}

// Builtin returns the presets that come with the program.
func Builtin() Set { return readBuiltin() }

var readBuiltin = sync.OnceValue(func() Set {
	s, err := Read(OriginBuiltin, builtin)
	if err != nil {
		panic(err) // a test reads them
	}
	return s
})

// Over lays s over other: a preset of s replaces the one of that name in other, and may extend
// those of other.
func (s Set) Over(other Set) Set {
	out := Set{presets: make(map[string][]*preset, len(s.presets)+len(other.presets)), layers: s.layers + other.layers}
	for n, ps := range other.presets {
		out.presets[n] = ps
	}
	for n, ps := range s.presets {
		stack := slices.Clone(out.presets[n])
		for _, p := range ps {
			q := *p
			q.layer += other.layers
			stack = append(stack, &q)
		}
		out.presets[n] = stack
	}
	return out
}

// Add reads a file of presets and lays it over s. Unlike Read it sees that each preset of the
// file works, with what it extends. Errors are *jobfile.DecodeError.
func (s Set) Add(file string, data []byte) (Set, error) {
	layer, err := Read(file, data)
	if err != nil {
		return s, err
	}
	out := layer.Over(s)
	for _, name := range layer.Names() {
		if _, err := out.Effective(name); err != nil {
			return s, jobfile.WithLine(layer.top(name).placed(file, name, err), data)
		}
	}
	return out, nil
}

func (s Set) top(name string) *preset {
	if ps := s.presets[name]; len(ps) > 0 {
		return ps[len(ps)-1]
	}
	return nil
}

// Names lists the presets, sorted.
func (s Set) Names() []string {
	names := make([]string, 0, len(s.presets))
	for n := range s.presets {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Origin says where a preset was read: a file as given to Read, or OriginBuiltin. It is
// empty for a name that the set doesn't hold.
func (s Set) Origin(name string) string {
	if p := s.top(name); p != nil {
		return p.origin
	}
	return ""
}

// Resolve makes a preset's first recipe. Errors are *Unknown where there is no such preset, and
// *FieldError where one of its fields can't be. One that needs files is refused: see Effective.
func (s Set) Resolve(name string) (jobfile.Recipe, error) {
	e, err := s.Effective(name)
	if err != nil {
		return jobfile.Recipe{}, err
	}
	rs, err := e.Recipes(nil, nil)
	if err != nil {
		return jobfile.Recipe{}, err
	}
	return rs[0], nil
}

func (s Set) unknown(name string) error {
	names := s.Names()
	return &Unknown{What: "preset", Name: name, Near: near(name, names), Known: names}
}

// FieldError is a value that a preset may not have.
type FieldError struct {
	Preset string // its name
	Origin string // where the value was written, for people
	Field  string // as written in the file
	Err    error  // what is wrong, and mostly what to write instead
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("preset %s (%s): %s: %v", jobfile.Printable(e.Preset), jobfile.Printable(e.Origin), e.Field, e.Err)
}

func (e *FieldError) Unwrap() error { return e.Err }
