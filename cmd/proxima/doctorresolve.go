package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"proxima/jobfile"
	"proxima/resolve"
)

// greetWithin is how long the doctor waits for a Resolve that says nothing.
const greetWithin = 20 * time.Second

// resolve tries the bridge to DaVinci Resolve. No worker needs it, so nothing of it is bad.
func (d *doctor) resolve(ctx context.Context, conf *userConfig) {
	b, err := resolve.Find(conf.Fuscript)
	var g resolve.Greeting
	if err == nil {
		b.Stall = greetWithin
		g, err = b.Greet(ctx)
	}
	if ctx.Err() != nil {
		return
	}
	d.found = append(d.found, judgeResolve(g, err, conf.Fuscript != ""))
}

// judgeResolve says what an answer, or a problem, means. A machine without Resolve is as good as
// any other, and so is one whose Resolve is not running, or belongs to the person who is signed in.
func judgeResolve(g resolve.Greeting, err error, configured bool) diagnosis {
	const check, why = "Resolve", "proxima queue resolve and proxima link ask Resolve through it; nothing else does"
	who := strings.TrimSpace(jobfile.Printable(g.Product) + " " + jobfile.Printable(g.Version))
	var p *resolve.Problem
	switch {
	case err == nil:
		return diagnosis{Check: check, Status: fine, Found: who + " answers, project " + jobfile.Quote(g.Project) + " is open"}
	case !errors.As(err, &p):
		return diagnosis{check, warning, oneLine(err), why, "see that this account may write temporary files"}
	}
	switch p.Kind {
	case resolve.NotInstalled:
		if !configured {
			return diagnosis{Check: check, Status: skipped, Found: "not installed; only proxima queue resolve and proxima link need it"}
		}
	case resolve.NotRunning, resolve.OtherUser:
		return diagnosis{Check: check, Status: skipped, Found: "not asked: " + oneLine(p)}
	case resolve.NoProject:
		return diagnosis{Check: check, Status: fine, Found: who + " answers, no project is open"}
	}
	return diagnosis{check, warning, oneLine(p), why, p.Next}
}
