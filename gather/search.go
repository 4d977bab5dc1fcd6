package gather

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"proxima/jobfile"
)

// maxLooks bounds how many files of one name are looked into. A card's files are numbered from
// one, so a large project has some tens of each.
const maxLooks = 200

// way is one way to find a medium: the files it gives, and how to say so.
type way struct {
	hits  []int
	how   string
	proof bool // the name alone says nothing: the timecode has to
}

// search looks for a medium in the folders to search: by the name of its file, by its reel and
// timecode, by its name in the editor, in this order. The first way that gives one file decides,
// and the first that gives several is reported, for a wrong medium is worse than none.
func (f *Finder) search(ctx context.Context, w Wanted, out *File) error {
	x, err := f.read(ctx)
	if err != nil {
		return err
	}
	tried := len(out.Tried)
	clip := x.named(w.Clip)
	for _, way := range ways(x, w) {
		hits, why, err := f.sift(ctx, x, w, way)
		if err != nil {
			return err
		}
		if len(hits) > 1 && way.proof {
			// Several cameras of one reel and time; the name in the editor may tell.
			if both := slices.DeleteFunc(slices.Clone(hits), func(i int) bool { return !slices.Contains(clip, i) }); len(both) == 1 {
				hits = both
			}
		}
		if len(hits) > 1 && !way.proof {
			hits = nearest(x, w, hits)
		}
		switch {
		case len(hits) == 1:
			out.Path, out.How = x.paths[hits[0]], way.how
			out.raw()
			return nil
		case len(hits) > 1:
			for _, i := range hits {
				out.Either = append(out.Either, x.paths[i])
			}
			slices.Sort(out.Either)
			out.Status = Missing
			out.Reason = fmt.Sprintf("%d files may be it (%s): %s", len(hits), way.how, strings.Join(short(out.Either), ", "))
			out.Next = "search in a folder that holds only one of them, or queue the right one by its path"
			return nil
		}
		out.Tried = append(out.Tried, why...)
	}
	what := "nothing of that name below " + strings.Join(f.Search, ", ")
	if len(out.Tried) > tried {
		what = "nothing else of that name below " + strings.Join(f.Search, ", ")
	}
	if x.full {
		what += fmt.Sprintf(", of which only the first %d files were looked at", maxIndexed)
	}
	out.Tried = append(out.Tried, what)
	out.Tried = append(out.Tried, x.notes...)
	return nil
}

func short(paths []string) []string {
	const enough = 8
	if len(paths) <= enough {
		return paths
	}
	return append(slices.Clone(paths[:enough]), fmt.Sprintf("and %d more", len(paths)-enough))
}

// ways are the ways to find a medium, the best first.
func ways(x *index, w Wanted) []way {
	var out []way
	for _, name := range w.Files {
		out = append(out, way{x.named(name), "by its name " + jobfile.Quote(name), false})
	}
	if w.Reel != "" {
		out = append(out,
			way{x.stem[folded(w.Reel)], "by its reel " + jobfile.Quote(w.Reel), false},
			way{x.beginning(w.Reel), "by its reel " + jobfile.Quote(w.Reel) + " and timecode", true})
	}
	if w.Clip != "" {
		out = append(out, way{x.named(w.Clip), "by the clip's name " + jobfile.Quote(w.Clip), false})
	}
	return slices.DeleteFunc(out, func(w way) bool { return len(w.hits) == 0 })
}

// sift looks into the files that a way gives and keeps those that can be the medium; why says what
// is wrong with the others.
func (f *Finder) sift(ctx context.Context, x *index, w Wanted, by way) (hits []int, why []string, err error) {
	if len(by.hits) > maxLooks {
		return nil, []string{fmt.Sprintf("%d files %s, too many to look into", len(by.hits), by.how)}, nil
	}
	for _, i := range by.hits {
		path := x.paths[i]
		if rawCodecs[extension(path)] != "" {
			if !by.proof { // nobody here can tell its timecode
				hits = append(hits, i)
			}
			continue
		}
		facts, err := f.Prober.Facts(ctx, path)
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		verdict, reason := unsure, "it cannot be read"
		if err == nil {
			verdict, reason = holds(facts, w.Use)
		}
		if verdict == yes || verdict == unsure && !by.proof {
			hits = append(hits, i)
		} else if len(why) < 10 {
			why = append(why, jobfile.Quote(path)+" is not it: "+reason)
		}
	}
	return hits, why, nil
}

// nearest keeps the files that lie in folders named as those that the timeline names: cards number
// their files alike, and the names of the folders above tell them apart.
func nearest(x *index, w Wanted, hits []int) []int {
	best, depth := hits, 0
	for _, p := range w.Paths {
		want := strings.Split(p, "/")
		common := func(path string) int {
			have := strings.Split(filepath.ToSlash(path), "/")
			n := 0
			for n < len(want)-1 && n < len(have)-1 && folded(want[len(want)-2-n]) == folded(have[len(have)-2-n]) {
				n++
			}
			return n
		}
		for _, i := range hits {
			switch n := common(x.paths[i]); {
			case n > depth:
				best, depth = []int{i}, n
			case n == depth && n > 0 && !slices.Contains(best, i):
				best = append(best, i)
			}
		}
	}
	return best
}
