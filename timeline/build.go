package timeline

import (
	"errors"
	"path/filepath"
	"strings"

	"proxima/jobfile"
)

// The bounds on what one file may hold. Real timelines stay below; a file made to hurt does not get
// past them.
const (
	// Resolve writes 16 KB of OTIO for each clip, sound included: a feature film has more than
	// 64 MiB.
	maxFile     = 256 << 20   // bytes
	maxDepth    = 256         // of elements in elements
	maxElements = 2_000_000   // kept of one file
	maxSteps    = 100_000_000 // over elements while following references
	maxAttrs    = 256         // of one element
	maxNotes    = 100
)

// builder collects a project: every medium once, every use once for each way.
type builder struct {
	p      *Project
	folder string // of the file, forward slashes
	bundle bool   // relative targets are escaped
	byKey  map[string]int
	steps  int
	more   int // notes beyond the bound
}

func newBuilder(file string, format Format) *builder {
	return &builder{
		p:      &Project{File: file, Format: format},
		folder: folderOf(file),
		byKey:  map[string]int{},
	}
}

// note keeps a remark for people, each once.
func (b *builder) note(s string) {
	for _, old := range b.p.Notes {
		if old == s {
			return
		}
	}
	if len(b.p.Notes) == maxNotes {
		b.more++
		return
	}
	b.p.Notes = append(b.p.Notes, s)
}

// done closes the notes and hands the project out.
func (b *builder) done() *Project {
	if b.more > 0 {
		b.p.Notes = append(b.p.Notes, "and more of the like: "+itoa(b.more))
	}
	return b.p
}

// step counts elements that are walked over, or looked at. References that multiply each other
// are stopped by it; those that go round are stopped earlier.
func (b *builder) step(n int) error {
	if b.steps += n; b.steps > maxSteps {
		return &Error{
			File: b.p.File, Reason: "its references multiply beyond measure",
			Next: "export the timeline again, without its compounds",
		}
	}
	return nil
}

// medium gives the index of a medium, adding it if its target is new. m needs its Target; the
// path, the kind where it is not given, and the further names are worked out here. Two entries
// on one path are one medium: editors write one for each use.
func (b *builder) medium(m Media) int {
	t, err := Decode(m.Target, b.folder)
	key := "target\x00" + m.Target
	if err != nil {
		b.note(reason(err))
	} else {
		if b.bundle && t.Relative && t.Also != "" {
			t.Path, t.Also = t.Also, t.Path
		}
		m.Path = t.Path
		if t.Also != "" {
			m.Names = append([]string{t.Also}, m.Names...)
		}
		key = pathKey(m.Path)
	}
	if m.Kind == "" {
		m.Kind = kindOf(m.Target)
	}
	i, ok := b.byKey[key]
	if !ok {
		b.byKey[key] = len(b.p.Media)
		b.p.Media = append(b.p.Media, m)
		return len(b.p.Media) - 1
	}
	// The first entry may have been the poorer one.
	old := &b.p.Media[i]
	if old.Start == nil {
		old.Start = m.Start
	}
	if old.Duration == nil {
		old.Duration = m.Duration
	}
	if !old.Rate.Valid() {
		old.Rate = m.Rate
	}
	if old.Reel == "" {
		old.Reel = m.Reel
	}
	if old.Kind == Sound && m.Kind == Video {
		old.Kind = Video // a file with a picture, of which one entry is the sound
	}
	return i
}

// placeless gives the index of a medium of which only the name is told: by that it can be searched
// for.
func (b *builder) placeless(m Media) int {
	m.Target = m.Name
	key := "name\x00" + m.Reel + "\x00" + m.Name
	i, ok := b.byKey[key]
	if !ok {
		i = len(b.p.Media)
		b.byKey[key] = i
		b.p.Media = append(b.p.Media, m)
	}
	return i
}

func reason(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return err.Error()
}

