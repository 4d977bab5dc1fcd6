package encode

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// The shapes of "ffprobe -show_format -show_streams -of json", as far as they are used.
// Numbers that ffprobe writes as strings stay strings: "N/A" and nonsense must not end the
// reading of the rest.
type probeDoc struct {
	Streams []probeStream `json:"streams"`
	Format  probeFormat   `json:"format"`
}

type probeFormat struct {
	Name      string            `json:"format_name"`
	StartTime string            `json:"start_time"` // seconds
	Duration  string            `json:"duration"`   // seconds
	Size      string            `json:"size"`       // bytes
	Tags      map[string]string `json:"tags"`
}

type probeStream struct {
	Index       int               `json:"index"`
	Type        string            `json:"codec_type"`
	Codec       string            `json:"codec_name"`
	Tag         string            `json:"codec_tag_string"`
	Profile     string            `json:"profile"`
	Width       int               `json:"width"`
	Height      int               `json:"height"`
	PixelFormat string            `json:"pix_fmt"`
	Aspect      string            `json:"sample_aspect_ratio"` // "1:1"
	FieldOrder  string            `json:"field_order"`
	TimeBase    string            `json:"time_base"`
	AvgRate     string            `json:"avg_frame_rate"`
	RealRate    string            `json:"r_frame_rate"`
	StartPTS    *int64            `json:"start_pts"`
	Start       string            `json:"start_time"` // seconds
	Duration    string            `json:"duration"`   // seconds
	Frames      string            `json:"nb_frames"`
	Range       string            `json:"color_range"`
	Primaries   string            `json:"color_primaries"`
	Transfer    string            `json:"color_transfer"`
	Matrix      string            `json:"color_space"`
	Channels    int               `json:"channels"`
	Layout      string            `json:"channel_layout"`
	SampleRate  string            `json:"sample_rate"` // Hz
	Extradata   string            `json:"extradata_hash"`
	BFrames     int               `json:"has_b_frames"`
	Disposition map[string]int    `json:"disposition"`
	Tags        map[string]string `json:"tags"`
	SideData    []probeSideData   `json:"side_data_list"`
}

type probeSideData struct {
	Type     string      `json:"side_data_type"`
	Rotation json.Number `json:"rotation"`
}

// parseProbe reads ffprobe's answer. ffprobe does not escape invalid UTF-8 of tags; package
// json replaces it.
func parseProbe(data []byte) (*probeDoc, error) {
	var d probeDoc
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("read ffprobe's answer: %w", err)
	}
	return &d, nil
}

// probe reads what was collected of ffprobe's answer.
func (c *collector) probe() (*probeDoc, error) {
	if c.over {
		return nil, fmt.Errorf("ffprobe's answer is larger than %d bytes", c.limit)
	}
	return parseProbe(c.buf.Bytes())
}

// packetsFirst parts the answer of "ffprobe -show_packets -show_streams -of json=compact=1" as
// it comes: a packet to a line, then the header. Nobody wants millions of packets at once.
type packetsFirst struct {
	each    func(packet)
	header  collector
	packets bool // in the list of them
	err     error
}

func (r *packetsFirst) line(l []byte) bool {
	switch text := bytes.TrimSpace(l); {
	case !r.packets && string(text) == `"packets": [`:
		r.packets = true
	case !r.packets:
		r.header.line(l)
	case len(text) > 0 && text[0] == ']':
		r.packets = false
	case len(text) > 0:
		p, err := packetOfJSON(bytes.TrimSuffix(text, []byte(",")))
		if err != nil {
			r.err = cmp.Or(r.err, err)
			return true
		}
		r.each(p)
	}
	return true
}

func (r *packetsFirst) end() (*probeDoc, error) {
	if r.packets {
		return nil, errors.New("ffprobe's list of packets has no end")
	}
	doc, err := r.header.probe()
	return doc, errors.Join(err, r.err)
}

func packetOfJSON(line []byte) (packet, error) {
	var w struct {
		PTS      *int64 `json:"pts"`
		Duration int64  `json:"duration"`
		Size     string `json:"size"`
		Flags    string `json:"flags"`
		Hash     string `json:"data_hash"`
	}
	if err := json.Unmarshal(line, &w); err != nil {
		return packet{}, fmt.Errorf("read ffprobe's packet: %w", err)
	}
	p := packet{duration: max(0, w.Duration), key: strings.Contains(w.Flags, "K"), hidden: strings.Contains(w.Flags, "D"), hash: w.Hash}
	if w.PTS != nil {
		p.pts, p.hasPTS = *w.PTS, true
	}
	if n, err := strconv.ParseInt(w.Size, 10, 64); err == nil {
		p.size = max(0, n)
	}
	return p, nil
}

