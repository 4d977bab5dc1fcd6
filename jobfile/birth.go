package jobfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// newPrefix begins the name of a job that is being built.
const newPrefix = ".new-"

// Create makes a job appear whole (P1): the folder is built under a dot-name, the files that
// its recipe needs and its units first, job.yaml last, and renamed once. A queuer that dies at any instant leaves no half job.
func (s *Store) Create(j *Job, assets ...AssetFile) error {
	j.PresetSum = j.presetSum()
	err := j.Validate()
	if err == nil {
		err = j.checkAssets(assets)
	}
	if err != nil {
		return fmt.Errorf("job %s: %w", Printable(j.ID), err)
	}
	tmp := path.Join(dirJobs, newPrefix+j.ID)
	final := path.Join(dirJobs, j.ID)
	err = s.build(tmp, j, assets)
	if err == nil {
		err = s.fs.Rename(tmp, final)
		if err != nil {
			_, rerr := s.fs.ReadFile(path.Join(final, fileJob), MaxDocument)
			switch {
			case rerr == nil:
				err = nil // the reply was lost, the job stands: its name is ours alone
			case !errors.Is(rerr, fs.ErrNotExist):
				err = fmt.Errorf("%w (the share did not tell whether it was queued all the same; proxima status does)", err)
			}
		}
	}
	if err != nil {
		return errors.Join(fmt.Errorf("create job %s in %s: %w", j.ID, Quote(s.dir), err), s.fs.RemoveAll(tmp))
	}
	_ = s.fs.Sync(dirJobs)
	return nil
}

func (s *Store) build(dir string, j *Job, assets []AssetFile) error {
	if err := s.fs.Mkdir(dir); err != nil {
		return err
	}
	for _, d := range []string{dirTodo, dirDoing, dirResults, dirFailed, dirParts, dirLog} {
		if err := s.fs.Mkdir(path.Join(dir, d)); err != nil {
			return err
		}
	}
	if len(assets) > 0 {
		if err := s.fs.Mkdir(path.Join(dir, dirAssets)); err != nil {
			return err
		}
	}
	for _, a := range assets {
		if err := s.fs.WriteNew(path.Join(dir, dirAssets, a.Name), a.Data); err != nil {
			return err
		}
	}
	for _, p := range j.Plan.Units {
		data, err := Encode(unitComment(j, p), j.Unit(p))
		if err != nil {
			return err
		}
		if err := s.fs.WriteNew(path.Join(dir, dirTodo, Ticket{Unit: p.ID, Attempt: 1}.File()), data); err != nil {
			return err
		}
	}
	if err := s.fs.WriteNew(path.Join(dir, fileClaimLock), nil); err != nil {
		return err
	}
	data, err := Encode("One clip and how it is made. Written when it was queued.\n"+
		"Who edits the recipe gets what it says, as far as it makes sense: parts that were made before are made\n"+
		"again. The names and fields of presets are only told here; changing them is refused.\n"+
		"The picture's times are integer ticks of media.video.time_base.", j)
	if err != nil {
		return err
	}
	if err := s.fs.WriteNew(path.Join(dir, fileJob), data); err != nil {
		return err
	}
	return s.fs.Sync(dir)
}

func unitComment(j *Job, p Planned) string {
	what := map[UnitID]string{
		UnitSound:  "All sound of " + Printable(j.Source.Path.Rel) + ", in one piece.",
		UnitWhole:  "Picture and sound of " + Printable(j.Source.Path.Rel) + ", in one piece.",
		UnitStitch: "Joins the parts, checks the whole and puts it in its place. Waits for all others.",
	}[p.ID]
	if what == "" {
		m := j.Media.Video
		from := clock(m.TimeBase.Micros(p.Range.Start - j.Plan.FirstPTS))
		to := "the end"
		if p.Range.End != nil {
			to = clock(m.TimeBase.Micros(*p.Range.End - j.Plan.FirstPTS))
		}
		what = fmt.Sprintf("The picture of %s from %s to %s.", Printable(j.Source.Path.Rel), from, to)
	}
	return what
}

// clock writes microseconds as H:MM:SS.mmm, for people.
func clock(us int64) string {
	ms := us / 1000
	return fmt.Sprintf("%d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}

// Sweep removes a file that counts for nothing. It may be gone already.
func (s *Store) Sweep(id string, p Placed) error {
	err := s.fs.Remove(path.Join(dirJobs, id, stateDir(p.State), p.Ticket.File()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
