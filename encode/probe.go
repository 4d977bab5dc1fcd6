package encode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"proxima/encode/quicktime"
	"proxima/jobfile"
)

// Probed is what Probe learnt of a source.
type Probed struct {
	Media     jobfile.Media
	FirstPTS  int64    // of the first frame that is shown, ticks of Media.Video.TimeBase
	LastPTS   *int64   // of the last frame; nil if reading the end did not tell
	Ours      bool     // it bears the mark of a finished proxy
	Camera    string   // its maker and model, where the file says so
	BytesRead int64    // of the source, for all this
	Warnings  []string // for people
}

// NotVideo is a file that is no clip to make a proxy of, which is no failure: folders of
// footage hold photos, notes and sound too.
type NotVideo struct{ Path, Why string }

func (e *NotVideo) Error() string {
	return fmt.Sprintf("%s is not a video: %s", jobfile.Quote(filepath.Base(e.Path)), e.Why)
}

// tailBytes bounds what is read at a source's end, bytes; a last GOP that is longer leaves
// LastPTS open.
const tailBytes = 12 << 20

// Probe reads a source's header, its first frame and its end, which its index may tell: some megabytes,
// whatever its length. Errors: *NotVideo, *jobfile.Fault (FaultSource for a damaged or cut file, FaultUnit
// for one that is not there), or ctx's.
func (t *Tools) Probe(ctx context.Context, path string) (*Probed, error) {
	url, err := fileURL(path)
	if err != nil {
		return nil, err
	}
	f, size, err := openSource(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p := &Probed{}
	doc, read, err := t.header(ctx, url, "verbose", nil)
	p.BytesRead += read
	if err != nil {
		return nil, probeFault(path, f, size, err)
	}
	m, warnings, why := doc.media()
	p.Warnings = append(p.Warnings, warnings...)
	if why != "" {
		return nil, &NotVideo{path, why}
	}
	if err := m.Validate(); err != nil {
		return nil, &jobfile.Fault{Kind: jobfile.FaultSource, Reason: "the source's header makes no sense: " + strings.TrimPrefix(err.Error(), "media."), Next: "copy it again from the card"}
	}
	if err := declared(f, size); err != nil {
		return nil, err
	}
	p.Media, p.Ours, p.Camera = m, doc.ours(), doc.camera()

	if err := t.ends(ctx, url, f, size, doc.picture().StartPTS, p); err != nil {
		return nil, err
	}
	return p, nil
}

// ends finds the first frame and the last, in the index where that tells. start is what ffprobe says of the first.
func (t *Tools) ends(ctx context.Context, url string, f io.ReaderAt, size int64, start *int64, p *Probed) error {
	c := &counted{r: f}
	defer func() { p.BytesRead += c.n }()
	play, unknown := playingOf(ctx, c, size, &p.Media)

	err := unknown
	if err == nil {
		err = t.decodes(ctx, p.Media.Video.Codec)
	}
	if err == nil {
		p.FirstPTS, err = play.FirstFrame(start)
	}
	if err != nil {
		first, failed, read, ferr := t.firstFrame(ctx, url, &p.Media.Video)
		p.BytesRead += read
		if ferr != nil {
			return ferr
		}
		wrong := failed || errors.Is(err, quicktime.ErrHole)
		if lost, us := lostStart(&p.Media.Video, play, start, first); lost && wrong {
			return &jobfile.Fault{
				Kind:   jobfile.FaultSource,
				Reason: "the source is damaged: the first frame that can be decoded is " + hms(us) + " behind its start",
				Next:   "copy it again from the card",
			}
		}
		p.FirstPTS = first
	}

	err = unknown
	if err == nil {
		err = begins(play, p.FirstPTS)
	}
	if err == nil {
		var last int64
		if last, err = play.LastFrom(tail(&p.Media, size)); err == nil {
			p.LastPTS = &last
			return nil
		}
	}
	last, read, err := t.lastPacket(ctx, url, p, size)
	p.BytesRead += read
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		p.Warnings = append(p.Warnings, "the end of the source could not be read: "+err.Error())
	}
	p.LastPTS = last
	return nil
}

