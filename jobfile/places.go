package jobfile

import (
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// The rules of each system's paths, for every system: a Linux machine reads what a Windows
// machine wrote, and the tables that prove it run on one of them.

// place is an absolute path taken apart.
type place struct {
	volume string   // "" on Unix, "C:" or `\\server\share` on Windows
	names  []string // of folders and the file
}

// absolute reports whether a path is absolute on a system (a GOOS value).
func absolute(path, goos string) bool {
	if goos == "windows" {
		return windowsPath(path)
	}
	return strings.HasPrefix(path, "/")
}

// takeApart reads an absolute path of a system. Doubled and trailing separators mean nothing.
func takeApart(path, goos string) place {
	if goos != "windows" {
		return place{names: strings.FieldsFunc(path, func(r rune) bool { return r == '/' })}
	}
	p := strings.ReplaceAll(path, "/", `\`)
	// What a program of Windows calls a long path is the same place.
	if rest, ok := strings.CutPrefix(p, `\\?\UNC\`); ok {
		p = `\\` + rest
	} else if rest, ok := strings.CutPrefix(p, `\\?\`); ok {
		p = rest
	}
	server := strings.HasPrefix(p, `\\`)
	names := strings.FieldsFunc(p, func(r rune) bool { return r == '\\' })
	switch {
	case server && len(names) >= 2:
		return place{`\\` + names[0] + `\` + names[1], names[2:]}
	case !server && len(names) > 0:
		return place{names[0], names[1:]}
	}
	return place{p, nil}
}

// below is what of a path lies below a folder, compared as the system compares names: on
// Windows and macOS whatever their case; everywhere whether an accent is a character of its
// own or not, which differs between what Macs and others write.
func below(path, folder place, goos string) (names []string, ok bool) {
	same := func(a, b string) bool {
		a, b = norm.NFC.String(a), norm.NFC.String(b)
		if goos == "windows" || goos == "darwin" {
			a, b = cases.Fold().String(a), cases.Fold().String(b)
		}
		return a == b
	}
	n := len(folder.names)
	if len(path.names) <= n || !same(path.volume, folder.volume) || !slices.EqualFunc(path.names[:n], folder.names, same) {
		return nil, false
	}
	return path.names[n:], true
}

// putTogether appends names to a folder of a system.
func putTogether(folder string, names []string, goos string) string {
	sep := "/"
	if goos == "windows" {
		sep = `\`
		folder = strings.ReplaceAll(folder, "/", `\`)
	}
	return strings.TrimRight(folder, sep) + sep + strings.Join(names, sep)
}
