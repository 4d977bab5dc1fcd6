package jobfile

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
)

// Settled is recipe.N.WORKER.yaml: with what a job is made where that is not what job.yaml
// says, because the first who claimed a unit of it has overrides, or lacks the encoder. The
// others follow, or the parts would not join (P13).
type Settled struct {
	Format int    `yaml:"format"`
	Job    string `yaml:"job"`
	Worker string `yaml:"worker"`
	Of     string `yaml:"of"`  // fingerprint of the recipe in job.yaml that it stands in for; of an edited one it is no more
	Why    string `yaml:"why"` // for people: the overrides that made the difference, or what is missing
	Recipe Recipe `yaml:"recipe"`
}

// Validate checks the document by itself; that it suits its job is Store.Settled's to see.
func (s *Settled) Validate() error {
	if err := checkFormat(s.Format); err != nil {
		return err
	}
	return s.Recipe.Validate()
}

// Whose says whose recipe it is, and why.
func (s *Settled) Whose() string {
	if s == nil {
		return ""
	}
	return s.Worker + ": " + s.Why
}

// Settlement is what the name of such a document says.
type Settlement struct {
	Round  int // each settles anew what nobody has begun to make
	Worker string
}

var reSettlement = regexp.MustCompile(`^recipe\.([1-9][0-9]{0,3})\.([a-z0-9][a-z0-9_-]{0,62})\.yaml$`)

// File is the name of the document in the job's folder.
func (s Settlement) File() string { return fmt.Sprintf("recipe.%d.%s.yaml", s.Round, s.Worker) }

func parseSettlement(name string) (Settlement, bool) {
	m := reSettlement.FindStringSubmatch(name)
	if m == nil {
		return Settlement{}, false
	}
	n, err := strconv.Atoi(m[1])
	return Settlement{n, m[2]}, err == nil
}

// sortSettlements puts first what counts: the last round, and of two that settled it at once
// the smaller name.
func sortSettlements(ss []Settlement) {
	slices.SortFunc(ss, func(a, b Settlement) int {
		return cmp.Or(cmp.Compare(b.Round, a.Round), cmp.Compare(a.Worker, b.Worker))
	})
}

// MaySettle tells whether it is still open with what a job is made: nobody works on it, and
// nothing is made.
func (l Listing) MaySettle() bool { return len(l.Doing) == 0 && len(l.Results) == 0 }

// Settle publishes with what a job is made from now on: a round after those that l shows.
func (s *Store) Settle(id string, l Listing, d *Settled) error {
	round := 1
	if len(l.Settled) > 0 {
		round = min(l.Settled[0].Round+1, maxAttempt)
	}
	d.Format, d.Job = Format, id
	d.Why = Printable(d.Why)
	name := Settlement{round, d.Worker}.File()
	return s.publish(path.Join(dirJobs, id, name), "This job is made with the recipe below, and not with the one in job.yaml.\nWhy: "+d.Why, d)
}

// SettledRecipe tells with what a job is made, and by whose document; nil where job.yaml says
// it. A document that cannot be used counts for nobody, nor does one of before somebody edited
// the recipe in job.yaml. Of j that is the recipe.
func (s *Store) SettledRecipe(j *Job, l Listing) (*Settled, error) {
	for _, n := range l.Settled {
		d, err := s.readSettled(j, n)
		if err != nil {
			return nil, err
		}
		if d != nil && d.Of == j.Recipe.Shape() {
			return d, nil
		}
	}
	return nil, nil
}

// EverSettled lists job.yaml's recipe and all that were settled, whether they count or not.
func (s *Store) EverSettled(j *Job, l Listing) ([]Recipe, error) {
	rs := []Recipe{j.Recipe}
	for _, n := range l.Settled {
		d, err := s.readSettled(j, n)
		if err != nil {
			return nil, err
		}
		if d != nil {
			rs = append(rs, d.Recipe)
		}
	}
	return rs, nil
}

// readSettled reads such a document; nil if it cannot be used for its job.
func (s *Store) readSettled(j *Job, n Settlement) (*Settled, error) {
	_, data, err := s.readEither(j.ID, n.File())
	var broken *DecodeError
	d := &Settled{}
	if err == nil {
		err = Decode(s.fs.Path(path.Join(dirJobs, j.ID, n.File())), data, d)
	}
	switch {
	case errors.As(err, &broken) && !broken.Newer:
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read what was settled for job %s: %w", j.ID, err)
	case err != nil:
		return nil, err
	case d.Job != j.ID || d.Worker != n.Worker || j.Suits(&d.Recipe) != nil || !j.carries(&d.Recipe):
		return nil, nil
	}
	return d, nil
}

// carries reports whether the job has the files that a recipe needs.
func (j *Job) carries(r *Recipe) bool {
	has := j.Recipe.Assets()
	for i := range j.Others {
		has = append(has, j.Others[i].Assets()...)
	}
	for _, a := range r.Assets() {
		if !slices.Contains(has, a) {
			return false
		}
	}
	return true
}

// With is the job as it is made with another recipe.
func (j *Job) With(r Recipe) *Job {
	c := *j
	c.Recipe = r
	return &c
}

// Shape is a recipe's fingerprint: two recipes with the same make the same parts, on the same
// build of the encoder. How an encoder is run (threads, log level, decoding) is no part of it.
func (r *Recipe) Shape() string {
	c := *r
	c.Preset, c.Threads, c.LogLevel, c.HWAccel = "", 0, "", ""
	data, err := Encode("", &c)
	if err != nil {
		return "" // equal to none: no recipe that validates comes here
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// Made is the fingerprint of all that decides what a part of the job is: the recipe's shape, the source
// and its plan. A part that bears another one is of a job.yaml that somebody has edited since, or of
// another recipe.
func (j *Job) Made() string {
	data, err := json.Marshal(struct {
		Shape  string
		Source Source
		Media  Media
		Plan   Plan
	}{j.Recipe.Shape(), j.Source, j.Media, j.Plan})
	if err != nil {
		return "" // as with Shape
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// presetSum is the fingerprint of what a job says of its preset.
func (j *Job) presetSum() string {
	data, err := json.Marshal(struct { // maps in the order of their keys
		Name   string
		Fields map[string]Words
	}{j.Recipe.Preset, j.Preset})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:4])
}

// RunAs takes over from mine how an encoder is run.
func (r Recipe) RunAs(mine *Recipe) Recipe {
	r.Threads, r.LogLevel, r.HWAccel = mine.Threads, mine.LogLevel, mine.HWAccel
	return r
}
