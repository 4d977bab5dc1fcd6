package monitor

import (
	"fmt"
	"strings"
	"time"

	"proxima/jobfile"
)

// maxCells is how many cells a strip has at most; of a job with more chunks several share one.
const maxCells = 200

// strip folds a job's units into cells. What is worst counts where several share one.
func strip(v jobfile.View, colour func(worker string) byte) (cells, whose string) {
	n := len(v.Units)
	if n == 0 {
		return "", ""
	}
	c, w := make([]byte, 0, maxCells), make([]byte, 0, maxCells)
	width := min(n, maxCells)
	for i := range width {
		worst, by := byte('d'), byte('-')
		for _, u := range v.Units[i*n/width : (i+1)*n/width] {
			state, mine := byte('t'), byte('-')
			switch u.State {
			case jobfile.Done:
				state, mine = 'd', colour(u.Ticket.Worker)
			case jobfile.Doing:
				state, mine = 'w', colour(u.Ticket.Worker)
			case jobfile.Failed:
				state = 'f'
			}
			if rank(state) > rank(worst) || by == '-' && state == worst {
				worst, by = state, mine
			}
		}
		c, w = append(c, worst), append(w, by)
	}
	return string(c), string(w)
}

func rank(state byte) int { return strings.IndexByte("dtwf", state) }

// colours are the letters of Whose, by a worker's colour.
const colours = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// nameOf is a worker's name, the same after a restart, from its id.
func nameOf(id string) string {
	if i := strings.LastIndexByte(id, '-'); i > 0 {
		return id[:i]
	}
	return id
}

// facts are what a verdict is made of.
type facts struct {
	still   string // why nothing is begun
	hint    string // and what to do
	waiting int    // jobs that are neither over nor failed
	doing   int    // units that are in work
	failed  int
	here    int
	busy    int
	paused  bool
}

// judge says what goes on in a state and one line, and what to do.
func judge(f facts) (state, words, next string) {
	still, hint := f.still, f.hint
	machines := fmt.Sprintf("%d of %s at work", f.busy, counted(f.here, "machine"))
	switch {
	case f.paused && f.busy > 0:
		return "paused", "The room is paused. What is in work is being finished: " + machines + ".", hint
	case f.paused:
		return "paused", sentence(still, "The room is paused."), hint
	case f.waiting > 0 && f.busy == 0 && still != "":
		return "stuck", sentence(still, ""), hint
	case f.waiting > 0 && f.busy == 0 && f.doing > 0:
		return "waiting", "Pieces are held by machines that are not heard of; the others take over after a while.", ""
	case f.busy > 0:
		return "working", machines + ".", ""
	case f.waiting > 0:
		return "waiting", "Clips wait; " + counted(f.here, "machine") + " here, and none has begun yet.", ""
	case f.failed > 0:
		return "stuck", "All that could be made is made; these need somebody.", ""
	case f.here == 0:
		return "idle", "Nothing to do, and no machine is here.", ""
	}
	return "idle", "Nothing to do. " + counted(f.here, "machine") + " ready.", ""
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// sentence begins words with a capital.
func sentence(words, otherwise string) string {
	if words == "" {
		return otherwise
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// eta tells when frames will be made, rounded so that it does not flicker.
func eta(now time.Time, left int64, fps float64) time.Time {
	if left <= 0 || fps < 0.01 {
		return time.Time{}
	}
	took := float64(left) / fps
	if took > 30*24*3600 {
		return time.Time{}
	}
	return now.Add(time.Duration(took * float64(time.Second))).Round(10 * time.Second)
}
