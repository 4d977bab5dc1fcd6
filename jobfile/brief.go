package jobfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Brief is what a list tells of a job. It is read without understanding the whole of job.yaml,
// which takes milliseconds: a room may have a thousand jobs that wait.
type Brief struct {
	ID     string
	Source Path
	Output Path
	Preset string
	Frames int64
	Units  int
}

// briefDocument is the little of job.yaml that is left by brief.
type briefDocument struct {
	Source struct {
		Path Path `yaml:"path"`
	} `yaml:"source"`
	Output struct {
		Path Path `yaml:"path"`
	} `yaml:"output"`
	Recipe struct {
		Preset string `yaml:"preset"`
	} `yaml:"recipe"`
	Plan struct {
		Frames int64 `yaml:"frames"`
	} `yaml:"plan"`
}

// Brief reads what a list tells of a job. Whether the rest of its document makes sense is not
// looked at; who works on it says so in the job's folder.
func (s *Store) Brief(id string) (*Brief, error) {
	s.mu.Lock()
	j, b := s.jobs[id].job, s.briefs[id]
	s.mu.Unlock()
	if j != nil {
		return j.Brief(), nil
	}
	if b != nil {
		return b, nil
	}
	if !ValidJobID(id) {
		return nil, fmt.Errorf("%s is not a job's name", Quote(id))
	}
	_, data, err := s.readEither(id, fileJob)
	if err != nil {
		return nil, err
	}
	if text, units := briefText(string(data)); units > 0 {
		var d briefDocument
		if err := Decode("", []byte(text), &d); err == nil && d.Plan.Frames > 0 && d.Recipe.Preset != "" && d.Source.Path.Validate() == nil && d.Output.Path.Validate() == nil {
			b = &Brief{ID: id, Source: d.Source.Path, Output: d.Output.Path, Preset: d.Recipe.Preset, Frames: d.Plan.Frames, Units: units}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.briefs[id] = b
			return b, nil
		}
	}
	if j, err = s.Job(id); err != nil { // which says what is wrong with it, and where
		return nil, err
	}
	return j.Brief(), nil
}

// Brief is what a list tells of the job.
func (j *Job) Brief() *Brief {
	return &Brief{ID: j.ID, Source: j.Source.Path, Output: j.Output.Path, Preset: j.Recipe.Preset, Frames: j.Plan.Frames, Units: len(j.Plan.Units)}
}

// briefText cuts a job's document down to what is told of it, and counts its units. It knows the
// manner in which Encode writes; of what somebody has written otherwise nothing may be left, and
// then the document is read whole.
func briefText(doc string) (text string, units int) {
	keep := map[string]map[string]bool{"source": {"path": true}, "output": {"path": true}, "recipe": {"preset": true}, "plan": {"frames": true}}
	var b strings.Builder
	var inner map[string]bool // keys of the block that is read
	block, taken := "", false
	for line := range strings.Lines(doc) {
		bare := strings.TrimLeft(line, " ")
		indent := len(line) - len(bare)
		key, _, isKey := strings.Cut(bare, ":")
		switch {
		case strings.HasPrefix(bare, "#"):
			continue
		case indent == 0:
			block, inner, taken = key, keep[key], false
			if inner != nil {
				b.WriteString(line)
			}
		case inner == nil:
		case indent == 2 && strings.HasPrefix(bare, "- "):
			if block == "plan" && strings.HasPrefix(bare, "- id:") {
				units++
			}
			taken = false
		case indent == 2:
			if taken = isKey && inner[key]; taken {
				b.WriteString(line)
			}
		case taken:
			b.WriteString(line)
		}
	}
	return b.String(), units
}

// Glance looks at a job that nobody is known to have begun, by two listings where Look takes five:
// the folder itself, for its markers, and what is to do. ok is false where something was begun, or
// given up, and only Look tells the state.
func (s *Store) Glance(id string, units int) (l Listing, ok bool, err error) {
	if err := s.lookAtTop(id, &l); err != nil {
		return Listing{}, false, err
	}
	es, err := s.fs.ReadDir(path.Join(dirJobs, id, dirTodo))
	if errors.Is(err, fs.ErrNotExist) {
		return l, false, nil
	}
	if err != nil {
		return Listing{}, false, fmt.Errorf("look at job %s: %w", id, err)
	}
	there := map[UnitID]bool{}
	for _, e := range es {
		if t, is := ParseTicket(e.Name); is && !e.Dir && t.Worker == "" {
			l.Todo = append(l.Todo, t)
			there[t.Unit] = true
		}
	}
	return l, len(there) >= units && !l.Done && !l.FailedMark && !l.Cancelled, nil
}
