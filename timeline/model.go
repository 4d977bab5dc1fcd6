// Package timeline reads what editors export: which media an edit uses, in one model for all
// formats. It reads files and nothing else; whether the media are there, and where, is asked
// elsewhere.
//
// Everything it reads is untrusted: sizes, depths and counts are bounded, references that go
// round in a circle are survived, and errors say where.
package timeline

import "proxima/jobfile"

// Project is what one file holds.
type Project struct {
	File      string // as it was given
	Format    Format
	Timelines []Timeline // in the file's order
	Media     []Media    // each once, whether a timeline uses it or not
	Notes     []string   // for people: what was left out, and what the format cannot tell

	list *edlList // of an edit list, for its spans
}

// Format is a kind of file.
type Format string

// The formats that are read.
const (
	OTIO    Format = "otio"
	FCPXML  Format = "fcpxml"
	XMEML   Format = "xmeml"
	EDL     Format = "edl"
	ALE     Format = "ale"
	CSV     Format = "csv"
	List    Format = "list"
	Resolve Format = "drp"
)

// Timeline is one edit.
type Timeline struct {
	Name      string           // as it is written, blanks included; may be empty
	Display   string           // for people: the file's stem where the name is empty
	Rate      jobfile.Rational // frames per second; 0/0 where the format does not say
	DropFrame *bool            // nil where it does not say
	Start     *int64           // of the record timecode, frames; nil where it does not say
	Duration  int64            // frames; 0 unknown
	Active    bool             // the one that was open in the editor
	Uses      []Use            // in order of first appearance, each medium once for each way it is used
	Counts    Counts
}

// Use is one medium in a timeline.
type Use struct {
	Media   int  // index into Project.Media
	Video   bool // on a video track; false: its sound alone
	Audio   bool
	Enabled bool // neither the clip nor its track is switched off
	Active  bool // false: an angle, a take or a reference that was not picked
	Count   int  // how often
}

// Counts are what a timeline holds that is no medium.
type Counts struct {
	Generators int // titles, slugs, bars, generators
	Nested     int // compounds, nested sequences, multicams
	Missing    int // clips of which the file names no medium
}

// Kind is what a medium is.
type Kind string

// The kinds of media. Stills and sound need no proxy.
const (
	Video    Kind = "video"
	Sound    Kind = "audio"
	Still    Kind = "still"
	Sequence Kind = "sequence" // of numbered pictures
)

// Media is a source, as the file tells of it.
type Media struct {
	Target   string // raw, as it is written
	Path     string // decoded, with forward slashes, below the timeline's folder if it was relative; "" where there is only a name, or no file
	Kind     Kind
	Name     string // of the clip, in the editor
	Reel     string
	Start    *jobfile.Rational // of its timecode, seconds; nil where it is not said
	Duration *jobfile.Rational // seconds
	Rate     jobfile.Rational  // frames per second; 0/0 unknown
	// What the editor has set for it, whatever its file says; only an open project tells.
	DataLevel string   // of its samples: one of jobfile.DataLevels; "" as the file says
	Flip      string   // of its picture: one of jobfile.Flips; "" none
	Names     []string // further names or paths it may lie under on disk: another reading of Target, an EDL's source file, clip name
}

// Error is a file, or a text in one, that cannot be read, with where it is.
type Error struct {
	File   string // "" where only the text was known
	Line   int    // from 1; 0 unknown
	At     string // an element or field, where there are no lines
	Reason string
	Next   string // what to do about it; may be empty
}

func (e *Error) Error() string {
	s := jobfile.Printable(e.File)
	if e.Line > 0 {
		s += ":" + itoa(e.Line)
	}
	for _, part := range []string{jobfile.Printable(e.At), e.Reason} {
		if s != "" && part != "" {
			s += ": "
		}
		s += part
	}
	return s
}
