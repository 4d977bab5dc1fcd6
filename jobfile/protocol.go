// Package jobfile is Proxima's domain and its protocol on disk: the documents, their names,
// the states they stand for, and the only code that changes the farm folder.
//
// # The folder
//
//	FARM/
//	  farm.yaml        settings for everybody; also the sentinel: no farm.yaml, no work
//	  READ ME.txt      explains the folder to whoever opens it
//	  jobs/JOB/        one folder a job, born whole by one rename; sorts by urgency, then age
//	    job.yaml       source, recipe, plan, output; changed by people only
//	    claim.lock     taken around a claim; never renamed, never deleted
//	    todo/          units that may be claimed      0007.a1.yaml
//	    doing/         units that someone works on    0007.a1.WORKER.yaml
//	    done/          results whose parts are proven 0007.a1.WORKER.yaml
//	    failed/        units given up, with reasons   0007.a3.yaml
//	    parts/         what the results name          0007.a1.WORKER.mov
//	    log/           one log per attempt            0007.a1.WORKER.log
//	    assets/        files that the recipe needs    0123456789abcdef.cube
//	    recipe.N.WORKER.yaml  with what it is made, where not with what job.yaml says
//	    DONE.yaml      written last: only it means finished (or FAILED.yaml, CANCELLED.yaml)
//	  done/JOB/        finished jobs, out of the way
//	  workers/         WORKER.yaml, WORKER.beat.K, WORKER.lock
//	  presets/         farm-wide presets
//	  control/         requests: pause.yaml, drain.WORKER.yaml
//
// State is where a file lies; a transition is one rename. docs/protocol.md tells the whole
// of it, with the state diagram; the numbered rules below are what the code relies on.
//
// # Rules
//
//	P1  A job is born by one rename of a complete folder. No program changes job.yaml.
//	P2  A document is written under a dot-name, synced, closed and renamed. Nothing is
//	    overwritten in place, ever. Workers' own documents are not synced.
//	P3  A name that two actors might write carries attempt and worker: no two actors write
//	    one path. (Where two may write the same todo name, they write the same meaning.)
//	P4  The attempt number is the fencing token. It only grows: taking over, giving back and
//	    retrying raise it.
//	    (A person who drags a file from failed/ to todo/ keeps it, and nobody holds it then.)
//	P5  A unit is what its highest attempt says; at one attempt failed beats doing beats
//	    todo; any result in done/ beats them all. Lower ranks are litter.
//	P6  A claim is the rename todo/U.aN -> doing/U.aN.WORKER, believed only when a fresh
//	    listing shows the target. The lock around it makes two winners unlikely, not
//	    impossible: two winners cost double work, never a wrong result (P7).
//	P7  Results only grow. Two results of one unit may stand; whoever stitches takes the
//	    smallest name. Nothing hangs on who "won".
//	P8  A holder looks before it commits: its file in doing/ stands there, nobody's of a higher
//	    attempt does, and nobody has made the unit. Otherwise it discards what it made.
//	P9  A worker is dead when its beat stood still for the lease on the observer's own
//	    monotonic clock, while the observer itself could use the share all that time; or
//	    when its lock is free, where locks are known to hold, and its beat stands still
//	    over the next look. No clock of another machine is ever read.
//	P10 The final name is given last, to a file that was verified, by a stitcher that still
//	    holds its claim while no marker stands. Then DONE.yaml, then cleaning up.
//	P11 Absence is no proof. A unit in no folder is made anew from job.yaml only after it
//	    stayed away for several looks.
//	P12 Names from the folder are parsed, never joined to a path as they come.
//	P13 A job is made with one recipe: that of the recipe.N.WORKER.yaml of the highest N and
//	    the smallest name, else job.yaml's. Only where nobody works on the job and nothing is
//	    made may another be written. A part made with another one, or of another job.yaml, is
//	    not committed and not joined.
package jobfile

// Names in the farm folder and in a job folder.
const (
	FarmFile   = "farm.yaml"
	ReadMeFile = "READ ME.txt"

	dirJobs    = "jobs"
	dirDone    = "done"
	dirWorkers = "workers"
	dirPresets = "presets"
	dirControl = "control"

	fileJob       = "job.yaml"
	fileClaimLock = "claim.lock"
	dirTodo       = "todo"
	dirDoing      = "doing"
	dirResults    = "done"
	dirFailed     = "failed"
	dirParts      = "parts"
	dirLog        = "log"
	dirAssets     = "assets"

	markDone      = "DONE.yaml"
	markFailed    = "FAILED.yaml"
	markCancelled = "CANCELLED.yaml"
)
