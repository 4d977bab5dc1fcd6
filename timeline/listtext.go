package timeline

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of what is read: a list of a feature has some thousand events, a pool some ten thousand
// clips. What is larger is no export, or is meant to hurt.
const (
	maxLine = 64 << 10
	maxRows = 200_000
	maxList = 64 << 20
)

// listSize refuses what is too large to be an export.
func listSize(file string, data []byte) error {
	if len(data) > maxList {
		return tooLarge(file, maxList)
	}
	return nil
}

// listBytes takes the byte order mark off and turns UTF-16 into UTF-8. Programs on Windows write
// UTF-16 with and without the mark; without it, the NULs between Latin letters tell.
func listBytes(data []byte) []byte {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], false)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], true)
	}
	head := data[:min(len(data), 512)&^1]
	even, odd := 0, 0
	for i := 0; i < len(head); i += 2 {
		if head[i] == 0 {
			even++
		}
		if head[i+1] == 0 {
			odd++
		}
	}
	switch {
	case even == 0 && odd > 0 && odd*4 >= len(head):
		return fromUTF16(data, false)
	case odd == 0 && even > 0 && even*4 >= len(head):
		return fromUTF16(data, true)
	}
	return data
}

func fromUTF16(data []byte, big bool) []byte {
	out := make([]byte, 0, len(data))
	unit := func(i int) rune {
		if big {
			return rune(data[i])<<8 | rune(data[i+1])
		}
		return rune(data[i+1])<<8 | rune(data[i])
	}
	for i := 0; i+1 < len(data); i += 2 {
		r := unit(i)
		if utf16.IsSurrogate(r) {
			var next rune
			if i+3 < len(data) {
				next = unit(i + 2)
			}
			if r = utf16.DecodeRune(r, next); r != utf8.RuneError {
				i += 2
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// win1252 are 0x80 to 0x9f of Windows' old Latin page, in which older editors write; the rest of
// the page is Unicode's first.
var win1252 = []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")

// listText is data as text. The note is for people, where the letters had to be guessed.
func listText(file string, data []byte) (text, note string, err error) {
	if err := listSize(file, data); err != nil {
		return "", "", err
	}
	data = listBytes(data)
	if utf8.Valid(data) {
		return string(data), "", nil
	}
	var b strings.Builder
	b.Grow(len(data) + len(data)/8)
	for _, c := range data {
		switch {
		case c >= 0x80 && c < 0xa0:
			b.WriteRune(win1252[c-0x80])
		default:
			b.WriteRune(rune(c))
		}
	}
	return b.String(), "the text is not UTF-8: it was read as Windows Latin, letters other than A to Z may be wrong", nil
}

// eachLine gives the lines of text by number from 1, whatever ends them: LF, CRLF and CR are all
// met, sometimes in one file.
func eachLine(file, text string, f func(n int, line string) error) error {
	for n := 1; text != ""; n++ {
		line, rest := text, ""
		if i := strings.IndexAny(text, "\r\n"); i >= 0 {
			line, rest = text[:i], text[i+1:]
			if text[i] == '\r' && strings.HasPrefix(rest, "\n") {
				rest = rest[1:]
			}
		}
		if len(line) > maxLine {
			return &Error{
				File: file, Line: n, Reason: "the line is longer than 64 KiB",
				Next: "this is no text that an editor exports: look at the file",
			}
		}
		if err := f(n, line); err != nil {
			return err
		}
		text = rest
	}
	return nil
}

func tooMany(file string, line int) error {
	return &Error{
		File: file, Line: line, Reason: "there are more than " + itoa(maxRows) + " entries",
		Next: "split the file",
	}
}
