package resolve

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// Bounds on an answer. A project of a hundred thousand clips stays well below them.
const (
	maxAnswer  = 256 << 20 // bytes
	maxLine    = 1 << 20
	maxRecords = 2_000_000
	maxFields  = 40
)

// record is one line of a script.
type record struct {
	kind   string
	fields map[string]string
}

var (
	errCut    = errors.New("the answer broke off")
	errTooBig = errors.New("the answer is larger than any project's")
)

// reader takes a script's output apart as it comes. Lines that are no records are fuscript's
// own, and people's whose scripts run at its start.
type reader struct {
	records []record
	line    []byte
	read    int
	ended   bool
	noise   []string // the last lines of others, for whoever has to find out
	err     error
}

// Write takes what the program printed. It never fails: what is wrong is told at the end, so
// that the program is not left writing into nothing.
func (r *reader) Write(p []byte) (int, error) {
	n := len(p)
	if r.read += n; r.read > maxAnswer {
		r.err = errTooBig
		return n, nil
	}
	for len(p) > 0 && r.err == nil {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			r.line = append(r.line, p...)
			if len(r.line) > maxLine {
				r.err = errTooBig
			}
			break
		}
		r.add(append(r.line, p[:i]...))
		r.line, p = r.line[:0], p[i+1:]
	}
	return n, nil
}

func (r *reader) add(line []byte) {
	text := strings.TrimSuffix(string(line), "\r")
	rest, ours := strings.CutPrefix(text, "proxima\t")
	switch {
	case len(line) > maxLine || len(r.records) >= maxRecords:
		r.err = errTooBig
	case !ours:
		if text = strings.TrimSpace(text); text != "" {
			r.noise = append(r.noise[max(0, len(r.noise)-4):], text[:min(len(text), 500)])
		}
	case r.ended:
		r.err = fmt.Errorf("the answer goes on after its end")
	default:
		rec, err := parseRecord(rest)
		if err == nil && rec.kind == "end" {
			r.ended = true
			if rec.fields["count"] != strconv.Itoa(len(r.records)) {
				err = fmt.Errorf("the answer says that it has %s records and has %d", jobfile.Quote(rec.fields["count"]), len(r.records))
			}
		}
		r.err = err
		r.records = append(r.records, rec)
	}
}

// answer is all records, once the program has ended; errCut where the last is missing.
func (r *reader) answer() ([]record, error) {
	if r.err != nil {
		return nil, r.err
	}
	if !r.ended {
		return r.records, errCut
	}
	return r.records[:len(r.records)-1], nil
}

var reKey = regexp.MustCompile(`^[a-z]{1,20}$`)

// kinds are those that the scripts print.
var kinds = []string{"begin", "app", "project", "item", "timeline", "use", "blank", "try", "linked", "note", "state", "end"}

func parseRecord(s string) (record, error) {
	parts := strings.Split(s, "\t")
	rec := record{kind: parts[0], fields: map[string]string{}}
	if !slices.Contains(kinds, rec.kind) || len(parts) > maxFields {
		return rec, fmt.Errorf("a record of the kind %s", jobfile.Quote(parts[0]))
	}
	for _, p := range parts[1:] {
		key, value, ok := strings.Cut(p, "=")
		if _, twice := rec.fields[key]; !ok || twice || !reKey.MatchString(key) {
			return rec, fmt.Errorf("a field %s in a record %s", jobfile.Quote(p), rec.kind)
		}
		text, err := unescape(value)
		if err != nil {
			return rec, fmt.Errorf("%s in a record %s: %w", key, rec.kind, err)
		}
		rec.fields[key] = text
	}
	return rec, nil
}

// unescape reads what the scripts' escape writes: \xHH for backslash and control characters.
func unescape(s string) (string, error) {
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, `\`)
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		if len(after) < 3 || after[0] != 'x' {
			return "", errors.New("a backslash that escapes nothing")
		}
		n, err := strconv.ParseUint(after[1:3], 16, 8)
		if err != nil {
			return "", errors.New("a backslash that escapes nothing")
		}
		b.WriteByte(byte(n))
		s = after[3:]
	}
}

// escape writes a value for the link script to read.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == 0x7f || c == '\\' {
			fmt.Fprintf(&b, `\x%02x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
