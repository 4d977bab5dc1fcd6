package timeline

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"proxima/jobfile"
)

// AttachProxies writes proxies into a document that an editor exported, for that editor or
// another to import: FCPXML of version 1.9 or later, as a second representation of each asset;
// OTIO, as a second reference of each clip. Everything else of the document stays as it is, byte
// for byte.
//
// proxies is asked for each medium by its target, as [Media] has it, and answers with the
// proxy's absolute path as the machine sees it that will read the document: /mnt/a, D:\a or
// \\server\a. A proxy that was attached before is replaced; what has none keeps what it had.
//
// The errors are an [*Error] with the place in the document: it cannot be read, is of another
// format, or has no room for proxies.
func AttachProxies(original []byte, format Format, proxies func(target string) (path string, ok bool)) ([]byte, error) {
	if len(original) > maxFile {
		return nil, tooLarge("", maxFile)
	}
	if bytes.HasPrefix(original, []byte{0xFF, 0xFE}) || bytes.HasPrefix(original, []byte{0xFE, 0xFF}) {
		return nil, &Error{Reason: "it is in UTF-16, in which no proxies are attached", Next: "save the file as UTF-8"}
	}
	text := bytes.TrimPrefix(original, []byte("\xEF\xBB\xBF"))
	var edits []edit
	var err error
	switch format {
	case FCPXML:
		edits, err = fcpxmlProxies(text, proxies)
	case OTIO:
		edits, err = otioProxies(text, proxies)
	default:
		return nil, &Error{
			Reason: "there is no place for proxies in a file of this kind",
			Next:   "export the timeline as FCPXML 1.9 or later, or as OTIO; or let the editor find the proxies by their names",
		}
	}
	if err != nil {
		return nil, err
	}
	out, err := apply(text, edits)
	if err != nil {
		return nil, err
	}
	return append(original[:len(original)-len(text):len(original)-len(text)], out...), nil
}

// edit replaces the bytes from start to end.
type edit struct {
	start, end int
	text       string
}

func apply(text []byte, edits []edit) ([]byte, error) {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	size := len(text)
	for _, e := range edits {
		size += len(e.text)
	}
	// A path may be long, and a document may ask for it at each of a million clips.
	if size > maxFile {
		return nil, tooLarge("", maxFile)
	}
	out := make([]byte, 0, size)
	at := 0
	for _, e := range edits {
		out = append(out, text[at:e.start]...)
		out = append(out, e.text...)
		at = e.end
	}
	return append(out, text[at:]...), nil
}

// FileURL is the URL of an absolute path of any system: /mnt/a, D:\a or D:/a, \\server\a or
// //server/a. ok is false where it is none, or no text.
func FileURL(path string) (url string, ok bool) {
	if strings.ContainsRune(path, 0) || len(path) > 32<<10 {
		return "", false
	}
	slashed := strings.ReplaceAll(path, `\`, "/")
	// What a program of Windows calls a long path is the same place.
	if rest, long := strings.CutPrefix(slashed, "//?/UNC/"); long {
		slashed = "//" + rest
	} else if rest, long := strings.CutPrefix(slashed, "//?/"); long {
		slashed = rest
	}
	switch {
	case isDrive(slashed) && len(slashed) > 3:
		return "file:///" + slashed[:1] + ":" + escapeURL(slashed[2:]), true
	case strings.HasPrefix(slashed, "//") && (path[0] == '\\' || path[1] == '/'):
		host, below, _ := strings.Cut(slashed[2:], "/")
		if host == "" || host == "." || host == "?" || strings.Trim(below, "/") == "" {
			return "", false
		}
		return "file://" + escapeURL(slashed[2:]), true
	case len(path) > 1 && path[0] == '/':
		return "file://" + escapeURL(path), true
	}
	return "", false
}

// escapeURL keeps what a path of a URL may hold as it stands. What XML and JSON escape is
// escaped here already.
func escapeURL(s string) string {
	const keep = "/-._~!$()*+,;=:@"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte(keep, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		const digits = "0123456789ABCDEF"
		b.Write([]byte{'%', digits[c>>4], digits[c&15]})
	}
	return b.String()
}

// badProxy is for a path that names no file on any machine.
func badProxy(path string) error {
	return &Error{
		Reason: "the proxy " + jobfile.Quote(path) + " has no absolute path",
		Next:   "name its folder as a root in farm.yaml, with its place on the editor's machine",
	}
}
