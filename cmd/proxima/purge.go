package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"proxima/encode"
	"proxima/jobfile"
)

type purgeOptions struct {
	done, failed, cancelled, all bool
	withProxies                  bool
	yes, yesProxies              bool
}

func (a *app) purgeCommand() *cobra.Command {
	var o purgeOptions
	cmd := &cobra.Command{
		Use:   "purge JOB... | --done | --failed | --cancelled | --all",
		Short: "Remove the records of jobs that are over",
		Long: `Removes the folders of jobs that are finished, failed or cancelled from the farm, with their logs and
with what a failed job had encoded. It asks first. Jobs that wait or are in work are not touched:
proxima cancel stops them.

Proxies stay. With --with-proxies it asks once more and removes those that DONE.yaml says this farm
made, if they bear Proxima's mark and are picture by picture what was made. Sources are never touched.`,
		Example: "  proxima purge --done\n  proxima purge --all --yes\n  proxima purge A001_C002.mov --with-proxies",
		RunE: func(cmd *cobra.Command, args []string) error {
			kinds := o.done || o.failed || o.cancelled || o.all
			if kinds == (len(args) > 0) {
				return &usageError{"say what to remove", "proxima purge JOB, or one or more of --done, --failed, --cancelled, --all"}
			}
			return a.purge(cmd.Context(), args, o)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.done, "done", false, "all finished jobs")
	f.BoolVar(&o.failed, "failed", false, "all that failed")
	f.BoolVar(&o.cancelled, "cancelled", false, "all that were cancelled")
	f.BoolVar(&o.all, "all", false, "all three")
	f.BoolVar(&o.withProxies, "with-proxies", false, "remove the proxies of these jobs, too; asks once more")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask about the records")
	f.BoolVar(&o.yesProxies, "yes-proxies", false, "do not ask about the proxies")
	return cmd
}

// record is a job that is over.
type record struct {
	id    string
	state jobfile.State
}

func (a *app) purge(ctx context.Context, words []string, o purgeOptions) error {
	store, farm, conf, err := a.openFarm()
	if err != nil {
		return err
	}
	list, err := a.records(store, words, o)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Fprintln(a.stdout, "nothing to remove")
		return nil
	}
	count := map[jobfile.State]int{}
	for i, r := range list {
		count[r.state]++
		if i < 20 {
			fmt.Fprintf(a.stdout, "  %s  %s  %s\n", r.state, r.id, clipName(store, r.id))
		}
	}
	if len(list) > 20 {
		fmt.Fprintf(a.stdout, "  and %d more\n", len(list)-20)
	}
	answers := bufio.NewReader(a.stdin)
	ok, err := a.agreed(answers, o.yes, fmt.Sprintf("Remove the records of %s (%d finished, %d failed, %d cancelled)?%s",
		plural(len(list), "job", "jobs"), count[jobfile.Done], count[jobfile.Failed], count[jobfile.Cancelled], yesNo(o.withProxies, "", " Proxies stay.")), "--yes")
	if err != nil || !ok {
		return err
	}
	if o.withProxies {
		// Before the records go, by which proxies are known for what they are.
		p := purger{a: a, store: store, roots: roots(farm), fence: fence(store, farm, conf.Allow)}
		if p.tools, err = a.tools(ctx, conf); err != nil {
			return err
		}
		if err := p.proxies(ctx, list, answers, o); err != nil {
			return err
		}
	}
	for i, r := range list {
		if ctx.Err() != nil {
			fmt.Fprintf(a.stderr, "proxima: %d of %d were removed\n", i, len(list))
			return errInterrupted
		}
		if err := store.Purge(r.id); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.stdout, "removed the records of %s\n", plural(len(list), "job", "jobs"))
	return nil
}

// records finds the jobs that are meant and over.
func (a *app) records(store *jobfile.Store, words []string, o purgeOptions) (list []record, err error) {
	n, err := newNamed(store)
	if err != nil {
		return nil, err
	}
	for _, word := range words {
		id, err := n.job(a, word)
		if err != nil {
			return nil, err
		}
		state, why := over(store, id, slices.Contains(n.active, id))
		if why != "" {
			return nil, &hinted{what: fmt.Sprintf("%s, %s, %s", id, n.clip(id), why), next: "proxima cancel " + id + " stops it; then it can be removed"}
		}
		list = append(list, record{id, state})
	}
	if len(words) > 0 {
		return list, nil
	}
	done, err := n.finished()
	if err != nil {
		return nil, err
	}
	for _, id := range append(slices.Clone(n.active), done...) {
		state, why := over(store, id, slices.Contains(n.active, id))
		if why == "" && (o.all || o.done && state == jobfile.Done || o.failed && state == jobfile.Failed || o.cancelled && state == jobfile.Cancelled) {
			list = append(list, record{id, state})
		}
	}
	return list, nil
}

