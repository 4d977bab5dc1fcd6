package encode

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

func TestChunkedEqualsUninterrupted(t *testing.T) {
	for _, c := range []struct{ name, file, make, recipe string }{
		{"open GOP", "a.mp4", "-f lavfi -i testsrc2=size=320x240:rate=25:duration=6 -f lavfi -i sine=duration=6 -c:v libx264 -preset ultrafast -x264-params open-gop=1:keyint=25:bframes=2 -c:a aac", "dnxhr"},
		{"transport stream, odd name", "%03d 'q\" -x:\n🎬.ts", "-f lavfi -i testsrc2=size=320x240:rate=25:duration=6 -c:v libx264 -preset ultrafast -g 25 -output_ts_offset 3600", "mjpeg"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			src := filepath.Join(dir, c.file)
			ff(t, c.make, "file:"+src)
			j, _ := newJob(t, src, recipe(c.recipe), 2*time.Second)
			if n := len(j.Plan.VideoUnits()); n < 3 {
				t.Fatalf("%d chunks", n)
			}
			if _, _, err := proxy(t, j, src, dir); err != nil {
				t.Fatal(err)
			}
			want := filepath.Join(dir, "want.mov")
			uninterrupted(t, j, "file:"+src, want)
			got := filepath.Join(dir, ".target")
			if a, b := pictures(t, got, true), pictures(t, want, true); a != b {
				t.Error("pictures:", firstDiff(a, b))
			}
			if a, _ := sounds(t, got); len(j.Media.Sound) > 0 {
				if b, _ := sounds(t, want); a != b {
					t.Error("sounds:", firstDiff(a, b))
				}
			}
		})
	}
}

func TestNotVideo(t *testing.T) {
	for name, text := range map[string]string{"empty.mp4": "", "notes.txt": "a line of text\nand another\n"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := tools(t).Probe(t.Context(), path)
		if _, ok := err.(*NotVideo); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A recipe for a small picture says nothing about the encoder: no machine may be ruled out
// for it before a source is known.
func TestASmallHeightRulesNoMachineOut(t *testing.T) {
	r := recipe("dnxhr")
	r.Video.MaxHeight = 144
	if err := tools(t).CanEncode(t.Context(), &r); err != nil {
		t.Fatal(err)
	}
}

// An encoder or a muxer that loses a frame is found out, though nothing complained and the range was
// reached without a seek: ffmpeg 7 ended files before their last frame.
func TestALostFrameIsFoundOutWithoutASeek(t *testing.T) {
	dir := t.TempDir()
	src := clip4s(t, dir)
	j, _ := newJob(t, src, recipe("mjpeg"), 0)
	u := j.Plan.VideoUnits()[0]
	task := Task{Job: j, Unit: u, Source: src, Threads: 1}
	want, err := tools(t).expected(t.Context(), task)
	if err != nil {
		t.Fatal(err)
	}
	for lost, made := range map[string][]int64{"none": want.shown, "the last": want.shown[:len(want.shown)-1], "one": append(want.shown[:40:40], want.shown[41:]...)} {
		ok, warnings, err := tools(t).judge(t.Context(), task, []seek{{}}, want, made, &messages{})
		if ok != (lost == "none") || err != nil || len(warnings) > 0 {
			t.Errorf("lost %s: %v, %q, %v", lost, ok, warnings, err)
		}
	}
}

// A unit of a source whose index tells its frames takes two programs: one that encodes, one that reads the part back.
func TestAUnitOfAnIndexedSourceStartsTwoPrograms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := kind{name: "closed.mp4", steps: []string{small + smallTone + h264 + "-bf 2 -c:a aac"}}.make(t, dir)
	j, _ := newJob(t, path, recipe("mjpeg"), time.Second)
	counted, started := countedTools(t)
	for i, u := range j.Plan.VideoUnits() {
		task := Task{Job: j, Unit: u, Source: path, VideoPath: filepath.Join(dir, strconv.Itoa(i)), Threads: 1}
		if _, err := counted.Encode(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		if n, known := started(); known && n != 2 {
			t.Errorf("%s: %d programs", u.ID, n)
		}
	}
}
