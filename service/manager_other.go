//go:build !linux && !darwin && !windows

package service

import ks "github.com/kardianos/service"

func systemdVersion() int { return 0 }

// State asks the system's manager.
func (m *Manager) State() (State, error) { return m.plainState() }

// Args is not known here.
func (m *Manager) Args() ([]string, error) { _, err := m.State(); return nil, err }

func (m *Manager) forget(svc ks.Service) error { return svc.Uninstall() }

func settle(*Spec) error { return nil }
