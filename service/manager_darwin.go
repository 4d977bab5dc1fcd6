package service

import (
	"os"
	"path/filepath"

	ks "github.com/kardianos/service"
)

func systemdVersion() int { return 0 }

// State asks launchd.
func (m *Manager) State() (State, error) {
	st, err := m.plainState()
	st.Definition = m.file()
	return st, err
}

func (m *Manager) file() string {
	if m.scope == System {
		return "/Library/LaunchDaemons/" + Name + ".plist"
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, "Library", "LaunchAgents", Name+".plist")
}

// Args is the command line that is installed, program first.
func (m *Manager) Args() ([]string, error) {
	if _, err := m.State(); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(m.file())
	if err != nil {
		return nil, err
	}
	return PlistArgs(string(data)), nil
}

func (m *Manager) forget(svc ks.Service) error { return svc.Uninstall() }

// settle does what the library leaves out: nothing, here.
func settle(*Spec) error { return nil }
