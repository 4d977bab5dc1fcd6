package timeline

import (
	"bytes"
	"strings"

	"proxima/jobfile"
)

// readList reads a plain list of paths, one a line: blank lines and lines that begin with "#" are
// left out, a path may stand in quotes, a folder ends in a slash and has no Kind. A path that is
// there twice is there once.
//
// The bytes of a path are kept as they are: on most systems a name need not be UTF-8.
func readList(file string, data []byte) (*Project, error) {
	if err := listSize(file, data); err != nil {
		return nil, err
	}
	data = bytes.TrimRight(listBytes(data), "\x00\x1a")
	g := newGather(file, List)
	twice := 0
	err := eachLine(file, string(data), func(n int, line string) error {
		line = strings.Trim(line, " \t")
		if line == "" || line[0] == '#' {
			return nil
		}
		if i := strings.IndexFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }); i >= 0 {
			return &Error{
				File: file, Line: n, Reason: "there are control characters in it: this is no list of paths",
				Next: "a list is plain text, one path a line",
			}
		}
		target, err := unquoted(file, n, line)
		if err != nil || target == "" {
			return err
		}
		if len(g.p.Media) == maxRows {
			return tooMany(file, n)
		}
		place, err := Decode(target, g.folder)
		if err == nil && place.Path == "/" {
			err = &Error{Reason: jobfile.Quote(target) + " names no file"}
		}
		if err != nil {
			return &Error{
				File: file, Line: n, Reason: reason(err),
				Next: "write the path under which the file is mounted, or remove the line",
			}
		}
		m := Media{Target: target, Path: place.Path, Names: []string{place.Also}}
		if !strings.HasSuffix(m.Path, "/") {
			m.Kind = listKind(m.Path)
			m.Name = base(m.Path)
		}
		if _, fresh := g.add(m.Path, m); !fresh {
			twice++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(g.p.Media) == 0 {
		return nil, &Error{File: file, Reason: "there is no path in it", Next: "write one path a line"}
	}
	if twice > 0 {
		g.note(counted(twice, "line is", "lines are") + " there already, and left out")
	}
	return g.done(), nil
}

// unquoted takes off the quotes that Windows and terminals put around a copied path. In single
// quotes a terminal closes them, writes \' and opens them again for a quote of the name.
func unquoted(file string, n int, line string) (string, error) {
	q := line[0]
	if q != '"' && q != '\'' {
		return line, nil
	}
	if len(line) < 2 || line[len(line)-1] != q {
		if q == '\'' {
			return line, nil // a name may begin with an apostrophe: '90s.mov
		}
		return "", &Error{
			File: file, Line: n, Reason: "the quote is not closed: " + jobfile.Quote(line),
			Next: "close it, one path a line",
		}
	}
	s := line[1 : len(line)-1]
	if q == '\'' {
		s = strings.ReplaceAll(s, `'\''`, `'`)
	}
	return s, nil
}
