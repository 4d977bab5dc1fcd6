package watcher

import (
	"math"
	"os"
	"path/filepath"

	"proxima/jobfile"
)

// outputs is what a stitch does where finished files go, which is outside of the farm: the
// seam that lets tests put a faulty disk there.
type outputs interface {
	// Prepare makes the folders below base and removes what stitches of lower attempts left.
	Prepare(base, output, job string, t jobfile.Ticket) error
	// Tidy removes what stitches of a job left that is not to have an output any more.
	Tidy(output, job string) error
	// Place gives a verified file its name, or answers jobfile.ErrOccupied.
	Place(tmp, output string, replace bool) error
	// Size is a file's or folder's size as it is now.
	Size(name string) (int64, error)
	Remove(name string) error
}

// disk is the real one.
type disk struct{}

func (disk) Prepare(base, output, job string, t jobfile.Ticket) error {
	return jobfile.PrepareOutput(base, output, job, t)
}

func (disk) Tidy(output, job string) error { return jobfile.TidyOutput(output, job, math.MaxInt) }

func (disk) Place(tmp, output string, replace bool) error {
	return jobfile.Place(tmp, output, replace)
}

func (disk) Remove(name string) error { return os.Remove(name) }

// Size lists the folder first: NFS clients answer a stat of a name from what they knew half
// a minute ago until a listing tells them better.
func (disk) Size(name string) (int64, error) {
	_, _ = os.ReadDir(filepath.Dir(name))
	st, err := os.Stat(name)
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}
