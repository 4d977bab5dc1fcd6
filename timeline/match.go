package timeline

import (
	"cmp"
	"slices"
	"strings"

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
		return natural(x.Display, y.Display)
	})
	return order
}

// natural compares names as people count: runs of digits by their value, letters whatever their
// case.
func natural(a, b string) int {
	x, y := plain(a), plain(b)
	for x != "" && y != "" {
		dx, dy := digits(x), digits(y)
		if dx > 0 && dy > 0 {
			n, m := strings.TrimLeft(x[:dx], "0"), strings.TrimLeft(y[:dy], "0")
			if c := cmp.Or(cmp.Compare(len(n), len(m)), strings.Compare(n, m)); c != 0 {
				return c
			}
			x, y = x[dx:], y[dy:]
			continue
		}
		if x[0] != y[0] {
			return cmp.Compare(x[0], y[0])
		}
		x, y = x[1:], y[1:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(a, b))
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