// openSource opens a source for reading only and returns its size.
func openSource(path string) (*os.File, int64, error) {
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() { // to open a pipe would wait
		return nil, 0, &NotVideo{path, "not a regular file"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, missingFault(path, err)
	}
	st, err := f.Stat()
	switch {
	case err != nil:
		err = missingFault(path, err)
	case !st.Mode().IsRegular():
		err = &NotVideo{path, "not a regular file"}
	case st.Size() == 0:
		err = &NotVideo{path, "an empty file"}
	default:
		if _, err = f.ReadAt(make([]byte, 1), 0); err == nil {
			return f, st.Size(), nil
		}
		err = missingFault(path, err)
	}
	_ = f.Close()
	return nil, 0, err
}

// declared compares a file's size with what its own structure says.
func declared(f *os.File, size int64) error {
	if want := declaredSize(f, size); want > size {
		return cutShort(size, want)
	}
	return nil
}

func cutShort(size, want int64) error {
	return &jobfile.Fault{
		Kind:   jobfile.FaultSource,
		Reason: fmt.Sprintf("the file is cut short: %d of %d bytes are there", size, want),
		Next:   "copy it again and queue it again",
	}
}

// maxHeader is the longest answer about a file's streams that is read, bytes.
const maxHeader = 16 << 20

// header runs ffprobe on the streams of a file. The bytes it read are told at level verbose.
func (t *Tools) header(ctx context.Context, url, level string, extra []string) (*probeDoc, int64, error) {
	out := &collector{limit: maxHeader}
	args := []string{"-hide_banner", "-v", "level+" + level}
	args = append(args, inputOptions()...)
	args = append(args, "-show_format", "-show_streams", "-of", "json")
	args = append(args, extra...)
	msgs, err := t.run(ctx, command{prog: t.ffprobe, args: append(args, url), stdout: out.line, stall: t.StallAfter})
	var read int64
	if msgs != nil {
		read = msgs.bytesRead
	}
	if err != nil {
		return nil, read, err
	}
	doc, err := out.probe()
	return doc, read, err
}

// probeFault says why a file's header could not be read.
func probeFault(path string, f *os.File, size int64, err error) error {
	head := make([]byte, min(size, 512))
	n, _ := f.ReadAt(head, 0) // what cannot be read is not known
	head = head[:n]
	var e *exitError
	if !errors.As(err, &e) {
		return err
	}
	text := strings.Join(e.tail, "\n")
	switch {
	case e.stalled > 0 || e.signal != "":
		return &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "the source could not be read", Next: "see whether the share of the source answers on this machine", Err: err}
	case strings.Contains(text, "Input/output error") || strings.Contains(text, "Stale file handle"):
		return &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "reading the source failed on this machine", Next: "see whether the disk or share of the source answers", Err: err}
	case strings.Contains(text, "moov atom not found"):
		return &jobfile.Fault{
			Kind:   jobfile.FaultSource,
			Reason: "the recording was never finished or the copy broke off: its index (moov) is missing",
			Next:   "copy it again from the card; if it is the same there, repair it with the camera or its maker's tool",
		}
	}
	if err := declared(f, size); err != nil {
		return err
	}
	if strings.Contains(text, "Format not on whitelist") {
		if what := guess(path, head); what != "not a media file" && what != "a text" {
			return &NotVideo{path, what}
		}
		return &NotVideo{path, "of a kind that is no single clip (a picture, a text or a list of other files)"}
	}
	if strings.Contains(text, "Invalid data found") || strings.Contains(text, "Invalid argument") || strings.Contains(text, "could not find codec parameters") {
		if isMedia(head) {
			return &jobfile.Fault{Kind: jobfile.FaultSource, Reason: "the source is damaged: " + lastMeaningful(e.tail), Next: "copy it again from the card"}
		}
		return &NotVideo{path, guess(path, head)}
	}
	return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "the source could not be probed: " + e.Error(), Next: "try: ffprobe " + shellQuote(path)}
}

// isMedia tells a damaged clip from a file that never was one.
func isMedia(head []byte) bool {
	for _, m := range []struct {
		at  int
		sig string
	}{{4, "ftyp"}, {4, "moov"}, {4, "mdat"}, {0, "\x1a\x45\xdf\xa3"}, {0, "\x06\x0e\x2b\x34"}, {8, "AVI "}} {
		if len(head) >= m.at+len(m.sig) && string(head[m.at:m.at+len(m.sig)]) == m.sig {
			return true
		}
	}
	return false
}

