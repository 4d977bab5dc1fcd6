package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

// locks has another process of this machine hold a lock, and looks whether it is seen to.
func (d *doctor) locks(ctx context.Context, s *jobfile.Store) {
	st, err := soon(ctx, func() (string, error) { return lockBetweenProcesses(ctx, s) })
	why := "without locks a dead worker of this machine is known by its heartbeat alone, three minutes later"
	switch {
	case err != nil:
		d.say("locks, here", warning, oneLine(err), why, "mount the share with locks (not nolock, nobrl), or live with it")
	case st != "":
		d.say("locks, here", warning, st, why, "mount the share with locks (not nolock, nobrl), or live with it")
	default:
		d.say("locks, here", fine, "kept between two processes of this machine, and free when one ends", "", "")
	}
}

// lockBetweenProcesses says what is wrong with them, or nothing.
func lockBetweenProcesses(ctx context.Context, s *jobfile.Store) (wrong string, err error) {
	p, err := s.NewProbe(jobfile.ProbeWorkers)
	if err != nil {
		return "", err
	}
	defer p.Remove() // what stays goes as an orphan
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	c := exec.CommandContext(ctx, self, "doctor", "hold", p.Name(), "--farm", s.Dir())
	in, err := c.StdinPipe()
	if err != nil {
		return "", err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return "", err
	}
	var errs strings.Builder
	c.Stderr = &errs
	if err := c.Start(); err != nil {
		return "", err
	}
	line, rerr := bufio.NewReader(out).ReadString('\n')
	held := jobfile.LockUnknown
	if strings.TrimSpace(line) == "held" {
		held = p.Locked(ctx)
	}
	werr := errors.Join(in.Close(), c.Wait())
	switch {
	case rerr != nil || strings.TrimSpace(line) != "held":
		return "", errors.New("no lock can be taken here: " + oneLineOf(errs.String(), werr))
	case held == jobfile.LockFree:
		return "a lock that another process holds could be taken", nil
	case held != jobfile.LockHeld:
		return "a try at a lock is not answered", nil
	}
	if p.Locked(ctx) != jobfile.LockFree {
		return "a lock stays when its process has ended", nil
	}
	return "", nil
}

func oneLineOf(text string, err error) string {
	if first, _, _ := strings.Cut(strings.TrimSpace(text), "\n"); first != "" {
		return jobfile.OneLine(first)
	}
	if err != nil {
		return oneLine(err)
	}
	return "the other process said nothing"
}

// doctorHoldCommand is the other process.
func (a *app) doctorHoldCommand() *cobra.Command {
	return &cobra.Command{
		Use: "hold PROBE", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			store, _, err := jobfile.Open(a.farmFlag)
			if err != nil {
				return err
			}
			release, err := store.HoldProbe(args[0])
			if err != nil {
				return err
			}
			fmt.Fprintln(a.stdout, "held")
			_, _ = io.Copy(io.Discard, a.stdin) // until the doctor lets go, or dies
			return release()
		},
	}
}

// beatSeen is when a worker's beat was seen to move.
type beatSeen struct {
	worker string
	at     time.Duration // since the watch began
}

// others watches the workers of other machines: what they change has to be seen here.
func (d *doctor) others(ctx context.Context, s *jobfile.Store, f *jobfile.Farm) {
	ws, _, err := s.Workers()
	if err != nil {
		d.sayError("others", err, "workers know by each other's heartbeats who is dead", "see that this account may read the farm's folder workers")
		return
	}
	foreign := map[string]*jobfile.Worker{}
	for _, w := range ws {
		if w.Host != jobfile.Hostname() {
			foreign[w.ID] = w
		}
	}
	if len(foreign) == 0 || d.wait == 0 {
		d.say("others", skipped, "no worker of another machine is here: what it would see was not tried", "", "")
		return
	}
	fmt.Fprintf(d.app.stderr, "watching %s for %s\n", plural(len(foreign), "worker of another machine", "workers of other machines"), d.wait)
	seen, took := watchBeats(ctx, s, foreign, d.wait)
	alive := map[string]bool{}
	for _, b := range seen {
		alive[b.worker] = true
	}
	d.found = append(d.found, judgeBeats(seen, len(foreign), jobfile.BeatEvery(f.Defaults.Lease.D()), took))
	locks := map[jobfile.LockState]int{}
	for id := range alive {
		locks[s.TryWorkerLock(ctx, id)]++
	}
	d.found = append(d.found, judgeLocks(locks))
}