// tag finds a tag whatever its case: Matroska writes them in capitals.
func tag(tags map[string]string, name string) string {
	if v := tags[name]; v != "" {
		return v
	}
	for k, v := range tags {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

// picture returns the first stream that is a moving picture: covers and thumbnails are
// video streams too.
func (d *probeDoc) picture() *probeStream {
	for i := range d.Streams {
		s := &d.Streams[i]
		if s.Type == "video" && s.Disposition["attached_pic"] == 0 && s.Disposition["timed_thumbnails"] == 0 && s.Disposition["still_image"] == 0 {
			return s
		}
	}
	return nil
}

// media turns the answer into what a job carries. Why not, where the file is no clip.
func (d *probeDoc) media() (m jobfile.Media, warnings []string, why string) {
	v := d.picture()
	if v == nil {
		if slices.ContainsFunc(d.Streams, func(s probeStream) bool { return s.Type == "audio" }) {
			return m, nil, "no picture in it (sound only)"
		}
		return m, nil, "no picture in it"
	}
	if isFormat(d.Format.Name, "image2", "image2pipe", "gif", "apng", "tty") || strings.HasSuffix(d.Format.Name, "_pipe") {
		return m, nil, "a still image"
	}
	m = jobfile.Media{
		Container:  d.Format.Name,
		DurationUS: max(0, micros(d.Format.Duration)),
		OriginUS:   micros(d.Format.StartTime),
		Video: jobfile.VideoStream{
			Index: v.Index, Codec: v.Codec, Width: v.Width, Height: v.Height, PixelFormat: v.PixelFormat,
			SampleAspect: ratio(strings.Replace(v.Aspect, ":", "/", 1)),
			FieldOrder:   known(v.FieldOrder), TimeBase: ratio(v.TimeBase), FrameRate: ratio(v.AvgRate),
			Rotation: v.rotation(),
			Range:    known(v.Range), Primaries: known(v.Primaries), Transfer: known(v.Transfer), Matrix: known(v.Matrix),
		},
	}
	if !m.Video.FrameRate.Valid() {
		m.Video.FrameRate = ratio(v.RealRate)
	}
	// Others estimate nb_frames, or copy what a writer claimed (AVI).
	if n, err := strconv.ParseInt(v.Frames, 10, 64); err == nil && n > 0 && isFormat(d.Format.Name, "mov", "mp4") {
		m.Video.Frames = n
	}
	if n, err := strconv.ParseInt(v.Frames, 10, 64); err == nil && n == 1 && slices.Contains(stillCodecs, v.Codec) {
		return m, nil, "a still image"
	}
	for _, s := range d.Streams {
		if s.Type != "audio" {
			continue
		}
		rate, _ := strconv.Atoi(s.SampleRate)
		if s.Codec == "" || s.Codec == "none" || s.Codec == "unknown" || s.Channels <= 0 || rate <= 0 {
			warnings = append(warnings, fmt.Sprintf("sound stream %d is of a kind this ffmpeg does not know (%s) and is left out", s.Index, jobfile.Printable(s.Tag)))
			continue
		}
		m.Sound = append(m.Sound, jobfile.SoundStream{
			Index: s.Index, Codec: s.Codec, Channels: s.Channels, Layout: known(s.Layout), SampleRate: rate,
			DurationUS: max(0, micros(s.Duration)),
		})
	}
	warnings = append(warnings, d.labels(v, &m)...)
	return m, warnings, ""
}

// labels fills in what editors conform by: timecode, reel, date.
func (d *probeDoc) labels(v *probeStream, m *jobfile.Media) (warnings []string) {
	places := []map[string]string{d.Format.Tags, v.Tags}
	for _, s := range d.Streams {
		if s.Type == "data" {
			places = append(places, s.Tags)
		}
	}
	for _, p := range places {
		if m.Timecode == "" {
			if raw := tag(p, "timecode"); raw != "" {
				tc, ok := normalTimecode(raw, m.Video.FrameRate)
				if !ok {
					warnings = append(warnings, fmt.Sprintf("timecode %s is none at %.6g frames a second and is left out", jobfile.Quote(raw), m.Video.FrameRate.Float()))
				}
				m.Timecode = tc
			}
		}
		if m.Reel == "" {
			m.Reel = plainTag(tag(p, "reel_name"))
		}
		if m.CreationTime == "" {
			if raw := tag(p, "creation_time"); raw != "" {
				if t, ok := parseCreation(raw); ok {
					m.CreationTime = t
				}
			}
		}
	}
	return warnings
}

// rotation is the display matrix's angle in degrees, counter-clockwise as ffprobe gives it;
// the tag of older files is clockwise.
func (s *probeStream) rotation() int {
	for _, d := range s.SideData {
		if d.Rotation == "" {
			continue
		}
		if f, err := d.Rotation.Float64(); err == nil && math.Abs(f) <= 360 {
			return int(math.Round(f))
		}
	}
	if n, err := strconv.Atoi(tag(s.Tags, "rotate")); err == nil && n > -360 && n < 360 {
		if n = -n % 360; n <= -180 {
			n += 360
		}
		return n
	}
	return 0
}

// known turns ffprobe's words for "not stated" into "". Words go into documents and command
// lines, so anything that is no word is not stated either.
func known(s string) string {
	switch s {
	case "unknown", "unspecified", "reserved", "N/A", "none":
		return ""
	}
	if len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.()+, ", r))
	}) {
		return ""
	}
	return s
}

func ratio(s string) jobfile.Rational {
	r, err := jobfile.ParseRational(s)
	if err != nil {
		return jobfile.Rational{Num: 0, Den: 1}
	}
	return r
}

// micros reads seconds as ffprobe writes them ("-0.007000") exactly, 0 for what is none.
func micros(s string) int64 {
	sign := int64(1)
	if strings.HasPrefix(s, "-") {
		sign, s = -1, s[1:]
	}
	whole, frac, _ := strings.Cut(s, ".")
	frac = (frac + "000000")[:6]
	w, err1 := strconv.ParseInt(whole, 10, 64)
	f, err2 := strconv.ParseInt(frac, 10, 64)
	if err1 != nil || err2 != nil || w < 0 || w > math.MaxInt64/2_000_000 || f < 0 {
		return 0
	}
	return sign * (w*1_000_000 + f)
}
