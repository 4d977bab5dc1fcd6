package timeline

import "strings"

// xmemlCut is one sequence while its clips are followed.
type xmemlCut struct {
	*cut
	x      *xmeml
	open   map[*node]bool // sequences that we are in: they may hold themselves
	seen   map[xmemlKey]bool
	walked int
}

type xmemlKey struct {
	sequence *node
	w        way
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
	w.enabled = w.enabled && !switchedOff(n)
	if seq := n.kid("sequence"); seq != nil {
		c.t.Counts.Nested++
		return c.sequence(full(seq, c.x.sequences, "media"), n.say("name"), w)
	}
	if multi := n.kid("multiclip"); multi != nil {
		c.t.Counts.Nested++
		return c.multiclip(multi, w)
	}
	file := n.kid("file")
	if file == nil {
		if inner := n.kid("media"); n.name == "clip" && inner != nil {
			return c.media(inner, w)
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

// sequence walks over one that is nested. In a picture track only its picture is used, in a
// sound track only its sound: that is in w.
func (c *xmemlCut) sequence(n *node, name string, w way) error {
	key := xmemlKey{n, w}
	if c.open[n] || len(c.open) >= maxDepth || (c.walked > manySteps && c.seen[key]) {
		return nil
	}
	if err := c.charge(len(n.kids)); err != nil {
		return err
	}
	media := n.kid("media")
	if media == nil {
		c.missing(name)
		return nil
	}
	c.open[n], c.seen[key] = true, true
	err := c.media(media, w)
	delete(c.open, n)
	return err
}

// multiclip takes every angle; those that are not picked are inactive. A clip in a picture
// track picks a picture, one in a sound track a sound.
func (c *xmemlCut) multiclip(n *node, w way) error {
	for _, angle := range n.kids {
		if angle.name != "angle" {
			continue
		}
		picked := angle.say("activevideoangle")
		if !w.video {
			picked = angle.say("activeaudioangle")
		}
		aw := w
		aw.active = w.active && strings.EqualFold(picked, "TRUE")
		for _, clip := range angle.kids {
			if err := c.item(clip, aw); err != nil {
				return err
			}
		}
	}
	return nil
}
