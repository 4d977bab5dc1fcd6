package service

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	ks "github.com/kardianos/service"
)

// State is what the manager knows of the service.
type State struct {
	Running    bool
	Word       string // in the manager's words
	PID        int    // 0 if unknown
	Restarts   int    // by the manager, after crashes
	Says       string // what the program last told the manager
	Failed     string // how it ended, if badly
	Definition string // file, if there is one
}

// Manager controls the service of a scope. Its errors are the system's.
type Manager struct{ scope Scope }

// NewManager returns the control of a scope's service.
func NewManager(scope Scope) *Manager { return &Manager{scope: scope} }

// Scope is whose service it controls.
func (m *Manager) Scope() Scope { return m.scope }

// idle is a program for a control that runs none.
type idle struct{}

func (idle) Start(ks.Service) error { return nil }
func (idle) Stop(ks.Service) error  { return nil }

func (m *Manager) service(c *ks.Config) (ks.Service, error) {
	c.Name, c.DisplayName, c.Description = Name, displayName, description
	if c.Option == nil {
		c.Option = ks.KeyValue{}
	}
	c.Option["UserService"] = m.scope == User
	s, err := ks.New(idle{}, c)
	if err != nil {
		return nil, fmt.Errorf("this system has no service manager that is known here: %w", err)
	}
	return s, nil
}

// Install tells the manager of the service, in the place of an older definition, and has it
// started with the machine (System) or the person's session (User). It does not start it now.
// password is the account's, on Windows.
func (m *Manager) Install(s *Spec, password string) error {
	if m.scope == User && runtime.GOOS == "windows" {
		return errors.New("Windows has no services of a person")
	}
	if err := os.MkdirAll(logDirOf(s), 0o755); err != nil {
		return err
	}
	c, err := config(s, password)
	if err != nil {
		return err
	}
	svc, err := m.service(c)
	if err != nil {
		return err
	}
	if runtime.GOOS == "linux" && svc.Platform() != "linux-systemd" {
		return fmt.Errorf("this system is run by %s; only systemd is supported", svc.Platform())
	}
	if err := m.Uninstall(); err != nil && !errors.Is(err, ErrNotInstalled) {
		return fmt.Errorf("replace the old service: %w", err)
	}
	if err := svc.Install(); err != nil {
		// The library leaves the definition when the manager does not take it.
		return errors.Join(fmt.Errorf("install the service: %w", err), ignoreNotInstalled(m.Uninstall()))
	}
	return settle(s)
}

func logDirOf(s *Spec) string {
	if s.LogDir == "" {
		return os.TempDir() // is there
	}
	return s.LogDir
}

// config is a service as the library wants it.
func config(s *Spec, password string) (*ks.Config, error) {
	c := &ks.Config{Executable: s.Program, Arguments: s.Args, UserName: s.User, Option: ks.KeyValue{}}
	switch runtime.GOOS {
	case "darwin":
		text, err := Plist(s)
		if err != nil {
			return nil, err
		}
		c.Option["LaunchdConfig"] = text
	case "windows":
		w, err := Windows(s)
		if err != nil {
			return nil, err
		}
		c.Arguments, c.EnvVars, c.Dependencies = w.Args, w.Env, w.Needs
		c.Option["DelayedAutoStart"] = w.Delayed
		c.Option["Password"] = password
	default:
		text, err := Unit(s, systemdVersion())
		if err != nil {
			return nil, err
		}
		c.Option["SystemdScript"] = text
	}
	return c, nil
}

// Uninstall stops the service and has the manager forget it. ErrNotInstalled if it was not there.
func (m *Manager) Uninstall() error {
	st, err := m.State()
	if err != nil {
		return err
	}
	svc, err := m.service(&ks.Config{})
	if err != nil {
		return err
	}
	if st.Running {
		if err := svc.Stop(); err != nil {
			return fmt.Errorf("stop the service: %w", err)
		}
	}
	return m.forget(svc)
}

// Start starts it.
func (m *Manager) Start() error { return m.do(ks.Service.Start) }

// Stop stops it; it has left when this returns.
func (m *Manager) Stop() error { return m.do(ks.Service.Stop) }

// Restart stops it if it runs, and starts it.
func (m *Manager) Restart() error {
	st, err := m.State()
	if err != nil {
		return err
	}
	if !st.Running {
		return m.Start()
	}
	return m.do(ks.Service.Restart)
}

func (m *Manager) do(f func(ks.Service) error) error {
	if _, err := m.State(); err != nil {
		return err
	}
	svc, err := m.service(&ks.Config{})
	if err != nil {
		return err
	}
	return f(svc)
}

func ignoreNotInstalled(err error) error {
	if errors.Is(err, ErrNotInstalled) {
		return nil
	}
	return err
}
