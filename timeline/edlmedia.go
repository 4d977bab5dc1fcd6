package timeline

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// readEDL reads a CMX3600 edit list. It names reels, clips and now and then files, cut short in
// many ways; which file is meant is for a search to find out, so all names are kept.
func readEDL(file string, data []byte) (*Project, error) {
	l, err := parseEDL(file, data)
	if err != nil {
		return nil, err
	}
	return l.project(file), nil
}

func (l *edlList) project(file string) *Project {
	g := newGather(file, EDL)
	if l.note != "" {
		g.note(l.note)
	}
	t := Timeline{Name: l.title, Display: g.display(l.title), DropFrame: l.dropFrame(g), Active: true}
	g.p.Timelines = []Timeline{t}
	for i := 0; i < len(l.events); {
		j := i + 1
		for j < len(l.events) && l.events[j].number == l.events[i].number {
			j++
		}
		b := edlBlock{g: g, reels: l.reels, events: l.events[i:j]}
		b.read()
		i = j
	}
	if l.joined {
		g.note("there are several titles in it: lists that were joined are read as one timeline")
	}
	g.note("an edit list names reels and clips, seldom files: the media have to be searched for")
	rate := "an edit list does not say its frame rate"
	if l.highest > 0 {
		rate += "; a frame " + strconv.FormatInt(l.highest, 10) + " is in it, so there are more than that in a second"
	}
	g.note(rate)
	g.p.list = l
	return g.done()
}

// dropFrame goes by the semicolons of the record timecodes, then by FCM: a list may change FCM for
// sources of another kind.
func (l *edlList) dropFrame(g *gather) *bool {
	drop := false
	for i := range l.events {
		if strings.Contains(l.events[i].recIn, ";") {
			drop = true
			return &drop
		}
	}
	for i, f := range l.fcm {
		if i > 0 && f != drop {
			g.note("the list changes between drop-frame and non-drop-frame")
			return nil
		}
		drop = f
	}
	if len(l.fcm) == 0 {
		return nil
	}
	return &drop
}

// edlBlock is the lines of one event number.
type edlBlock struct {
	g      *gather
	reels  map[string]string
	events []edlEvent
}

// edlPart is one source of an event.
type edlPart struct {
	clip, source, path, is string
	names                  []string
}

func (b *edlBlock) read() {
	for i := 0; i < len(b.events); i++ {
		e := &b.events[i]
		if i+1 < len(b.events) && !e.incoming() && b.events[i+1].incoming() {
			b.pair(e, &b.events[i+1])
			i++
			continue
		}
		b.single(e, b.remarks(i))
	}
}

// incoming reports a line that something before it dissolves, wipes or is keyed into.
func (e *edlEvent) incoming() bool {
	return !strings.EqualFold(e.edit, "C") && !strings.EqualFold(e.edit, "KB")
}

func (e *edlEvent) bare() bool {
	return e.from == "" && e.to == "" && e.key == "" && e.fromPath == "" && e.toPath == "" && len(e.sources) == 0
}

// maxTracks bounds the search for remarks in an event of very many lines.
const maxTracks = 64

// remarks are the event whose remarks speak of line i: its own, or those of a later line of the
// same reel where picture and sound are lines of one number.
func (b *edlBlock) remarks(i int) *edlEvent {
	for j := i; j < min(i+maxTracks, len(b.events)); j++ {
		if e := &b.events[j]; e.reel == b.events[i].reel && !e.bare() && !e.incoming() {
			return e
		}
	}
	return &b.events[i]
}

func (b *edlBlock) single(e, r *edlEvent) {
	p := edlPart{clip: r.from, path: r.fromPath, is: r.fromIs, names: r.more}
	var rest []edlSource
	own := 0
	for _, s := range r.sources {
		if isNull(s.name) {
			continue
		}
		if own == 0 && (s.reel == "" || s.reel == e.reel) {
			p.source = s.name
			own++
			continue
		}
		rest = append(rest, s)
	}
	if e.incoming() && (r.to != "" || r.toPath != "") {
		// Half of a transition: what it comes from is another event's, or is black.
		p.clip, p.path, p.is = r.to, r.toPath, r.toIs
		b.stray(e, r.from, r.fromPath, r.fromIs)
	} else {
		b.stray(e, r.to, r.toPath, r.toIs)
	}
	if strings.HasPrefix(strings.ToUpper(e.edit), "K") && r.key != "" {
		p.names = append(p.names[:len(p.names):len(p.names)], p.clip)
		p.clip = r.key
	} else {
		b.stray(e, r.key, "", "")
	}
	b.medium(e, r, p)
	for _, s := range rest {
		b.other(e, s)
	}
}

// pair is a transition: the outgoing line, as a rule of no length, and the incoming one.
func (b *edlBlock) pair(out, in *edlEvent) {
	r := *in
	if r.from == "" {
		r.from = out.from
	}
	if r.fromPath == "" {
		r.fromPath = out.fromPath
	}
	r.sources = append(out.sources[:len(out.sources):len(out.sources)], in.sources...)
	from := edlPart{clip: r.from, path: r.fromPath, is: r.fromIs, names: out.more}
	to := edlPart{clip: r.to, path: r.toPath, is: r.toIs, names: in.more}
	if r.key != "" {
		to.names = append(to.names[:len(to.names):len(to.names)], r.key)
		if to.clip == "" {
			to.clip = r.key
		}
	}
	if to.clip == "" && (noMedium(out.reel) || out.reel == in.reel && !noReel(in.reel)) {
		to.clip, to.path = r.from, r.fromPath // one clip on both sides, or nothing on the other
	}
	rest := share(r.sources, out, in, &from, &to)
	if to.source == "" && out.reel == in.reel && from.clip == to.clip {
		to.source = from.source
	}
	b.medium(out, in, from)
	b.medium(in, in, to)
	for _, s := range rest {
		b.other(in, s)
	}
}

