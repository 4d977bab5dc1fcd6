//go:build unix

package encode

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"proxima/jobfile"
)

// benchClip is a clip as a camera writes it: full HD, a keyframe every two seconds. With -short it is 16 seconds
// of what any ffmpeg can write: for machines that are played by others.
func benchClip(b *testing.B, dir string, length time.Duration) string {
	src, seconds, codecs := filepath.Join(dir, "a.mp4"), strconv.Itoa(int(length.Seconds())), " -c:v libx264 -preset ultrafast -g 50 -bf 2 -c:a aac"
	if testing.Short() {
		src, seconds, codecs = filepath.Join(dir, "a.mov"), "16", " -c:v dnxhd -profile:v dnxhr_lb -pix_fmt yuv422p -c:a pcm_s16le"
	}
	ff(b, "-f lavfi -i testsrc2=size=1920x1080:rate=25:duration="+seconds+" -f lavfi -i sine=duration="+seconds+codecs, src)
	// What is written still takes the time of whoever is measured first.
	if err := syncFile(src); err != nil {
		b.Fatal(err)
	}
	if testing.Short() {
		time.Sleep(3 * time.Second) // SMB tells a new file's time of modification late
	}
	return src
}

// spent is what the programs that have ended since took of the processors.
func spent(b *testing.B, f func()) (wall, cpu time.Duration) {
	usage := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	began, before := time.Now(), usage()
	f()
	return time.Since(began), usage() - before
}

func median(xs []float64) float64 {
	slices.Sort(xs)
	return xs[len(xs)/2]
}

// BenchmarkClip makes a clip of four minutes in chunks of one as a worker does by a preset with `threads: 1`, and the same with one ffmpeg that
// may use all cores, in turn. It reports ratios: wall and processor time against that one; and wall
// time against what no way of sharing the work among these cores could beat (bound). Where GNU parallel
// is installed, also wall time against segments that it makes and ffmpeg joins: nobody checks those.
func BenchmarkClip(b *testing.B) {
	src := benchClip(b, b.TempDir(), 4*time.Minute)
	cores := runtime.NumCPU()
	for _, name := range []string{"dnxhr", "prores", "x264", "x265"} {
		b.Run(name, func(b *testing.B) {
			r := recipe(name)
			r.Video.MaxHeight = 720
			var walls, cpus, bounds, segments []float64
			for b.Loop() {
				dir := b.TempDir()
				j, _ := newJob(b, src, r, time.Minute)
				wall, cpu := spent(b, func() { inParallel(b, tools(b), j, src, dir, cores) })
				whole, wholeCPU := spent(b, func() { atOnce(b, "ffmpeg", j, src, filepath.Join(dir, "whole"), cores) })
				if _, err := exec.LookPath("parallel"); err == nil {
					by, _ := spent(b, func() { byParallel(b, j, src, dir, cores) })
					segments = append(segments, wall.Seconds()/by.Seconds())
				}
				walls = append(walls, wall.Seconds()/whole.Seconds())
				cpus = append(cpus, cpu.Seconds()/wholeCPU.Seconds())
				bounds = append(bounds, wall.Seconds()/(wholeCPU.Seconds()/float64(cores)))
			}
			b.ReportMetric(median(walls), "wall/ffmpeg")
			b.ReportMetric(median(cpus), "cpu/ffmpeg")
			b.ReportMetric(median(bounds), "wall/bound")
			if segments != nil {
				b.ReportMetric(median(segments), "wall/parallel")
			}
		})
	}
}

