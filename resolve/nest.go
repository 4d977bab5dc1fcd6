package resolve

import (
	"fmt"
	"slices"

	"proxima/jobfile"
)

// nest gives a timeline what the timelines that are cut into it use. A nested timeline is an
// item of the pool without a file, which newer versions let one recognise. What compound and
// multicam clips hold Resolve tells nobody: they are counted.
func (b *builder) nest() {
	at := map[int]int{} // item -> timeline
	for i := range b.p.Timelines {
		if n, ok := b.find(b.p.Timelines[i].pool); ok && b.p.Items[n].Path == "" {
			at[n] = i
		}
	}
	whole := make([][]Use, len(b.p.Timelines))
	for i := range b.p.Timelines {
		c := &collector{b: b, at: at, been: map[visit]bool{}, have: map[Use]int{}, closed: map[int]bool{}}
		c.collect(visit{i, true, true})
		whole[i] = c.uses
		if len(c.closed) > 0 {
			b.p.Notes = append(b.p.Notes, fmt.Sprintf(
				"timeline %s uses %s of which Resolve does not tell what is in them (compound, multicam or Fusion clips); take all media, or export the timeline as FCPXML", jobfile.Quote(b.p.Timelines[i].Name), clips(len(c.closed))))
		}
	}
	for i := range whole {
		b.p.Timelines[i].Uses = whole[i]
	}
}

func clips(n int) string {
	if n == 1 {
		return "1 clip"
	}
	return fmt.Sprintf("%d clips", n)
}

// visit is a timeline, and how it was come by.
type visit struct {
	timeline       int
	video, enabled bool
}

// collector gathers a timeline's uses.
type collector struct {
	b      *builder
	at     map[int]int
	been   map[visit]bool // each once: timelines may nest in circles, and in each other many times over
	have   map[Use]int
	uses   []Use
	closed map[int]bool // items without a file
}

// collect adds a timeline's own uses, and those of what is nested in it. Nested clips count
// for what they are nested as: what is only heard there, or switched off, is here too.
func (c *collector) collect(v visit) {
	if c.been[v] {
		return
	}
	c.been[v] = true
	for _, u := range c.b.p.Timelines[v.timeline].Uses {
		u.Video, u.Enabled = u.Video && v.video, u.Enabled && v.enabled
		if nested, ok := c.at[u.Item]; ok {
			c.collect(visit{nested, u.Video, u.Enabled})
			continue
		}
		if c.b.p.Items[u.Item].Path == "" {
			c.closed[u.Item] = true
			continue
		}
		key := Use{Item: u.Item, Video: u.Video, Enabled: u.Enabled}
		if n, ok := c.have[key]; ok {
			c.uses[n].Count += u.Count
			continue
		}
		c.have[key] = len(c.uses)
		c.uses = append(c.uses, u)
	}
}

// Of lists the items that share an item's medium or file, itself among them: all of them show
// the proxy only if all are linked.
func (p *Project) Of(item int) []int {
	it := &p.Items[item]
	var out []int
	for i := range p.Items {
		o := &p.Items[i]
		if i == item || it.MediaID != "" && o.MediaID == it.MediaID || it.Path != "" && o.Path == it.Path {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return out
}
