// Package monitor serves a page that shows a farm live, and numbers for Prometheus. One reader
// looks at the farm however many browsers watch, and none while nobody does.
package monitor

import (
	"context"
	"log/slog"
	"time"

	"proxima/jobfile"
)

// Voice says in words what the command line says, too.
type Voice interface {
	// Standstill tells why nothing is begun in the whole farm, and what to do; "" where somebody begins something.
	Standstill(asks jobfile.Controls, here []*jobfile.Worker) string
	// WaitsFor names what is missing where no worker that is here can do a job.
	WaitsFor(id string, here []*jobfile.Worker) string
	// InWords tells what a request asks, of whom, and by whom.
	InWords(c jobfile.Control) string
}

// Hand does what somebody asks for on the page. It tells what it did in lines for people.
type Hand interface {
	Do(ctx context.Context, a Action) (said string, err error)
}

// Film shows what was made: how a unit was encoded, and a picture of a finished proxy.
type Film interface {
	// Log tells of the attempts at a job's units, or at one of them, what ffmpeg was told and said.
	Log(ctx context.Context, job string, unit jobfile.UnitID) (string, error)
	// Thumb is a picture of a finished job's proxy, a JPEG.
	Thumb(ctx context.Context, job string) ([]byte, error)
}

// Refused is an error for people, with the next step.
type Refused struct{ What, Next string }

func (r *Refused) Error() string { return r.What }

// Config is what a monitor needs.
type Config struct {
	Store *jobfile.Store
	Voice Voice
	Hand  Hand
	Film  Film
	Log   *slog.Logger

	// Token lets whoever has it change things. Where Open is false nobody sees anything without it.
	Token string
	Open  bool
	// Hosts are the names of this machine by which it may be called, besides addresses and localhost.
	Hosts   []string
	Version string

	Lease time.Duration // of the farm
	Every time.Duration // between two looks; 0 for two seconds
}

// Action is what somebody asks for.
type Action struct {
	Do     string         `json:"do"` // retry, cancel, pause, resume, priority
	Job    string         `json:"job"`
	Unit   jobfile.UnitID `json:"unit"`
	Worker string         `json:"worker"` // a worker's name
	N      int            `json:"n"`      // a priority
	Now    bool           `json:"now"`    // of a pause: give back what is in work
	Why    string         `json:"why"`
}

// maxWhy bounds what somebody may say of his reasons, bytes.
const maxWhy = 500

// Check refuses what nobody can mean.
func (a Action) Check() error {
	job, worker := a.Job != "", a.Worker != ""
	switch {
	case job && !jobfile.ValidJobID(a.Job):
		return &Refused{What: jobfile.Quote(a.Job) + " is no job"}
	case worker && jobfile.WorkerName(a.Worker) != a.Worker:
		return &Refused{What: jobfile.Quote(a.Worker) + " is no worker's name"}
	case a.Unit != "" && !a.Unit.Valid():
		return &Refused{What: jobfile.Quote(string(a.Unit)) + " is no unit"}
	case len(a.Why) > maxWhy:
		return &Refused{What: "the reason is too long"}
	}
	ok := false
	switch a.Do {
	case "retry": // of nothing: all that failed
		ok = !worker && (job || a.Unit == "")
	case "cancel":
		ok = job && !worker && a.Unit == ""
	case "pause", "resume": // of nothing: the farm
		ok = !(job && worker) && a.Unit == ""
	case "priority":
		ok = job && !worker && a.Unit == "" && a.N >= 0 && a.N <= 99
	}
	if !ok {
		return &Refused{What: "nothing can be done with that"}
	}
	return nil
}
