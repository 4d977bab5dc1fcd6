//go:build chaos && unix

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"proxima/jobfile"
)

// judge holds the room against what Proxima promises.
func (c *chaos) judge() {
	if n := c.encoders(); n != 0 {
		c.fault("%d ffmpeg are left", n)
	}
	for f, was := range c.sources {
		if now := c.hashOf(f); now != was {
			c.fault("the source %s was touched", f)
		}
	}
	for _, f := range c.litter() {
		c.fault("%s was left behind", f)
	}
	for _, f := range c.strays {
		top := filepath.Dir(f) == c.farm || filepath.Dir(filepath.Dir(f)) == c.farm
		if data, err := os.ReadFile(f); err == nil && string(data) != foreign || top && err != nil {
			c.fault("a file that is not Proxima's was touched: %s (%v)", f, err)
		}
	}
	c.judgeClips()
	c.judgeWords()
	if made := len(c.glob("done/[0-9]*")); made*20 < int(c.length.Seconds()) {
		c.fault("%d jobs were finished in %s, too few to prove anything", made, c.length)
	}
}

// inFarm is a job as the farm holds it.
type inFarm struct {
	*jobfile.Job
	dir  string
	done *jobfile.Marker
}

// jobsByOutput reads all jobs of the farm, finished and not.
func (c *chaos) jobsByOutput() map[string][]inFarm {
	store, farm, err := jobfile.Open(c.farm)
	if err != nil {
		c.t.Fatal(err)
	}
	all := map[string][]inFarm{}
	for _, dir := range append(c.glob("jobs/*"), c.glob("done/*")...) {
		id := filepath.Base(dir)
		if st, err := os.Stat(dir); err != nil || !st.IsDir() || !jobfile.ValidJobID(id) {
			continue
		}
		c.mu.Lock()
		stopped := c.stopped[id]
		c.mu.Unlock()
		if stopped {
			continue
		}
		j, err := store.Job(id)
		if err != nil {
			c.fault("half a job: %s: %v", dir, err)
			continue
		}
		m, state, err := store.Marker(id)
		if err != nil {
			c.fault("%v", err)
		}
		f := inFarm{Job: j, dir: dir}
		if state == jobfile.Done {
			f.done = m
		}
		out, err := roots(farm).Locate(j.Output.Path)
		if err != nil {
			c.fault("%v", err)
		}
		all[out] = append(all[out], f)
	}
	return all
}

// judgeClips looks at all clips that queuers asked for, and at all files beside outputs.
func (c *chaos) judgeClips() {
	jobs := c.jobsByOutput()
	mine := map[string]bool{}
	var wg sync.WaitGroup
	places := make(chan struct{}, 2)
	for _, q := range c.calls {
		reported := map[string]clip{}
		for _, k := range q.clips {
			reported[k.Output] = k
		}
		for name, m := range q.sources {
			out := filepath.Join(q.out, name+".mov")
			mine[out] = true
			k, promised := reported[out]
			if c.stopped[k.Job] {
				promised = false
			}
			wg.Go(func() {
				places <- struct{}{}
				defer func() { <-places }()
				c.judgeClip(out, jobs[out], promised, q, m)
			})
		}
	}
	wg.Wait()
	for out := range jobs {
		if !mine[out] {
			c.fault("a job of nobody makes %s", out)
		}
	}
	_ = filepath.WalkDir(filepath.Join(c.vol.dir, "out"), func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !mine[p] && !c.occupied[p] {
			c.fault("%s lies beside the outputs", p)
		}
		return nil
	})
}

func (c *chaos) judgeClip(out string, jobs []inFarm, promised bool, q *call, m *medium) {
	if len(jobs) > 1 {
		c.fault("%s is made by %d jobs: %s, %s", out, len(jobs), jobs[0].dir, jobs[1].dir)
	}
	if c.occupied[out] {
		if data, err := os.ReadFile(out); err != nil || string(data) != foreign {
			c.fault("somebody's file at %s was touched (%v)", out, err)
		}
	}
	if len(jobs) == 0 {
		if promised {
			c.fault("%s was queued and no job makes it", out)
		}
		return
	}
	j := jobs[0]
	if filepath.Dir(j.dir) != filepath.Join(c.farm, "done") {
		if why := c.whyFailed(j); why != "" {
			c.fault("%s is not done: %s", j.dir, why)
		}
		return
	}
	if j.done == nil {
		c.fault("%s lies in done without DONE.yaml", j.dir)
	}
	if c.occupied[out] {
		c.fault("%s is done and somebody's file lies at its output", j.dir)
		return
	}
	switch got, err := c.decodedAs(out); {
	case err != nil:
		c.fault("%s of %s: %v", out, j.dir, err)
	case got != c.reference[m.name+q.preset]:
		c.fault("%s of %s is not what a calm farm makes:\n%s\n%s", out, j.dir, got, c.reference[m.name+q.preset])
	}
}

