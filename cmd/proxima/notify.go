package main

import (
	"fmt"
	"time"

	"github.com/gen2brain/beeep"
)

// onDesktop shows a message on this person's desktop.
func onDesktop(title, text string) error {
	beeep.AppName = "Proxima"
	return beeep.Notify(title, text, "")
}

// notifyEnd tells that a wait is over. No name of a file is in it: desktops read some texts as
// markup. Where no desktop is there, nothing is lost but this.
func (a *app) notifyEnd(e *ending) {
	if a.notify == nil {
		return
	}
	made, failed := 0, 0
	for _, j := range e.jobs {
		if j.result == "failed" {
			failed++
		} else {
			made++
		}
	}
	title := "Proxies are made"
	if failed > 0 {
		title = plural(failed, "proxy failed", "proxies failed")
	}
	text := fmt.Sprintf("%d made, %d failed in %s", made, failed, e.took.Round(time.Second))
	if err := a.notify(title, text); err != nil {
		fmt.Fprintf(a.stderr, "proxima: cannot notify on this desktop: %s\n", oneLine(err))
	}
}
