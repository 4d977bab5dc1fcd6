package watcher

import (
	"cmp"
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
	now map[string]string
}

func newComplaints(log *slog.Logger) *complaints {
	return &complaints{log: log, now: map[string]string{}}
}

func (c *complaints) say(about, what string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := what + err.Error()
	if c.now[about] == text {
		return
	}
	c.now[about] = text
	c.log.Warn(what, "err", err)
}

func (c *complaints) clear(about string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now[about] == "" {
		return
	}
	delete(c.now, about)
	c.log.Info("over: " + strings.SplitN(about, " ", 2)[0] + " can be used again")
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
