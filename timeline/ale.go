package timeline

import (
	"math/big"
	"strings"

	"proxima/jobfile"
)

// aleLog is an Avid Log Exchange as it is written.
type aleLog struct {
	note    string
	fps     jobfile.Rational // of the heading: what the timecodes count in
	columns []string
	at      map[string]int // of a column by its name in lower case, the first of that name
	path    int            // the column that has the files, -1 none
	rows    []aleRow
}

type aleRow struct {
	name, tape, target, start, end, fps, tracks string
}

// alePaths are the columns that name the file, the fullest first. The programs on a set each have
// their own.
var alePaths = []string{
	"source file path", "source path", "file path", "filepath", "unc", "source file", "source file name", "filename", "file name",
}

func parseALE(file string, data []byte) (*aleLog, error) {
	text, note, err := listText(file, data)
	if err != nil {
		return nil, err
	}
	l := &aleLog{note: note, path: -1, at: map[string]int{}}
	section := ""
	err = eachLine(file, text, func(n int, line string) error {
		if strings.Trim(line, " \t\x00\x1a") == "" {
			return nil
		}
		// A clip may be named Data: only where a section may begin is such a line one.
		switch word := strings.ToLower(strings.TrimSpace(line)); {
		case section == "" && word == "heading", section == "heading" && word == "column", section == "columns" && word == "data":
			section = word
			return nil
		case section == "heading":
			return l.heading(file, n, line)
		case section == "column":
			for c := range strings.SplitSeq(strings.TrimRight(line, "\t "), "\t") {
				c = strings.TrimSpace(c)
				if _, ok := l.at[strings.ToLower(c)]; !ok {
					l.at[strings.ToLower(c)] = len(l.columns)
				}
				l.columns = append(l.columns, c)
			}
			section = "columns"
			return nil
		case section == "data":
			if len(l.rows) == maxRows {
				return tooMany(file, n)
			}
			l.row(line)
			return nil
		}
		want := map[string]string{"": "Heading", "columns": "Data"}[section]
		return &Error{
			File: file, Line: n, At: want, Reason: "the section " + want + " should begin here, not " + jobfile.Quote(line),
			Next: "export the log again as ALE, with tabs",
		}
	})
	if err != nil {
		return nil, err
	}
	if len(l.columns) == 0 || section != "data" {
		return nil, &Error{
			File: file, Reason: "the log has no Column or no Data section",
			Next: "export it again as ALE: it is cut short",
		}
	}
	return l, nil
}

// heading takes the rate; some programs write several pairs on one line.
func (l *aleLog) heading(file string, n int, line string) error {
	f := strings.FieldsFunc(line, func(r rune) bool { return r == '\t' || r == ' ' })
	for i := range len(f) - 1 {
		switch {
		case strings.EqualFold(f[i], "FPS") && !l.fps.Valid():
			l.fps = listRate(f[i+1])
		case strings.EqualFold(f[i], "FIELD_DELIM") && !strings.EqualFold(f[i+1], "TABS") && !strings.EqualFold(f[i+1], "TAB"):
			return &Error{
				File: file, Line: n, At: "FIELD_DELIM", Reason: "the fields are separated by " + jobfile.Quote(f[i+1]) + ", not by tabs",
				Next: "export the log again as ALE, with tabs",
			}
		}
	}
	return nil
}

// cell is the first of the columns that is filled in a row, and which it is.
func (l *aleLog) cell(cells, names []string) (string, int) {
	for _, name := range names {
		i, ok := l.at[name]
		if ok && i < len(cells) {
			if v := strings.Trim(cells[i], " \x00\x1a"); v != "" {
				return v, i
			}
		}
	}
	return "", -1
}

func (l *aleLog) row(line string) {
	cells := strings.SplitN(line, "\t", len(l.columns)+1)
	get := func(names ...string) (string, int) { return l.cell(cells, names) }
	var r aleRow
	r.name, _ = get("name", "clip name")
	r.tape, _ = get("tape", "reel", "reel name", "tape name", "tapename", "source tape")
	r.start, _ = get("start", "start tc")
	r.end, _ = get("end", "end tc")
	r.fps, _ = get("fps")
	r.tracks, _ = get("tracks")
	var at int
	if r.target, at = get(alePaths...); at >= 0 {
		if l.path < 0 {
			l.path = at
		}
		// Some write the folder alone, and the name apart.
		if strings.HasSuffix(r.target, "/") || strings.HasSuffix(r.target, `\`) {
			if name, _ := get("source file", "source file name", "filename", "file name"); name != "" && !isPath(name) {
				r.target += name
			}
		}
	}
	l.rows = append(l.rows, r)
}

// soundOnly reports a row whose tracks are said, as in VA1A2, and no picture among them.
func (r *aleRow) soundOnly() bool {
	tracks := strings.ToUpper(r.tracks)
	return strings.HasPrefix(tracks, "A") && !strings.Contains(tracks, "V")
}

// readALE reads an Avid log: clips, no timeline.
func readALE(file string, data []byte) (*Project, error) {
	l, err := parseALE(file, data)
	if err != nil {
		return nil, err
	}
	g := newGather(file, ALE)
	if l.note != "" {
		g.note(l.note)
	}
	empty := 0
	for _, r := range l.rows {
		m := Media{Target: r.target, Name: r.name, Reel: r.tape, Rate: l.fps, Names: []string{r.name}}
		// The heading's rate, not the row's: a camera's own rate is in the row, and the timecodes
		// do not count in it.
		if !m.Rate.Valid() {
			m.Rate = listRate(r.fps)
		}
		key := "name\x00" + r.tape + "\x00" + r.name + "\x00" + r.target
		switch {
		case isPath(r.target):
			g.place(&m, r.target)
			key = "path\x00" + r.target
		case m.Target == "":
			m.Target = r.name
		}
		if m.Target == "" {
			if m.Target = r.tape; m.Target == "" {
				empty++
				continue
			}
		}
		if m.Kind = listKind(r.target, r.name); m.Kind == Video && r.soundOnly() {
			m.Kind = Sound
		}
		m.Start = listSeconds(r.start, m.Rate)
		m.Duration = spanned(m.Start, listSeconds(r.end, m.Rate))
		at, fresh := g.add(key, m)
		if !fresh {
			// Several rows of one file are parts of it: the earliest start, and no length.
			g.name(at, m.Names...)
			have := &g.p.Media[at]
			if have.Start != nil && m.Start != nil && spanned(m.Start, have.Start) != nil {
				have.Start = m.Start
			}
			have.Duration = nil
			if have.Kind == Sound && m.Kind == Video {
				have.Kind = Video // its sound was met first
			}
		}
	}
	if empty > 0 {
		g.note(counted(empty, "row names", "rows name") + " neither a file nor a clip")
	}
	if !l.fps.Valid() {
		g.note("the heading has no frame rate")
	}
	g.note("a log has no timeline: it is a list of clips")
	return g.done(), nil
}

// spanned is b - a, nil where that is nothing.
func spanned(a, b *jobfile.Rational) *jobfile.Rational {
	if a == nil || b == nil {
		return nil
	}
	long := new(big.Rat).Sub(big.NewRat(b.Num, b.Den), big.NewRat(a.Num, a.Den))
	if long.Sign() <= 0 {
		return nil
	}
	return secondsOf(long)
}
