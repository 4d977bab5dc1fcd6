package timeline

import (
	"cmp"
	"math/big"
	"strings"

	"proxima/jobfile"
)

func readFCPXML(file string, data []byte) (*Project, error) {
	return parseFCPXML(newBuilder(file, FCPXML), data)
}

// fcpxml is a document while it is read.
type fcpxml struct {
	*builder
	formats map[string]jobfile.Rational // frames per second, by id; 0/0 for one without a rate
	still   map[string]bool             // formats that are no film's, by id
	assets  map[string]asset
	media   map[string]*node // compounds and multicams, by id
	effects map[string]bool  // generators and titles, by id
}

type asset struct {
	media        int // index into Project.Media
	video, audio bool
}

// parseFCPXML reads FCPXML of any version: resources first, then every project, wherever it
// hangs, in a library, in an event or at the top.
func parseFCPXML(b *builder, data []byte) (*Project, error) {
	root, err := parseXML(b.p.File, data, skipFCPXML, maxElements)
	if err != nil {
		return nil, err
	}
	if root.name != "fcpxml" {
		return nil, &Error{
			File: b.p.File, Line: root.line, At: root.name,
			Reason: "the root element is not fcpxml", Next: "export the timeline again",
		}
	}
	x := &fcpxml{
		builder: b,
		formats: map[string]jobfile.Rational{}, still: map[string]bool{}, assets: map[string]asset{},
		media: map[string]*node{}, effects: map[string]bool{},
	}
	for _, k := range root.kids {
		if k.name == "resources" {
			x.resources(k)
		}
	}
	if err := x.projects(root); err != nil {
		return nil, err
	}
	if len(b.p.Timelines) == 0 {
		b.note("there is no project in the file, only clips: all media of it are offered")
	}
	return b.done(), nil
}

// skipFCPXML leaves out what makes a file large and holds no clip.
func skipFCPXML(name string) bool {
	switch name {
	case "bookmark", "note", "param", "text", "text-style-def", "keyword", "marker", "chapter-marker",
		"rating", "analysis-marker", "timeMap", "smart-collection", "keyword-collection", "transition",
		"audio-channel-source", "audio-role-source", "caption", "object-tracker":
		return true
	}
	return strings.HasPrefix(name, "adjust-") || strings.HasPrefix(name, "filter-")
}

func (x *fcpxml) resources(n *node) {
	for _, k := range n.kids {
		if k.name == "format" {
			x.formats[k.attr("id")] = formatRate(k)
			x.still[k.attr("id")] = k.attr("name") == "FFVideoFormatRateUndefined"
		}
	}
	for _, k := range n.kids {
		switch k.name {
		case "asset":
			x.asset(k)
		case "media":
			x.media[k.attr("id")] = k
		case "effect":
			x.effects[k.attr("id")] = true
		}
	}
}

// formatRate is the rate of a format. One that Final Cut Pro knows by name need not say it.
func formatRate(n *node) jobfile.Rational {
	if d := xmlTime(n.attr("frameDuration")); d != nil && d.Sign() > 0 {
		rate, _ := rational(new(big.Rat).Inv(d))
		return rate
	}
	name := strings.TrimSuffix(n.attr("name"), "_16x9")
	digits := strings.TrimRight(name, "0123456789")
	if digits == "" || !strings.HasPrefix(name, "FFVideoFormat") {
		return jobfile.Rational{}
	}
	// The letter is p, or i with the rate of the fields.
	interlaced := digits[len(digits)-1] == 'i'
	if !interlaced && digits[len(digits)-1] != 'p' {
		return jobfile.Rational{}
	}
	var rate jobfile.Rational
	switch name[len(digits):] {
	case "2398":
		rate, _ = ntsc(24)
	case "2997":
		rate, _ = ntsc(30)
	case "5994":
		rate, _ = ntsc(60)
	case "24", "25", "30", "50", "60":
		d := name[len(digits):]
		rate = jobfile.Rational{Num: int64(d[0]-'0')*10 + int64(d[1]-'0'), Den: 1}
	}
	if interlaced && rate.Valid() {
		half, _ := rational(big.NewRat(rate.Num, 2*rate.Den))
		return half
	}
	return rate
}

