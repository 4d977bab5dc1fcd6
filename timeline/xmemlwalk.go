package timeline

import "strings"

// xmemlCut is one sequence while its clips are followed.
type xmemlCut struct {
	*cut
	x      *xmeml
	open   map[*node]bool // sequences and clips that we are in: they may hold themselves
	seen   map[xmemlKey]bool
	walked int
}

type xmemlKey struct {
	in *node
	w  way
}

// switchedOff reports whether the element says that it does not play.
func switchedOff(n *node) bool { return strings.EqualFold(n.say("enabled"), "FALSE") }

// media walks over the tracks of a sequence or of an angle.
func (c *xmemlCut) media(n *node, w way) error {
	if n == nil {
		return nil
	}
	for _, half := range n.kids {
		hw := w
		switch half.name {
		case "video":
			hw.audio = false
		case "audio":
			hw.video = false
		default:
			continue
		}
		if !hw.video && !hw.audio {
			continue // only the sound of it is used, or only the picture
		}
		if err := c.charge(len(half.kids)); err != nil {
			return err
		}
		for _, track := range half.kids {
			if track.name != "track" {
				continue
			}
			if err := c.charge(len(track.kids)); err != nil {
				return err
			}
			tw := hw
			tw.enabled = hw.enabled && !switchedOff(track)
			for _, item := range track.kids {
				if err := c.item(item, tw); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *xmemlCut) item(n *node, w way) error {
	if err := c.charge(1 + len(n.kids)); err != nil {
		return err
	}
	switch n.name {
	case "generatoritem":
		c.t.Counts.Generators++
		return nil
	case "clipitem", "clip":
	default:
		return nil
	}
	if written := c.x.clips[n.attr("id")]; len(n.kids) == 0 && written != nil {
		n = written
	}
	w.enabled = w.enabled && !switchedOff(n)
	if seq := n.kid("sequence"); seq != nil {
		c.t.Counts.Nested++
		return c.sequence(full(seq, c.x.sequences, "media"), n.say("name"), w)
	}
	if multi := n.kid("multiclip"); multi != nil {
		c.t.Counts.Nested++
		multi = full(multi, c.x.multiclips, "angle")
		return c.enter(multi, w, func() error { return c.multiclip(multi, n.say("name"), w) })
	}
	file := n.kid("file")
	if file == nil {
		if inner := n.kid("media"); n.name == "clip" && inner != nil {
			return c.enter(n, w, func() error { return c.media(inner, w) })
		}
		c.missing(n.say("name"))
		return nil
	}
	switch i := c.x.file(file); {
	case i >= 0:
		c.use(i, w)
	case i == generated || n.kid("effect") != nil:
		c.t.Counts.Generators++
	default:
		c.missing(n.say("name"))
	}
	return nil
}

// charge counts elements that are looked at.
func (c *xmemlCut) charge(n int) error {
	c.walked += n
	return c.step(n)
}

// enter goes into what may hold itself, unless we are in it already, or it was met in the same
// way after very many elements.
func (c *xmemlCut) enter(n *node, w way, walk func() error) error {
	key := xmemlKey{n, w}
	if c.open[n] || len(c.open) >= maxDepth || (c.walked > manySteps && c.seen[key]) {
		return nil
	}
	if err := c.charge(len(n.kids)); err != nil {
		return err
	}
	c.open[n], c.seen[key] = true, true
	err := walk()
	delete(c.open, n)
	return err
}

// sequence walks over one that is nested. In a picture track only its picture is used, in a
// sound track only its sound: that is in w.
func (c *xmemlCut) sequence(n *node, name string, w way) error {
	return c.enter(n, w, func() error {
		media := n.kid("media")
		if media == nil {
			c.missing(name)
			return nil
		}
		return c.media(media, w)
	})
}

// multiclip takes every angle; those that are not picked are inactive. A clip in a picture
// track picks a picture, one in a sound track a sound. Where nothing says what is picked, the first
// one plays.
func (c *xmemlCut) multiclip(n *node, name string, w way) error {
	picks := "activevideoangle"
	if !w.video {
		picks = "activeaudioangle"
	}
	var angles []*node
	picked := false
	for _, k := range n.kids {
		if k.name == "angle" {
			angles = append(angles, k)
			picked = picked || strings.EqualFold(k.say(picks), "TRUE")
		}
	}
	if len(angles) == 0 {
		c.missing(name)
	}
	for i, angle := range angles {
		aw := w
		aw.active = w.active && (strings.EqualFold(angle.say(picks), "TRUE") || !picked && i == 0)
		for _, clip := range angle.kids {
			if err := c.item(clip, aw); err != nil {
				return err
			}
		}
	}
	return nil
}
