//go:build e2e

package encode

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"proxima/internal/corpus"
)

var cutsTried = []time.Duration{200 * time.Millisecond, 710 * time.Millisecond, time.Second}

var moreKinds = []kind{
	{name: "no B frames.mp4", steps: []string{small + h264 + "-bf 0"}},
	{name: "pyramid.mov", steps: []string{small + h264 + "-preset veryfast -bf 4 -x264-params b-pyramid=normal"}},
	{name: "intra refresh.mp4", steps: []string{small + "-c:v libx264 -preset ultrafast -x264-params intra-refresh=1:keyint=20:bframes=0"}},
	{name: "one keyframe.mp4", steps: []string{small + h264 + "-g 1000"}},
	{name: "hevc.mp4", steps: []string{small + "-c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=15:min-keyint=15:bframes=3:open-gop=1"}},
	{name: "hevc closed.mov", steps: []string{small + "-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params log-level=error:keyint=15:bframes=2:open-gop=0"}},
	{name: "prores.mov", steps: []string{small + "-c:v prores_ks -profile:v proxy"}},
	{name: "dnxhr.mov", steps: []string{small + "-c:v dnxhd -profile:v dnxhr_lb -pix_fmt yuv422p -s 320x240"}},
	{name: "mjpeg.mov", steps: []string{small + "-c:v mjpeg"}},
	{name: "cineform.mov", steps: []string{small + "-c:v cfhd -pix_fmt yuv422p10le"}, asksFirst: true},
	{name: "mpeg2 closed.mov", steps: []string{small + "-c:v mpeg2video -g 12 -bf 2 -flags +cgop -sc_threshold 1000000000"}, asksFirst: true},
	{name: "mpeg2 with partial keyframes.mov", steps: []string{small + "-c:v mpeg2video -g 12 -bf 2"}, asksFirst: true},
	{name: "mpeg4.mp4", steps: []string{small + "-c:v mpeg4 -g 12 -bf 2"}, asksFirst: true},
	{name: "dv.mov", steps: []string{"-f lavfi -i testsrc2=size=720x576:rate=25:duration=1 -c:v dvvideo -pix_fmt yuv420p"}, asksFirst: true},
	{name: "v210.mov", steps: []string{small + "-c:v v210"}, asksFirst: true},
	{name: "raw.mov", steps: []string{small + "-c:v rawvideo -pix_fmt uyvy422"}, asksFirst: true},
	{name: "png.mov", steps: []string{small + "-c:v png"}, asksFirst: true},
	{name: "animation.mov", steps: []string{small + "-c:v qtrle -pix_fmt rgb24 -g 10"}, asksFirst: true},
	{name: "of another codec, vp9.mp4", steps: []string{small + "-c:v libvpx-vp9 -cpu-used 8 -g 15"}, asksFirst: true, asksEnd: true, asksKeys: true},
	{name: "of another codec, av1.mp4", steps: []string{small + "-s 64x64 -c:v libsvtav1 -preset 12 -g 15"}, asksFirst: true, asksEnd: true, asksKeys: true},
	{name: "negative shifts.mp4", steps: []string{small + smallTone + h264 + "-bf 3 -c:a aac -movflags +negative_cts_offsets"}},
	{name: "negative shifts, cut.mp4", steps: []string{small + h264 + "-bf 3 -movflags +negative_cts_offsets -f mp4 DIR/neg", "-ss 0.9 -i DIR/neg -map 0 -c copy -movflags +negative_cts_offsets"}, asksFirst: true},
	{name: "without edit list.mov", steps: []string{small + smallTone + h264 + "-bf 2 -c:a aac -use_editlist 0"}},
	{name: "without edit list, and the first frame late.mp4", steps: []string{small + smallTone + h264 + "-bf 2 -c:a aac"}, patch: rename("elst", "free")},
	{name: "picture late.mp4", steps: []string{"-itsoffset 0.7 " + small + smallTone + h264 + "-bf 2 -c:a aac"}},
	{name: "sound late.mov", steps: []string{small + "-itsoffset 0.5 " + smallTone + h264 + "-bf 2 -c:a pcm_s16le"}},
	{name: "sound longer.mov", steps: []string{small + "-f lavfi -i sine=duration=7 " + h264 + "-bf 2 -c:a pcm_s16le"}},
	{name: "picture longer.mov", steps: []string{small + "-f lavfi -i sine=duration=1 " + h264 + "-bf 2 -c:a pcm_s16le"}},
	{name: "later start.mp4", steps: []string{small + smallTone + h264 + "-bf 2 -c:a aac -output_ts_offset 100"}},
	{name: "later start, no edit list.mp4", steps: []string{small + smallTone + h264 + "-bf 2 -c:a aac -output_ts_offset 100 -use_editlist 0"}},
	{name: "variable rate.mov", steps: []string{small + "-vf select=not(mod(n\\,3))+not(mod(n\\,7)) -fps_mode vfr " + h264 + "-bf 2"}},
	{name: "slower at its end.mp4", steps: []string{small + "-vf setpts='if(gt(N\\,40)\\,(N-40)*4+40\\,N)/25/TB' -fps_mode vfr " + h264 + "-bf 2"}},
	{name: "fine clock.mov", steps: []string{"-f lavfi -i testsrc2=size=64x48:rate=30000/1001:duration=3 " + h264 + "-bf 2 -video_track_timescale 10000000"}},
	{name: "coarse clock.mov", steps: []string{"-f lavfi -i testsrc2=size=64x48:rate=30000/1001:duration=3 " + h264 + "-bf 2 -video_track_timescale 1001"}},
	{name: "copied with an end.mp4", steps: []string{small + smallTone + h264 + "-bf 3 -c:a aac -f mp4 DIR/e", "-ss 0.5 -t 1.5 -i DIR/e -map 0 -c copy"}, asksFirst: true},
	{name: "copied between keyframes, sound first.mov", steps: []string{smallTone + small + h264 + "-bf 3 -c:a pcm_s16le -f mov DIR/f", "-ss 1.33 -i DIR/f -map 0 -c copy"}, asksFirst: true},
	{name: "short.mp4", steps: []string{small + h264 + "-bf 2 -frames:v 5"}},
	{name: "one frame.mp4", steps: []string{small + h264 + "-frames:v 1"}},
	{name: "one frame of sound and two.mov", steps: []string{small + smallTone + h264 + "-frames:v 2"}},
	{name: "two pictures.mov", steps: []string{small + small + "-map 0 -map 1 " + h264}, asksFirst: true, asksEnd: true, asksKeys: true},
	{name: "cover.mp4", steps: []string{small + "-f lavfi -i testsrc2=size=64x48:duration=0.04 -map 0 -map 1 " + h264 + "-c:v:1 mjpeg -disposition:v:1 attached_pic"}},
	{name: "everything is a fragment.mov", steps: []string{small + h264 + "-movflags +frag_every_frame"}, asksFirst: true, asksEnd: true, asksKeys: true},
	{name: "in fragments with a list of them.mp4", steps: []string{small + h264 + "-movflags +dash+global_sidx+frag_keyframe"}, asksFirst: true, asksEnd: true, asksKeys: true},
	{name: "its start cut off by an edit.mp4", steps: []string{small + smallTone + h264 + "-bf 2 -c:a aac"}, patch: edits(edit{2000, 9000}), asksFirst: true},
	{name: "between keyframes by an edit.mp4", steps: []string{small + h264 + "-bf 2"}, patch: edits(edit{1111, 9333}), asksFirst: true},
	{name: "its end cut off by an edit.mp4", steps: []string{small + smallTone + h264 + "-bf 2 -c:a aac"}, patch: edits(edit{700, 1024})},
	{name: "its end cut off by an edit, no B frames.mp4", steps: []string{small + smallTone + h264 + "-bf 0 -c:a aac"}, patch: edits(edit{700, 0})},
	{name: "an edit of intra frames.mov", steps: []string{small + smallTone + "-c:v mjpeg -c:a pcm_s16le"}, patch: edits(edit{1234, 5000}), either: true}, // ffmpeg 5 shows its first frame all the same
	{name: "an edit of open groups.mov", steps: []string{small + h264 + "-bf 3 -x264-params open-gop=1"}, patch: edits(edit{1300, 9728}), asksFirst: true},
	{name: "an edit that begins before.mp4", steps: []string{small + h264 + "-bf 2"}, patch: edits(edit{3000, 0})},
	{name: "a delay by an edit.mp4", steps: []string{small + h264 + "-bf 2"}, patch: edits(edit{500, -1}, edit{2000, 1024})},
	{name: "a delay and an edit within.mp4", steps: []string{small + h264 + "-bf 2"}, patch: edits(edit{777, -1}, edit{1500, 8000}), asksFirst: true},
	{name: "two edits.mp4", steps: []string{small + h264 + "-bf 2"}, patch: edits(edit{1000, 1024}, edit{1000, 16384}), asksFirst: true, asksEnd: true, asksKeys: true},
	{name: "no table of keyframes.mp4", steps: []string{small + h264 + "-bf 2"}, patch: rename("stss", "free"), asksKeys: true},
	{name: "a frame called a keyframe that is none.mp4", steps: []string{small + h264 + "-bf 2"}, patch: func(_ *testing.T, b []byte) []byte {
		b[bytes.Index(b, []byte("stss"))+19] = 8 // the second
		return b
	}, asksKeys: true},
	{name: "no table of keyframes, and none needed.mp4", steps: []string{small + h264 + "-g 1"}},
}

