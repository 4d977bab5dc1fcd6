package jobfile

import (
	"cmp"
	"slices"
	"strings"
)

// Here tells where a path, as any machine of the room writes it, may lie on one of them (a GOOS
// value and its host name): through each root that holds it, on whatever platform, the longest
// first. Separators may be of either kind. A path of nobody's root gives nothing.
//
// Several answers are no contradiction: /mnt/a may be one root on Linux and part of another on
// macOS, and nothing in a path says where it was written.
func (f *Farm) Here(path, goos, host string) []string {
	type hit struct {
		depth int
		path  string
	}
	var hits []hit
	here := f.RootsFor(goos, host)
	for name, places := range f.Roots {
		if here[name] == "" {
			continue
		}
		for where, place := range places {
			names, depth, ok := belowPlace(path, where, place)
			if !ok {
				continue
			}
			// Locate refuses what climbs out, and what this system cannot name.
			if at, err := here.locate(Path{Root: name, Rel: strings.Join(names, "/")}, goos); err == nil {
				hits = append(hits, hit{depth, at})
			}
		}
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(b.depth, a.depth), strings.Compare(a.path, b.path)) })
	var out []string
	for _, h := range hits {
		if !slices.Contains(out, h.path) {
			out = append(out, h.path)
		}
	}
	return out
}

// belowPlace is what of a path lies below a root's place on some platform, and how deep that
// place is.
func belowPlace(path, where, place string) (names []string, depth int, ok bool) {
	goos := where
	if strings.HasPrefix(where, "host:") {
		// Which Unix a host has is not said; macOS is the one that forgives more.
		if goos = "darwin"; windowsPath(place) {
			goos = "windows"
		}
	}
	if goos == "windows" {
		path = strings.ReplaceAll(path, "/", `\`)
	} else if strings.HasPrefix(path, "//") {
		return nil, 0, false // a server's share
	}
	if !absolute(path, goos) || !absolute(place, goos) {
		return nil, 0, false
	}
	folder := takeApart(place, goos)
	names, ok = below(takeApart(path, goos), folder, goos)
	return names, len(folder.names), ok
}
