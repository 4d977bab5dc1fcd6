package service

import "golang.org/x/sys/windows/svc/eventlog"

// Event writes to the system's own log of events, where it has one that is not this program's
// output.
func Event(warning bool, text string) error {
	l, err := eventlog.Open(Name)
	if err != nil {
		return err
	}
	defer l.Close()
	if warning {
		return l.Warning(2, text)
	}
	return l.Info(1, text)
}
