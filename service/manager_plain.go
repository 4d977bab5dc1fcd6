//go:build !linux

package service

import (
	"errors"

	ks "github.com/kardianos/service"
)

// plainState is what the library tells on every system.
func (m *Manager) plainState() (State, error) {
	svc, err := m.service(&ks.Config{})
	if err != nil {
		return State{}, err
	}
	st, err := svc.Status()
	switch {
	case errors.Is(err, ks.ErrNotInstalled):
		return State{}, ErrNotInstalled
	case err != nil:
		return State{}, err
	case st == ks.StatusRunning:
		return State{Running: true, Word: "running"}, nil
	}
	return State{Word: "stopped"}, nil
}
