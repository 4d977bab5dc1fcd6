package jobfile

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"time"

	"proxima/jobfile/sharefs"
)

// Ask is what a request in control/ is for.
type Ask string

const (
	AskPause    Ask = "pause"     // begin nothing; what is in work is finished
	AskPauseNow Ask = "pause-now" // the same, and what is in work is given back
	AskDrain    Ask = "drain"     // of one process: finish, then stay idle
	AskSlots    Ask = "slots"     // of one process: so many units at once
	AskPriority Ask = "priority"  // of a job, in place of that in its name
)

// Control is a request as its file's name says it. All that decides stands in the name, so that one
// listing tells everything, and a request is there or not: what a reader's cache may hold of an
// older document makes no difference.
type Control struct {
	Ask  Ask
	Whom string // of a pause a worker's name or a job, "" for everybody; else a worker's id, or a job
	N    int    // of slots and priority
}

var (
	reControl = regexp.MustCompile(`^(pause|pause-now|drain|slots|priority)(?:\.([^.]+))?(?:\.([1-9][0-9]{0,3}|0))?\.yaml$`)
	reName    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	reProcess = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,56}-[a-z0-9]{5}$`)
)

// MaxSlots bounds the units that a worker runs at once.
const MaxSlots = 1024

// File is the name of the request.
func (c Control) File() string {
	s := string(c.Ask)
	if c.Whom != "" {
		s += "." + c.Whom
	}
	if c.Ask == AskSlots || c.Ask == AskPriority {
		s += "." + strconv.Itoa(c.N)
	}
	return s + ".yaml"
}

// OfJob reports whether the request is about a job.
func (c Control) OfJob() bool { return ValidJobID(c.Whom) }

// ParseControl reads a request's name. Whatever it does not know asks nothing.
func ParseControl(name string) (Control, bool) {
	m := reControl.FindStringSubmatch(name)
	if m == nil {
		return Control{}, false
	}
	c := Control{Ask: Ask(m[1]), Whom: m[2]}
	number := m[3] != ""
	if number {
		c.N, _ = strconv.Atoi(m[3]) // four digits at most
	}
	ok := false
	switch c.Ask {
	case AskPause, AskPauseNow:
		ok = !number && (c.Whom == "" || reName.MatchString(c.Whom) || c.OfJob())
	case AskDrain:
		ok = !number && reProcess.MatchString(c.Whom)
	case AskSlots:
		ok = number && reProcess.MatchString(c.Whom) && c.N >= 1 && c.N <= MaxSlots
	case AskPriority:
		ok = number && c.OfJob() && c.N <= 99
	}
	return c, ok && c.File() == name
}

// Controls is what control/ asks, as one listing shows it.
type Controls struct {
	All     []Control // in the order of their names
	Strange []string  // what else lies there
}

// Controls lists the requests afresh. A farm without the folder asks nothing.
func (s *Store) Controls() (Controls, error) {
	var c Controls
	es, err := s.fs.ReadDir(dirControl)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return c, nil
		}
		return c, fmt.Errorf("list what was asked: %w", err)
	}
	for _, e := range es {
		if k, ok := ParseControl(e.Name); ok && !e.Dir {
			c.All = append(c.All, k)
		} else if Ours(e.Name) {
			c.Strange = append(c.Strange, e.Name)
		}
	}
	slices.SortFunc(c.All, func(a, b Control) int { return cmp.Compare(a.File(), b.File()) })
	return c, nil
}

// Paused is the request that keeps a worker, by its name, or a job from being worked on; of
// several the one that says it for everybody, and one that takes effect at once before others.
func (c Controls) Paused(whom string) (Control, bool) {
	var found []Control
	for _, k := range c.All {
		if (k.Ask == AskPause || k.Ask == AskPauseNow) && (k.Whom == whom || k.Whom == "" && !ValidJobID(whom)) {
			found = append(found, k)
		}
	}
	if len(found) == 0 {
		return Control{}, false
	}
	return slices.MinFunc(found, func(a, b Control) int {
		return cmp.Or(cmp.Compare(b.Ask, a.Ask), cmp.Compare(a.Whom, b.Whom)) // "pause" < "pause-now"
	}), true
}

// Of is the request of a kind for a worker's process or a job. Where two stand, as when somebody
// dies between setting one and taking the other back, the smaller number counts.
func (c Controls) Of(ask Ask, whom string) (Control, bool) {
	found, ok := Control{}, false
	for _, k := range c.All {
		if k.Ask == ask && k.Whom == whom && (!ok || k.N < found.N) {
			found, ok = k, true
		}
	}
	return found, ok
}

// Priority is a job's, as it counts: what was asked, else what its name says.
func (c Controls) Priority(id string) int {
	if k, ok := c.Of(AskPriority, id); ok {
		return k.N
	}
	return Priority(id)
}

// Order sorts jobs by urgency, then age; of ids in their own order a copy is returned.
func (c Controls) Order(ids []string) []string {
	out := slices.Clone(ids)
	asked := map[string]int{}
	for _, k := range c.All {
		if k.Ask == AskPriority {
			asked[k.Whom] = c.Priority(k.Whom)
		}
	}
	if len(asked) == 0 {
		return out
	}
	urgency := func(id string) int {
		if n, ok := asked[id]; ok {
			return n
		}
		return Priority(id)
	}
	slices.SortStableFunc(out, func(a, b string) int {
		return cmp.Or(urgency(b)-urgency(a), cmp.Compare(a[min(2, len(a)):], b[min(2, len(b)):]))
	})
	return out
}

// Request is the document of a request, for people: who asked, when and why. It may be empty.
type Request struct {
	Format int       `yaml:"format"`
	By     string    `yaml:"by"` // user@host
	Time   time.Time `yaml:"time"`
	Why    string    `yaml:"why,omitempty"`
}

// Validate checks a request.
func (r *Request) Validate() error {
	if err := checkFormat(r.Format); err != nil {
		return err
	}
	for _, f := range []struct{ name, text string }{{"by", r.By}, {"why", r.Why}} {
		if len(f.text) > maxRequest/16 {
			return fmt.Errorf("%s: longer than %d bytes", f.name, maxRequest/16)
		}
	}
	return nil
}

// Words adds to what was asked who asked it, when, and why.
func (r *Request) Words(what string) string {
	if r.By != "" {
		what += " by " + Printable(r.By)
	}
	if !r.Time.IsZero() {
		what += " on " + r.Time.Local().Format("2 Jan 15:04")
	}
	if r.Why != "" {
		what += ": " + Printable(r.Why)
	}
	return what
}

// maxRequest bounds a request's document, bytes.
const maxRequest = 64 << 10

// Request reads who asked what and why. One that somebody made by hand may be empty.
func (s *Store) Request(c Control) (*Request, error) {
	name := path.Join(dirControl, c.File())
	data, err := s.fs.ReadFile(name, maxRequest)
	switch {
	case errors.Is(err, sharefs.ErrTooLarge):
		return nil, &DecodeError{File: s.fs.Path(name), Line: 1, Column: 1, Reason: fmt.Sprintf("larger than %d bytes, which no request is", maxRequest)}
	case err != nil:
		return nil, err
	case blankText(data):
		return &Request{}, nil
	}
	r := &Request{}
	if err := Decode(s.fs.Path(name), data, r); err != nil {
		return nil, err
	}
	return r, nil
}

func blankText(data []byte) bool {
	for _, b := range data {
		if b != ' ' && b != '\t' && b != '\r' && b != '\n' {
			return false
		}
	}
	return true
}

// Ask puts a request into the farm. Of one with a number it takes those back that it replaces.
func (s *Store) Ask(c Control, r *Request) error {
	r.Format = Format
	name := path.Join(dirControl, c.File())
	if k, ok := ParseControl(c.File()); !ok || k != c {
		return fmt.Errorf("%s is no request", Quote(c.File()))
	}
	err := s.publish(name, askComment(c), r)
	if errors.Is(err, fs.ErrNotExist) { // a farm that was made before there were requests
		if merr := s.fs.Mkdir(dirControl); merr != nil && !errors.Is(merr, fs.ErrExist) {
			return errors.Join(err, merr)
		}
		err = s.publish(name, askComment(c), r)
	}
	if err != nil || c.Ask != AskSlots && c.Ask != AskPriority {
		return err
	}
	_, err = s.Withdraw(func(k Control) bool { return k.Ask == c.Ask && k.Whom == c.Whom && k.N != c.N })
	return err
}

func askComment(c Control) string {
	undo := map[Ask]string{
		AskPause: "proxima resume", AskPauseNow: "proxima resume", AskDrain: "proxima resume --worker, or a restart of that worker",
		AskSlots: "proxima slots WORKER default, or a restart of that worker", AskPriority: "proxima priority",
	}[c.Ask]
	return "A request to the workers of this farm. Its name is what counts. Whoever deletes it takes it back,\nlike " + undo + "."
}

// Withdraw takes requests back, and tells which.
func (s *Store) Withdraw(which func(Control) bool) (gone []Control, err error) {
	all, err := s.Controls()
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, c := range all.All {
		if !which(c) {
			continue
		}
		err := s.fs.Remove(path.Join(dirControl, c.File()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("take %s back: %w", Quote(s.fs.Path(path.Join(dirControl, c.File()))), err))
			continue
		}
		gone = append(gone, c)
	}
	return gone, errors.Join(errs...)
}
