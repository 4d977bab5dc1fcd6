package timeline

import (
	"path/filepath"
	"strings"

	"golang.org/x/text/unicode/norm"

	"proxima/jobfile"
)

// Target is where a timeline says that a medium lies.
type Target struct {
	Path string // decoded, with forward slashes: /mnt/a, D:/a, //server/share/a
	// Also is the other reading, or empty. A bare path is taken as it stands, yet some programs
	// escape theirs: a caller looks for Path first, then for Also.
	Also     string
	Relative bool // it was; Path now begins with the folder, if one was given
}

// Decode reads the target of a medium: file URLs of every shape that editors write, bare paths
// of any system, UNC, and paths relative to the timeline's folder (forward slashes, may be
// empty). The rules are the same on every system, for a timeline travels; that is why neither
// net/url nor path/filepath reads it. Nothing on disk is asked.
//
// The errors are an empty target, one with a NUL in it, and a URL that is no file; they name no
// place.
func Decode(target, folder string) (Target, error) {
	switch {
	case target == "":
		return Target{}, &Error{Reason: "the target is empty"}
	case len(target) > 32<<10:
		return Target{}, &Error{Reason: "the target is longer than any path"}
	}
	var t Target
	if scheme, rest, ok := strings.Cut(target, ":"); ok && strings.EqualFold(scheme, "file") {
		t.Path = fileURL(rest)
		t.Relative = t.Path != "" && !strings.HasPrefix(t.Path, "/") && !isDrive(t.Path)
	} else if isURL(target) {
		return Target{}, &Error{
			Reason: "the target " + jobfile.Quote(target) + " is no file",
			Next:   "download it and relink it in the editor",
		}
	} else {
		t = bare(target)
	}
	if t.Path == "" || strings.ContainsRune(t.Path, 0) {
		return Target{}, &Error{Reason: "the target " + jobfile.Quote(target) + " is no path"}
	}
	if strings.ContainsRune(t.Also, 0) {
		t.Also = ""
	}
	if t.Relative {
		t.Path = join(folder, t.Path)
		if t.Also != "" {
			t.Also = join(folder, t.Also)
		}
	}
	return t, nil
}

// fileURL decodes what follows "file:".
//
//	///mnt/a  //localhost/mnt/a  /mnt/a          the path
//	///D:/a  //localhost/D%3a/a  //D:/a  ///D|/a  a drive
//	//server/share/a  ////server/share/a          UNC
//	media/a                                       relative
//
// A plus is a plus. A stray percent sign, '?' and '#' stand for themselves: a program that
// did not escape them meant the name.
func fileURL(s string) string {
	// A backslash as it stands was pasted from Windows; one that was escaped may be part of a
	// name elsewhere.
	p := authority(unescape(strings.ReplaceAll(s, `\`, "/")))
	if windows := drive(strings.ReplaceAll(p, `\`, "/")); isDrive(windows) || strings.HasPrefix(windows, "//") {
		return windows
	}
	return p
}

// authority is the path of a file URL, from what follows "file:".
func authority(s string) string {
	rest, ok := strings.CutPrefix(s, "//")
	if !ok {
		return drive(s)
	}
	host, below, _ := strings.Cut(rest, "/")
	switch {
	case host == "" && strings.HasPrefix(below, "/"):
		return unc(below)
	case host == "" || strings.EqualFold(host, "localhost"):
		if strings.HasPrefix(below, "/") {
			return unc(below)
		}
		return drive("/" + below)
	case isDrive(host):
		return drive(rest)
	}
	return "//" + rest
}

// unc is a path with a server in front, however many slashes it begins with.
func unc(s string) string { return "//" + strings.TrimLeft(s, "/") }

// drive takes the slash off /D:/a, and makes the old D| a drive too.
func drive(s string) string {
	if d := strings.TrimPrefix(s, "/"); isDrive(d) {
		return d[:1] + ":" + d[2:]
	}
	return s
}

// isDrive reports whether s is a drive, or begins with one and a slash.
func isDrive(s string) bool {
	if len(s) < 2 || (s[1] != ':' && s[1] != '|') || (len(s) > 2 && s[2] != '/') {
		return false
	}
	c := s[0] | 0x20
	return c >= 'a' && c <= 'z'
}

// isURL reports whether s begins with a scheme. One letter is a drive, and a name may hold a
// colon, so both slashes have to be there.
func isURL(s string) bool {
	scheme, _, ok := strings.Cut(s, "://")
	if !ok || len(scheme) < 2 {
		return false
	}
	for _, c := range scheme {
		if (c|0x20 < 'a' || c|0x20 > 'z') && !strings.ContainsRune("0123456789+.-", c) {
			return false
		}
	}
	return true
}

// bare reads a path that is no URL. Its escapes are part of the name, unless nothing lies there.
func bare(s string) Target {
	slashed := strings.ReplaceAll(s, `\`, "/")
	t := Target{Path: s}
	switch {
	case strings.HasPrefix(s, `\\?\UNC\`), strings.HasPrefix(s, `\\?\unc\`):
		t.Path = "//" + slashed[len(`\\?\UNC\`):]
	case strings.HasPrefix(s, `\\?\`), strings.HasPrefix(s, `\\.\`):
		t.Path = slashed[len(`\\?\`):]
	case strings.HasPrefix(s, `\`):
		t.Path = slashed
	case isDrive(slashed) && s[1] == ':':
		t.Path = slashed
	case strings.HasPrefix(s, "/"):
	default:
		// A backslash separates on the system that wrote it, far more often than it is part
		// of a name on the others.
		t.Path, t.Relative = slashed, true
		if slashed != s {
			t.Also = s
		}
	}
	if plain := unescape(t.Path); plain != t.Path {
		t.Also = plain
	}
	return t
}

// unescape replaces %41 by A, and leaves what is no escape.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, ok1 := hex(s[i+1])
			lo, ok2 := hex(s[i+2])
			if ok1 && ok2 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

func hex(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// join puts a relative path below a folder. Two dots stay: through a symlink they lead
// elsewhere than a cleaned path does.
func join(folder, rel string) string {
	rel = strings.TrimPrefix(rel, "./")
	if folder == "" || folder == "." {
		return rel
	}
	return strings.TrimSuffix(folder, "/") + "/" + rel
}

// folderOf is the folder of our own file, with forward slashes.
func folderOf(file string) string { return filepath.ToSlash(filepath.Dir(file)) }

// pathKey is the same for two spellings of one path: macOS decomposes names that others
// compose, and Windows does not tell capitals apart. It is for comparing only; a file is opened
// under the name that was written.
func pathKey(p string) string {
	p = norm.NFC.String(p)
	if isDrive(p) || strings.HasPrefix(p, "//") {
		p = strings.ToLower(p)
	}
	return p
}

// base is the last part of a path with forward slashes.
func base(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }

// stem is base without the extension.
func stem(p string) string {
	name := base(p)
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return name[:i]
	}
	return name
}
