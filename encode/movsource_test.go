package encode

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"proxima/encode/quicktime"
	"proxima/jobfile"
)

// kind is a kind of source whose index is read.
type kind struct {
	name  string   // of the file
	steps []string // of making it; those before the last end with the file that they make, in DIR
	patch func(t *testing.T, file []byte) []byte

	asksFirst, asksEnd, asksKeys bool // a program has to be asked for its first frame, for its end, for its keyframes
	either                       bool // releases of ffmpeg differ
}

const (
	small     = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=3 "
	smallTone = "-f lavfi -i sine=duration=3 "
	h264      = "-c:v libx264 -preset ultrafast -threads 1 -g 15 "
)

// The others are among the long tests.
var kinds = []kind{
	{name: "order.mp4", steps: []string{small + smallTone + h264 + "-bf 2 -x264-params open-gop=1 -c:a aac -movflags +faststart"}},
	{name: "sound first.mov", steps: []string{smallTone + small + "-map 0 -map 1 -c:v prores_ks -profile:v proxy -threads 1 -c:a pcm_s16le -timecode 10:00:00:00 -frames:v 30"}},
	{name: "cut in mid group.mp4", steps: []string{small + smallTone + h264 + "-bf 3 -b_strategy 0 -c:a aac -f mp4 DIR/whole", "-ss 0.3 -i DIR/whole -t 2.2 -map 0 -c copy"}, asksFirst: true},
	{name: "fragments.mp4", steps: []string{small + h264 + "-movflags +frag_keyframe+empty_moov"}, asksFirst: true, asksEnd: true, asksKeys: true},
}

func (k kind) make(t *testing.T, dir string) (path string) {
	t.Helper()
	path = filepath.Join(dir, k.name)
	for i, s := range k.steps {
		s, out := strings.ReplaceAll(s, "DIR", dir), "file:"+path
		if i < len(k.steps)-1 {
			space := strings.LastIndex(s, " ")
			s, out = s[:space], s[space+1:]
		}
		ff(t, s, out)
	}
	if k.patch != nil {
		put(t, path, k.patch(t, fileBytes(t, path)))
	}
	return path
}

// What a source's index says of its end and its keyframes is what ffprobe finds there, and no program
// is started for it where nothing is unusual about the source.
func TestASourcesIndexTellsWhatFFprobeFinds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) { k.compare(t, k.make(t, dir), 700*time.Millisecond) })
	}
}

