package timeline

import (
	"math/big"
	"regexp"
	"strings"

	"proxima/jobfile"
)

// listRate reads a rate as lists write it, also with words behind it: "59.94 DF", "24.0fps". What
// cannot be read is 0/0: unknown.
func listRate(s string) jobfile.Rational {
	s = strings.TrimSpace(s)
	if end := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && !strings.ContainsRune(".,/", r) }); end >= 0 {
		s = s[:end]
	}
	rate, err := ParseRate(s)
	if err != nil {
		return jobfile.Rational{}
	}
	return rate
}

// listFrames is the frame that a timecode names, from midnight. Where the rate has no drop frame,
// ";" is a habit of the writer and no more.
func listFrames(tc string, rate jobfile.Rational) (int64, bool) {
	if dropped(Nominal(rate)) == 0 {
		tc = strings.ReplaceAll(tc, ";", ":")
	}
	n, _, err := ParseTimecode(tc, rate)
	return n, err == nil
}

// listSeconds is a timecode as seconds.
func listSeconds(tc string, rate jobfile.Rational) *jobfile.Rational {
	n, ok := listFrames(tc, rate)
	if !ok {
		return nil
	}
	return seconds(new(big.Rat).SetInt64(n), rate)
}

// rooted reports a path that does not begin at some folder: the system's, a server's, a drive's.
func rooted(s string) bool {
	return strings.HasPrefix(s, "/") || strings.HasPrefix(s, `\\`) || onDrive(s)
}

func onDrive(s string) bool {
	return len(s) > 2 && s[1] == ':' && isDrive(strings.ReplaceAll(s[:3], `\`, "/"))
}

// isPath reports whether a field is more than a name.
func isPath(s string) bool { return strings.Contains(s, "/") || rooted(s) }

// pictureOf many: numbered with four digits and more before the extension. Of these kinds one
// alone is seldom met.
var pictureOf = regexp.MustCompile(`(?i)[._-]\d{4,}\.(?:exr|dpx|cin|dng|ari)$`)

// listKind goes by the first of the names whose extension says something.
func listKind(names ...string) Kind {
	for _, n := range names {
		switch kind := kindOf(n); {
		case kind == Still && pictureOf.MatchString(n):
			return Sequence
		case kind != Video:
			return kind
		}
	}
	return Video
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return itoa(n) + " " + many
}
