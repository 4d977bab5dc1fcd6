package timeline

import (
	"math/big"
	"strings"

	"proxima/jobfile"
)

func readXMEML(file string, data []byte) (*Project, error) {
	return parseXMEML(newBuilder(file, XMEML), data)
}

// xmeml is a document while it is read. A file, a sequence, a clip is written in full once and
// named by its id from then on, in any order.
type xmeml struct {
	*builder
	files      map[string]*node
	sequences  map[string]*node
	multiclips map[string]*node
	clips      map[string]*node
	media      map[*node]int // index into Project.Media, or one of the below
}

// What a file without a place is.
const (
	noPlace   = -1
	generated = -2 // a slug, a title
)

// parseXMEML reads the XML of Final Cut Pro 7, which Premiere and Resolve write as well.
func parseXMEML(b *builder, data []byte) (*Project, error) {
	root, err := parseXML(b.p.File, data, skipXMEML, maxElements)
	if err != nil {
		return nil, err
	}
	if root.name != "xmeml" {
		return nil, &Error{
			File: b.p.File, Line: root.line, At: root.name,
			Reason: "the root element is not xmeml", Next: "export the timeline again",
		}
	}
	x := &xmeml{
		builder: b, files: map[string]*node{}, sequences: map[string]*node{},
		multiclips: map[string]*node{}, clips: map[string]*node{}, media: map[*node]int{},
	}
	x.collect(root)
	if err := x.bins(root, map[*node]bool{}); err != nil {
		return nil, err
	}
	x.unused(root)
	if len(b.p.Timelines) == 0 {
		b.note("there is no sequence in the file, only clips: all media of it are offered")
	}
	return b.done(), nil
}

// skipXMEML leaves out what makes a file large and names no medium.
func skipXMEML(name string) bool {
	switch name {
	case "filter", "link", "samplecharacteristics", "logginginfo", "colorinfo", "labels", "marker",
		"format", "outputs", "appspecificdata", "comments", "sourcetrack", "itemhistory":
		return true
	}
	return false
}

// collect finds what is written in full.
func (x *xmeml) collect(n *node) {
	for _, k := range n.kids {
		id := k.attr("id")
		switch {
		case k.name == "file" && len(k.kids) > 0:
			if old := x.files[id]; id != "" && (old == nil || old.say("pathurl") == "") {
				x.files[id] = k
			}
		case k.name == "sequence" && k.kid("media") != nil:
			if id != "" && x.sequences[id] == nil {
				x.sequences[id] = k
			}
		case k.name == "multiclip" && k.kid("angle") != nil:
			if id != "" && x.multiclips[id] == nil {
				x.multiclips[id] = k
			}
		case (k.name == "clip" || k.name == "clipitem") && len(k.kids) > 0:
			if id != "" && x.clips[id] == nil {
				x.clips[id] = k
			}
		}
		x.collect(k)
	}
}

// full is the element itself, or the one that its id names.
func full(n *node, by map[string]*node, marker string) *node {
	if n.kid(marker) == nil {
		if f := by[n.attr("id")]; f != nil {
			return f
		}
	}
	return n
}

// bins finds the sequences that are timelines: at the top, in a project, in bins. One that is
// nested in another is part of that.
func (x *xmeml) bins(n *node, done map[*node]bool) error {
	for _, k := range n.kids {
		var err error
		switch k.name {
		case "sequence":
			seq := full(k, x.sequences, "media")
			if !done[seq] && len(seq.kids) > 0 {
				done[seq] = true
				err = x.sequence(seq)
			}
		case "project", "children", "bin":
			err = x.bins(k, done)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unused finds the media that no timeline uses.
func (x *xmeml) unused(n *node) {
	for _, k := range n.kids {
		if k.name == "file" {
			x.file(k)
			continue
		}
		x.unused(k)
	}
}

func (x *xmeml) sequence(n *node) error {
	name := ""
	if k := n.kid("name"); k != nil {
		name = k.text
	}
	c := &xmemlCut{cut: x.cut(name), x: x, open: map[*node]bool{n: true}, seen: map[xmemlKey]bool{}}
	c.t.Rate = xmemlRate(n.kid("rate"))
	if frames := xmemlFrames(n.say("duration")); frames != nil {
		c.t.Duration = max(roundRat(frames), 0)
	}
	if tc := n.kid("timecode"); tc != nil {
		start, _, drop := xmemlTimecode(tc, c.t.Rate)
		c.t.DropFrame = drop
		if start != nil {
			c.t.Start = new(roundRat(start))
		}
	}
	if err := c.media(n.kid("media"), way{video: true, audio: true, enabled: true, active: true}); err != nil {
		return err
	}
	c.end()
	return nil
}

// file gives the index of a file's medium, noPlace or generated.
func (x *xmeml) file(n *node) int {
	n = full(n, x.files, "pathurl")
	if i, ok := x.media[n]; ok {
		return i
	}
	i := noPlace
	if n.kid("mediaSource") != nil {
		i = generated
	}
	if target := n.say("pathurl"); target != "" {
		rate := xmemlRate(n.kid("rate"))
		m := Media{Target: target, Name: n.say("name"), Rate: rate, Duration: seconds(xmemlFrames(n.say("duration")), rate)}
		if tc := n.kid("timecode"); tc != nil {
			// The timecode of a sound file may count otherwise than the file does.
			start, tcRate, _ := xmemlTimecode(tc, rate)
			m.Start, m.Reel = seconds(start, tcRate), tc.say("reel", "name")
		}
		kind := kindOf(target)
		switch media := n.kid("media"); {
		case kind == Still || kind == Sequence || media == nil:
			m.Kind = kind
		case media.kid("video") != nil:
			m.Kind = Video
		case media.kid("audio") != nil:
			m.Kind = Sound
		}
		i = x.medium(m)
	}
	x.media[n] = i
	return i
}

// xmemlRate is a timebase, and whether it is slowed down to NTSC's. 0/0 where it is not said.
func xmemlRate(n *node) jobfile.Rational {
	base := number(n.say("timebase"))
	if base == nil || base.Sign() <= 0 {
		return jobfile.Rational{}
	}
	if strings.EqualFold(n.say("ntsc"), "TRUE") && base.IsInt() && base.Num().IsInt64() && base.Num().Int64() <= maxRate {
		r, _ := rational(new(big.Rat).Mul(base, big.NewRat(1000, 1001)))
		return r
	}
	return SnapRate(base)
}

// xmemlFrames reads a count; some programs write 1055.0.
func xmemlFrames(s string) *big.Rat {
	r := number(s)
	if r == nil {
		return nil
	}
	return tidy(r)
}

// xmemlTimecode reads a start: in frames of the rate, and whether it is drop frame. The rate is
// the timecode's own, or else the one that is given.
func xmemlTimecode(n *node, rate jobfile.Rational) (*big.Rat, jobfile.Rational, *bool) {
	if own := xmemlRate(n.kid("rate")); own.Valid() {
		rate = own
	}
	var drop *bool
	switch strings.ToUpper(n.say("displayformat")) {
	case "DF":
		drop = new(true)
	case "NDF":
		drop = new(false)
	}
	if frames := xmemlFrames(n.say("frame")); frames != nil && frames.Sign() >= 0 {
		return frames, rate, drop
	}
	if frames, marked, err := ParseTimecode(n.say("string"), rate); err == nil {
		if marked && drop == nil {
			drop = new(true)
		}
		return new(big.Rat).SetInt64(frames), rate, drop
	}
	return nil, rate, drop
}