// xmlTime reads "1001/30000s" or "3600s", exactly; nil where it is none.
func xmlTime(s string) *big.Rat {
	s, ok := strings.CutSuffix(strings.TrimSpace(s), "s")
	if !ok {
		return nil
	}
	return number(s)
}

// asset reads one resource that is a file.
func (x *fcpxml) asset(n *node) {
	rate := x.formats[n.attr("format")]
	duration := xmlTime(n.attr("duration"))
	m := Media{
		Target: source(n), Name: n.attr("name"), Reel: reel(n), Rate: rate,
		Start: secondsOf(xmlTime(n.attr("start"))), Duration: secondsOf(duration),
	}
	a := asset{video: n.attr("hasVideo") == "1", audio: n.attr("hasAudio") == "1"}
	kind := kindOf(cmp.Or(m.Target, m.Name))
	switch {
	case !a.video && a.audio:
		m.Kind = Sound
	case !a.video && kind == Sound:
		m.Kind, a.audio = Sound, true
	case kind == Sequence:
		m.Kind, a.video = Sequence, true
	case kind == Still, !isFilm(m.Target) && (duration != nil && duration.Sign() == 0 || x.still[n.attr("format")]):
		// Of a format that says no rate nothing is known: other programs than Final Cut Pro leave
		// it out of films, too.
		m.Kind = Still
		a.video = true
	default:
		m.Kind = Video
		a.audio = a.audio || !a.video // neither is said: old versions leave it out
		a.video = true
	}
	switch {
	case m.Target != "":
		a.media = x.medium(m)
	case m.Name != "":
		a.media = x.placeless(m)
	default:
		x.note("the file tells neither place nor name of the asset " + jobfile.Quote(n.attr("id")))
		return
	}
	x.assets[n.attr("id")] = a
}

// source is the original's place: in a media-rep since 1.9, before that in the asset itself.
// A proxy is never taken for it.
func source(n *node) string {
	other := ""
	for _, k := range n.kids {
		if k.name != "media-rep" {
			continue
		}
		switch k.attr("kind") {
		case "original-media", "":
			return k.attr("src")
		case "proxy-media":
		default:
			if other == "" {
				other = k.attr("src")
			}
		}
	}
	if src := n.attr("src"); src != "" {
		return src
	}
	return other
}

// reel is in the metadata, of the asset or of a clip.
func reel(n *node) string {
	if md := n.kid("metadata"); md != nil {
		for _, k := range md.kids {
			if k.name == "md" && k.attr("key") == "com.apple.proapps.studio.reel" {
				return k.attr("value")
			}
		}
	}
	return ""
}

// projects finds the projects below n, in the file's order.
func (x *fcpxml) projects(n *node) error {
	for _, k := range n.kids {
		var err error
		switch k.name {
		case "resources":
		case "project":
			err = x.project(k)
		default:
			err = x.projects(k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (x *fcpxml) project(n *node) error {
	seq := n.kid("sequence")
	c := &fcpxmlCut{cut: x.cut(n.attr("name")), x: x, base: true, open: map[string]bool{}, seen: map[seenKey]bool{}}
	if seq != nil {
		c.t.Rate = x.formats[seq.attr("format")]
		switch seq.attr("tcFormat") {
		case "DF":
			c.t.DropFrame = new(true)
		case "NDF":
			c.t.DropFrame = new(false)
		}
		if start := xmlTime(seq.attr("tcStart")); start != nil && c.t.Rate.Valid() {
			frames, _ := framesOf(start, c.t.Rate)
			c.t.Start = &frames
		}
		if d := xmlTime(seq.attr("duration")); d != nil && c.t.Rate.Valid() {
			frames, _ := framesOf(d, c.t.Rate)
			c.t.Duration = max(frames, 0)
		}
		if err := c.walk(seq, way{video: true, audio: true, enabled: true, active: true}); err != nil {
			return err
		}
	}
	c.end()
	return nil
}
