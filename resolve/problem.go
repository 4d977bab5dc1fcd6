package resolve

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"proxima/jobfile"
)

// Problem is a way in which Resolve could not be reached or asked, in words for people.
type Problem struct {
	Kind ProblemKind
	What string
	Next string // what to do about it
	Err  error  // may be nil
}

func (p *Problem) Error() string {
	if p.Err != nil {
		return p.What + ": " + p.Err.Error()
	}
	return p.What
}

func (p *Problem) Unwrap() error { return p.Err }

// ProblemKind tells problems apart.
type ProblemKind string

// The ways in which it can fail.
const (
	NotInstalled ProblemKind = "not-installed" // no fuscript, or not where the settings say
	Forbidden    ProblemKind = "forbidden"     // fuscript may not be run by this user
	NotRunning   ProblemKind = "not-running"
	OtherUser    ProblemKind = "other-user" // Resolve runs, and belongs to somebody else
	Silent       ProblemKind = "silent"     // Resolve runs and lets no script in
	FreeEdition  ProblemKind = "free-edition"
	Busy         ProblemKind = "busy" // a window of Resolve waits for an answer
	NoProject    ProblemKind = "no-project"
	OtherProject ProblemKind = "other-project" // another than the one that was listed
	Hung         ProblemKind = "hung"
	Cut          ProblemKind = "cut"     // the answer broke off
	Garbled      ProblemKind = "garbled" // the answer makes no sense
)

const configHint = `give --fuscript PATH, or write "fuscript: PATH" into the user's config.yaml`

// preference is where scripting is allowed.
const preference = `in Resolve, Preferences > System > General, set "External scripting using" to Local and save`

func notInstalled(tried []string) *Problem {
	p := &Problem{Kind: NotInstalled, What: "DaVinci Resolve's fuscript was not found", Next: "install DaVinci Resolve Studio on this machine; if it is installed elsewhere, " + configHint}
	if len(tried) > 0 {
		p.What += "; tried " + strings.Join(tried, ", ")
	} else {
		p.What += ": it is not known where it lies on " + runtime.GOOS
	}
	return p
}

func wrongPath(path string, err error) *Problem {
	return &Problem{Kind: NotInstalled, What: "there is no fuscript at " + jobfile.Quote(path), Err: err, Next: "correct --fuscript, or fuscript: in the user's config.yaml; it lies in DaVinci Resolve's own folder"}
}

func forbidden(err error) *Problem {
	return &Problem{Kind: Forbidden, What: "this user may not run DaVinci Resolve's fuscript", Err: err, Next: "run proxima as the user who runs Resolve, or have an administrator let this one run it"}
}

// unanswered is fuscript finding no Resolve. It cannot tell why; the list of processes can.
func unanswered(p process) *Problem {
	switch {
	case p.known && !p.there:
		return &Problem{Kind: NotRunning, What: "DaVinci Resolve is not running on this machine", Next: "start Resolve, open the project, and say this again"}
	case p.known && p.foreign:
		return &Problem{Kind: OtherUser, What: "DaVinci Resolve runs on this machine as another user, and answers only them", Next: "say this as the user who runs Resolve, not as root or in a service"}
	case p.known:
		return &Problem{Kind: Silent, What: "DaVinci Resolve runs but lets no script in", Next: preference + "; this takes DaVinci Resolve Studio, the free edition has no external scripting. If it was just started, wait until its window is there"}
	}
	return &Problem{Kind: NotRunning, What: "no DaVinci Resolve answers on this machine", Next: "start Resolve Studio and open the project; " + preference}
}

func freeEdition(product string) *Problem {
	return &Problem{Kind: FreeEdition, What: "this is " + jobfile.Printable(product) + ", whose free edition lets scripts in from inside only", Next: "use DaVinci Resolve Studio; or export the timeline (File > Export > Timeline, OTIO or FCPXML) and queue that file: Resolve finds the proxies in Proxy/ by itself"}
}

func busy(why string) *Problem {
	p := &Problem{Kind: Busy, What: "DaVinci Resolve answers but gives nothing out", Next: "close its windows that wait for an answer (Project Manager, settings, messages) and say this again"}
	if why != "" {
		p.What += " (" + jobfile.OneLine(why) + ")"
	}
	return p
}

func noProject() *Problem {
	return &Problem{Kind: NoProject, What: "no project is open in DaVinci Resolve", Next: "open one; if one is open, close the Project Manager and say this again"}
}

func otherProject(want, now string) *Problem {
	return &Problem{Kind: OtherProject, What: fmt.Sprintf("project %s is open in DaVinci Resolve now, not %s", jobfile.Quote(now), jobfile.Quote(want)), Next: "open " + jobfile.Quote(want) + " again, and say this again"}
}

func hung(after time.Duration, at string) *Problem {
	p := &Problem{Kind: Hung, What: fmt.Sprintf("DaVinci Resolve said nothing for %s, so it was not waited for any longer", after), Next: "see whether Resolve hangs or a window of it waits for an answer, then say this again"}
	if at != "" {
		p.What += "; last was clip " + jobfile.Quote(at)
	}
	return p
}

func cut(said []string, err error) *Problem {
	p := &Problem{Kind: Cut, What: "DaVinci Resolve's answer broke off", Err: err, Next: "see whether Resolve still runs, then say this again"}
	if len(said) > 0 {
		p.What += "; fuscript said: " + jobfile.OneLine(strings.Join(said, " / "))
	}
	return p
}

func garbled(err error) *Problem {
	return &Problem{Kind: Garbled, What: "DaVinci Resolve's answer makes no sense", Err: err, Next: "this is a fault of proxima or a new version of Resolve: report it with the version of both; queue an exported timeline meanwhile"}
}

// problemIn is the problem that a script has reported, if any.
func (b *Bridge) problemIn(records []record, project string) *Problem {
	var product string
	for _, r := range records {
		if r.kind == "app" {
			product = r.fields["product"]
		}
		if r.kind != "state" {
			continue
		}
		switch why := r.fields["why"]; r.fields["code"] {
		case "noresolve":
			return unanswered(b.running())
		case "nomanager":
			if product != "" && !strings.Contains(strings.ToLower(product), "studio") {
				return freeEdition(product)
			}
			return busy(why)
		case "noproject":
			return noProject()
		case "otherproject":
			return otherProject(project, why)
		default:
			return garbled(fmt.Errorf("it ends with %s (%s)", jobfile.Quote(r.fields["code"]), jobfile.OneLine(why)))
		}
	}
	return nil
}
