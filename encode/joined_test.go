package encode

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"proxima/encode/quicktime"
	"proxima/jobfile"
)

// joinedParts makes parts of two chunks and sound, and joins them, keeping what is known of the join.
func joinedParts(t *testing.T, recipeName string, sums joinSums) (StitchTask, *jobfile.Final) {
	t.Helper()
	dir := t.TempDir()
	src := filepath.Join(dir, "a.mov")
	ff(t, "-f lavfi -i testsrc2=size=320x240:rate=25:duration=4 -f lavfi -i sine=duration=4 -c:v libx264 -preset ultrafast -g 25 -bf 2 -c:a pcm_s16le -timecode 01:00:00:00", src)
	r := recipe(recipeName)
	r.Flags = []string{"faststart"}
	j, _ := newJob(t, src, r, 2*time.Second)
	st, f, _, err := proxyParts(t, j, src, dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(st.Target); err != nil {
		t.Fatal(err)
	}
	joinWith(t, st, sums, room(st))
	return st, f
}

func joinWith(t *testing.T, st StitchTask, sums joinSums, front int64) {
	t.Helper()
	flushed, err := tools(t).join(t.Context(), st, joinURLs(t, st, sums), sums, front)
	if err == nil {
		err = flushed()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func joinURLs(t *testing.T, st StitchTask, sums joinSums) map[string]string {
	t.Helper()
	list, err := st.writeList(filepath.Dir(sums.pictures))
	if err != nil {
		t.Fatal(err)
	}
	urls := map[string]string{}
	for name, path := range map[string]string{"list": list, "target": st.Target, "sound": st.Sound.Path, "pictureSums": sums.pictures, "soundSums": sums.sound} {
		if urls[name], err = fileURL(path); err != nil {
			t.Fatal(err)
		}
	}
	return urls
}

// What is known without reading the file is what reading it tells; and each thing that may be
// wrong with a file, or with what was joined, is found without.
func TestAJoinIsProvenWithoutReadingItAgain(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dnxhr", "x264"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sums := sumsIn(t.TempDir())
			st, first := joinedParts(t, name, sums)
			prove := func() (*jobfile.Final, error) {
				seen, err := newJoined(st, sums)
				if err != nil {
					return nil, err
				}
				defer seen.file.Close()
				return tools(t).prove(t.Context(), st.Target, st, seen)
			}
			seen, err := prove()
			if err != nil {
				t.Fatal(err)
			}
			read, err := tools(t).Verify(t.Context(), st.Target, st)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(read.Checks[0], readBack{}.how()) || !strings.HasSuffix(seen.Checks[0], (*joined)(nil).how()) {
				t.Errorf("%q and %q", read.Checks[0], seen.Checks[0])
			}
			read.Checks, seen.Checks, first.Checks = nil, nil, nil
			if !reflect.DeepEqual(read, seen) || !reflect.DeepEqual(first, seen) {
				t.Errorf("read %+v\nseen %+v\nbefore %+v", read, seen, first)
			}

			good := fileBytes(t, st.Target)
			index, err := quicktime.Read(bytes.NewReader(good), int64(len(good)))
			if err != nil {
				t.Fatal(err)
			}
			samples := samplesOf(t, index.Tracks("vide")[0])
			last := samples[st.Video[0].Part.Frames-1] // of the first part
			soundAt := bytes.LastIndex(good[:bytes.Index(good, []byte("mdat"))], []byte("stco"))
			soundTimes, kinds := bytes.Index(good[bytes.Index(good, []byte("soun")):], []byte("stts")), bytes.Index(good, []byte("stsc"))
			soundTimes += bytes.Index(good, []byte("soun"))
			sizes, edit := bytes.Index(good, []byte("stsz")), bytes.Index(good, []byte("elst"))
			for _, c := range []struct {
				what   string
				change func(b []byte) []byte
				want   string
			}{
				{"a part's last frame is not what it was", func(b []byte) []byte { b[last.Offset+last.Size-1]++; return b }, "is not what was joined"},
				{"the end is missing", func(b []byte) []byte { return b[:len(b)-1] }, "index does not read"},
				{"the index says another size", func(b []byte) []byte { b[sizes+11]++; return b }, "bytes instead of"},
				{"the index hides a frame", func(b []byte) []byte { b[edit+19]++; return b }, "is hidden"},
				{"sound lies elsewhere", func(b []byte) []byte { b[soundAt+15]++; return b }, "is in no track, or in two"},
				{"sound lasts otherwise", func(b []byte) []byte { b[soundTimes+19]--; return b }, "of its sound is longer or shorter"},
				{"the samples are of another kind", func(b []byte) []byte { b[kinds+23]++; return b }, "of its description 2"},
				{"the index is broken", func(b []byte) []byte { copy(b[sizes:], "XXXX"); return b }, "chunks hold more samples"},
			} {
				put(t, st.Target, c.change(bytes.Clone(good)))
				if _, err := prove(); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s: %v", c.what, err)
				}
			}
			put(t, st.Target, good)

			sum := fileBytes(t, sums.pictures)
			for what, change := range map[string]func(lines []string) []string{
				"one frame fewer was joined": func(l []string) []string { return l[:len(l)-1] },
				"one frame more was joined":  func(l []string) []string { return append(l, l[len(l)-1]) },
				"another frame was joined":   func(l []string) []string { l[len(l)-9] = l[len(l)-9][:len(l[0])-1] + "x"; return l },
			} {
				put(t, sums.pictures, []byte(strings.Join(change(strings.Split(strings.TrimSpace(string(sum)), "\n")), "\n")+"\n"))
				if _, err := prove(); err == nil {
					t.Errorf("%s, and nobody noticed", what)
				}
			}
			put(t, sums.pictures, sum)
			if _, err := prove(); err != nil {
				t.Errorf("and as it was: %v", err)
			}
		})
	}
}

