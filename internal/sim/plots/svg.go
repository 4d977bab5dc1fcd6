package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"strconv"
)

// plot is some lines over a common axis.
type plot struct {
	title, x, y string
	logX        bool
	lines       []line
}

type line struct {
	name string
	xs   []float64
	ys   []float64
}

func (l *line) add(x, y float64) { l.xs, l.ys = append(l.xs, x), append(l.ys, y) }

// Of the picture, in pixels.
const (
	width, height            = 640, 300
	left, right, top, bottom = 64, 16, 36, 44
)

// Colours that are told apart by all eyes, on white and on black; each line has a dash of its own besides.
var (
	colours = []string{"#0a84d6", "#d9730d", "#2a9d5c"}
	dashes  = []string{"", "6 3", "2 3"}
)

const grey = "#808080"

// svg draws the plot on no ground, in a grey that reads on a light page and a dark one.
func (p *plot) svg() []byte {
	minX, maxX, maxY := math.Inf(1), math.Inf(-1), 0.0
	for _, l := range p.lines {
		for i := range l.xs {
			minX, maxX, maxY = min(minX, l.xs[i]), max(maxX, l.xs[i]), max(maxY, l.ys[i])
		}
	}
	step := nice(maxY / 4)
	maxY = step * math.Ceil(maxY/step)
	sx := func(x float64) float64 {
		at := (x - minX) / (maxX - minX)
		if p.logX {
			at = math.Log(x/minX) / math.Log(maxX/minX)
		}
		return left + at*(width-left-right)
	}
	sy := func(y float64) float64 { return height - bottom - y/maxY*(height-top-bottom) }

	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif" font-size="12" fill="%s">`+"\n", width, height, width, height, grey)
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(p.title))
	text := func(x, y float64, anchor, s string) {
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`+"\n", x, y, anchor, html.EscapeString(s))
	}
	text(left, 16, "start", p.title)
	text(width-right, height-8, "end", p.x)
	text(4, top-6, "start", p.y)
	for y := 0.0; y <= maxY*1.001; y += step {
		fmt.Fprintf(&b, `<path d="M%d %.1fH%d" stroke="%s" stroke-opacity=".3"/>`+"\n", left, sy(y), width-right, grey)
		text(left-6, sy(y)+4, "end", number(y))
	}
	for _, x := range p.ticks(minX, maxX) {
		fmt.Fprintf(&b, `<path d="M%.1f %dv5" stroke="%s"/>`+"\n", sx(x), height-bottom, grey)
		text(sx(x), height-bottom+18, "middle", number(x))
	}
	for i, l := range p.lines {
		c, d := colours[i%len(colours)], dashes[i%len(dashes)]
		fmt.Fprintf(&b, `<polyline fill="none" stroke="%s" stroke-width="2" stroke-dasharray="%s" points="`, c, d)
		for k := range l.xs {
			fmt.Fprintf(&b, "%.1f,%.1f ", sx(l.xs[k]), sy(l.ys[k]))
		}
		b.WriteString("\"/>\n")
		x := float64(left + 12 + 190*i)
		fmt.Fprintf(&b, `<path d="M%.1f %dh18" stroke="%s" stroke-width="2" stroke-dasharray="%s"/>`+"\n", x, top-10, c, d)
		text(x+24, top-6, "start", l.name)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func (p *plot) ticks(from, to float64) (xs []float64) {
	if p.logX {
		return p.lines[0].xs
	}
	step := nice((to - from) / 5)
	for x := math.Ceil(from/step) * step; x <= to; x += step {
		xs = append(xs, x)
	}
	return xs
}

// nice is the next of 1, 2, 5, 10, ...
func nice(x float64) float64 {
	if x <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(x)))
	for _, f := range []float64{1, 2, 5} {
		if x <= f*unit {
			return f * unit
		}
	}
	return 10 * unit
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