// share gives the SOURCE FILE remarks to the sides of a transition: in order, but for one that
// begins as the reel of the other side does. It returns those that belong to neither.
func share(sources []edlSource, out, in *edlEvent, from, to *edlPart) (rest []edlSource) {
	outDone, inDone := noMedium(out.reel), noMedium(in.reel)
	for _, s := range sources {
		swapped := sameReel(in.reel, s.name) && !sameReel(out.reel, s.name)
		switch {
		case isNull(s.name):
			outDone = true
		case s.reel == "" && !outDone && (!swapped || inDone):
			from.source, outDone = s.name, true
		case s.reel == "" && !inDone:
			to.source, inDone = s.name, true
		default:
			rest = append(rest, s)
		}
	}
	return rest
}

// medium adds the source of line e; r holds the remarks on it.
func (b *edlBlock) medium(e, r *edlEvent, p edlPart) {
	counts := &b.g.p.Timelines[0].Counts
	reel := e.reel
	switch {
	case strings.EqualFold(reel, "BL"):
		return // black: the far side of a fade
	case strings.EqualFold(reel, "GEN") || p.is == "generator" || p.is == "still" && strings.EqualFold(p.clip, "SLUG"):
		counts.Generators++
		return
	case noReel(reel):
		reel = ""
	case r.full != "" && r.short != "" && r.short == reel:
		reel = r.full
		p.names = append(p.names[:len(p.names):len(p.names)], e.reel)
	case b.reels[reel] != "":
		// FCP tells the full name below some of the events of a reel only.
		reel = b.reels[reel]
		p.names = append(p.names[:len(p.names):len(p.names)], e.reel)
	}
	if reel == "" && p.clip == "" && p.source == "" && p.path == "" {
		counts.Missing++
		return
	}
	at := b.known(reel, p, !e.video())
	e.media = at
	b.g.use(0, Use{Media: at, Video: e.video(), Audio: e.audio(), Enabled: true, Active: true})
}

// known finds or adds the medium of a part. A path is one file; a file without its folder can be
// many, of many reels. A clip name is the weakest: what was known by it alone becomes what a later
// event tells of it.
func (b *edlBlock) known(reel string, p edlPart, sound bool) int {
	g := b.g
	m := Media{Reel: reel, Name: p.clip, Names: append([]string{p.source, p.clip}, p.names...)}
	weak, strong := "", ""
	if p.clip != "" {
		weak, m.Target = "clip\x00"+reel+"\x00"+p.clip, p.clip
	}
	switch {
	case p.path != "":
		strong, m.Target = "path\x00"+p.path, p.path
		g.place(&m, p.path)
	case p.source != "":
		strong, m.Target = "source\x00"+reel+"\x00"+p.source, p.source
		g.place(&m, p.source)
	case p.clip == "":
		weak, m.Target = "reel\x00"+reel, reel
	}
	m.Kind = listKind(p.path, p.source, p.clip, reel)
	if p.is == "still" {
		m.Kind = Still
	}
	if m.Kind == Video && sound {
		m.Kind = Sound
	}
	at, ok := g.media[strong]
	if !ok {
		at, ok = g.media[weak]
		ok = ok && (strong == "" || g.p.Media[at].Target == p.clip)
	}
	if !ok {
		at, _ = g.add(cmp.Or(strong, weak), m)
	}
	have := &g.p.Media[at]
	if ok && strong != "" && have.Target == p.clip && (have.Target != m.Target || have.Path != m.Path) {
		have.Target, have.Path = m.Target, m.Path
		have.Names = slices.DeleteFunc(have.Names, func(n string) bool { return n == m.Target })
	}
	if have.Reel == "" {
		have.Reel = reel
	}
	g.name(at, m.Names...)
	if have.Kind == Sound && m.Kind == Video {
		have.Kind = Video // met for its sound first
	}
	for _, key := range []string{strong, weak, "any\x00" + p.clip} {
		if _, there := g.media[key]; !there && key != "" {
			g.media[key] = at
		}
	}
	return at
}

// stray keeps a name that no line of its event stands for: in a list where the other half of a
// transition is missing it may be all there is of a medium.
func (b *edlBlock) stray(e *edlEvent, clip, path, is string) {
	if clip == "" && path == "" {
		return
	}
	if _, ok := b.g.media["any\x00"+clip]; ok && path == "" {
		return
	}
	b.medium(&edlEvent{channels: e.channels, edit: "C", sound: e.sound}, e, edlPart{clip: clip, path: path, is: is})
}

// other is a SOURCE FILE of another reel than the event's.
func (b *edlBlock) other(e *edlEvent, s edlSource) {
	b.medium(&edlEvent{reel: s.reel, channels: e.channels, edit: "C", sound: e.sound}, e, edlPart{source: s.name})
}
