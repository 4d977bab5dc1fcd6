package timeline

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"proxima/jobfile"
)

// drpSteps bounds the clips that are looked at through nested timelines: of a thousand timelines
// each may hold all others.
const drpSteps = 5_000_000

// readDRP reads a project or timeline that Resolve exported (.drp, .drt): a zip of XML of which
// nothing is published. It was worked out from exports of Resolve 21; what is not understood is
// left out, and the notes say that this is the best that can be done.
func readDRP(file string, data []byte) (*Project, error) {
	if err := listSize(file, data); err != nil {
		return nil, err
	}
	// The reader makes something of every entry of the directory before it can be asked how many.
	if bytes.Count(data, []byte("PK\x01\x02")) > drpEntries {
		return nil, &Error{
			File: file, Reason: "there are more than " + itoa(drpEntries) + " files in it",
			Next: "this is no export of Resolve: look at the file",
		}
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, &Error{
			File: file, Reason: "this is not what Resolve exports: " + jobfile.Printable(err.Error()),
			Next: "export the project again; if the copy was cut short, copy it again",
		}
	}
	p := &drpPool{clips: map[string]*drpClip{}, items: map[string][]drpItem{}, current: -1}
	if err := p.unzip(file, z); err != nil {
		return nil, err
	}
	if len(p.clips) == 0 && len(p.items) == 0 {
		return nil, &Error{
			File: file, Reason: "there is neither a media pool nor a timeline in it",
			Next: "export the timeline as FCPXML or OTIO instead",
		}
	}
	return p.project(file)
}

func (p *drpPool) unzip(file string, z *zip.Reader) error {
	bad := func(at, reason string) error {
		return &Error{File: file, At: at, Reason: reason, Next: "export the timeline as FCPXML or OTIO instead"}
	}
	left := int64(drpUnzip)
	for _, f := range z.File {
		name := path.Base(strings.ReplaceAll(f.Name, `\`, "/"))
		if !strings.HasSuffix(strings.ToLower(name), ".xml") || strings.EqualFold(name, "Gallery.xml") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return bad(f.Name, jobfile.Printable(err.Error()))
		}
		// The size that a zip states of a file is a claim: what comes out is counted.
		n := &io.LimitedReader{R: r, N: left}
		err = p.read(n)
		if n.N == 0 {
			err = errors.New("more than 512 MiB come out of the zip")
		}
		left = n.N
		if e := r.Close(); err == nil {
			err = e
		}
		if err != nil {
			return bad(f.Name, jobfile.Printable(err.Error()))
		}
	}
	return nil
}

// project follows the references: items to clips of the pool, those to sequences.
func (p *drpPool) project(file string) (*Project, error) {
	g := newGather(file, Resolve)
	// The path of a pool clip is in a blob of its own; the timelines have it in plain.
	for _, items := range p.items {
		for _, it := range items {
			if c := p.clips[it.ref]; c != nil && it.path != "" && (c.path == "" || it.path < c.path) {
				c.path = it.path
			}
		}
	}
	// Tracks that nothing in the pool holds are a timeline too, of which only the clips are known.
	held := map[string]bool{}
	for _, c := range p.clips {
		held[c.sequence] = true
	}
	for _, s := range p.sequences {
		if !held[s] {
			p.clips["\x00"+s] = &drpClip{kind: "Sm2MpTimelineClip", sequence: s}
			p.order = append(p.order, "\x00"+s)
		}
	}
	w := drpWalk{p: p, g: g}
	without := 0
	for _, id := range p.order {
		c := p.clips[id]
		if c.sequence != "" {
			continue
		}
		if c.path == "" {
			without++
		}
		w.medium(drpItem{name: c.name, ref: id, path: c.path})
	}
	active := ""
	if p.current >= 0 && p.current < len(p.handles) {
		active = p.handles[p.current]
	}
	for _, id := range p.order {
		c := p.clips[id]
		if c.timeline == "" && c.kind != "Sm2MpTimelineClip" {
			continue // a compound is part of those that use it
		}
		t := Timeline{Name: c.name, Display: g.display(c.name), Rate: c.rate, Active: c.timeline != "" && c.timeline == active}
		g.p.Timelines = append(g.p.Timelines, t)
		w.at, w.seen = len(g.p.Timelines)-1, map[drpSeen]bool{}
		if err := w.sequence(c.sequence, true, true, 0); err != nil {
			return nil, &Error{
				File: file, At: c.name, Reason: err.Error(),
				Next: "export the timelines one by one, as FCPXML or OTIO",
			}
		}
	}
	g.note("read as far as Resolve's project files are understood, which are not documented: FCPXML and OTIO are safer")
	g.note("whether a clip is switched off, and the start timecode, are not read from this format")
	if without > 0 {
		g.note(counted(without, "clip of the media pool is", "clips of the media pool are") + " on no timeline, and without a path here")
	}
	return g.done(), nil
}

// drpWalk collects what a timeline uses.
type drpWalk struct {
	p     *drpPool
	g     *gather
	at    int
	seen  map[drpSeen]bool
	steps int
}

// drpSeen is a sequence that the timeline holds already. Compounds can hold each other in a round,
// and one can be used a thousand times.
type drpSeen struct {
	sequence       string
	picture, taken bool
}

// sequence adds the media of a sequence; picture is false where only its sound is used.
func (w *drpWalk) sequence(id string, picture, taken bool, depth int) error {
	key := drpSeen{id, picture, taken}
	if w.seen[key] {
		return nil
	}
	w.seen[key] = true
	if depth > drpDepth {
		return errors.New("timelines are nested more than 200 deep")
	}
	t := &w.g.p.Timelines[w.at]
	for _, it := range w.p.items[id] {
		if w.steps++; w.steps > drpSteps {
			return fmt.Errorf("there are more than %d clips in its nested timelines", drpSteps)
		}
		if it.video && !picture {
			continue
		}
		c := w.p.clips[it.ref]
		switch {
		case c != nil && c.sequence != "":
			t.Counts.Nested++
			if err := w.sequence(c.sequence, it.video, taken && it.taken, depth+1); err != nil {
				return err
			}
		case it.ref == "" && it.path == "":
			t.Counts.Generators++
		case c == nil && it.path == "":
			t.Counts.Missing++
		default:
			if c != nil && it.path == "" {
				it.path = c.path
			}
			at := w.medium(it)
			w.g.use(w.at, Use{Media: at, Video: it.video, Audio: !it.video, Enabled: true, Active: taken && it.taken})
		}
	}
	return nil
}

// medium adds a clip's file, once for each path; without a path, once for each pool clip.
func (w *drpWalk) medium(it drpItem) int {
	m := Media{Target: it.path, Name: it.name, Reel: it.reel, Rate: it.rate}
	w.g.place(&m, it.path)
	key := "path\x00" + it.path
	c := w.p.clips[it.ref]
	if c != nil && c.name != "" {
		m.Name = c.name
	}
	if it.path == "" {
		m.Target, key = m.Name, "clip\x00"+it.ref
	}
	m.Kind = listKind(it.path, m.Name)
	if c != nil && strings.Contains(c.kind, "Audio") {
		m.Kind = Sound
	}
	at, fresh := w.g.add(key, m)
	if have := &w.g.p.Media[at]; !fresh {
		if !have.Rate.Valid() {
			have.Rate = it.rate
		}
		if have.Reel == "" {
			have.Reel = it.reel
		}
	}
	return at
}
