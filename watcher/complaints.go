package watcher

import (
	"cmp"
	"errors"
	"log/slog"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"proxima/jobfile"
)

// complaints says what is wrong once, not at every look, and says when it is over.
type complaints struct {
	log *slog.Logger
	mu  sync.Mutex
	now map[string]complaint
}

type complaint struct{ what, cause string }

func newComplaints(log *slog.Logger) *complaints {
	return &complaints{log: log, now: map[string]complaint{}}
}

// say complains unless the same was said already. The names in an error change with each try
// (temporary names, heartbeats), so it is the cause that is compared.
func (c *complaints) say(about, what string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	said := complaint{what, cause(err).Error()}
	if c.now[about] == said {
		return
	}
	c.now[about] = said
	c.log.Warn(what, "err", err)
}

// cause is the innermost error that err wraps.
func cause(err error) error {
	for {
		in := errors.Unwrap(err)
		if in == nil {
			return err
		}
		err = in
	}
}

func (c *complaints) clear(about string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	said, ok := c.now[about]
	if !ok {
		return
	}
	delete(c.now, about)
	c.log.Info("over: " + said.what)
}

var (
	pid     = os.Getpid()
	started = time.Now().UTC().Truncate(time.Second)
)

func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

func clipName(j *jobfile.Job) string {
	return path.Base(strings.ReplaceAll(j.Source.Path.Rel, `\`, "/"))
}

func sortInWork(l []InWork) {
	slices.SortFunc(l, func(a, b InWork) int {
		return cmp.Or(strings.Compare(a.Job, b.Job), strings.Compare(string(a.Unit), string(b.Unit)))
	})
}
