//go:build chaos && unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"proxima/jobfile"
)

// meddle does what people do in a shared folder with a file manager.
func (c *chaos) meddle(deeds []deed) {
	for n, e := range deeds {
		if !c.wait(e.at) {
			return
		}
		switch e.what {
		case "retry":
			c.retry(e)
		case "delete a todo file":
			if files := c.glob("jobs/*/todo/*.yaml"); len(files) > 0 {
				f := pick(e, files)
				c.note("person: deletes %s: %v", f, os.Remove(f))
			}
		case "leave a stray file":
			c.leaveStray(e, n)
		case "delete a job":
			c.stopJob(e)
		}
	}
}

func (c *chaos) glob(pattern string) []string {
	files, _ := filepath.Glob(filepath.Join(c.farm, filepath.FromSlash(pattern)))
	return files
}

// retry mends what made a job fail and drags its units back.
func (c *chaos) retry(e deed) {
	files := c.glob("jobs/*/failed/*.yaml")
	if len(files) == 0 {
		return
	}
	dir := filepath.Dir(filepath.Dir(pick(e, files)))
	if j := readJob(dir); j != nil && e.dice>>16%3 > 0 {
		c.mend(j)
	}
	for _, f := range c.glob("jobs/" + filepath.Base(dir) + "/failed/*.yaml") {
		c.note("person: drags %s to todo: %v", f, os.Rename(f, filepath.Join(dir, "todo", filepath.Base(f))))
	}
}

func (c *chaos) mend(j *jobfile.Job) {
	source, output := j.Source.Path.Rel, j.Output.Path.Rel
	c.mu.Lock()
	changed, occupied := c.changed[source], c.occupied[output]
	c.mu.Unlock()
	if changed {
		c.note("person: %s is as it was: %v", source, os.Chtimes(source, time.Time{}, j.Source.Modified))
	}
	if occupied {
		err := os.Rename(output, output+" (moved away)")
		c.note("person: moves %s away: %v", output, err)
		if err == nil {
			c.mu.Lock()
			delete(c.occupied, output)
			c.occupied[output+" (moved away)"] = true
			c.mu.Unlock()
		}
	}
}

func readJob(dir string) *jobfile.Job {
	data, err := os.ReadFile(filepath.Join(dir, "job.yaml"))
	if err != nil {
		return nil
	}
	j := &jobfile.Job{}
	if jobfile.Decode(dir, data, j) != nil {
		return nil
	}
	return j
}

// leaveStray puts a file where systems and people put theirs.
func (c *chaos) leaveStray(e deed, n int) {
	names := []string{"Thumbs.db", ".DS_Store", "._0000.a1.yaml", "desktop.ini", "0000.a1 (copy).yaml", "notes.yaml", "~$list.xlsx", fmt.Sprintf("New folder %d.txt", n)}
	dirs := append(c.glob("jobs/*/*"), c.glob("jobs/*")...)
	dirs = append(dirs, c.farm, filepath.Join(c.farm, "jobs"), filepath.Join(c.farm, "workers"), filepath.Join(c.farm, "done"))
	f := filepath.Join(pick(e, dirs), names[e.dice>>32%uint64(len(names))])
	err := os.WriteFile(f, []byte(foreign), 0o644)
	c.note("person: leaves %s: %v", f, err)
	if err == nil {
		c.mu.Lock()
		c.strays = append(c.strays, f)
		c.mu.Unlock()
	}
}

// stopJob deletes a job's folder, as often as it takes.
func (c *chaos) stopJob(e deed) {
	dirs := c.glob("jobs/[0-9]*")
	if len(dirs) == 0 {
		return
	}
	dir := pick(e, dirs)
	c.mu.Lock()
	c.stopped[filepath.Base(dir)] = true
	c.mu.Unlock()
	for range 5 {
		err := os.RemoveAll(dir)
		c.note("person: deletes the job %s: %v", dir, err)
		if err == nil {
			return
		}
		if !c.sleep(100 * time.Millisecond) {
			return
		}
	}
}
