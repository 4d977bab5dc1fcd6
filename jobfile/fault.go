package jobfile

import "fmt"

// FaultKind says whose fault a failure is, because that decides what happens next.
type FaultKind string

const (
	// FaultUnit is a failure nobody can place yet: another worker tries, three different
	// ones make it final.
	FaultUnit FaultKind = "unit"
	// FaultSource is proven to lie in the source (truncated, changed, no such stream):
	// trying again elsewhere gives the same, so the unit fails at once.
	FaultSource FaultKind = "source"
	// FaultMachine lies in this machine (no mount, no encoder, full disk): it costs the
	// unit nothing and rests the machine.
	FaultMachine FaultKind = "machine"
	// FaultJob is a recipe or output that can't work anywhere (picture too small for the
	// encoder, a file already stands at the output): fails at once.
	FaultJob FaultKind = "job"
)

// Fault is a failure a person can act on.
type Fault struct {
	Kind   FaultKind
	Reason string   // what is wrong, one line, lower case
	Next   string   // what to do about it, one line
	Err    error    // the cause, if there is one
	Units  []UnitID // of a stitch: the units whose parts proved bad and must be made again
}

func (f *Fault) Error() string {
	if f.Err != nil {
		return fmt.Sprintf("%s: %v", f.Reason, f.Err)
	}
	return f.Reason
}

func (f *Fault) Unwrap() error { return f.Err }