// SMPTE 302M's last packet lies behind what the edit list of its part shows: ffmpeg does not hand it on, and
// fewer bytes are in the file than in the part. That is no fault.
func TestWhatTheIndexTellsOtherwiseIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	src := filepath.Join(dir, "a.ts")
	ff(t, "-f lavfi -i testsrc2=size=320x240:rate=25:duration=1 -f lavfi -i sine=duration=2.3:sample_rate=48000,aformat=channel_layouts=stereo -c:v mpeg2video -c:a s302m -strict -2", src)
	r := recipe("dnxhr")
	r.Sound = jobfile.SoundRecipe{Encoder: "copy"}
	j, _ := newJob(t, src, r, 0)
	st, f, _, err := proxyParts(t, j, src, dir)
	if err != nil {
		t.Fatal(err)
	}
	index, err := indexOf(st.Target)
	if err != nil {
		t.Fatal(err)
	}
	part, err := indexOf(st.Sound.Path)
	if err != nil {
		t.Fatal(err)
	}
	if in, out := part.Tracks("soun")[0].Samples(), index.Tracks("soun")[0].Samples(); in == out {
		t.Errorf("%d packets of sound are all in the file, and nothing is tested", in)
	}
	if !strings.HasSuffix(f.Checks[0], readBack{}.how()) {
		t.Errorf("%q", f.Checks)
	}
}

// ffmpeg takes no 2 GB for the index, which a day of many tracks of sound would come to.
func TestNoMoreRoomIsLeftThanFFmpegTakes(t *testing.T) {
	t.Parallel()
	st := StitchTask{Job: &jobfile.Job{Recipe: recipe("x264")}, Sound: &SoundSource{Part: &jobfile.SoundPart{}}}
	st.Job.Recipe.Flags = []string{"faststart"}
	st.Video = []VideoSource{{Part: &jobfile.VideoPart{Frames: 2_000_000}}}
	if n := room(st); n < 48*2_000_000 {
		t.Errorf("%d", n)
	}
	for range 32 {
		st.Sound.Part.Streams = append(st.Sound.Part.Streams, jobfile.SoundFacts{SampleRate: 48000, DurationUS: 8 * 3600 * 1_000_000})
	}
	if n := room(st); n != 0 {
		t.Errorf("%d", n)
	}
}

