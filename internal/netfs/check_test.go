//go:build netfs && linux

package netfs

import (
	"crypto/md5"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func ffmpeg(t testing.TB, args ...string) string {
	t.Helper()
	out, err := exec.Command("ffmpeg", append([]string{"-nostdin", "-v", "error", "-y"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// makeClips makes the sources: a keyframe each second, sound, a timecode, and no two alike.
func makeClips(t testing.TB) {
	for i := range clips {
		s := fmt.Sprint(clipSeconds)
		ffmpeg(t, "-f", "lavfi", "-i", fmt.Sprintf("testsrc2=s=320x180:r=%d:d=%s,hue=h=%d", frameRate, s, i*40),
			"-f", "lavfi", "-i", fmt.Sprintf("sine=f=%d:r=48000:d=%s", 300+i*50, s),
			"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", fmt.Sprint(frameRate), "-c:a", "pcm_s16le",
			"-timecode", fmt.Sprintf("1%d:00:00:00", i), filepath.Join(os.Getenv("NETFS_WORK"), "clips", fmt.Sprintf("clip%d.mov", i)))
	}
}

// essence is what a proxy is made of, decoded.
type essence struct {
	Frames                    int
	Pictures, Sound, Timecode string
}

func essenceOf(t testing.TB, file string) essence {
	t.Helper()
	var e essence
	pictures := ffmpeg(t, "-i", file, "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-")
	for _, l := range strings.Split(pictures, "\n") {
		if l != "" && !strings.HasPrefix(l, "#") {
			e.Frames++
		}
	}
	e.Pictures = fmt.Sprintf("%x", md5.Sum([]byte(pictures)))
	e.Sound = strings.TrimSpace(ffmpeg(t, "-i", file, "-map", "0:a", "-c:a", "pcm_s16le", "-f", "md5", "-"))
	tc, err := exec.Command("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream_tags=timecode", "-of", "default=nw=1:nk=1", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	e.Timecode = strings.TrimSpace(string(tc))
	if e.Frames != clipSeconds*frameRate || e.Timecode == "" {
		t.Errorf("%s has %d frames and timecode %q", file, e.Frames, e.Timecode)
	}
	return e
}

// allowed is all that may lie in the share when the work is done and the daemons have left.
var allowed = regexp.MustCompile(`^(media(/clip\d\.mov|/Proxy(/clip\d\.mov)?)?` +
	`|farm(/farm\.yaml|/READ ME\.txt|/presets(/net\.yaml)?|/workers|/jobs|/done|/control)?` +
	`|farm/done/JOB(/job\.yaml|/claim\.lock|/DONE\.yaml|/todo|/doing|/failed|/done|/log)?` +
	`|farm/done/JOB/doing/stitch\.a\d+\.[abc]-[a-z0-9]{5}\.yaml` +
	`|farm/done/JOB/done/(\d{4}|audio)\.a\d+\.[abc]-[a-z0-9]{5}\.yaml` +
	`|farm/done/JOB/log/(\d{4}|audio|stitch)\.a\d+\.[abc]-[a-z0-9]{5}\.log)$`)

// ofTheDead is what b may leave by a power cut; the others keep it for twenty leases to show
// who died.
var ofTheDead = regexp.MustCompile(`^farm/workers/(b-[a-z0-9]{5}\.(yaml|lock|beat\.\d+)|\.b-[a-z0-9]{5}\.yaml\.[a-z0-9]+\.tmp)$`)

var jobName = regexp.MustCompile(`\d\d_\d{8}-\d{6}_clip\d_[a-z0-9]{5}`)

// checkFolder holds what lies in the share against what may lie there.
func (r *room) checkFolder() {
	r.t.Helper()
	all := r.machines["server"].run("cd /srv/share && find . -mindepth 1 -printf '%P\n' | sort")
	if err := os.WriteFile(filepath.Join(r.dir, "share.txt"), []byte(all), 0o644); err != nil {
		r.t.Fatal(err)
	}
	jobs, done := map[string]int{}, 0
	for _, name := range strings.Split(all, "\n") {
		dead := r.machines["b"] == nil && ofTheDead.MatchString(name)
		if !dead && !allowed.MatchString(jobName.ReplaceAllString(name, "JOB")) {
			r.t.Errorf("%s was left behind", name)
		}
		if strings.HasSuffix(name, "/job.yaml") {
			jobs[regexp.MustCompile(`clip\d`).FindString(name)]++
		}
		if strings.HasSuffix(name, "/DONE.yaml") {
			done++
		}
	}
	for clip, n := range jobs {
		if n != 1 {
			r.t.Errorf("%s is there %d times", clip, n)
		}
	}
	if len(jobs) != clips || done != clips {
		r.t.Errorf("%d jobs, %d of them with DONE.yaml; %d were queued", len(jobs), done, clips)
	}
}

// tableHead: units that were taken over, that were begun a second time, that a holder found lost, of
// which there are two results, and that were given back uncharged.
const tableHead = `| share | scenario | result | work | taken over | copied | lost | twice | given back | |
|---|---|---|---|---|---|---|---|---|---|
`

// account reads the daemons' logs: what must not be there, and what is worth telling.
func (r *room) account(s scenario, took time.Duration) {
	r.t.Helper()
	var log string
	for _, name := range []string{"a", "b", "c"} {
		data, err := os.ReadFile(filepath.Join(r.dir, name, "work.log"))
		if err != nil {
			r.t.Fatal(err)
		}
		log += string(data)
	}
	// Nothing that is done to the machines is a unit's fault, or a source's.
	for _, never := range []string{"panic:", "fatal error:", "job failed", "error: failed", "proved bad"} {
		if strings.Contains(log, never) {
			r.t.Errorf("a log says %q", never)
		}
	}
	count := func(re string) int { return len(regexp.MustCompile(re).FindAllString(log, -1)) }
	if lie := strings.Contains(log, "locks are not believed"); s.mount != nil && !lie {
		r.t.Error("no daemon noticed that locks are everybody's")
	} else if s.mount == nil && lie {
		r.note("locks not believed afterwards")
	}
	// An idle worker that sees a beat stand still begins a copy before it may take over.
	if s.taken && count(`taking over .*from=b-`)+count(`expected to be faster .*than=b-`) == 0 {
		r.t.Error("nothing was taken over or begun a second time: the fault hit nothing")
	}
	share, err := os.ReadFile(filepath.Join(r.dir, "share.txt"))
	if err != nil {
		r.t.Fatal(err)
	}
	results := map[string]int{}
	twice := 0
	for _, m := range regexp.MustCompile(`(?m)^farm/done/(\S+/done/(?:\d{4}|audio))\.a`).FindAllStringSubmatch(string(share), -1) {
		if results[m[1]]++; results[m[1]] == 2 {
			twice++
		}
	}
	row := fmt.Sprintf("| %s | %s | %s | %d s | %d | %d | %d | %d | %d | %s |\n", r.fs, s.name, map[bool]string{true: "failed", false: "ok"}[r.t.Failed()],
		int(took.Seconds()), count("taking over"), count("expected to be faster"), count("lost the unit"), twice, count("giving back uncharged"), strings.Join(r.notes, "; "))
	r.t.Log(row)
	f, err := os.OpenFile(filepath.Join(os.Getenv("NETFS_LOGS"), "results.md"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		r.t.Fatal(err)
	}
	if st, err := f.Stat(); err == nil && st.Size() == 0 {
		row = tableHead + row
	}
	if _, err := f.WriteString(row); err != nil {
		r.t.Error(err)
	}
	if err := f.Close(); err != nil {
		r.t.Error(err)
	}
}
