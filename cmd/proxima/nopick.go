package main

import (
	"context"
	"io"

	"proxima/jobfile"
)

// timelineChoice is one timeline that can be picked.
type timelineChoice struct {
	Name      string
	Rate      jobfile.Rational
	DropFrame bool
	Frames    int64
	Clips     int
	ToMake    int
	Active    bool
}

func pickTimelines(context.Context, io.Reader, io.Writer, bool, []timelineChoice) ([]int, error) {
	return nil, &usageError{"there are several timelines", "choose with --timeline NAME or --all-timelines"}
}

func plainPrompts(func(string) string) bool { return false }
