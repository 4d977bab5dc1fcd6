package timeline

import (
	"cmp"
	"slices"
	"strings"

	"github.com/maruel/natural"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Match reports whether the name of a timeline matches a pattern, whatever the case and the
// spelling of accents: * stands for any characters, / too, since names hold them, and ? for one.
// Everything else stands for itself.
func Match(pattern, name string) bool {
	p, n := []rune(plain(pattern)), []rune(plain(name))
	// The last star is all that has to be come back to, so this takes no more than the product
	// of the lengths.
	i, star, from := 0, -1, 0
	for k := 0; k < len(n); {
		switch {
		case i < len(p) && p[i] == '*':
			star, from = i, k
			i++
		case i < len(p) && (p[i] == '?' || p[i] == n[k]):
			i++
			k++
		case star >= 0:
			from++
			i, k = star+1, from
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

func plain(s string) string { return cases.Fold().String(norm.NFC.String(s)) }

// Ordered are the timelines as people look for them, as indexes: the active one first, then by
// name, where 2 comes before 10.
func (p *Project) Ordered() []int {
	order := make([]int, len(p.Timelines))
	for i := range order {
		order[i] = i
	}
	// An edit list calls its only timeline active; with one there is nothing to sort.
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := &p.Timelines[a], &p.Timelines[b]
		if x.Active != y.Active {
			if x.Active {
				return -1
			}
			return 1
		}
		return ByName(x.Display, y.Display)
	})
	return order
}

// ByName compares names as people count: Trailer 2 comes before Trailer 10, whatever the case.
func ByName(a, b string) int {
	return cmp.Or(natural.Compare(plain(a), plain(b)), strings.Compare(a, b))
}
