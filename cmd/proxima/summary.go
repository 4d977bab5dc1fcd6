package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"proxima/jobfile"
	"proxima/timeline"
)

// report is what a queue has to tell.
type report struct {
	o        queueOptions
	clips    []clip
	projects []*project
	shown    bool // the summary was, and with it what cannot be queued
}

// summary is a batch in numbers. The JSON names are a contract.
type summary struct {
	Found   int              `json:"found"` // sources that are there, with each preset
	Make    int              `json:"make"`
	Exist   int              `json:"exist"`  // proxies that fit
	Unfit   int              `json:"unfit"`  // files at a proxy's place that do not
	Queued  int              `json:"queued"` // being made by other jobs
	Missing int              `json:"missing"`
	Skipped int              `json:"skipped"`
	Refused int              `json:"refused"`
	LeftOut timeline.LeftOut `json:"left_out"`
	Frames  int64            `json:"frames"`          // to make
	Seconds float64          `json:"duration_s"`      // of the sources of what is to be made
	Bytes   int64            `json:"bytes_estimated"` // of what is to be made
}

func (r *report) summary() summary {
	var s summary
	for i := range r.clips {
		c := &r.clips[i]
		switch {
		case c.Status == "make":
			s.Make++
			s.Frames += c.Frames
			s.Seconds += c.Seconds
			s.Bytes += c.Bytes
		case c.Proxy == proxyUnfit:
			s.Unfit++
		case c.Proxy == proxyQueued:
			s.Queued++
		case c.Status == "exists":
			s.Exist++
		case c.Status == "missing":
			s.Missing++
		case c.Status == "skipped":
			s.Skipped++
		default:
			s.Refused++
		}
	}
	s.Found = len(r.clips) - s.Missing
	for _, p := range r.projects {
		s.LeftOut = s.LeftOut.Add(p.wanted.LeftOut)
	}
	return s
}

// words say the numbers; the rare ones only where they are not zero.
func (s *summary) words() string {
	text := fmt.Sprintf("%d to make, %d exist, %d skipped, %d refused, %d missing", s.Make, s.Exist, s.Skipped, s.Refused, s.Missing)
	if s.Queued > 0 {
		text += fmt.Sprintf(", %d already queued", s.Queued)
	}
	if s.Unfit > 0 {
		text += fmt.Sprintf(", %d stand there and do not fit", s.Unfit)
	}
	return text
}

// largeBatch is from how many clips to make on a queue is summed up, and a person asked, also where
// no timeline is in it: a slip of the hand there costs a room an evening.
const largeBatch = 50

// ask shows what is about to be queued, and on a terminal asks once. Where nobody sits there, what
// could be found is queued; what could not is said, and in the exit code.
func (q *queuing) ask(ctx context.Context, r *report) error {
	s := r.summary()
	if len(r.projects) == 0 && s.Make <= largeBatch || q.o.json && !q.talks() {
		return nil
	}
	r.shown = true
	q.printProjects(r)
	q.printProblems(r)
	fmt.Fprintf(q.stderr, "%s: %s\n", plural(len(r.clips), "clip", "clips"), s.words())
	if s.Make == 0 {
		return nil
	}
	fmt.Fprintf(q.stderr, "  %s frames, %s of footage, about %s of proxies\n", humanize.Comma(s.Frames),
		time.Duration(s.Seconds*float64(time.Second)).Round(time.Second), humanize.IBytes(uint64(max(s.Bytes, 0))))
	if q.o.yes || q.o.dryRun || !q.talks() {
		return nil
	}
	without := ""
	if n := s.Missing + s.Refused + s.Unfit; n > 0 {
		without = fmt.Sprintf(", without the %d that cannot be", n)
	}
	fmt.Fprintf(q.stderr, "Queue %s%s? [%s] ", plural(s.Make, "proxy", "proxies"), without, yesNo(without == "", "Y/n", "y/N"))
	answer, err := readAnswer(ctx, q.stdin)
	switch {
	case err != nil:
		fmt.Fprintln(q.stderr)
		return err
	case answer == "y" || answer == "yes" || answer == "" && without == "":
		return nil
	}
	return &hinted{what: "nothing was queued", next: "--yes queues without a question", code: exitFailed}
}

// readAnswer reads a line, in small letters. A terminal that is closed is no answer.
func readAnswer(ctx context.Context, in io.Reader) (string, error) {
	type line struct {
		text string
		err  error
	}
	// A read from a terminal cannot be ended; it is left behind only where the program ends.
	got := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(in).ReadString('\n')
		got <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", errInterrupted
	case l := <-got:
		if l.err != nil && l.text == "" {
			return "", errInterrupted
		}
		return strings.ToLower(strings.TrimSpace(l.text)), nil
	}
}

// printProjects says of each timeline that was chosen what it is, and what is left out of it.
func (q *queuing) printProjects(r *report) {
	for _, p := range r.projects {
		for _, at := range p.chosen {
			t := &p.Timelines[at]
			n := len(p.Select(timeline.Choice{Timelines: []int{at}, ActiveAngles: q.o.activeAngles}).Media)
			fmt.Fprintf(q.stderr, "%s: %s (%s)\n", jobfile.Printable(p.name), jobfile.Printable(t.Display), strings.Join(timelineFacts(t, n, len(p.Timelines)), ", "))
		}
		if p.all {
			fmt.Fprintf(q.stderr, "%s: all its media (%s)\n", jobfile.Printable(p.name), plural(len(p.wanted.Media), "clip", "clips"))
		}
		if left := p.wanted.LeftOut; left.Total() > 0 {
			fmt.Fprintf(q.stderr, "  left out: %s\n", left)
		}
		for _, n := range p.Notes {
			fmt.Fprintf(q.stderr, "  note: %s\n", jobfile.OneLine(n))
		}
	}
}

// enoughProblems are as many as anybody reads: a volume that is not mounted misses thousands.
const enoughProblems = 40

// printProblems lists what cannot be queued, with what to do.
func (q *queuing) printProblems(r *report) {
	said := 0
	for i := range r.clips {
		c := &r.clips[i]
		if c.Status == "make" || c.Status == "skipped" || c.Status == "exists" && c.Proxy != proxyUnfit {
			continue
		}
		if said++; said > enoughProblems && !q.o.verbose {
			continue
		}
		word := c.Status
		if c.Proxy == proxyUnfit {
			word = "unfit proxy of"
		}
		fmt.Fprintf(q.stderr, "proxima: %s %s: %s\n", word, jobfile.Printable(c.Target), jobfile.OneLine(c.Reason))
		if len(c.Timelines) > 0 && c.Status == "missing" {
			fmt.Fprintf(q.stderr, "  used by %s\n", jobfile.OneLine(strings.Join(c.Timelines, ", ")))
		}
		if c.next != "" {
			fmt.Fprintf(q.stderr, "  next: %s\n", jobfile.OneLine(c.next))
		}
	}
	if more := said - enoughProblems; more > 0 && !q.o.verbose {
		fmt.Fprintf(q.stderr, "proxima: and %d more; -v and --json list all\n", more)
	}
}