// edit shows so long of a file, 1000ths of a second, from a time on, ticks of the track; -1 shows nothing.
type edit struct{ ticks, from int64 }

// edits puts other edits in place of the first list of a file, and makes room for it at the file's end.
func edits(list ...edit) func(*testing.T, []byte) []byte {
	return func(t *testing.T, b []byte) []byte {
		t.Helper()
		var body []byte
		for _, e := range list {
			body = binary.BigEndian.AppendUint32(body, uint32(e.ticks))
			body = binary.BigEndian.AppendUint32(body, uint32(e.from))
			body = binary.BigEndian.AppendUint32(body, 1<<16)
		}
		at := bytes.Index(b, []byte("elst"))
		if at < 0 || bytes.Index(b, []byte("moov")) < bytes.Index(b, []byte("mdat")) {
			t.Fatal("no edit list, or the index is first")
		}
		n := binary.BigEndian.Uint32(b[at-4:])
		grown := uint32(len(body)+16) - n
		for _, name := range []string{"moov", "trak", "edts", "elst"} {
			i := bytes.LastIndex(b[:at+4], []byte(name)) - 4
			binary.BigEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:])+grown)
		}
		binary.BigEndian.PutUint32(b[at+8:], uint32(len(list)))
		return append(append(bytes.Clone(b[:at+12]), body...), b[at-4+int(n):]...)
	}
}

