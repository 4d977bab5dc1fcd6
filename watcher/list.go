package watcher

import (
	"errors"
	"maps"
	"slices"

	"proxima/jobfile"
)

// list lists the queue, and forgets what was known of jobs that left it.
func (w *Watcher) list() bool {
	ids, strange, err := w.Store.JobIDs()
	if err != nil {
		w.peers.doubt()
		w.noteAwayIf(err)
		w.bad.say("jobs", "cannot list the jobs", err)
		return false
	}
	w.bad.clear("jobs")
	for _, name := range strange {
		w.bad.say("strange "+name, "something in jobs/ is not a job; it is left alone", errors.New(jobfile.Quote(name)))
	}
	w.Store.Forget(ids)
	gone := func(id string) bool { _, there := slices.BinarySearch(ids, id); return !there }
	maps.DeleteFunc(w.finished, func(id string, _ *finishedJob) bool { return gone(id) })
	w.mu.Lock()
	maps.DeleteFunc(w.parts, func(id string, _ knownPart) bool { return gone(id) })
	w.mu.Unlock()
	maps.DeleteFunc(w.copied, func(k key, _ bool) bool { return gone(k.job) })
	maps.DeleteFunc(w.owed, func(id string, _ bool) bool { return gone(id) })
	maps.DeleteFunc(w.calm, func(id string, _ calm) bool { return gone(id) })
	w.hints.follow(w.Store.HintDirs(ids))
	w.ids = ids
	return true
}