// compare goes both ways, and holds that of Probe and Cuts to how many programs it starts.
func (k kind) compare(t *testing.T, path string, targets ...time.Duration) {
	t.Helper()
	counted, started := countedTools(t)
	if err := counted.decodes(t.Context(), "h264"); err != nil { // asks once
		t.Fatal(err)
	}
	started()
	p, err := counted.Probe(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	asks := map[bool]int{true: 1}
	if n, known := started(); known && !k.either && n != 1+asks[k.asksFirst]+asks[k.asksEnd] {
		t.Errorf("%d programs were started to probe it", n)
	}
	sameFirst(t, path, p)
	sameEnd(t, path, p)
	for _, target := range targets {
		from, to := span(p)
		if len(cutTargets(from, to, target.Microseconds())) == 0 {
			continue
		}
		cuts, _, err := counted.Cuts(t.Context(), path, p, target)
		if err != nil {
			t.Fatal(err)
		}
		if n, known := started(); known && !k.either && (n > 0) != k.asksKeys {
			t.Errorf("%d programs were started to cut it each %s", n, target)
		}
		sameKeys(t, path, p, target)
		sameRanges(t, path, p, cuts, true)
	}
}

// sameRanges compares what the index says of each range with what ffprobe and ffmpeg find there; also how long the last
// frame is shown, which ffprobe guesses by the frame rate where frames are shown in another order.
func sameRanges(t *testing.T, path string, p *Probed, cuts []int64, lasts bool) {
	t.Helper()
	job := &jobfile.Job{Media: p.Media, Plan: jobfile.Plan{FirstPTS: p.FirstPTS, LastPTS: p.LastPTS, Units: planUnits(p.FirstPTS, cuts, false)}}
	for _, u := range job.Plan.Units {
		if !u.ID.HasVideo() {
			continue
		}
		task := Task{Job: job, Unit: u, Source: path, Threads: 1}
		tries := seeks(job, u.Range)
		told, sure := toldOf(t.Context(), task, tries[0])
		if told == nil {
			continue
		}
		found, err := tools(t).expected(t.Context(), task)
		if err == nil && len(found.shown) == 0 { // ffprobe 7.1 goes too far in some open groups
			found.hidden = told.hidden
			found.shown, _, err = tools(t).reference(t.Context(), task, tries[len(tries)-1])
		}
		if err != nil || !slices.Equal(told.shown, found.shown) || told.hidden != found.hidden || found.unstamped {
			t.Errorf("%s: frames at %d, %d are hidden; by ffprobe %+v (%v)", u.ID, told.shown, told.hidden, found, err)
		}
		if d := told.last.duration; lasts && d > 0 && u.Range.End != nil && found.last.duration > 0 && d != found.last.duration {
			t.Errorf("%s: its last frame lasts %d, by ffprobe %d", u.ID, d, found.last.duration)
		}
		if sure {
			if left, err := tools(t).honest(t.Context(), task, tries); err != nil || len(left) != len(tries) {
				t.Errorf("%s: a decoder cannot begin at %d (%v)", u.ID, u.Range.Start, err)
			}
		}
	}
}

// sameFirst compares the first frame that a source was found to have with what ffmpeg decodes.
func sameFirst(t *testing.T, path string, p *Probed) {
	t.Helper()
	url, err := fileURL(path)
	if err != nil {
		t.Fatal(err)
	}
	if first, _, _, err := tools(t).firstFrame(t.Context(), url, &p.Media.Video); first != p.FirstPTS || err != nil {
		t.Errorf("its first frame is at %d, by ffmpeg at %d (%v)", p.FirstPTS, first, err)
	}
}

// sameEnd compares the end that a source was found to have with what ffprobe says, and tells why the index was not
// taken, if so.
func sameEnd(t *testing.T, path string, p *Probed) (why error) {
	t.Helper()
	f, size := opened(t, path)
	url, err := fileURL(path)
	if err != nil {
		t.Fatal(err)
	}
	last, why := lastSample(f, size, p)
	if why != nil && !errors.Is(why, quicktime.ErrIndex) {
		t.Error(why)
	}
	found, _, err := tools(t).lastPacket(t.Context(), url, p, size)
	if why == nil && found == nil && err == nil { // it reads no more than some megabytes
		found = lastOfAll(t, url, p)
	}
	is := func(n *int64) any {
		if n == nil {
			return "?"
		}
		return *n
	}
	if is(p.LastPTS) != is(found) || why == nil && is(last) != is(found) {
		t.Errorf("its end is at %v, by the index at %v (%v), by ffprobe at %v (%v)", is(p.LastPTS), is(last), why, is(found), err)
	}
	return why
}

// lastSample is a source's end by its index alone.
func lastSample(f io.ReaderAt, size int64, p *Probed) (*int64, error) {
	play, err := playingOf(bgContext, f, size, &p.Media)
	if err == nil {
		err = begins(play, p.FirstPTS)
	}
	if err != nil {
		return nil, err
	}
	last, err := play.LastFrom(tail(&p.Media, size))
	return &last, err
}

func sameKeys(t *testing.T, path string, p *Probed, target time.Duration) {
	t.Helper()
	_, size := opened(t, path)
	url, err := fileURL(path)
	if err != nil {
		t.Fatal(err)
	}
	from, to := span(p)
	targets := cutTargets(from, to, target.Microseconds())
	keys, _, err := keySamples(t.Context(), path, size, p, targets)
	if err != nil {
		if !errors.Is(err, quicktime.ErrIndex) {
			t.Error(err)
		}
		return
	}
	found, _, err := tools(t).keyPackets(t.Context(), url, size, p, targets, target)
	if !slices.Equal(keys, found) || err != nil {
		t.Errorf("each %s: keyframes at %d, by ffprobe at %d (%v)", target, keys, found, err)
	}
}

func opened(t *testing.T, path string) (*os.File, int64) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return f, st.Size()
}

