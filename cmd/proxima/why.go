package main

import (
	"fmt"
	"slices"
	"strings"

	"proxima/jobfile"
)

// standstill tells why nothing is begun in the whole farm, and what to do; "" where somebody begins
// something. Workers are those that are here.
func standstill(store *jobfile.Store, asks jobfile.Controls, here []*jobfile.Worker) string {
	busy := 0
	var why []string
	for _, w := range here {
		busy += len(w.Busy)
		if w.Holds == "" {
			if w.State == "draining" { // told to leave on its own machine
				why = append(why, w.ID+" leaves")
				continue
			}
			return ""
		}
		why = append(why, w.ID+": "+jobfile.Printable(w.Holds))
	}
	if c, ok := farmPaused(asks); ok {
		s := "nothing is begun: " + inWords(store, c)
		if busy > 0 {
			s += fmt.Sprintf("; %s in work", plural(busy, "unit is", "units are"))
		}
		return s + "\n  next: proxima resume"
	}
	if len(here) == 0 {
		return "nothing moves: no worker is here. Start one on any machine: proxima work"
	}
	if len(why) > 6 {
		why = append(why[:6], fmt.Sprintf("and %d more", len(why)-6))
	}
	s := "nothing is begun: " + strings.Join(why, "; ")
	if slices.ContainsFunc(asks.All, func(c jobfile.Control) bool { return !c.OfJob() && c.Ask != jobfile.AskSlots }) {
		s += "\n  next: proxima resume --all takes pauses and drains back"
	}
	return s
}

func farmPaused(asks jobfile.Controls) (jobfile.Control, bool) {
	for _, c := range asks.All {
		if c.Whom == "" && (c.Ask == jobfile.AskPause || c.Ask == jobfile.AskPauseNow) {
			return c, true
		}
	}
	return jobfile.Control{}, false
}

// askedStatus is a request as status --json tells it.
type askedStatus struct {
	File  string `json:"file"`
	Words string `json:"words"`
}

// asked lists what stands in control/, in words; names that are no requests, too.
func asked(store *jobfile.Store, asks jobfile.Controls) (list []askedStatus) {
	for _, c := range asks.All {
		if c.Ask != jobfile.AskPriority { // jobs show it
			list = append(list, askedStatus{c.File(), inWords(store, c)})
		}
	}
	for _, s := range asks.Strange {
		list = append(list, askedStatus{s, jobfile.Quote(s) + " in control/ is no request; nobody heeds it"})
	}
	return list
}
