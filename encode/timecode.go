package encode

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"proxima/jobfile"
)

var reTimecode = regexp.MustCompile(`^([0-9]{2}):([0-9]{2}):([0-9]{2})([:;.,])([0-9]{2,3})$`)

// isDropRate reports whether drop-frame counting exists at rate: at 30000/1001 and
// 60000/1001 alone. Some cameras write the drop-frame mark at other rates, and ffmpeg then
// leaves out the whole track with exit status 0.
func isDropRate(rate jobfile.Rational) bool {
	return rate.Den > 0 && (rate.Num*1001 == rate.Den*30000 || rate.Num*1001 == rate.Den*60000)
}

// normalTimecode turns a tag into what the muxer is given: "HH:MM:SS:FF", with ";" before
// the frames where they are counted drop-frame. Any mark but ":" means that to ffmpeg. Not
// ok where the numbers are no timecode at this rate.
func normalTimecode(raw string, rate jobfile.Rational) (tc string, ok bool) {
	m := reTimecode.FindStringSubmatch(strings.TrimSpace(raw))
	if m == nil || !rate.Valid() {
		return "", false
	}
	n := func(i int) int64 { v, _ := strconv.ParseInt(m[i], 10, 64); return v }
	perSecond := (rate.Num + rate.Den/2) / rate.Den
	if n(1) > 23 || n(2) > 59 || n(3) > 59 || n(5) >= perSecond {
		return "", false
	}
	mark := ":"
	if m[4] != ":" && isDropRate(rate) {
		mark = ";"
	}
	return fmt.Sprintf("%s:%s:%s%s%02d", m[1], m[2], m[3], mark, n(5)), true
}

// sameTimecode compares two timecodes, whatever their drop-frame mark is written as.
func sameTimecode(a, b string) bool {
	norm := func(s string) string { return strings.NewReplacer(".", ";", ",", ";").Replace(s) }
	return norm(a) == norm(b)
}

// parseCreation reads a creation_time tag; what is no date, or before QuickTime's zero or
// past its end, is none.
func parseCreation(raw string) (string, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, strings.TrimSpace(raw)); err == nil {
			if t.Year() < 1905 || t.Year() > 2039 {
				return "", false
			}
			return t.UTC().Format("2006-01-02T15:04:05.000000Z"), true
		}
	}
	return "", false
}

// sameSecond compares two creation times as far as QuickTime can hold them.
func sameSecond(a, b string) bool {
	x, ok1 := parseCreation(a)
	y, ok2 := parseCreation(b)
	return ok1 && ok2 && x[:19] == y[:19]
}

// plainTag returns a tag's text if it is one line of printable text, "" otherwise.
func plainTag(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 255 || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return s
}
