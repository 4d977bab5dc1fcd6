package jobfile

import (
	"cmp"
	"slices"
	"strings"
)

// Near picks at most three names that a slip of the hand turns into the given one, or that
// contain it, the nearest first.
func Near(name string, known []string) []string {
	type hit struct {
		name string
		d    int
	}
	var hits []hit
	n := Squash(name)
	if len(n) > 64 {
		return nil
	}
	for _, k := range known {
		s := Squash(k)
		d := SlipsApart(n, s)
		switch {
		case d == 0:
			return []string{k} // the same word, but for case and dashes
		case d <= max(1, min(len(n), len(s))/3):
		case len(n) >= 3 && strings.Contains(s, n), len(s) >= 4 && strings.Contains(n, s):
			d = 100
		default:
			continue
		}
		hits = append(hits, hit{k, d})
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.d, b.d) })
	var out []string
	for _, h := range hits[:min(3, len(hits))] {
		out = append(out, h.name)
	}
	return out
}

// Squash makes spellings of a word equal: "Very-Slow", "veryslow", "very_slow".
func Squash(s string) string { return dashes.Replace(strings.ToLower(s)) }

var dashes = strings.NewReplacer("-", "", "_", "", " ", "", ".", "")

// SlipsApart counts the letters to add, drop, change or swap with their neighbour.
func SlipsApart(a, b string) int {
	prev2, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(b)]
}
