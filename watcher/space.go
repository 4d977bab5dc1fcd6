package watcher

import (
	"fmt"

	"proxima/jobfile"
)

// A volume that runs full takes others down with it: editors save projects on it, other
// programs write there. So the farm stops before it is full.

// floorShare bounds the floor where a volume is small: a twentieth of it.
const floorShare = 20

// floor is how many bytes of a volume are left alone.
func floor(keep jobfile.Bytes, total uint64) jobfile.Bytes {
	return min(keep, jobfile.Bytes(total/floorShare))
}

// cramped looks whether the volume that holds dir is below its floor: a fault of the machine,
// or nil. A volume that cannot be asked is not judged; writing to it will tell.
func (w *Watcher) cramped(dir, what string) *jobfile.Fault {
	if w.KeepFree == 0 || w.Space == nil {
		return nil
	}
	free, total, err := w.Space(dir)
	if err != nil || total == 0 {
		return nil
	}
	need := floor(w.KeepFree, total)
	if jobfile.Bytes(free) >= need {
		return nil
	}
	return &jobfile.Fault{
		Kind:   jobfile.FaultMachine,
		Reason: fmt.Sprintf("%s has %s left, and new work waits for %s", what, jobfile.Bytes(free), need),
		Next:   "make room there, or lower keep_free in farm.yaml",
	}
}

// roomToWrite reports whether the volume that holds dir is above its floor, and says so where
// it is not. All jobs with one output folder ask once a look.
func (w *Watcher) roomToWrite(dir, what string) bool {
	f, asked := w.tight[dir]
	if !asked {
		f = w.cramped(dir, what)
		w.tight[dir] = f
		if f != nil {
			w.bad.say("room "+dir, "no unit is claimed", f)
		} else {
			w.bad.clear("room " + dir)
		}
	}
	return f == nil
}
