package timeline

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// Limits within the zip, all of them far above what Resolve writes for a film.
const (
	drpDepth   = 200
	drpText    = 16 << 20 // between two tags: the longest are blobs of a clip
	drpUnzip   = 512 << 20
	drpEntries = 50_000
	drpTags    = 6_000_000 // a clip in the pool has sixty, one on a timeline as many
)

// drpNames makes Resolve's element names readable for encoding/xml, which refuses the two colons
// of ListMgt::LmVersionTable: colons in the names of tags become "_". It also bounds the length
// of a text, which the decoder would otherwise hold whole.
type drpNames struct {
	r    io.Reader
	name bool
	tag  bool // the last byte was "<"
	run  int
}

var errLongText = errors.New("a text in it is longer than 16 MiB")

func (d *drpNames) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	for i, c := range p[:n] {
		switch {
		case c == '<':
			d.tag, d.name, d.run = true, false, 0
			continue
		case d.tag:
			d.name = c == '/' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		case d.name && (c == '>' || c == ' ' || c == '/' || c == '\n' || c == '\t' || c == '\r'):
			d.name = false
		case d.name && c == ':':
			p[i] = '_'
		}
		d.tag = false
		if d.run++; d.run > drpText {
			return i, errLongText
		}
	}
	return n, err
}

// drpPool is what the XML files of one project hold, by Resolve's ids.
type drpPool struct {
	clips     map[string]*drpClip
	order     []string             // of the ids in clips
	items     map[string][]drpItem // of a sequence
	sequences []string             // that have items
	handles   []string             // Sm2Timeline ids in project order
	current   int                  // into handles
	itemCount int
	tags      int
}

// drpClip is an entry of the media pool.
type drpClip struct {
	kind, name, sequence, timeline string
	rate                           jobfile.Rational
	path                           string // of a use of it: its own is in a blob
}

// drpItem is a clip on a track.
type drpItem struct {
	video           bool
	taken           bool // false: inside another item, a take that was not picked
	name, ref, path string
	reel            string
	rate            jobfile.Rational
}

// drpFrame is an open element.
type drpFrame struct {
	name string
	text []byte
	clip *drpClip
	item *drpItem
	id   string
}

// drpTrack collects until the track ends: its sequence may be named after its items.
type drpTrack struct {
	sequence string
	sound    bool
	items    []drpItem
}

// drpKept are the elements whose text is kept.
func drpKept(name string) bool {
	switch name {
	case "Name", "Type", "Sequence", "MediaRef", "MediaFilePath", "MediaReelNumber", "MediaFrameRate", "FrameRate", "Element", "CurrentTimelineIndex":
		return true
	}
	return false
}

// read takes in one XML file of the zip.
func (p *drpPool) read(r io.Reader) error {
	d := xml.NewDecoder(&drpNames{r: r})
	var stack []drpFrame
	var track *drpTrack
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if len(stack) > 0 {
				return fmt.Errorf("it ends within %s", jobfile.Printable(stack[len(stack)-1].name))
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if p.tags++; p.tags > drpTags {
				return errors.New("there are more than " + itoa(drpTags) + " elements")
			}
			if len(stack) == drpDepth {
				return errors.New("elements are nested more than 200 deep")
			}
			f := drpFrame{name: t.Name.Local}
			for _, a := range t.Attr {
				if a.Name.Local == "DbId" {
					f.id = a.Value
				}
			}
			if err := p.open(&f, stack, &track); err != nil {
				return err
			}
			stack = append(stack, f)
		case xml.CharData:
			if len(stack) > 0 && drpKept(stack[len(stack)-1].name) {
				f := &stack[len(stack)-1]
				if len(f.text)+len(t) > maxLine {
					return fmt.Errorf("%s is longer than 64 KiB", f.name)
				}
				f.text = append(f.text, t...)
			}
		case xml.EndElement:
			if len(stack) == 0 || stack[len(stack)-1].name != t.Name.Local {
				return fmt.Errorf("%s ends and was not open", jobfile.Printable(t.Name.Local))
			}
			f := &stack[len(stack)-1]
			p.close(f, stack[:len(stack)-1], &track)
			stack = stack[:len(stack)-1]
		}
	}
}

