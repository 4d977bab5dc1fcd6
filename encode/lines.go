package encode

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// maxLine is the longest line kept of a program's output, bytes. The rest of a longer one
// is dropped: only a broken or hostile file makes ffmpeg print one.
const maxLine = 64 << 10

// lineWriter splits what is written to it into lines, ended by \n, \r or both.
type lineWriter struct {
	line func([]byte)
	buf  []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		i := bytes.IndexAny(p, "\r\n")
		piece := p
		if i >= 0 {
			piece = p[:i]
		}
		if room := maxLine - len(w.buf); room < len(piece) {
			piece = piece[:room]
		}
		w.buf = append(w.buf, piece...)
		if i < 0 {
			break
		}
		w.flush()
		p = p[i+1:]
	}
	return n, nil
}

// flush hands over the last line, if it had no end. It is called after the program's own.
func (w *lineWriter) flush() {
	if len(w.buf) > 0 {
		w.line(w.buf)
		w.buf = w.buf[:0]
	}
}

// collector keeps a program's stdout up to limit bytes.
type collector struct {
	limit int
	buf   bytes.Buffer
	over  bool
}

func (c *collector) line(l []byte) bool {
	if c.buf.Len()+len(l) >= c.limit {
		c.over = true
		return true
	}
	c.buf.Write(l)
	c.buf.WriteByte('\n')
	return true
}

func (c *collector) text() string { return c.buf.String() }

// capped passes the first bytes on to w, which may be nil, and drops the rest with a note.
// Errors of the log are nobody's reason to end an encode.
type capped struct {
	w    io.Writer
	left int
}

func (c *capped) printf(format string, a ...any) {
	if c.w == nil || c.left <= 0 {
		return
	}
	s := fmt.Sprintf(format, a...)
	if c.left -= len(s); c.left <= 0 {
		s += "[further messages left out]\n"
	}
	io.WriteString(c.w, s)
}

// final writes whatever has been written before.
func (c *capped) final(format string, a ...any) {
	if c.w != nil {
		fmt.Fprintf(c.w, format, a...)
	}
}

func baseName(prog string) string {
	return strings.TrimSuffix(filepath.Base(prog), ".exe")
}