// firstFrame decodes until the first frame comes out, with the very program and options
// that will encode, since only it can tell what it shows: packets before it may be hidden by
// an edit list or lack their references. Raw streams get their timestamps here too. failed is that
// packets did not decode, before that frame or just behind it.
func (t *Tools) firstFrame(ctx context.Context, url string, v *jobfile.VideoStream) (pts int64, failed bool, read int64, err error) {
	var got []int64
	args := []string{"-nostdin", "-hide_banner", "-v", "level+verbose", "-copyts", "-noautorotate", "-threads", "1"}
	args = append(args, inputOptions()...)
	args = append(args, "-i", url, "-map", "0:"+strconv.Itoa(v.Index), "-an", "-sn", "-dn")
	args = append(append(args, countIn(v.TimeBase)...), "-frames:v", "1", "-c:v", "rawvideo", "-f", "framecrc", "-")
	msgs, err := t.run(ctx, command{prog: t.ffmpeg, args: args, awaited: true, stall: t.StallAfter, stdout: func(l []byte) bool {
		if n, ok := parseFrameCRC(l); ok {
			got = append(got, n)
		}
		return true
	}})
	if msgs != nil {
		read = msgs.bytesRead
	}
	if err != nil && isCtx(err) {
		return 0, false, read, err
	}
	if err != nil || len(got) == 0 {
		f := &jobfile.Fault{Kind: jobfile.FaultSource, Reason: "no frame of the source can be decoded", Next: "play it on the camera or computer it comes from; copy it again from the card", Err: err}
		if msgs != nil && (msgs.has("Decoder (codec") || msgs.has("no decoder found")) {
			f.Reason = "this ffmpeg has no decoder for the picture's codec (" + jobfile.Printable(v.Codec) + ")"
			f.Next = "convert it with its maker's tool first"
		}
		return 0, false, read, f
	}
	return got[0], msgs.decode > 0, read, nil
}

// lostStart reports whether a source has frames, which need no others, before the first that decodes, and how far it is
// behind the start, microseconds. A proxy without them would begin later than the source, under the same
// timecode. It is known where all frames stand by themselves, and where an index has a keyframe first
// (play is nil where it tells nothing): streams that were cut out of longer ones begin with frames that nobody can
// show, and decoders call those failures, too.
func lostStart(v *jobfile.VideoStream, play *quicktime.Playing, start *int64, first int64) (lost bool, us int64) {
	if start == nil || first <= *start {
		return false, 0
	}
	lost = slices.Contains(intraCodecs, v.Codec)
	if play != nil && !lost {
		lost = play.Opens(start)
	}
	return lost, v.TimeBase.Micros(first - *start)
}

// parseFrameCRC reads the pts of a line of ffmpeg's framecrc muxer:
// "0, dts, pts, duration, size, 0xcrc".
func parseFrameCRC(line []byte) (pts int64, ok bool) {
	if len(line) == 0 || line[0] == '#' {
		return 0, false
	}
	f := strings.Split(string(line), ",")
	if len(f) < 6 {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(f[2]), 10, 64)
	return n, err == nil
}

// tail is a time near the end of a source to read on from, microseconds on its own clock.
func tail(m *jobfile.Media, size int64) (us int64) {
	// The last key frame at or before the end is what a seek finds in most containers; a
	// transport stream is found by position, so there the seek has to leave room.
	back := int64(1_000_000)
	if limit := packetsWithin(tailBytes, m, size); float64(limit) < 2*max(1, m.Video.FrameRate.Float()) {
		// A second of it would be more than may be read: large pictures, each of them a
		// keyframe. Going back one and a half finds the last.
		back = int64(1.5e6 / max(1, m.Video.FrameRate.Float()))
	}
	return max(m.OriginUS, m.OriginUS+m.DurationUS-back)
}

// lastPacket reads the packets of the last seconds for the last timestamp. Nil without an
// error where a bounded read does not reach the end.
func (t *Tools) lastPacket(ctx context.Context, url string, p *Probed, size int64) (last *int64, read int64, err error) {
	m := &p.Media
	if m.DurationUS == 0 || isFormat(m.Container, rawFormats...) {
		return nil, 0, nil
	}
	limit := packetsWithin(tailBytes, m, size)
	l, err := t.listPackets(ctx, url, m.Video.Index, fmt.Sprintf("%s%%+#%d", seconds(tail(m, size)), limit), true)
	if err != nil {
		return nil, l.read, err
	}
	if l.partial && isFormat(m.Container, "mov", "mp4") {
		return nil, l.read, nil
	}
	if len(l.list) >= limit || len(l.list) == 0 {
		return nil, l.read, nil
	}
	for _, k := range l.list {
		if !k.hasPTS {
			return nil, l.read, nil
		}
		if !k.hidden && k.pts >= p.FirstPTS && (last == nil || k.pts > *last) {
			last = &k.pts
		}
	}
	return last, l.read, nil
}

// packetsWithin is about how many packets of picture lie in so many bytes of the source.
func packetsWithin(bytes int64, m *jobfile.Media, size int64) int {
	frames := float64(m.DurationUS) / 1e6 * max(1, m.Video.FrameRate.Float())
	if frames < 1 || size <= 0 {
		return 50
	}
	return int(min(3000, max(3, float64(bytes)/(float64(size)/frames))))
}

// seconds writes microseconds as ffmpeg reads times.
func seconds(us int64) string {
	sign := ""
	if us < 0 {
		sign, us = "-", -us
	}
	return fmt.Sprintf("%s%d.%06d", sign, us/1_000_000, us%1_000_000)
}