// way is how a clip uses its medium, handed down from what it lies in.
type way struct {
	video, audio    bool // may be seen, heard
	enabled, active bool
}

// cut collects one timeline.
type cut struct {
	*builder
	t    Timeline
	uses map[cutKey]int
}

type cutKey struct {
	media           int
	enabled, active bool
}

func (b *builder) cut(name string) *cut {
	return &cut{builder: b, t: Timeline{Name: name, Display: b.display(name)}, uses: map[cutKey]int{}}
}

// display is the name of a timeline for people.
func (b *builder) display(name string) string {
	if strings.TrimSpace(name) == "" {
		return stem(filepath.ToSlash(filepath.Clean(b.p.File)))
	}
	return name
}

// use counts a medium in. The picture and the sound of one file are one use, while a clip that
// is switched off, or was not picked, is another than one that plays.
func (c *cut) use(media int, w way) {
	key := cutKey{media, w.enabled, w.active}
	i, ok := c.uses[key]
	if !ok {
		i = len(c.t.Uses)
		c.uses[key] = i
		c.t.Uses = append(c.t.Uses, Use{Media: media, Enabled: w.enabled, Active: w.active})
	}
	u := &c.t.Uses[i]
	u.Video, u.Audio, u.Count = u.Video || w.video, u.Audio || w.audio, u.Count+1
}

// missing counts a clip of which the file names no medium: a title, or one that is offline.
func (c *cut) missing(name string) {
	c.t.Counts.Missing++
	c.note("no medium is named for the clip " + jobfile.Quote(name) + " of " + jobfile.Quote(c.t.Display))
}

// end puts the timeline into the project.
func (c *cut) end() {
	if drop := c.t.DropFrame; drop != nil && *drop && c.t.Rate.Valid() && !CanDrop(c.t.Rate) {
		c.note("the timeline " + jobfile.Quote(c.t.Display) + " says drop frame at a rate that has none")
	}
	c.p.Timelines = append(c.p.Timelines, c.t)
}

// KindOf tells what a medium is by its path.
func KindOf(path string) Kind { return kindOf(path) }

// kindOf tells by the extension; what is unknown is taken for video, and a probe will tell.
func kindOf(target string) Kind {
	dot := strings.LastIndexByte(target, '.')
	if dot < 0 {
		return Video
	}
	kind := kindOfExt(target[dot+1:])
	if kind == Still && numbered(target[:dot]) {
		return Sequence
	}
	return kind
}

// numbered reports whether a name without its extension stands for many pictures: Resolve writes
// name.[0001-0100].exr for them.
func numbered(s string) bool {
	s, ok := strings.CutSuffix(s, "]")
	from := strings.LastIndexByte(s, '[')
	if !ok || from < 0 {
		return false
	}
	first, last, ok := strings.Cut(s[from+1:], "-")
	return ok && first != "" && last != "" && strings.Trim(first+last, "0123456789") == ""
}

// isFilm reports an extension of which no still is called.
func isFilm(target string) bool {
	switch strings.ToLower(target[strings.LastIndexByte(target, '.')+1:]) {
	case "mov", "mp4", "m4v", "mxf", "mts", "m2ts", "avi", "mkv", "mpg", "mpeg", "webm", "braw", "r3d", "crm":
		return true
	}
	return false
}

func kindOfExt(ext string) Kind {
	switch strings.ToLower(ext) {
	case "wav", "wave", "bwf", "w64", "rf64", "aif", "aiff", "aifc", "caf", "mp3", "m4a", "aac", "flac", "ogg", "oga", "opus", "wma", "ac3", "eac3":
		return Sound
	case "png", "jpg", "jpeg", "jpe", "tif", "tiff", "psd", "psb", "ai", "eps", "svg", "bmp", "gif", "tga", "webp", "heic", "heif", "exr", "dpx", "cin", "hdr", "dng", "ari", "pdf", "pict", "pct", "iff", "jp2", "j2c", "sgi":
		return Still
	}
	return Video
}