// watchBeats lists the heartbeats until enough was seen.
func watchBeats(ctx context.Context, s *jobfile.Store, of map[string]*jobfile.Worker, wait time.Duration) (seen []beatSeen, took time.Duration) {
	start := time.Now()
	last := map[string]int64{}
	t := time.NewTicker(500 * time.Millisecond)
	defer t.Stop()
	for time.Since(start) < wait {
		beats, err := s.Beats()
		if err == nil {
			for id, k := range beats {
				if old, ok := last[id]; ok && k > old && of[id] != nil {
					seen = append(seen, beatSeen{id, time.Since(start)})
				}
				last[id] = k
			}
		}
		select {
		case <-ctx.Done():
			return seen, time.Since(start)
		case <-t.C:
		}
	}
	return seen, time.Since(start)
}

// judgeBeats tells how late this machine sees what others do. Without a common clock it is the
// longest time between two beats that tells, against the time at which they come.
func judgeBeats(seen []beatSeen, workers int, every, took time.Duration) diagnosis {
	const check = "others seen"
	if len(seen) == 0 {
		if took < 2*every {
			return diagnosis{Check: check, Status: skipped, Found: fmt.Sprintf("%s is too short a watch for beats that come each %s", took.Round(time.Second), every)}
		}
		return diagnosis{
			check, warning, fmt.Sprintf("no heartbeat of %s moved in %s", plural(workers, "worker", "workers"), took.Round(time.Second)),
			"either they are dead, or this machine sees old listings and will take the living for dead", "see on one of them whether it runs: proxima service status there, and look at its clock here: proxima status",
		}
	}
	longest, before := time.Duration(0), map[string]time.Duration{}
	alive := map[string]bool{}
	for _, b := range seen {
		if at, ok := before[b.worker]; ok {
			longest = max(longest, b.at-at)
		}
		before[b.worker], alive[b.worker] = b.at, true
	}
	found := plural(len(alive), "worker of another machine lives", "workers of other machines live")
	late := longest - every
	switch {
	case longest == 0:
		return diagnosis{Check: check, Status: fine, Found: found}
	case late > every:
		return diagnosis{
			check, warning, fmt.Sprintf("%s; a heartbeat was seen %s late", found, late.Round(time.Second)),
			"work starts late, and takeovers are slow", "look at how the share is mounted: docs/network-shares.md",
		}
	}
	return diagnosis{Check: check, Status: fine, Found: fmt.Sprintf("%s; heartbeats are seen within %s", found, max(late, 0).Round(time.Second)+time.Second)}
}

// judgeLocks tells whether locks cross machines.
func judgeLocks(n map[jobfile.LockState]int) diagnosis {
	const check = "locks, others"
	switch {
	case n[jobfile.LockFree] > 0:
		return diagnosis{
			check, warning, "the lock of a living worker of another machine could be taken",
			"locks mean nothing between machines here, so the dead are known by the lease alone", "mount the share with locks (not nolock, nobrl), or live with it",
		}
	case n[jobfile.LockHeld] > 0:
		return diagnosis{Check: check, Status: fine, Found: "kept between machines"}
	case n[jobfile.LockUnknown] > 0:
		return diagnosis{check, warning, "a try at another machine's lock is not answered", "the dead are known by the lease alone", "nothing has to be done; NFS does so for a while after a machine lost power"}
	}
	return diagnosis{Check: check, Status: skipped, Found: "no living worker of another machine is here to try it with"}
}
