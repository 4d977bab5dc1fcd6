package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"proxima/encode"
	"proxima/jobfile"
)

func (a *app) logsCommand() *cobra.Command {
	var follow, whole bool
	cmd := &cobra.Command{
		Use:   "logs JOB [UNIT]",
		Short: "Show how a job's units were encoded, and what ffmpeg said last",
		Long: `For each attempt at each unit: who made it, with which command lines (to be pasted into a shell here;
on Windows PowerShell), and the last that ffmpeg said. The logs are kept with the job's record.`,
		Example: "  proxima logs A001_C002.mov\n  proxima logs A001_C002.mov 0007 --all\n  proxima logs A001_C002.mov -f",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return &usageError{"say whose logs", "proxima logs JOB, or proxima logs JOB UNIT"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			store, _, _, err := a.openFarm()
			if err != nil {
				return err
			}
			n, err := newNamed(store)
			if err != nil {
				return err
			}
			id, err := n.job(a, args[0])
			if err != nil {
				return err
			}
			l := &logReader{a: a, store: store, id: id, whole: whole, read: map[jobfile.Ticket]int{}}
			if len(args) == 2 {
				l.unit = jobfile.UnitID(args[1])
			}
			return l.run(cmd.Context(), follow)
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on with what is written, until the job is over")
	cmd.Flags().BoolVar(&whole, "all", false, "everything in the logs, not only the last that ffmpeg said")
	return cmd
}

// logReader shows the logs of a job.
type logReader struct {
	a     *app
	store *jobfile.Store
	id    string
	unit  jobfile.UnitID // "" for all
	whole bool
	last  int                    // of the attempts only so many, the latest; 0 for all
	read  map[jobfile.Ticket]int // bytes shown, in whole lines
}

func (l *logReader) run(ctx context.Context, follow bool) error {
	ts, err := l.attempts()
	if err != nil {
		return err
	}
	if l.unit != "" {
		j, err := l.store.Job(l.id)
		if _, planned := planOf(j).Planned(l.unit); err == nil && !planned {
			return &hinted{what: fmt.Sprintf("%s has no unit %s", l.id, jobfile.Quote(string(l.unit))), next: "proxima status " + l.id + " lists them"}
		}
	}
	if len(ts) == 0 && !follow {
		fmt.Fprintln(l.a.stdout, "nothing of it was begun yet")
		return nil
	}
	for _, t := range ts {
		data, err := l.store.Log(l.id, t)
		if err != nil {
			fmt.Fprintf(l.a.stdout, "%s: %s\n", t, oneLine(err))
			continue
		}
		lines := l.lines(t, data)
		if l.whole {
			l.show(t, lines, "")
		} else {
			l.sum(t, lines)
		}
	}
	for follow {
		if l.over() {
			return nil
		}
		select {
		case <-ctx.Done():
			return errInterrupted
		case <-time.After(time.Second):
		}
		if err := l.more(); err != nil {
			return err
		}
	}
	return nil
}

func planOf(j *jobfile.Job) *jobfile.Plan {
	if j == nil {
		return &jobfile.Plan{}
	}
	return &j.Plan
}

func (l *logReader) attempts() (ts []jobfile.Ticket, err error) {
	all, err := l.store.Logs(l.id)
	for _, t := range all {
		if l.unit == "" || t.Unit == l.unit {
			ts = append(ts, t)
		}
	}
	if l.last > 0 && len(ts) > l.last {
		ts = ts[len(ts)-l.last:]
	}
	return ts, err
}

// lines cuts what is new of a log into whole lines.
func (l *logReader) lines(t jobfile.Ticket, data []byte) []string {
	if len(data) < l.read[t] {
		l.read[t] = 0 // somebody put another in its place
	}
	fresh := string(data[l.read[t]:])
	end := strings.LastIndexByte(fresh, '\n') + 1
	l.read[t] += end
	return strings.Split(strings.TrimSuffix(fresh[:end], "\n"), "\n")
}

// lastWords is how many of ffmpeg's lines are shown, of an attempt that went well fewer.
const lastWords, lastWordsDone = 12, 2

// sum shows an attempt: head, commands, last words, end.
func (l *logReader) sum(t jobfile.Ticket, lines []string) {
	var commands, said []string
	head, end := "", "in work, or its worker died"
	for _, line := range lines {
		_, cmd, isCommand := encode.LoggedCommand(line, runtime.GOOS)
		switch {
		case isCommand:
			commands = append(commands, cmd)
		case strings.HasPrefix(line, "# unit "):
			head = strings.TrimPrefix(line, "# unit "+t.String())
		case strings.HasPrefix(line, "# "):
			end = line[2:]
		case strings.TrimSpace(line) != "":
			said = append(said, line)
		}
	}
	if _, on, ok := strings.Cut(head, " on "); ok {
		head = " on " + on
	}
	fmt.Fprintf(l.a.stdout, "unit %s, attempt %d%s: %s\n", t.Unit, t.Attempt, jobfile.OneLine(head), jobfile.OneLine(end))
	for i, c := range commands {
		// Of a unit's many looks with ffprobe the encoding is what people want.
		if i == len(commands)-1 || !strings.HasPrefix(filepath.Base(firstWord(c)), "ffprobe") {
			fmt.Fprintf(l.a.stdout, "  %s\n", jobfile.OneLine(c))
		}
	}
	keep := lastWords
	if strings.HasPrefix(end, "done ") {
		keep = lastWordsDone
	}
	for _, s := range said[max(0, len(said)-keep):] {
		fmt.Fprintf(l.a.stdout, "    %s\n", jobfile.OneLine(strings.TrimSpace(s)))
	}
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}

// show writes lines as they are, each with the attempt before it where several are followed.
func (l *logReader) show(t jobfile.Ticket, lines []string, prefix string) {
	for _, line := range lines {
		if _, cmd, ok := encode.LoggedCommand(line, runtime.GOOS); ok {
			at, _, _ := strings.Cut(line, " $ ")
			line = at + " $ " + cmd
		}
		if line != "" {
			fmt.Fprintf(l.a.stdout, "%s%s\n", prefix, jobfile.OneLine(line))
		}
	}
}

// more shows what was written since.
func (l *logReader) more() error {
	ts, err := l.attempts()
	if err != nil {
		return nil // a share has bad moments
	}
	for _, t := range ts {
		if n, err := l.store.LogSize(l.id, t); err != nil || int(n) == l.read[t] {
			continue
		}
		if data, err := l.store.Log(l.id, t); err == nil {
			l.show(t, l.lines(t, data), t.String()+"  ")
		}
	}
	return nil
}

// over tells whether nothing more will be written.
func (l *logReader) over() bool {
	m, state, err := l.store.Marker(l.id)
	if err != nil || m == nil {
		_, jerr := l.store.Job(l.id)
		return err == nil && jerr != nil // removed
	}
	_ = l.more()
	if state == jobfile.Failed {
		fmt.Fprintf(l.a.stdout, "failed: %s\n", jobfile.OneLine(m.Error))
	} else {
		fmt.Fprintln(l.a.stdout, state)
	}
	return true
}
