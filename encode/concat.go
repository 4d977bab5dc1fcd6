package encode

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"proxima/jobfile"
)

// concatList is the script that joins parts. Each part's duration is stated, or ffmpeg would
// take the part's own, which its last frame makes wrong: it is the distance to the next
// part's start, rounded so that the errors do not add up.
//
// A part may have been replaced since it was proven, by a script like this one or a playlist:
// what it then names must not be opened before the digest shows it.
//
// paths and parts go together, in order; paths contain no line breaks.
func concatList(paths []string, parts []*jobfile.VideoPart, tb jobfile.Rational) string {
	var b strings.Builder
	b.WriteString("ffconcat version 1.0\n")
	base := parts[0].FirstPTS
	at := func(pts int64) int64 { return tb.Micros(pts - base) }
	for i, p := range parts {
		end := p.LastPTS + max(1, p.LastTick)
		if i+1 < len(parts) {
			end = parts[i+1].FirstPTS
		}
		fmt.Fprintf(&b, "file %s\noption format_whitelist mov\nduration %s\n", concatQuote(paths[i]), seconds(at(end)-at(p.FirstPTS)))
	}
	return b.String()
}

// concatPath is how a part is named in the script: a URL, or where its path has a line break
// in it, which a script cannot hold, that of a link from dir to it.
func concatPath(path, dir string, i int) (string, error) {
	url, err := fileURL(path)
	if err != nil || !strings.ContainsAny(path, "\r\n") {
		return url, err
	}
	link := filepath.Join(dir, fmt.Sprintf("%06d.mov", i))
	if err := os.Symlink(strings.TrimPrefix(url, "file:"), link); err != nil {
		return "", &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "the farm folder's path has a line break in it, which ffmpeg cannot read", Next: "rename that folder", Err: err}
	}
	return fileURL(link)
}