// over tells how a job ended, or why it is not over: its folder is not touched while anybody might.
func over(store *jobfile.Store, id string, active bool) (state jobfile.State, why string) {
	m, state, err := store.Marker(id)
	switch {
	case err != nil && state == jobfile.Missing:
		return state, "cannot be looked at: " + oneLine(err)
	case m == nil && err == nil && active:
		return state, "is not over"
	case m == nil && err == nil:
		return jobfile.Cancelled, "" // in done/ without a marker: whoever removed that wants it gone
	case !active:
		return state, ""
	case state == jobfile.Done:
		return state, "is finished, and about to be tidied up; try again in a minute"
	}
	l, err := store.Look(id)
	if _, jerr := store.Job(id); jerr != nil {
		return state, "" // nobody can work on what cannot be read
	}
	if err != nil || len(l.Doing) > 0 {
		return state, "is still worked on"
	}
	return state, ""
}

// agreed asks a person. Who cannot answer, as no terminal is there, is asked for a flag.
func (a *app) agreed(answers *bufio.Reader, yes bool, question, flag string) (bool, error) {
	if yes {
		return true, nil
	}
	fmt.Fprintf(a.stdout, "%s [y/N] ", question)
	line, err := answers.ReadString('\n')
	if !isTerminal(a.stdout) {
		fmt.Fprintln(a.stdout)
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true, nil
	case "":
		if err != nil {
			return false, &hinted{what: "nobody answered; nothing was removed", next: "give " + flag + " where nobody can be asked"}
		}
	}
	fmt.Fprintln(a.stdout, "nothing was removed")
	return false, nil
}

// purger removes proxies that were made by this farm.
type purger struct {
	a     *app
	store *jobfile.Store
	roots jobfile.Roots
	fence jobfile.Fence
	tools *encode.Tools
}

func (p *purger) proxies(ctx context.Context, list []record, answers *bufio.Reader, o purgeOptions) error {
	var files []string
	var size int64
	for _, r := range list {
		if r.state != jobfile.Done {
			continue
		}
		file, n, err := p.proxy(ctx, r.id)
		if ctx.Err() != nil {
			return errInterrupted
		}
		if err != nil {
			fmt.Fprintf(p.a.stdout, "  its proxy stays: %s: %s\n", r.id, oneLine(err))
			continue
		}
		files, size = append(files, file), size+n
		fmt.Fprintf(p.a.stdout, "  %s\n", jobfile.OneLine(file))
	}
	if len(files) == 0 {
		fmt.Fprintln(p.a.stdout, "no proxy is to be removed")
		return nil
	}
	ok, err := p.a.agreed(answers, o.yesProxies, fmt.Sprintf("Remove %s, %s, for good?", plural(len(files), "proxy", "proxies"), humanize.IBytes(uint64(size))), "--yes-proxies")
	if err != nil {
		return err
	}
	if !ok {
		return &hinted{what: "the proxies stay, and so do the records", next: "without --with-proxies the records alone are removed"}
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			return &hinted{what: "cannot remove a proxy", err: err, next: "check your rights there; the records stay"}
		}
	}
	fmt.Fprintf(p.a.stdout, "removed %s\n", plural(len(files), "proxy", "proxies"))
	return nil
}

// proxy is the finished file of a job, if it is there and what the job made.
func (p *purger) proxy(ctx context.Context, id string) (file string, size int64, err error) {
	file, j, made, err := madeFile(p.store, p.roots, p.fence, id)
	if err != nil {
		return "", 0, err
	}
	return file, made.Size, p.tools.Unchanged(ctx, file, j, made)
}

// madeFile is the file that DONE.yaml says a job made, if it lies where jobs may write and has the
// size that was written.
func madeFile(store *jobfile.Store, r jobfile.Roots, fence jobfile.Fence, id string) (file string, j *jobfile.Job, made *jobfile.Final, err error) {
	if j, err = store.Job(id); err != nil {
		return "", nil, nil, err
	}
	m, state, err := store.Marker(id)
	if err != nil || state != jobfile.Done || m.Final == nil {
		return "", nil, nil, fmt.Errorf("DONE.yaml does not say what was made")
	}
	if m.Output != j.Output.Path || m.Job != id {
		return "", nil, nil, fmt.Errorf("DONE.yaml and job.yaml name different files")
	}
	if file, err = r.Locate(m.Output); err == nil {
		err = fence.Check(file)
	}
	if err != nil {
		return "", nil, nil, err
	}
	st, err := os.Lstat(file)
	switch {
	case err != nil:
		return "", nil, nil, err
	case !st.Mode().IsRegular() || st.Size() != m.Final.Size:
		return "", nil, nil, fmt.Errorf("it was changed since: it has %d bytes, not %d", st.Size(), m.Final.Size)
	}
	return file, j, m.Final, nil
}