// open notes where a clip, a track or an item begins.
func (p *drpPool) open(f *drpFrame, stack []drpFrame, track **drpTrack) error {
	switch {
	case f.id == "":
	case strings.HasPrefix(f.name, "Sm2Mp") && f.name != "Sm2MpFolder":
		if _, ok := p.clips[f.id]; !ok {
			if len(p.clips) == maxRows {
				return errors.New("there are more than " + itoa(maxRows) + " clips")
			}
			p.add(f, f.name)
		}
	case f.name == "Sm2Sequence":
		if c := clipOf(stack); c != nil && c.sequence == "" {
			c.sequence = f.id
		}
	case f.name == "Sm2Timeline":
		c := clipOf(stack)
		if c == nil && len(p.clips) < maxRows {
			// Not in a pool: a timeline that was exported alone may have none.
			c = p.add(f, "Sm2MpTimelineClip")
		}
		if c != nil && c.timeline == "" {
			c.timeline = f.id
		}
	case f.name == "Sm2TiTrack":
		*track = &drpTrack{}
	case *track != nil && strings.HasPrefix(f.name, "Sm2Ti") && strings.HasSuffix(f.name, "Clip"):
		if p.itemCount++; p.itemCount > maxRows {
			return errors.New("there are more than " + itoa(maxRows) + " clips on the timelines")
		}
		f.item = &drpItem{taken: itemOf(stack) == nil}
	}
	return nil
}

func (p *drpPool) add(f *drpFrame, kind string) *drpClip {
	f.clip = &drpClip{kind: kind}
	p.clips[f.id] = f.clip
	p.order = append(p.order, f.id)
	return f.clip
}

func clipOf(stack []drpFrame) *drpClip {
	for i := len(stack) - 1; i >= 0; i-- {
		if stack[i].clip != nil {
			return stack[i].clip
		}
	}
	return nil
}

func itemOf(stack []drpFrame) *drpItem {
	for i := len(stack) - 1; i >= 0; i-- {
		if stack[i].item != nil {
			return stack[i].item
		}
	}
	return nil
}

// close uses the text of an element for what it stands directly in: a name deeper down is the
// name of an effect, a version or a preset.
func (p *drpPool) close(f *drpFrame, stack []drpFrame, track **drpTrack) {
	text := string(f.text)
	var in *drpFrame
	if len(stack) > 0 {
		in = &stack[len(stack)-1]
	}
	switch {
	case f.item != nil && *track != nil:
		(*track).items = append((*track).items, *f.item)
	case f.name == "Sm2TiTrack" && *track != nil:
		t := *track
		if _, ok := p.items[t.sequence]; !ok && len(t.items) > 0 {
			p.sequences = append(p.sequences, t.sequence)
		}
		for _, it := range t.items {
			it.video = !t.sound
			p.items[t.sequence] = append(p.items[t.sequence], it)
		}
		*track = nil
	case in == nil:
	case in.clip != nil && f.name == "Name":
		in.clip.name = text
	case in.name == "Sm2Sequence" && f.name == "FrameRate":
		if c := clipOf(stack); c != nil && c.sequence == in.id {
			c.rate = drpRate(text)
		}
	case in.name == "Sm2TiTrack" && *track != nil:
		switch f.name {
		case "Sequence":
			(*track).sequence = text
		case "Type":
			(*track).sound = text == "1"
		}
	case in.item != nil:
		in.item.set(f.name, text)
	case in.name == "TimelineHandleVec" && f.name == "Element" && len(p.handles) < maxRows:
		p.handles = append(p.handles, text)
	case f.name == "CurrentTimelineIndex":
		if n, err := strconv.Atoi(text); err == nil {
			p.current = n
		}
	}
}

func (it *drpItem) set(name, text string) {
	switch name {
	case "Name":
		it.name = text
	case "MediaRef":
		it.ref = text
	case "MediaFilePath":
		it.path = text
	case "MediaReelNumber":
		it.reel = text
	case "MediaFrameRate":
		it.rate = drpRate(text)
	}
}

// drpRate reads Resolve's rates: a double, little end first, in hex. Three decimals of it tell
// every rate there is; nothing is calculated in floating point.
func drpRate(s string) jobfile.Rational {
	if len(s) < 16 {
		return jobfile.Rational{}
	}
	b, err := strconv.ParseUint(s[:16], 16, 64)
	if err != nil {
		return jobfile.Rational{}
	}
	v := math.Float64frombits(bits.ReverseBytes64(b))
	if !(v > 0 && v < 1000) {
		return jobfile.Rational{}
	}
	return listRate(strconv.FormatFloat(v, 'f', 3, 64))
}
