package encode

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"proxima/jobfile"
)

// fileURL is how a path is given to ffmpeg: absolute and with its protocol, so that a name
// that starts with a dash is no option and one with a colon is no protocol.
func fileURL(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("make path absolute: %w", err)
	}
	return "file:" + abs, nil
}

// shellLine is a command line that can be pasted into a shell, for the log.
func shellLine(prog string, args []string) string {
	q := []string{shellQuote(prog)}
	for _, a := range args {
		q = append(q, shellQuote(a))
	}
	return strings.Join(q, " ")
}

const shellSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"

func shellQuote(s string) string {
	if s != "" && strings.Trim(s, shellSafe) == "" {
		return s
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !jobfile.Shows(r) }) {
		return escapeQuote(s)
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// escapeQuote writes a name that would do something to a terminal, or break a line of the log.
func escapeQuote(s string) string {
	var b strings.Builder
	b.WriteString("$'")
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch invalid := r == utf8.RuneError && n == 1; {
		case r == '\'' || r == '\\':
			b.WriteString(`\` + string(r))
		case !invalid && jobfile.Shows(r):
			b.WriteRune(r)
		default:
			for _, c := range []byte(s[:n]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		}
		s = s[n:]
	}
	b.WriteByte('\'')
	return b.String()
}

// concatQuote quotes a path for a "file" line of ffmpeg's concat script: its tokens are
// av_get_token's, where nothing is special between single quotes but the quote itself.
//
// A script is read line by line before that, so a path with a line break in it cannot be
// written at all; concatPath finds another way.
func concatQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// filterPath quotes a path for the value of a filter's option. A graph is taken apart twice,
// each time by av_get_token: at [],; into filters, and a filter's text at : into options. On
// Windows ffmpeg takes slashes too, which need no quoting.
func filterPath(path string) string {
	// Bytes, since a path need not be UTF-8.
	escape := func(s, special string) string {
		var b strings.Builder
		for i := range len(s) {
			if strings.IndexByte(special, s[i]) >= 0 {
				b.WriteByte('\\')
			}
			b.WriteByte(s[i])
		}
		return b.String()
	}
	return escape(escape(filepath.ToSlash(path), `\':`), `\'[],;`)
}
