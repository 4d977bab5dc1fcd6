package jobfile

import (
	"bytes"
	"strings"
)

// plainWildcards lets people write keys with wildcards as they come, *proxy: or *:. YAML takes
// the star for a reference, which is no key that a document of ours has. Only what stands where
// a key may stand and ends in a colon is touched.
func plainWildcards(data []byte) []byte {
	if !bytes.ContainsAny(data, "*?") || bytes.Contains(data, []byte(standInStar)) || bytes.Contains(data, []byte(standInQuestion)) {
		return data
	}
	lines := strings.Split(string(data), "\n")
	for i, l := range lines {
		lines[i] = plainWildcardsIn(l)
	}
	return []byte(strings.Join(lines, "\n"))
}

func plainWildcardsIn(line string) string {
	var b strings.Builder
	quote := byte(0)
	key := true // a key may begin here
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote != 0:
			if c == '\\' && quote == '"' && i+1 < len(line) {
				b.WriteByte(c)
				i++
				c = line[i]
			} else if c == quote {
				quote = 0
			}
		case c == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t'):
			return b.String() + line[i:]
		case key && (c == '*' || c == '?') && endsAsKey(line[i:]):
			if c == '*' {
				b.WriteString(standInStar)
			} else {
				b.WriteString(standInQuestion)
			}
			key = false
			continue
		case key && (c == '"' || c == '\''):
			quote, key = c, false
		case c == '{' || c == ',':
			key = true
		case c == ':' && i+1 < len(line) && (line[i+1] == ' '):
			// A value: quotes may open there, and keys only in a bracket after it.
			if rest := strings.TrimLeft(line[i+1:], " "); rest != "" && (rest[0] == '"' || rest[0] == '\'') {
				n := len(line) - len(rest)
				b.WriteString(line[i:n])
				b.WriteByte(rest[0])
				i, quote = n, rest[0]
				continue
			}
			key = false
		case c != ' ':
			key = false
		}
		b.WriteByte(c)
	}
	return b.String()
}

// endsAsKey reports whether a word ends in a colon that makes it a key.
func endsAsKey(s string) bool {
	for i := 0; i < len(s) && i < 256; i++ {
		switch s[i] {
		case ':':
			if i+1 == len(s) || strings.IndexByte(" \r,}", s[i+1]) >= 0 {
				return true
			}
		case ' ':
			rest := strings.TrimLeft(s[i:], " ")
			// "? x: y" and "*a : b" are YAML's own.
			return i > 0 && s[0] == '*' && strings.HasPrefix(rest, ": ")
		case '"', '\'', '{', '}', '[', ']', ',', '#', '&', '!', '|', '>', '%', '@', '`', '\t':
			return false
		}
	}
	return false
}