// whyFailed looks for the true reason of a job that is not done; what it returns is wrong.
func (c *chaos) whyFailed(j inFarm) string {
	data, err := os.ReadFile(filepath.Join(j.dir, "FAILED.yaml"))
	if err != nil {
		return "it has no FAILED.yaml either"
	}
	text := string(data)
	switch {
	case strings.Contains(text, "changed since it was queued") && c.changed[j.Source.Path.Rel]:
	case strings.Contains(text, "another file stands at") && c.occupied[j.Output.Path.Rel]:
	default:
		return "nothing that was done to it explains\n" + text
	}
	return ""
}

// reWrong are words of daemons that nothing in this test explains: it loses no bytes, and all
// faults of units are machines', sources' or jobs'.
var (
	reCharged = regexp.MustCompile(`error: (failed .*|job failed .*)`)
	reNever   = regexp.MustCompile(`panic:|fatal error:|DATA RACE|proved bad|is not there any more|lost bytes`)
	reTruth   = regexp.MustCompile(`changed since it was queued|another file stands at`)
)

func (c *chaos) judgeWords() {
	for _, d := range c.daemons {
		for _, l := range strings.Split(d.log.String(), "\n") {
			if m := reCharged.FindString(l); m != "" && !reTruth.MatchString(m) {
				c.fault("%s charged a unit: %s", d.name, l)
			}
			if reNever.MatchString(l) {
				c.fault("%s said: %s", d.name, l)
			}
		}
	}
}

// litter is what the protocol writes for a moment, wherever it lies, and files of workers who
// are not there: nobody is any more, but the janitor.
func (c *chaos) litter() (files []string) {
	_ = filepath.WalkDir(c.vol.dir, func(p string, e fs.DirEntry, err error) error {
		n := filepath.Base(p)
		if err == nil && (strings.HasSuffix(n, ".partial") || strings.HasSuffix(n, ".tmp") || strings.HasPrefix(n, ".new-") ||
			filepath.Dir(p) == filepath.Join(c.farm, "workers") && !slices.Contains(c.strays, p)) &&
			!strings.Contains(n, "janitor-") {
			files = append(files, p)
		}
		return nil
	})
	return files
}

func (c *chaos) unitsLeft() int {
	return len(c.glob("jobs/*/todo/*.yaml")) + len(c.glob("jobs/*/doing/*.yaml"))
}

func (c *chaos) tree() string {
	var b strings.Builder
	_ = filepath.WalkDir(c.vol.dir, func(p string, e fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(c.vol.dir, p)
		if err != nil {
			fmt.Fprintf(&b, "%s: %v\n", rel, err)
			return nil
		}
		if e.IsDir() && filepath.Dir(p) == filepath.Join(c.farm, "done") {
			fmt.Fprintf(&b, "%s/...\n", rel) // finished, and many
			return fs.SkipDir
		}
		if st, err := e.Info(); err == nil {
			fmt.Fprintf(&b, "%s %d %s\n", rel, st.Size(), st.ModTime().Format("15:04:05"))
		}
		return nil
	})
	return b.String()
}

func (c *chaos) hashOf(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		c.fault("%v", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// decodedAs is a file's frames, sound and timecode.
func (c *chaos) decodedAs(file string) (string, error) {
	dir, err := os.MkdirTemp(c.dir, "decoded-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	frames, sound := filepath.Join(dir, "frames"), filepath.Join(dir, "sound")
	out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-i", file, "-map", "0:v:0", "-f", "framemd5", frames,
		"-map", "0:a", "-f", "streamhash", "-hash", "md5", sound).CombinedOutput()
	if err != nil || len(bytes.TrimSpace(out)) > 0 {
		return "", fmt.Errorf("it does not decode: %v\n%s", err, out)
	}
	a, err := os.ReadFile(frames)
	if err != nil {
		return "", err
	}
	b, err := os.ReadFile(sound)
	if err != nil {
		return "", err
	}
	tc, err := exec.Command("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream_tags=timecode", "-of", "default=nw=1:nk=1", file).Output()
	return string(a) + string(b) + string(tc), err
}

// summary counts what happened.
func (c *chaos) summary() string {
	n := map[string]int{}
	for _, l := range c.happened {
		for _, w := range []string{": kill", ": freeze", ": terminate", ": ctrl-c", "volume: farm renamed away", "volume: unmounted", "volume: read-only", "volume: full", "drags", "deletes", "leaves"} {
			if strings.Contains(l, w) {
				n[strings.TrimSpace(w[strings.LastIndex(w, ":")+1:])]++
			}
		}
		if strings.Contains(l, "it stays as it is") {
			n["read-only"]-- // in vain
		}
	}
	made, failed := len(c.glob("done/[0-9]*")), len(c.glob("jobs/[0-9]*"))
	return fmt.Sprintf("seed %d: %d calls of queue, %d jobs done, %d failed for a true reason; %v", c.seed, len(c.calls), made, failed, n)
}
