package service

import (
	"fmt"

	ks "github.com/kardianos/service"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"
)

func systemdVersion() int { return 0 }

// State asks the service control manager.
func (m *Manager) State() (State, error) {
	st, err := m.plainState()
	if err != nil || !st.Running {
		return st, err
	}
	return st, withService(windows.SERVICE_QUERY_STATUS, func(s *mgr.Service) error {
		q, err := s.Query()
		st.PID = int(q.ProcessId)
		return err
	})
}

// Args is the command line that is installed, program first.
func (m *Manager) Args() (args []string, err error) {
	if _, err := m.State(); err != nil {
		return nil, err
	}
	return args, withService(windows.SERVICE_QUERY_CONFIG, func(s *mgr.Service) error {
		c, err := s.Config()
		if err != nil {
			return err
		}
		args, err = windows.DecomposeCommandLine(c.BinaryPathName)
		return err
	})
}

func (m *Manager) forget(svc ks.Service) error { return svc.Uninstall() }

// settle tells the manager to start the service again after a crash, later each time.
func settle(spec *Spec) error {
	w, err := Windows(spec)
	if err != nil {
		return err
	}
	// To restart a service is a right that setting the action asks for.
	err = withService(windows.SERVICE_CHANGE_CONFIG|windows.SERVICE_START, func(s *mgr.Service) error {
		var actions []mgr.RecoveryAction
		for _, d := range w.Restart {
			actions = append(actions, mgr.RecoveryAction{Type: mgr.ServiceRestart, Delay: d})
		}
		if err := s.SetRecoveryActions(actions, uint32(w.ForgiveIn.Seconds())); err != nil {
			return err
		}
		// An end with an error that it told counts as a crash too.
		return s.SetRecoveryActionsOnNonCrashFailures(true)
	})
	if err != nil {
		return fmt.Errorf("the service is installed, but will not be started again after a crash: %w", err)
	}
	return nil
}

// withService opens the service with no more rights than are needed.
func withService(access uint32, f func(*mgr.Service) error) error {
	scm, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err != nil {
		return err
	}
	defer windows.CloseServiceHandle(scm)
	name, err := windows.UTF16PtrFromString(Name)
	if err != nil {
		return err
	}
	h, err := windows.OpenService(scm, name, access)
	if err != nil {
		return err
	}
	s := &mgr.Service{Name: Name, Handle: h}
	defer s.Close()
	return f(s)
}
