package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"proxima/jobfile"
	"proxima/jobfile/sharefs"
)

// farm checks the farm folder; an error if it cannot be used.
func (d *doctor) farm(ctx context.Context, conf *userConfig, dir *string) error {
	named, err := d.app.farmDir(conf)
	if err != nil {
		d.sayError("farm", err, "a worker belongs to a farm", "")
		return err
	}
	*dir = named
	if abs, err := filepath.Abs(named); err == nil {
		*dir = abs
	}
	type opened struct {
		store *jobfile.Store
		farm  *jobfile.Farm
	}
	o, err := soon(ctx, func() (opened, error) {
		s, f, err := jobfile.Open(*dir)
		return opened{s, f}, err
	})
	if err != nil {
		d.sayError("farm", err, "without it there is nothing to work for", "see that the share is mounted")
		return err
	}
	d.say("farm", fine, fmt.Sprintf("%s, format %d", *dir, o.farm.Format), "", "")
	d.carrier(*dir)
	// What follows may all be wrong at once, and is worth knowing at once.
	_, err = soon(ctx, func() (struct{}, error) { return struct{}{}, o.store.TidyProbes() })
	if err != nil {
		d.say("left over", warning, oneLine(err), "the doctor left a small file in the farm's folder done and cannot remove it", "see that this account may delete there")
	}
	err = d.folder(ctx, o.store)
	for _, in := range []jobfile.ProbeIn{jobfile.ProbeJobs, jobfile.ProbeDone} {
		if perr := d.writable(ctx, o.store, in); err == nil {
			err = perr
		}
	}
	if err == nil {
		d.locks(ctx, o.store)
		d.clock(ctx, o.store)
	}
	d.others(ctx, o.store, o.farm)
	d.space("farm", *dir, o.farm.Defaults.KeepFree)
	d.roots(o.farm, conf)
	return err
}

// carrier tells what carries the folder.
func (d *doctor) carrier(dir string) {
	switch k := sharefs.KindOf(dir); k {
	case sharefs.FUSE:
		d.say("share", warning, "FUSE (sshfs, a cloud drive)", "listings are late and locks are absent there: late starts, and work that is done twice", "mount the share by NFS or SMB")
	case sharefs.Local:
		d.say("share", fine, "a disk of this machine, which other machines see only if it is shared", "", "")
	default:
		d.say("share", fine, string(k), "", "")
	}
}

// folder does in small what the protocol does.
func (d *doctor) folder(ctx context.Context, s *jobfile.Store) error {
	_, err := soon(ctx, func() (struct{}, error) { return struct{}{}, s.Trial() })
	if err != nil {
		d.sayError("files", err, "claims and results are files that are made once, renamed and listed", "see that this account may write in the farm")
		return err
	}
	d.say("files", fine, "made once, read back, renamed and listed", "", "")
	return nil
}

// writable makes and removes a file in a folder of the farm.
func (d *doctor) writable(ctx context.Context, s *jobfile.Store, in jobfile.ProbeIn) error {
	check := "folder " + string(in)
	_, err := soon(ctx, func() (struct{}, error) {
		p, err := s.NewProbe(in)
		if err == nil {
			err = p.Remove()
		}
		return struct{}{}, err
	})
	if err != nil {
		d.sayError(check, err, "units and finished jobs are moved there by every worker", "give everybody who works here the right to write in all folders of the farm")
		return err
	}
	d.say(check, fine, "can be written", "", "")
	return nil
}

// clock compares this machine's clock with the one that dates files.
func (d *doctor) clock(ctx context.Context, s *jobfile.Store) {
	ahead, err := soon(ctx, func() (time.Duration, error) {
		p, err := s.NewProbe(jobfile.ProbeWorkers)
		if err != nil {
			return 0, err
		}
		defer p.Remove() // what stays goes as an orphan
		return p.Ahead()
	})
	if err != nil {
		d.sayError("clock", err, "times in names order jobs of one priority", "see that this account may read the farm's folder workers")
		return
	}
	d.found = append(d.found, judgeClock(ahead))
}

// clockBearable is what a clock may be wrong by: times decide nothing but order and keeping.
const clockBearable = 2 * time.Minute

func judgeClock(ahead time.Duration) diagnosis {
	if ahead.Abs() <= clockBearable {
		return diagnosis{Check: "clock", Status: fine, Found: "as the share's, within " + max(ahead.Abs().Round(time.Second), time.Second).String()}
	}
	return diagnosis{
		"clock", warning, ahead.Abs().Round(time.Second).String() + yesNo(ahead > 0, " ahead of", " behind") + " the share's",
		"times in names order jobs of one priority, and say when old records go", "let both machines set their clocks by the network (NTP)",
	}
}

// space compares the room on a volume with what workers leave alone.
func (d *doctor) space(what, dir string, keep jobfile.Bytes) {
	free, total, err := sharefs.Space(dir)
	if err != nil {
		d.say("room, "+what, warning, "not known: "+oneLine(err), "a full disk stops everybody", "look by hand whether there is room")
		return
	}
	d.found = append(d.found, judgeSpace("room, "+what, free, total, keep))
}

func judgeSpace(check string, free, total uint64, keep jobfile.Bytes) diagnosis {
	floor := min(uint64(keep), total/20)
	found := fmt.Sprintf("%s of %s free", sizeText(free), sizeText(total))
	switch {
	case free < floor:
		return diagnosis{check, broken, found, "workers begin nothing where less than " + sizeText(floor) + " is free", "make room on the volume; old jobs in the farm's folder done may go"}
	case free < 4*floor:
		return diagnosis{check, warning, found, "workers begin nothing where less than " + sizeText(floor) + " is free", "make room before a long night"}
	}
	return diagnosis{Check: check, Status: fine, Found: found}
}
