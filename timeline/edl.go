package timeline

import (
	"regexp"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// edlList is a CMX3600 list as it is written: what a search for the media needs beyond the
// Project, above all the source timecodes, which have no meaning before a rate is known.
type edlList struct {
	title   string
	note    string // on the letters
	fcm     []bool // each FCM line: drop frame or not
	events  []edlEvent
	reels   map[string]string // FCP's cut names to the full ones; "" where it is said of two
	highest int64             // frame field of any timecode; -1 where there is none
	joined  bool              // a second title: two lists were put into one file
	markers int
	extra   int // remarks of which an event can have any number
}

// edlEvent is one event line with the remarks below it. A dissolve is two lines of one number, and
// the remarks on both stand below the second.
type edlEvent struct {
	line                         int
	number, reel, channels, edit string
	frames                       string // of a transition
	srcIn, srcOut, recIn, recOut string
	from, to, key                string // clip names
	more                         []string
	fromPath, toPath             string
	fromIs, toIs                 string // "generator", "still"
	sources                      []edlSource
	full, short                  string // a reel's name before it was cut to what the list allows
	speeds                       []edlSpeed
	sound                        bool // AUD: sound on tracks beyond the second
	media                        int  // index into Project.Media, -1 none
}

// edlSource is a SOURCE FILE remark, with the reel of the ">>> SOURCE" remark that it belongs to.
// Avid writes "(NULL)" for the side of a transition that is black.
type edlSource struct{ name, reel string }

// edlSpeed is an M2 line: frames per second, negative where the clip runs backwards.
type edlSpeed struct{ reel, fps, at string }

var (
	edlTimecode   = regexp.MustCompile(`^\d\d[:;.]\d\d[:;.]\d\d[:;.,]\d{2,3}$`)
	edlNumber     = regexp.MustCompile(`^\d{1,8}$`)
	edlTransition = regexp.MustCompile(`^(?i:D|W\d{1,4}|K|KB|KO)$`)
	edlTimed      = regexp.MustCompile(`^(?i:D|W\d{1,4}|K|KB|KO|B|O)$`) // "K B 000" is three words
	edlReplaced   = regexp.MustCompile(`(?i)^FINAL CUT PRO REEL:\s*(.*?)\s+REPLACED BY:\s*(.*)$`)
	edlUncut      = regexp.MustCompile(`(?i)^(?:OTIO )?TRUNCATED REEL NAME FROM:\s*(.*)$`)
)

func parseEDL(file string, data []byte) (*edlList, error) {
	text, note, err := listText(file, data)
	if err != nil {
		return nil, err
	}
	l := &edlList{note: note, highest: -1, reels: map[string]string{}}
	tape := ""
	err = eachLine(file, text, func(n int, line string) error {
		// Old machines pad with NUL and end with control-Z, also in the middle of joined lists.
		line = strings.Trim(line, " \t\x00\x1a\f\ufeff")
		if line == "" {
			return nil
		}
		e, err := l.event(file, n, line)
		if err != nil {
			return err
		}
		if e != nil {
			if len(l.events) == maxRows {
				return tooMany(file, n)
			}
			tape = ""
			l.events = append(l.events, *e)
			return nil
		}
		if l.remark(line, &tape); l.extra > 2*maxRows {
			return tooMany(file, n)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if l.markers > 0 && l.markers >= len(l.events) {
		return nil, &Error{
			File: file, Line: l.events[0].line, Reason: "this is a list of markers: its events are no clips",
			Next: "export the timeline as an edit list, not its markers",
		}
	}
	if len(l.events) == 0 {
		return nil, &Error{
			File: file, Reason: "there is no event in it",
			Next: "export the timeline as a CMX3600 edit list; FCPXML or OTIO tell more",
		}
	}
	return l, nil
}

// field is a word of a line, with where it lies: reels may hold blanks.
type field struct {
	text     string
	from, to int
}

func fields(line string) []field {
	var out []field
	for i := 0; i < len(line); {
		if line[i] == ' ' || line[i] == '\t' {
			i++
			continue
		}
		j := i
		for j < len(line) && line[j] != ' ' && line[j] != '\t' {
			j++
		}
		out = append(out, field{line[i:j], i, j})
		i = j
	}
	return out
}

// event reads an event line from the right, where the four timecodes are: the columns to the left
// of them move with the length of the reel. nil, nil is a line of another sort.
func (l *edlList) event(file string, n int, line string) (*edlEvent, error) {
	if line[0] < '0' || line[0] > '9' {
		return nil, nil
	}
	f := fields(line)
	if !edlNumber.MatchString(f[0].text) {
		return nil, nil
	}
	first, codes := -1, 0
	for i := range f {
		if !edlTimecode.MatchString(f[i].text) {
			continue
		}
		codes++
		if codes == 1 {
			first = i
		}
	}
	damaged := func(reason string) error {
		return &Error{
			File: file, Line: n, Reason: "event " + jobfile.Printable(f[0].text) + " " + reason,
			Next: "export the list again, or correct or remove that line",
		}
	}
	switch {
	case codes == 0:
		return nil, nil
	case codes < 4:
		return nil, damaged("has " + itoa(codes) + " of 4 timecodes")
	}
	for i := first; i < first+4; i++ {
		if i >= len(f) || !edlTimecode.MatchString(f[i].text) {
			return nil, damaged("has something between its timecodes")
		}
	}
	e := &edlEvent{
		line: n, number: f[0].text, media: -1,
		srcIn: f[first].text, srcOut: f[first+1].text, recIn: f[first+2].text, recOut: f[first+3].text,
	}
	for _, tc := range []string{e.srcIn, e.srcOut, e.recIn, e.recOut} {
		if frame, err := strconv.ParseInt(tc[9:], 10, 64); err == nil {
			l.highest = max(l.highest, frame)
		}
	}
	head := f[1:first]
	last := func() string {
		if len(head) == 0 {
			return ""
		}
		return head[len(head)-1].text
	}
	if len(head) >= 2 && edlNumber.MatchString(last()) && edlTimed.MatchString(head[len(head)-2].text) {
		e.frames = last()
		head = head[:len(head)-1]
	}
	// A key's background is written "K B", its foreground "K", a fade of it "K O".
	if len(head) >= 2 && strings.EqualFold(head[len(head)-2].text, "K") && (strings.EqualFold(last(), "B") || strings.EqualFold(last(), "O")) {
		e.edit = "K" + strings.ToUpper(last())
		head = head[:len(head)-2]
	} else if len(head) >= 1 {
		e.edit = last()
		head = head[:len(head)-1]
	}
	if len(head) == 0 || !strings.EqualFold(e.edit, "C") && !edlTransition.MatchString(e.edit) {
		return nil, damaged("has no kind of edit (C, D, W or K) before its timecodes")
	}
	e.channels = last()
	if head = head[:len(head)-1]; len(head) > 0 {
		e.reel = line[head[0].from:head[len(head)-1].to]
	}
	return e, nil
}

// edlRemarks are the remarks that name a source. The longer come first: "FROM CLIP" begins some.
var edlRemarks = []struct {
	key string
	set func(e *edlEvent, value string)
}{
	{"FROM CLIP NAME:", func(e *edlEvent, v string) { e.once(&e.from, v) }},
	{"TO CLIP NAME:", func(e *edlEvent, v string) { e.once(&e.to, v) }},
	{"KEY CLIP NAME:", func(e *edlEvent, v string) { e.once(&e.key, v) }},
	{"FROM CLIP IS A ", func(e *edlEvent, v string) { e.fromIs = strings.ToLower(v) }},
	{"TO CLIP IS A ", func(e *edlEvent, v string) { e.toIs = strings.ToLower(v) }},
	{"FROM CLIP:", func(e *edlEvent, v string) { e.once(&e.fromPath, v) }},
	{"FROM FILE:", func(e *edlEvent, v string) { e.once(&e.fromPath, v) }},
	{"TO CLIP:", func(e *edlEvent, v string) { e.once(&e.toPath, v) }},
	{"TO FILE:", func(e *edlEvent, v string) { e.once(&e.toPath, v) }},
}

// once keeps the first value, and the others as further names: none is lost.
func (e *edlEvent) once(to *string, v string) {
	switch {
	case v == "" || isNull(v):
	case *to == "":
		*to = v
	case *to != v:
		e.more = append(e.more, v)
	}
}

func isNull(v string) bool { return strings.EqualFold(v, "(NULL)") }

func after(line, key string) (string, bool) {
	if len(line) < len(key) || !strings.EqualFold(line[:len(key)], key) {
		return "", false
	}
	return strings.TrimSpace(line[len(key):]), true
}

// remark reads a line that is no event, for the last event before it.
func (l *edlList) remark(line string, tape *string) {
	if v, ok := after(line, "TITLE:"); ok {
		switch {
		case len(l.events) > 0:
			l.joined = true
		case l.title == "":
			l.title = v
		}
		return
	}
	if v, ok := after(line, "FCM:"); ok {
		switch v = strings.ToUpper(strings.ReplaceAll(v, "-", " ")); {
		case strings.HasPrefix(v, "NON DROP"):
			l.fcm = append(l.fcm, false)
		case strings.HasPrefix(v, "DROP"):
			l.fcm = append(l.fcm, true)
		}
		return
	}
	if len(l.events) == 0 {
		return
	}
	e := &l.events[len(l.events)-1]
	if strings.HasPrefix(line, "|C:ResolveColor") {
		l.markers++ // Resolve exports markers in the same form, with reels that are numbers
		return
	}
	if v, ok := after(line, "M2 "); ok {
		if f := fields(v); len(f) >= 2 {
			s := edlSpeed{fps: f[len(f)-2].text, at: f[len(f)-1].text}
			if len(f) > 2 {
				s.reel = v[:f[len(f)-3].to]
			}
			e.speeds = append(e.speeds, s)
			l.extra++
		}
		return
	}
	if v, ok := after(line, ">>> SOURCE "); ok {
		// Avid tells with this of a tape that the event lines do not: the SOURCE FILE that follows
		// is not the event's.
		if f := fields(v); len(f) > 0 {
			*tape = f[0].text
		}
		return
	}
	if _, ok := after(line, "AUD "); ok {
		e.sound = true
		return
	}
	if m := edlReplaced.FindStringSubmatch(line); m != nil {
		e.full, e.short = m[1], m[2]
		if have, ok := l.reels[m[2]]; ok && have != m[1] {
			l.reels[m[2]] = ""
		} else {
			l.reels[m[2]] = m[1]
		}
		return
	}
	if line[0] != '*' {
		return
	}
	line = strings.TrimLeft(line, "* \t")
	if v, ok := after(line, "SOURCE FILE:"); ok {
		if v != "" {
			e.sources = append(e.sources, edlSource{v, *tape})
			l.extra++
			*tape = ""
		}
		return
	}
	if m := edlUncut.FindStringSubmatch(line); m != nil {
		e.full, e.short = m[1], e.reel
		return
	}
	for _, r := range edlRemarks {
		if v, ok := after(line, r.key); ok {
			r.set(e, v)
			l.extra++
			return
		}
	}
}
