//go:build chaos && unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// chaosPresets are small and light: what is tested does not depend on the picture.
const chaosPresets = `
jpg:
  {codec: mjpeg, qscale: 5, vertical_res: 180, pix_fmt: yuvj422p, threads: 1}
dnx:
  {codec: dnxhd, profile: dnxhr_lb, vertical_res: 180, pix_fmt: yuv422p, threads: 1}
`

// medium is a source. Files with one content are one medium under several names.
type medium struct {
	name    string
	seconds int
	tiny    bool
	files   []string
}

// call is one proxima queue.
type call struct {
	no      int
	out     string
	preset  string
	sources map[string]*medium // by the stem of their files' names
	killed  bool
	clips   []clip // reported as queued
	said    string
}

func (c *chaos) makeMedia() {
	for i, s := range []int{4, 9, 20, 1, 2} {
		m := medium{name: fmt.Sprintf("m%d", i), seconds: s, tiny: s < 4}
		file := filepath.Join(c.dir, "media", m.name+".mov")
		// Each has colours and a tone of its own: parts that were mixed up show.
		ffmpeg(c.t, "-f", "lavfi", "-i", fmt.Sprintf("testsrc2=s=320x180:r=25:d=%d,hue=h=%d", s, 40*i),
			"-f", "lavfi", "-i", fmt.Sprintf("sine=f=%d:d=%d", 300+50*i, s), "-c:v", "libx264", "-preset", "ultrafast",
			"-g", "25", "-c:a", "pcm_s16le", "-timecode", fmt.Sprintf("%02d:00:00:00", 10+i), file)
		m.files = []string{file}
		for n := 1; m.tiny && n < 8; n++ {
			m.files = append(m.files, c.copyFile(file, fmt.Sprintf("%s-%d.mov", m.name, n)))
		}
		for _, f := range m.files {
			c.sources[f] = c.hashOf(f)
		}
		c.media = append(c.media, m)
	}
}

// copyFile copies a source beside itself.
func (c *chaos) copyFile(from, name string) string {
	to := filepath.Join(filepath.Dir(from), name)
	in, err := os.Open(from)
	if err != nil {
		c.fault("%v", err)
		return to
	}
	defer in.Close()
	out, err := os.Create(to)
	if err == nil {
		_, err = io.Copy(out, in)
	}
	if err != nil {
		c.fault("%v", err)
		return to
	}
	if err := out.Close(); err != nil {
		c.fault("%v", err)
	}
	return to
}

// calmReference makes each medium with each preset once, undivided, where nothing goes wrong.
func (c *chaos) calmReference() {
	c.farm = filepath.Join(c.dir, "calm", "farm")
	c.run("init", c.farm)
	c.givePresets()
	for _, preset := range []string{"jpg", "dnx"} {
		out := filepath.Join(c.dir, "calm", preset)
		args := []string{"queue", "--preset", preset, "--output", out, "--chunk-over", "1h"}
		for _, m := range c.media {
			args = append(args, m.files[0])
		}
		c.run(args...)
	}
	c.run("work", "--name", "calm", "--until-idle", "--slots", "2")
	for _, m := range c.media {
		for _, preset := range []string{"jpg", "dnx"} {
			d, err := c.decodedAs(filepath.Join(c.dir, "calm", preset, m.name+".mov"))
			if err != nil {
				c.t.Fatal(err)
			}
			if n := strings.Count(d, "\n0, "); n != 25*m.seconds || !strings.Contains(d, ":00:00:00") {
				c.t.Fatalf("the reference of %s has %d frames:\n%s", m.name, n, d)
			}
			c.reference[m.name+preset] = d
		}
	}
}

