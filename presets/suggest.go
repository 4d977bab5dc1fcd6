package presets

import (
	"fmt"
	"strings"

	"proxima/jobfile"
)

// Unknown is a name that stands for nothing, with those that may have been meant.
type Unknown struct {
	What  string   // what it should name: "preset", "codec", "profile", ...
	Name  string   // as it was given
	Near  []string // what may have been meant, nearest first; may be empty
	Known []string // all that would do
}

func (e *Unknown) Error() string {
	s := fmt.Sprintf("there is no %s %s", e.What, jobfile.Quote(e.Name))
	switch {
	case len(e.Near) > 0:
		s += ", did you mean " + strings.Join(e.Near, " or ") + "?"
	case len(e.Known) > 0:
		s += ", only " + strings.Join(e.Known, ", ")
	}
	return s
}

func near(name string, known []string) []string { return jobfile.Near(name, known) }

func squash(s string) string { return jobfile.Squash(s) }