func lastOfAll(t *testing.T, url string, p *Probed) (last *int64) {
	t.Helper()
	run, err := tools(t).listPackets(t.Context(), url, p.Media.Video.Index, "", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range run.list {
		if k.hasPTS && !k.hidden && (last == nil || k.pts > *last) {
			last = &k.pts
		}
	}
	return last
}

// An index that does not fit to what ffprobe said of the file is not taken, nor one of which anything is missing or
// may be meant otherwise.
func TestASourcesIndexIsNotBelieved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := kinds[0].make(t, dir)
	good := fileBytes(t, path)
	p, err := tools(t).Probe(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	at := func(b []byte, atom string) []byte {
		i := bytes.Index(b, []byte(atom))
		if i < 0 {
			t.Fatal("no " + atom)
		}
		return b[i-4:]
	}
	told := *p
	for what, change := range map[string]func(b []byte) []byte{
		"":                             func(b []byte) []byte { return b },
		"the first frame is elsewhere": func(b []byte) []byte { told.FirstPTS++; return b },
		"frames are missing":           func(b []byte) []byte { told.Media.Video.Frames--; return b },
		"the clock is another":         func(b []byte) []byte { told.Media.Video.TimeBase.Den++; return b },
		"it is shorter":                func(b []byte) []byte { told.Media.DurationUS /= 2; return b },
		"it has no length":             func(b []byte) []byte { told.Media.DurationUS = 0; return b },
		"the picture is elsewhere":     func(b []byte) []byte { told.Media.Video.Index = 1; return b },
		"it has no such stream":        func(b []byte) []byte { told.Media.Video.Index = 9; return b },
		"the codec is another":         func(b []byte) []byte { told.Media.Video.Codec = "vp9"; return b },
		"it is no QuickTime file":      func(b []byte) []byte { told.Media.Container = "matroska,webm"; return b },
		"its end is cut off":           func(b []byte) []byte { return b[:len(b)-1] },
		"it has no index":              func(b []byte) []byte { copy(at(b, "moov")[4:], "free"); return b },
		"it has two":                   func(b []byte) []byte { copy(at(b, "free")[4:], "moov"); return b },
		"it has fragments":             func(b []byte) []byte { copy(at(b, "free")[4:], "moof"); return b },
		"the media are elsewhere":      func(b []byte) []byte { at(b, "dref")[27] = 0; return b },
		"the samples are encrypted":    func(b []byte) []byte { copy(at(b, "stsd")[20:], "encv"); return b },
		"samples are of two kinds":     func(b []byte) []byte { at(b, "stsd")[15] = 2; return b },
		"a sample lies behind":         func(b []byte) []byte { at(b, "stco")[16] = 0x7f; return b },
		"a sample has no bytes":        func(b []byte) []byte { clear(at(b, "stsz")[20:24]); return b },
		"chunks are out of order":      func(b []byte) []byte { at(b, "stsc")[19] = 2; return b },
		"the edit is slow":             func(b []byte) []byte { at(b, "elst")[25] = 2; return b },
		"the edit shows nothing":       func(b []byte) []byte { copy(at(b, "elst")[20:], "\xff\xff\xff\xff"); return b },
		"time stands still":            func(b []byte) []byte { clear(at(b, "stts")[20:24]); return b },
		"time is too short":            func(b []byte) []byte { at(b, "stts")[19]--; return b },
		"shifts are of other frames":   func(b []byte) []byte { at(b, "ctts")[19]--; at(b, "ctts")[18]++; return b },
		"keyframes are out of order":   func(b []byte) []byte { at(b, "stss")[19] = 0; return b },
		"keyframes are not listed":     func(b []byte) []byte { clear(at(b, "stss")[12:16]); return b },
		"the sound has no samples":     func(b []byte) []byte { clear(at(at(b, "soun"), "stts")[12:16]); return b },
		"a table is twice":             func(b []byte) []byte { copy(at(at(b, "stss"), "stsc")[4:], "stts"); return b },
	} {
		told = *p
		b := change(bytes.Clone(good))
		last, err := lastSample(bytes.NewReader(b), int64(len(b)), &told)
		if what == "" && (err != nil || *last != *p.LastPTS) || what != "" && !errors.Is(err, quicktime.ErrIndex) {
			t.Errorf("%q: %v", what, err)
		}
	}
}
