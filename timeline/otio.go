package timeline

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"

	"proxima/jobfile"
)

func readOTIO(file string, data []byte) (*Project, error) {
	return parseOTIO(newBuilder(file, OTIO), data)
}

// parseOTIO reads OpenTimelineIO of any version. The schema's names are looked at, its numbers
// are not: what changed between them are names of members, and both are known here.
func parseOTIO(b *builder, data []byte) (*Project, error) {
	root, err := parseJSON(b.p.File, data, maxElements)
	if err != nil {
		return nil, err
	}
	if root.schema == "" {
		return nil, &Error{
			File: b.p.File, Line: 1, Reason: "it is JSON, but not OpenTimelineIO: OTIO_SCHEMA is missing",
			Next: "export the timeline as OTIO",
		}
	}
	if err := otioRoot(b, root); err != nil {
		return nil, err
	}
	if len(b.p.Timelines) == 0 {
		b.note("there is no timeline in the file, only clips: all media of it are offered")
	}
	return b.done(), nil
}

// otioRoot reads a timeline, a collection of them, or what somebody wrote without one.
func otioRoot(b *builder, o *object) error {
	if err := b.step(1); err != nil {
		return err
	}
	switch {
	case o.isSchema("Timeline"):
		return otioTimeline(b, o, o.get("tracks"), o.get("global_start_time"))
	case o.isSchema("Stack", "Track", "Sequence"):
		return otioTimeline(b, o, o, nil)
	case o.isSchema("Clip"):
		c := &otioCut{cut: b.cut("")}
		c.clip(o, way{}) // its media, of no timeline
		return nil
	case o.isSchema("SerializableCollection", "SerializeableCollection"):
		if children := o.get("children"); children != nil {
			for _, k := range children.kids {
				if err := otioRoot(b, k); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// otioCut is one timeline while its tracks are followed.
type otioCut struct {
	*cut
	clipRate jobfile.Rational // of the first clip
}

func otioTimeline(b *builder, o, tracks, start *object) error {
	c := &otioCut{cut: b.cut(o.say("name"))}
	w := way{video: true, audio: false, enabled: true, active: true}
	var err error
	if tracks != nil && !tracks.isSchema("Stack") {
		err = c.item(tracks, w, nil) // a bare track
	} else {
		w.enabled = tracks == nil || !tracks.get("enabled").said(false)
		err = c.children(tracks, w, nil)
	}
	if err != nil {
		return err
	}
	frames, rate := otioTime(start)
	c.t.Rate = frameRate(rate)
	if !c.t.Rate.Valid() {
		c.t.Rate = c.clipRate
	}
	if frames != nil && frameRate(rate).Valid() {
		c.t.Start = new(roundRat(frames))
	}
	if c.t.Rate.Valid() && tracks != nil {
		frames, _ := framesOf(otioLength(tracks), c.t.Rate)
		c.t.Duration = max(frames, 0)
	}
	c.end()
	return nil
}

// said reports whether a boolean is written, and is v.
func (o *object) said(v bool) bool {
	if o == nil {
		return false
	}
	return v && o.isTrue || !v && o.no
}

func (c *otioCut) children(o *object, w way, outer *way) error {
	list := o.get("children")
	if list == nil {
		return nil
	}
	for _, k := range list.kids {
		if err := c.item(k, w, outer); err != nil {
			return err
		}
	}
	return nil
}

// item is a track, a nested stack, a clip. outer is how the compound is used that we are in,
// nil outside: in a sound track only its sound is, and a picture track has both, for Resolve
// and Premiere write the whole compound there.
func (c *otioCut) item(o *object, w way, outer *way) error {
	if err := c.step(1); err != nil {
		return err
	}
	w.enabled = w.enabled && !o.get("enabled").said(false)
	switch {
	case o.isSchema("Clip"):
		if !w.video && !w.audio {
			return nil // the picture of a compound that is in a sound track
		}
		c.clip(o, w)
	case o.isSchema("Track", "Sequence"): // the latter is what a track was called first
		w.audio = strings.EqualFold(o.say("kind"), "Audio")
		w.video = !w.audio && (outer == nil || outer.video)
		return c.children(o, w, outer)
	case o.isSchema("Stack"):
		c.t.Counts.Nested++
		return c.children(o, w, &w)
	case o.isSchema("Timeline"):
		c.t.Counts.Nested++
		if tracks := o.get("tracks"); tracks != nil {
			return c.children(tracks, w, &w)
		}
	}
	return nil
}

// clip counts the media of a clip in: its own first, then the others, which are takes and proxies
// that somebody linked before.
func (c *otioCut) clip(o *object, w way) {
	if !c.clipRate.Valid() {
		c.clipRate = otioRate(o.get("source_range"))
		if !c.clipRate.Valid() {
			c.clipRate = otioRate(o.get("media_reference", "available_range"))
		}
	}
	name := o.say("name")
	refs := o.get("media_references")
	if refs == nil {
		c.reference(o.get("media_reference"), name, w)
		return
	}
	key := original(refs, playing(o))
	c.reference(refs.get(key), name, w)
	w.active = false
	for i, k := range refs.keys {
		if k != key && refs.kids[i].isSchema("ExternalReference", "ImageSequenceReference") {
			c.reference(refs.kids[i], name, w)
		}
	}
}

// playing is the key of the reference that a clip plays.
func playing(clip *object) string {
	if key := clip.say("active_media_reference_key"); key != "" {
		return key
	}
	return defaultKey
}

const defaultKey = "DEFAULT_MEDIA"

// original is the key of a clip's own medium: of the reference that it plays, unless that is a
// proxy, as its key says, and there is another one that is none.
func original(refs *object, playing string) string {
	isProxy := func(key string) bool { return strings.Contains(strings.ToUpper(key), proxyKey) }
	if !isProxy(playing) {
		return playing
	}
	found := ""
	for i, k := range refs.keys {
		if refs.kids[i].isSchema("ExternalReference") && !isProxy(k) && (found == "" || k == defaultKey) {
			found = k
		}
	}
	return cmp.Or(found, playing)
}

// reference is one medium of a clip.
func (c *otioCut) reference(ref *object, clip string, w way) {
	m := Media{Name: ref.say("name")}
	if m.Name == "" {
		m.Name = clip
	}
	switch {
	case ref.isSchema("GeneratorReference"):
		c.t.Counts.Generators++
		return
	case ref.isSchema("ExternalReference"):
		m.Target = ref.say("target_url")
	case ref.isSchema("ImageSequenceReference"):
		m.Kind = Sequence
		m.Target, m.Names = pictures(ref)
	}
	if m.Target == "" {
		c.missing(clip)
		return
	}
	available := ref.get("available_range")
	m.Rate = otioRate(available)
	m.Start = secondsOf(otioSeconds(available.get("start_time")))
	m.Duration = secondsOf(otioSeconds(available.get("duration")))
	i := c.medium(m)
	if w.video || w.audio {
		c.use(i, w)
	}
}

// otioRate is the frame rate of a TimeRange.
func otioRate(o *object) jobfile.Rational {
	for _, part := range []string{"start_time", "duration"} {
		if _, rate := otioTime(o.get(part)); frameRate(rate).Valid() {
			return rate
		}
	}
	return jobfile.Rational{}
}

// pictures is the pattern of numbered pictures, with as many # as the number has digits at
// least, and the name of the first one.
func pictures(ref *object) (pattern string, names []string) {
	at := ref.say("target_url_base")
	if at != "" && !strings.HasSuffix(at, "/") && !strings.HasSuffix(at, `\`) {
		at += "/"
	}
	prefix, suffix := ref.say("name_prefix"), ref.say("name_suffix")
	if prefix == "" && suffix == "" {
		return "", nil
	}
	digits, _ := strconv.Atoi(ref.say("frame_zero_padding"))
	digits = min(max(digits, 0), 32)
	if first, err := strconv.ParseInt(ref.say("start_frame"), 10, 64); err == nil && first >= 0 {
		n := strconv.FormatInt(first, 10)
		name := prefix + strings.Repeat("0", max(digits-len(n), 0)) + n + suffix
		if len(at) > 5 && strings.EqualFold(at[:5], "file:") {
			name = unescape(name)
		}
		names = []string{name}
	}
	return at + prefix + strings.Repeat("#", max(digits, 1)) + suffix, names
}

// otioLength is how long an item lasts, in seconds; 0 where it does not say.
func otioLength(o *object) *big.Rat {
	if d := otioSeconds(o.get("source_range", "duration")); d != nil {
		return d
	}
	total := new(big.Rat)
	list := o.get("children")
	switch {
	case o.isSchema("Transition"): // lies over its neighbours
	case list != nil:
		for _, k := range list.kids {
			d := otioLength(k)
			if o.isSchema("Stack") {
				if d.Cmp(total) > 0 {
					total = d
				}
				continue
			}
			total.Add(total, d)
			if total.Denom().BitLen() > 128 {
				total = tidy(total) // made-up rates: an exact sum would grow without end
			}
		}
	default:
		ref := o.get("media_reference")
		if refs := o.get("media_references"); refs != nil {
			ref = refs.get(playing(o))
		}
		if d := otioSeconds(ref.get("available_range", "duration")); d != nil {
			return d
		}
	}
	return total
}