func (c *chaos) givePresets() {
	if err := os.WriteFile(filepath.Join(c.farm, "presets", "chaos.yaml"), []byte(chaosPresets), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// enough is how many jobs may wait before queuers take a break: the room ends what it began.
const enough = 14

func (c *chaos) queueAll(deeds []deed) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, e := range deeds {
		if !c.wait(e.at) {
			return
		}
		if es, _ := os.ReadDir(filepath.Join(c.farm, "jobs")); len(es) > enough {
			c.note("queuer: enough waits")
			continue
		}
		wg.Go(func() { c.queue(e) })
	}
}

// queue asks for a few clips below a folder of its own.
func (c *chaos) queue(e deed) {
	c.mu.Lock()
	q := &call{no: len(c.calls), preset: []string{"jpg", "dnx"}[e.dice>>8%2], sources: map[string]*medium{}}
	q.out = filepath.Join(c.vol.dir, "out", fmt.Sprintf("q%03d", q.no))
	c.calls = append(c.calls, q)
	c.mu.Unlock()
	args := []string{"queue", "--json", "--preset", q.preset, "--output", q.out, "--priority", itoa(int(e.dice >> 12 % 100))}
	if e.dice>>20%4 > 0 {
		args = append(args, "--chunk-over", "0s", "--chunk-length", itoa(1+int(e.dice>>24%4))+"s")
	}
	args = append(args, c.chooseSources(e, q)...)
	c.note("queuer: call %d: %s (%s)", q.no, strings.Join(args[6:], " "), e.what)
	cmd := c.command(args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		c.fault("%v", err)
		return
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	if strings.Contains(e.what, "killed") {
		if strings.Contains(e.what, "birth") {
			c.awaitBirth(ended)
		}
		select {
		case <-ended:
		case <-time.After(e.long):
			q.killed = true
			_ = cmd.Process.Kill()
		}
	}
	<-ended
	code := cmd.ProcessState.ExitCode()
	q.said = stderr.String()
	if code == exitOK {
		var doc queueDocument
		if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil {
			c.fault("call %d: %v", q.no, err)
		}
		for _, k := range doc.Clips {
			if k.Status == "make" {
				q.clips = append(q.clips, k)
			}
		}
		if len(q.clips) != len(q.sources) {
			c.fault("call %d: %d of %d clips were queued: %s", q.no, len(q.clips), len(q.sources), stdout.String())
		}
	}
	c.note("queuer: call %d ended with %d, %d queued: %s", q.no, code, len(q.clips), strings.TrimSpace(q.said))
	refused := code == exitRefused && strings.Contains(q.said, "cannot make the output folder")
	if code != exitOK && code != exitFarm && code != exitFailed && !refused && !q.killed {
		c.fault("call %d: exit code %d: %s", q.no, code, q.said)
	}
	c.spoil(e, q)
}

// chooseSources picks files, each under a name of its own.
func (c *chaos) chooseSources(e deed, q *call) (files []string) {
	tiny := strings.Contains(e.what, "tiny")
	want := 1 + int(e.dice>>32%2)
	if tiny {
		want = 2 + int(e.dice>>32%9)
	}
	var of []*medium
	for i := range c.media {
		if m := &c.media[i]; m.tiny == tiny {
			of = append(of, m)
		}
	}
	if strings.Contains(e.what, "changes") {
		m := pick(e, of)
		f := c.copyFile(m.files[0], fmt.Sprintf("changing-%d.mov", q.no))
		c.mu.Lock()
		c.sources[f] = c.sources[m.files[0]]
		c.mu.Unlock()
		q.sources[stem(f)] = m
		return []string{f}
	}
	for n := range want {
		m := of[(int(e.dice>>36%64)+n)%len(of)]
		f := m.files[(int(e.dice>>44%64)+n/len(of))%len(m.files)]
		files = append(files, f)
		q.sources[stem(f)] = m
	}
	return files
}

func stem(file string) string {
	return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
}

// awaitBirth waits for the folder of a job that is being built.
func (c *chaos) awaitBirth(ended <-chan struct{}) {
	for {
		es, _ := os.ReadDir(filepath.Join(c.farm, "jobs"))
		for _, e := range es {
			if strings.HasPrefix(e.Name(), ".new-") {
				return
			}
		}
		select {
		case <-ended:
			return
		case <-time.After(3 * time.Millisecond):
		}
	}
}

// spoil does what makes a job fail for a reason.
func (c *chaos) spoil(e deed, q *call) {
	for _, k := range q.clips {
		switch e.what {
		case "queue a source that changes":
			c.mu.Lock()
			c.changed[k.Source] = true
			c.mu.Unlock()
			if err := os.Chtimes(k.Source, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
				c.fault("%v", err)
			}
		case "queue where a file appears":
			f, err := os.OpenFile(k.Output, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
			if err != nil {
				c.note("person: no file is put at %s: %v", k.Output, err)
				continue
			}
			_, werr := f.WriteString(foreign)
			if cerr := f.Close(); werr == nil && cerr == nil {
				c.mu.Lock()
				c.occupied[k.Output] = true
				c.mu.Unlock()
				c.note("person: a file is put at %s", k.Output)
			} else {
				_ = os.Remove(k.Output)
			}
		}
	}
}

// foreign is what somebody else's files hold.
const foreign = "not Proxima's\n"
