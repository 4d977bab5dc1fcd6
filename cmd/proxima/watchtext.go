package main

import "strings"

// Colours say again what words and marks say.
func stateColour(state string) string {
	return map[string]string{"done": "32", "encoding": "36", "doing": "36", "stitching": "36", "failed": "31", "cancelled": "33"}[state]
}

func workerColour(w *workerStatus) string {
	switch {
	case w.Silent || w.Reason != "":
		return "31"
	case w.Holds != "":
		return "33"
	case w.Busy > 0:
		return "36"
	}
	return ""
}

func (s *watchScreen) paint(colour, text string) string {
	if !s.colours || colour == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[39m"
}

// fit shortens a line that may have colours of ours in it: they take no place.
func fit(line string, columns int) string {
	n, in := 0, false
	for i, r := range line {
		switch {
		case r == '\x1b':
			in = true
		case in:
			in = r != 'm'
		default:
			if n += runeColumns(r); n > columns {
				return line[:i] + yesNo(strings.Contains(line, "\x1b"), "\x1b[0m", "")
			}
		}
	}
	return line
}

// wrap breaks a text into so many lines at most, at blanks where there are some.
func wrap(text string, columns, most int) (lines []string) {
	for len(lines) < most-1 && columnsOf(text) > columns {
		end, n, blank := 0, 0, 0
		for i, r := range text {
			if n += runeColumns(r); n > columns {
				break
			}
			if r == ' ' && i > 2 {
				blank = i
			}
			end = i + len(string(r))
		}
		if blank > 0 {
			end = blank
		}
		lines = append(lines, text[:end])
		text = "  " + strings.TrimLeft(text[end:], " ")
	}
	return append(lines, shorten(text, columns))
}