// inParallel does what a worker does, checks and stitch included: a chunk on each core, and the sound beside them.
func inParallel(b *testing.B, tl *Tools, j *jobfile.Job, src, dir string, cores int) {
	st := StitchTask{Job: j, Target: filepath.Join(dir, ".target")}
	chunks, sound := make(chan jobfile.Planned, len(j.Plan.Units)), make(chan jobfile.Planned, 1)
	for _, u := range j.Plan.Units[:len(j.Plan.Units)-1] {
		if u.ID == jobfile.UnitSound {
			sound <- u
		} else {
			chunks <- u
		}
	}
	close(chunks)
	close(sound)
	workers := []chan jobfile.Planned{sound}
	for range cores {
		workers = append(workers, chunks)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, units := range workers {
		wg.Go(func() {
			for u := range units {
				task := Task{Job: j, Unit: u, Source: src, VideoPath: filepath.Join(dir, "."+string(u.ID)+"-v"), SoundPath: filepath.Join(dir, "."+string(u.ID)+"-s"), Threads: 1}
				made, err := tl.Encode(bgContext, task)
				if err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				if made.Video != nil {
					st.Video = append(st.Video, VideoSource{task.VideoPath, made.Video})
				}
				if made.Sound != nil {
					st.Sound = &SoundSource{task.SoundPath, made.Sound}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if b.Failed() {
		b.FailNow()
	}
	slices.SortFunc(st.Video, func(x, y VideoSource) int { return int(x.Part.FirstPTS - y.Part.FirstPTS) })
	if _, err := tl.Stitch(bgContext, st); err != nil {
		b.Fatal(err)
	}
}

// atOnce is what people do without Proxima.
func atOnce(b *testing.B, ffmpeg string, j *jobfile.Job, src, out string, threads int) {
	args := []string{"-nostdin", "-v", "error", "-y", "-i", src, "-vf", "scale=-2:720,format=" + j.Recipe.Video.PixelFormat}
	args = append(args, encoderArgs(&j.Recipe.Video, threads)...)
	args = append(append(args, "-threads", strconv.Itoa(threads)), soundCoder(j)...)
	args = append(args, "-f", j.Recipe.Container, out)
	sh(b, ffmpeg, args...)
}

// soundCoder is the recipe's sound: at another bit rate AAC takes half the time.
func soundCoder(j *jobfile.Job) []string {
	a := []string{"-c:a", j.Recipe.Sound.Encoder}
	if rate := j.Recipe.Sound.Bitrate; rate != "" {
		a = append(a, "-b:a", rate)
	}
	return a
}

// byParallel is what people do who know their tools: segments of a minute, as many at once as there
// are cores, and a join.
func byParallel(b *testing.B, j *jobfile.Job, src, dir string, cores int) {
	ext := filepath.Ext(src)
	segment := []string{"ffmpeg", "-nostdin", "-v", "error", "-y", "-ss", "{}", "-t", "60", "-i", src, "-vf", "scale=-2:720,format=" + j.Recipe.Video.PixelFormat}
	segment = append(segment, encoderArgs(&j.Recipe.Video, 1)...)
	segment = append(append(segment, "-threads", "1"), soundCoder(j)...)
	segment = append(segment, "-f", j.Recipe.Container, filepath.Join(dir, "segment{}"+ext))
	sh(b, "parallel", append(append([]string{"--will-cite", "-j", strconv.Itoa(cores)}, segment...), ":::", "0", "60", "120", "180")...)
	list := ""
	for _, at := range []string{"0", "60", "120", "180"} {
		list += "file 'segment" + at + ext + "'\n"
	}
	put(b, filepath.Join(dir, "list"), []byte(list))
	sh(b, "ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "concat", "-i", filepath.Join(dir, "list"), "-c", "copy", "-f", j.Recipe.Container, filepath.Join(dir, "joined"))
}

// BenchmarkStitch joins and verifies parts, in turn with a copy of the same bytes on the same volume.
func BenchmarkStitch(b *testing.B) {
	dir := b.TempDir()
	src := benchClip(b, dir, 3*time.Minute)
	r := recipe("dnxhr")
	r.Video.MaxHeight, r.Video.Profile = 1080, "dnxhr_hq"
	if testing.Short() {
		r.Video.Profile = "dnxhr_sq"
	}
	j, _ := newJob(b, src, r, time.Minute)
	st, f, _, err := proxyParts(b, j, src, dir)
	if err != nil {
		b.Fatal(err)
	}
	// A copy has normal priority, too. At low, the disk serves what was written before what is to be read.
	tl := &Tools{ffmpeg: tools(b).ffmpeg, ffprobe: tools(b).ffprobe, StallAfter: tools(b).StallAfter, Priority: PriorityNormal}
	cp := func(to string) { copyFile(b, f.Path, to) }
	// Each writes to a name that nothing had and comes after a copy that does not count: what was in memory before is half
	// of the time on some virtual machines.
	took := func(write func(to string)) float64 {
		to := filepath.Join(dir, ".again")
		var seconds float64
		for _, w := range []func(string){cp, write} {
			if testing.Short() {
				forget(b)
			}
			began := time.Now()
			w(to)
			seconds = time.Since(began).Seconds()
			if err := os.Remove(to); err != nil {
				b.Fatal(err)
			}
		}
		return seconds
	}
	var ratios []float64
	for b.Loop() {
		for range 3 {
			copied := took(cp)
			ratios = append(ratios, took(func(to string) {
				again := st
				again.Target = to
				if _, err := tl.Stitch(bgContext, again); err != nil {
					b.Fatal(err)
				}
			})/copied)
		}
	}
	b.ReportMetric(median(ratios), "x/copy")
}

// BenchmarkScratch encodes a part to the folder that TMPDIR names, which is to be on a share, as workers do; in turn
// with encoding it to PROXIMA_SCRATCH, a folder of this machine, and copying it there.
func BenchmarkScratch(b *testing.B) {
	local := os.Getenv("PROXIMA_SCRATCH")
	if local == "" {
		b.Skip("PROXIMA_SCRATCH names no folder on a disk of this machine")
	}
	dir := b.TempDir()
	src := benchClip(b, dir, time.Minute)
	r := recipe("dnxhr")
	r.Video.MaxHeight, r.Video.Profile = 1080, "dnxhr_sq"
	j, _ := newJob(b, src, r, 8*time.Second)
	part := func(in string) string {
		task := Task{Job: j, Unit: j.Plan.Units[0], Source: src, VideoPath: filepath.Join(in, ".v"), SoundPath: filepath.Join(in, ".s"), Threads: 1}
		if _, err := tools(b).Encode(bgContext, task); err != nil {
			b.Fatal(err)
		}
		return task.VideoPath
	}
	var ratios []float64
	for b.Loop() {
		began := time.Now()
		direct := part(dir)
		took := time.Since(began)
		began = time.Now()
		made := part(local)
		copyFile(b, made, filepath.Join(dir, "copied"))
		ratios = append(ratios, took.Seconds()/time.Since(began).Seconds())
		for _, name := range []string{direct, made, filepath.Join(dir, "copied")} {
			if err := os.Remove(name); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(median(ratios), "share/scratch")
}

// forget has a machine that is played read all files anew, as one does that stitches what others made. Its
// programs stay in memory: it has made chunks all day.
func forget(b *testing.B) {
	if err := os.WriteFile("/proc/sys/vm/drop_caches", []byte("3"), 0); err != nil {
		b.Fatal(err)
	}
	for _, prog := range []string{tools(b).ffmpeg, tools(b).ffprobe} {
		if _, err := os.ReadFile(prog); err != nil {
			b.Fatal(err)
		}
	}
}

// copyFile copies through this machine, as cp does where a server or disk does not do it by itself, which would
// look at no byte; and as a stitch must it has the bytes on the disk when it returns.
func copyFile(b *testing.B, from, to string) {
	in, err := os.Open(from)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	if _, err := io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, make([]byte, 1<<20)); err != nil {
		b.Fatal(err)
	}
	if err := out.Sync(); err != nil {
		b.Fatal(err)
	}
}
