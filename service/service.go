// Package service runs a worker under the system's own service manager: systemd, launchd, the
// service control manager of Windows. It knows how these start, stop, watch and describe a
// program, and nothing of what the program does.
//
// What each manager is told is made by functions without I/O (Unit, Plist, Windows), so that it
// can be read, and compared, on any system.
package service

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Name is what managers call the service: one a machine, or one a person and machine.
const Name = "proxima"

const (
	displayName = "Proxima"
	description = "Proxima: makes video proxies together with the other workstations of the room"
)

// Scope is whose service it is.
type Scope string

const (
	System Scope = "system" // the machine's: runs whether or not somebody is signed in
	User   Scope = "user"   // a person's: a systemd user unit, a launchd agent
)

// Spec is a service to install.
type Spec struct {
	Scope   Scope
	User    string            // as whom a System service runs; in User scope nobody else's can be had
	Program string            // absolute
	Args    []string          // of the program
	Env     map[string]string // beside the manager's own
	// Writable are the only folders that the service may write below, beside its own temporary
	// files. Empty: any but the system's.
	Writable []string
	// Mounts are mount points on which these folders lie. The service starts after them where the
	// machine mounts them by itself, and leaves before they do.
	Mounts []string
	// Finish is for how long the units in work are gone on with after a stop before they are
	// given back.
	Finish time.Duration
	LogDir string // launchd: where it puts what the program prints
}

// leaveTime is what giving units back may take: some renames on a share that may stall.
const leaveTime = 2 * time.Minute

// ErrNotInstalled says that the manager does not know the service.
var ErrNotInstalled = errors.New("the service is not installed")

// Privileged reports whether a name is an account that may do everything on the machine, or that
// stands for one.
func Privileged(user string) bool {
	u := strings.ToLower(strings.TrimSpace(user))
	_, base, ok := strings.Cut(u, `\`)
	if !ok {
		base = u
	}
	return u == "0" || slices.Contains([]string{"", "root", "localsystem", "system", "administrator"}, base)
}

// Validate refuses what a manager would take for something else.
func (s *Spec) Validate() error {
	if s.Scope != System && s.Scope != User {
		return fmt.Errorf("scope %q is neither system nor user", s.Scope)
	}
	if !filepath.IsAbs(s.Program) {
		return fmt.Errorf("the program %q has no whole path", s.Program)
	}
	values := slices.Concat([]string{s.User, s.Program, s.LogDir}, s.Args, s.Writable, s.Mounts)
	for k, v := range s.Env {
		values = append(values, k, v)
	}
	for _, v := range values {
		// Lines are how systemd's files are read; braces are how the library reads a template.
		if strings.ContainsFunc(v, unicode.IsControl) || strings.Contains(v, "{{") {
			return fmt.Errorf("%q has characters that a service cannot be given", v)
		}
	}
	return nil
}