// The index is where players on the web want it, in the room that was left for it, or moved there.
func TestTheIndexIsFirst(t *testing.T) {
	t.Parallel()
	sums := sumsIn(t.TempDir())
	st, f := joinedParts(t, "x264", sums)
	if moved := room(st); moved <= 0 {
		t.Fatalf("no room for it: %d", moved)
	}
	left := fileBytes(t, st.Target)
	for _, name := range []string{st.Target, sums.pictures, sums.sound} {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	joinWith(t, st, sums, 100)
	moved := fileBytes(t, st.Target)
	for what, b := range map[string][]byte{"in its place": left, "moved": moved} {
		if i, m := bytes.Index(b, []byte("moov")), bytes.Index(b, []byte("mdat")); i < 0 || i > m {
			t.Errorf("%s: index at %d, media at %d", what, i, m)
		}
	}
	if len(left) < len(moved)+10_000 {
		t.Errorf("%d and %d bytes: no room was left the first time", len(left), len(moved))
	}
	if again, err := tools(t).Verify(t.Context(), st.Target, st); err != nil || again.Digest != f.Digest {
		t.Errorf("%+v, %v", again, err)
	}
}

// The index says of each packet what ffprobe finds by reading it.
func TestTheIndexIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, line := range map[string]string{
		"each its own size, mjpeg.mov": "-f lavfi -i testsrc2=size=160x120:rate=25:duration=1 -c:v mjpeg",
		"all of one size.mov":          "-f lavfi -i testsrc2=size=160x120:rate=25:duration=1 -f lavfi -i sine=duration=1 -c:v dnxhd -profile:v dnxhr_lb -pix_fmt yuv422p -vf scale=320:240 -c:a pcm_s24le",
		"later than the sound.mp4":     "-itsoffset 0.7 -f lavfi -i testsrc2=size=160x120:rate=25:duration=1 -f lavfi -i sine=duration=2 -c:v libx264 -bf 2 -c:a aac",
		"times apart.mov":              "-f lavfi -i testsrc2=size=160x120:rate=25:duration=2 -vf select=not(mod(n\\,3))+not(mod(n\\,7)) -fps_mode vfr -c:v libx264 -bf 2",
	} {
		path := filepath.Join(dir, name)
		ff(t, line, path)
		b := fileBytes(t, path)
		index, err := quicktime.Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		track := index.Tracks("vide")[0]
		stage, err := track.Stage()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		url, err := fileURL(path)
		if err != nil {
			t.Fatal(err)
		}
		run, err := tools(t).listPackets(t.Context(), url, 0, "", false)
		if err != nil {
			t.Fatal(err)
		}
		samples := samplesOf(t, track)
		if len(samples) != len(run.list) {
			t.Errorf("%s: %d samples, %d packets", name, len(samples), len(run.list))
			continue
		}
		for i, s := range samples {
			p := run.list[i]
			if s.Size != p.size || stage.PTS(s) != p.pts || stage.Hides(s) != p.hidden || !index.Holds(s) {
				t.Errorf("%s: sample %d is %+v, shown %+v; ffprobe says %+v", name, i, s, stage, p)
				break
			}
		}
	}
}

func samplesOf(t *testing.T, track *quicktime.Track) (all []quicktime.Sample) {
	t.Helper()
	if err := track.Each(func(s quicktime.Sample) bool { all = append(all, s); return true }); err != nil {
		t.Fatal(err)
	}
	return all
}

func fileBytes(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