func rename(from, to string) func(*testing.T, []byte) []byte {
	return func(t *testing.T, b []byte) []byte {
		t.Helper()
		at := bytes.Index(b, []byte(from))
		if at < 0 {
			t.Fatal("no " + from)
		}
		copy(b[at:], to)
		return b
	}
}

func TestIndexesOfManyKindsTellWhatFFprobeFinds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, k := range moreKinds {
		t.Run(k.name, func(t *testing.T) { k.compare(t, k.make(t, dir), cutsTried...) })
	}
}

func TestIndexesOfTheCorpusTellWhatFFprobeFinds(t *testing.T) {
	t.Parallel()
	dir, err := corpus.Folder()
	if err != nil {
		t.Fatal(err)
	}
	if err := corpus.Make(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	for _, s := range corpus.Sources() {
		switch filepath.Ext(s.Name) {
		case ".mov", ".mp4", ".m4v":
			// One was cut in the middle of a group of pictures, one is DV.
			k := kind{asksFirst: s.Name == "copy-trimmed.mp4" || s.Name == "ntsc-486.mov"}
			t.Run(s.Name, func(t *testing.T) { k.compare(t, filepath.Join(dir, s.Name), cutsTried...) })
		}
	}
}

// An index in which numbers were changed, by chance but not wildly: what is taken from it is still what ffprobe finds.
func TestAChangedIndexTellsWhatFFprobeFinds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files [][]byte
	for _, k := range []kind{
		{name: "a.mp4", steps: []string{small + smallTone + h264 + "-bf 2 -c:a aac"}},
		{name: "b.mov", steps: []string{small + h264 + "-bf 3 -movflags +negative_cts_offsets"}},
		{name: "c.mov", steps: []string{small + "-c:v mpeg2video -g 12 -bf 2"}},
		{name: "d.mov", steps: []string{small + smallTone + "-c:v mjpeg -c:a pcm_s16le"}},
	} {
		files = append(files, fileBytes(t, k.make(t, dir)))
	}
	r := rand.New(rand.NewPCG(*changes, 1))
	taken, asked := 0, 0
	for n := range *changed {
		b := bytes.Clone(files[n%len(files)])
		what := ""
		for range 1 + r.IntN(3) {
			table := []string{"elst", "elst", "stts", "ctts", "stss", "stps", "stsc", "mdhd", "mvhd"}[r.IntN(9)]
			at := bytes.Index(b, []byte(table))
			if at < 0 {
				continue
			}
			size := int(binary.BigEndian.Uint32(b[at-4:]))
			field := at + 8 + 4*r.IntN(max(1, min(40, (size-12)/4)))
			old := binary.BigEndian.Uint32(b[field:])
			now := []uint32{old + 1, old - 1, old + 512, old - 512, old * 2, old / 2, 0, 1, uint32(r.IntN(20000)), -old}[r.IntN(10)]
			binary.BigEndian.PutUint32(b[field:], now)
			what += fmt.Sprintf(" %s+%d: %d->%d", table, field-at, int32(old), int32(now))
		}
		path := filepath.Join(dir, "changed.mov")
		put(t, path, b)
		p, err := tools(t).Probe(t.Context(), path)
		if err != nil {
			continue
		}
		t.Run(fmt.Sprintf("file %d,%s", n%len(files), what), func(t *testing.T) {
			sameFirst(t, path, p)
			if why := sameEnd(t, path, p); why != nil {
				asked++
				return
			}
			taken++
			sameKeys(t, path, p, 700*time.Millisecond)
			cuts, _, err := tools(t).Cuts(t.Context(), path, p, 700*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			sameRanges(t, path, p, cuts, false)
		})
	}
	t.Logf("%d taken, %d asked", taken, asked)
	if taken < asked/10 {
		t.Errorf("of %d indexes %d are taken", taken+asked, taken)
	}
}

var (
	changes = flag.Uint64("changes", 1, "seed of the changes of indexes")
	changed = flag.Int("changed", 40, "how many indexes are changed")
)
