package service

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// WindowsService is what the service control manager is told.
type WindowsService struct {
	Account   string
	Program   string
	Args      []string
	Env       map[string]string
	Needs     []string        // services that are started before it
	Delayed   bool            // started a little after the others, so that people can sign in
	Restart   []time.Duration // waits after the first crash, the second and so on; the last stays
	ForgiveIn time.Duration   // without a crash the count begins anew
}

// Windows is the definition of a Windows service.
func Windows(s *Spec) (*WindowsService, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return &WindowsService{
		Account: s.User, Program: s.Program, Args: s.Args, Env: s.Env,
		Needs:     []string{"LanmanWorkstation"}, // the SMB client
		Delayed:   true,
		Restart:   []time.Duration{time.Second, 10 * time.Second, 30 * time.Second, 2 * time.Minute},
		ForgiveIn: time.Hour,
	}, nil
}

// String shows it to people.
func (w *WindowsService) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "account      %s\nprogram      %s\n", w.Account, w.Program)
	for _, a := range w.Args {
		fmt.Fprintf(&b, "  argument   %s\n", a)
	}
	var env []string
	for k, v := range w.Env {
		env = append(env, k+"="+v)
	}
	slices.Sort(env)
	for _, e := range env {
		fmt.Fprintf(&b, "  variable   %s\n", e)
	}
	fmt.Fprintf(&b, "needs        %s\nstart        automatic, delayed: %v\nafter crash  restart after %v, forgiven in %v\n",
		strings.Join(w.Needs, ", "), w.Delayed, w.Restart, w.ForgiveIn)
	return b.String()
}

// MappedDrive reports whether a Windows path begins with a drive letter, and which. A service
// has the machine's own disks and none that a person mapped.
func MappedDrive(path string) (letter string, ok bool) {
	if len(path) >= 2 && path[1] == ':' && (path[0]|0x20) >= 'a' && (path[0]|0x20) <= 'z' {
		return strings.ToUpper(path[:1]), true
	}
	return "", false
}
