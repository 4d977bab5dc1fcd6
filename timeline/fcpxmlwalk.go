package timeline

// fcpxmlCut is one project while its clips are followed.
type fcpxmlCut struct {
	*cut
	x      *fcpxml
	base   bool             // what we are in is switched on: a compound, or a clip that holds clips
	open   map[string]bool  // compounds that we are in: they may hold themselves
	seen   map[seenKey]bool // compounds that were walked over, and how
	walked int
}

type seenKey struct {
	media string
	w     way
}

// manySteps is how long compounds are walked over for every one of their uses, which makes the
// counts exact. Beyond it a compound that was met in the same way before is left out.
const manySteps = 200_000

// walk goes over the children of an element. A clip may hang in any other (connected clips), so
// every element is gone into, known or not.
func (c *fcpxmlCut) walk(n *node, w way) error {
	for _, k := range n.kids {
		if err := c.element(n, k, w); err != nil {
			return err
		}
	}
	return nil
}

func (c *fcpxmlCut) element(parent, n *node, w way) error {
	if err := c.charge(1); err != nil {
		return err
	}
	// What is connected to a clip plays on when the clip is switched off. The sound that is
	// detached from a picture, but still in one clip with it, is not connected.
	inherited := w
	if connected(n) && (n.name != "audio" || n.attr("ref") != parent.attr("ref")) {
		inherited.enabled = c.base
	}
	own := inherited
	own.enabled = own.enabled && n.attr("enabled") != "0"
	switch n.attr("srcEnable") {
	case "video":
		own.audio = false
	case "audio":
		own.video = false
	}
	switch n.name {
	case "metadata", "conform-rate", "sync-source":
		return c.charge(len(n.kids)) // looked at for the reel
	case "asset-clip", "video", "audio":
		c.clip(n, own)
		own.video, own.audio = w.video, w.audio
		return c.walk(n, own)
	case "title":
		c.t.Counts.Generators++
		return c.walk(n, own)
	case "ref-clip":
		c.t.Counts.Nested++
		if err := c.compound(n, own); err != nil {
			return err
		}
		return c.walk(n, inherited)
	case "mc-clip":
		c.t.Counts.Nested++
		if err := c.multicam(n, own); err != nil {
			return err
		}
		return c.walk(n, inherited)
	case "mc-source":
		return nil
	case "audition":
		return c.audition(n, own)
	case "clip", "sync-clip":
		return c.contents(n, own, inherited)
	}
	return c.walk(n, own)
}

// charge counts elements that are looked at.
func (c *fcpxmlCut) charge(n int) error {
	c.walked += n
	return c.step(n)
}

// connected reports whether a clip hangs on another one, rather than being part of it.
func connected(n *node) bool {
	lane := n.attr("lane")
	return lane != "" && lane != "0"
}

// contents walks over a clip that holds clips. What is in it goes off with it, with all that is
// connected in there; what is connected to it does not.
func (c *fcpxmlCut) contents(n *node, own, outer way) error {
	base := c.base
	defer func() { c.base = base }()
	for _, k := range n.kids {
		w := own
		c.base = own.enabled
		if connected(k) {
			w.video, w.audio = outer.video, outer.audio
			c.base = base
		}
		if err := c.element(n, k, w); err != nil {
			return err
		}
	}
	return nil
}

// clip is one medium: asset-clip both of it, video and audio each its half.
func (c *fcpxmlCut) clip(n *node, w way) {
	ref := n.attr("ref")
	a, ok := c.x.assets[ref]
	if !ok {
		if c.x.effects[ref] {
			c.t.Counts.Generators++
		} else {
			c.missing(n.attr("name"))
		}
		return
	}
	w.video = w.video && a.video && n.name != "audio"
	w.audio = w.audio && a.audio && n.name != "video"
	if n.name == "video" && !a.video {
		w.video = true // it says so here, if not there
	}
	if !w.video && !w.audio {
		return
	}
	c.use(a.media, w)
	if m := &c.p.Media[a.media]; m.Reel == "" {
		m.Reel = reel(n)
	}
}

// enter goes into a compound or a multicam, unless we are in it already, or it was met in the
// same way after very many elements.
func (c *fcpxmlCut) enter(n *node, w way, walk func(*node) error) error {
	ref := n.attr("ref")
	m := c.x.media[ref]
	if m == nil {
		c.missing(n.attr("name"))
		return nil
	}
	key := seenKey{ref, w}
	if c.open[ref] || len(c.open) >= maxDepth || (c.walked > manySteps && c.seen[key]) {
		return nil
	}
	if err := c.charge(len(m.kids)); err != nil {
		return err
	}
	base := c.base
	c.open[ref], c.seen[key], c.base = true, true, w.enabled
	err := walk(m)
	delete(c.open, ref)
	c.base = base
	return err
}

func (c *fcpxmlCut) compound(n *node, w way) error {
	return c.enter(n, w, func(m *node) error {
		for _, k := range m.kids {
			if k.name == "sequence" {
				if err := c.walk(k, w); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// multicam takes every angle: the ones that are picked as they are picked, the others inactive,
// for an editor switches angles later.
func (c *fcpxmlCut) multicam(n *node, w way) error {
	type half struct{ video, audio bool }
	picked := map[string]half{}
	for _, k := range n.kids {
		if k.name != "mc-source" {
			continue
		}
		h := picked[k.attr("angleID")]
		switch k.attr("srcEnable") {
		case "video":
			h.video = true
		case "audio":
			h.audio = true
		case "none":
		default:
			h = half{true, true}
		}
		picked[k.attr("angleID")] = h
	}
	return c.enter(n, w, func(m *node) error {
		first := true
		for _, cam := range m.kids {
			if cam.name != "multicam" {
				continue
			}
			if err := c.charge(len(cam.kids)); err != nil {
				return err
			}
			for _, angle := range cam.kids {
				if angle.name != "mc-angle" {
					continue
				}
				h := picked[angle.attr("angleID")]
				if len(picked) == 0 && first {
					h = half{true, true} // nothing is picked: the first one plays
				}
				first = false
				aw := w
				if h.video || h.audio {
					aw.video, aw.audio = w.video && h.video, w.audio && h.audio
				} else {
					aw.active = false
				}
				if err := c.walk(angle, aw); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// audition takes every candidate; the first one is picked.
func (c *fcpxmlCut) audition(n *node, w way) error {
	first := true
	for _, k := range n.kids {
		if k.name == "metadata" {
			continue
		}
		kw := w
		kw.active = w.active && first
		first = false
		if err := c.element(n, k, kw); err != nil {
			return err
		}
	}
	return nil
}
