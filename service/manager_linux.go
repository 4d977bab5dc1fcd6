package service

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	ks "github.com/kardianos/service"
)

const unitName = Name + ".service"

func (m *Manager) systemctl(args ...string) (string, error) {
	if m.scope == User {
		args = append([]string{"--user"}, args...)
	}
	out, err := exec.Command("systemctl", args...).Output()
	if ee := (*exec.ExitError)(nil); errors.As(err, &ee) && len(ee.Stderr) > 0 {
		err = errors.New("systemctl: " + strings.TrimSpace(string(ee.Stderr)))
	}
	return string(out), err
}

var reVersion = regexp.MustCompile(`^systemd (\d+)`)

// systemdVersion is 0 where there is none that answers.
func systemdVersion() int {
	out, _ := exec.Command("systemctl", "--version").Output()
	if v := reVersion.FindStringSubmatch(string(out)); v != nil {
		n, _ := strconv.Atoi(v[1])
		return n
	}
	return 0
}

// State asks systemd.
func (m *Manager) State() (State, error) {
	out, err := m.systemctl("show", unitName, "--property=LoadState,ActiveState,SubState,MainPID,StatusText,NRestarts,Result,ExecMainStatus,FragmentPath,UnitFileState")
	if err != nil {
		return State{}, err
	}
	if !strings.Contains(out, "LoadState=loaded") {
		return State{}, ErrNotInstalled
	}
	return parseShow(out), nil
}

// Args is the command line that is installed, program first.
func (m *Manager) Args() ([]string, error) {
	st, err := m.State()
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(st.Definition)
	if err != nil {
		return nil, err
	}
	return UnitArgs(string(data)), nil
}

// forget leaves a unit alone that a package brought: it is the package's to remove.
func (m *Manager) forget(svc ks.Service) error {
	st, err := m.State()
	if err != nil {
		return err
	}
	if strings.HasPrefix(st.Definition, "/usr/") || strings.HasPrefix(st.Definition, "/lib/") {
		if _, err := m.systemctl("disable", unitName); err != nil {
			return err
		}
		return ErrNotInstalled
	}
	if err := svc.Uninstall(); err != nil {
		return err
	}
	// A unit that ended badly is remembered otherwise. Nothing to forget is an error too.
	_, _ = m.systemctl("reset-failed", unitName)
	return nil
}

// settle does what the library leaves out: nothing, here.
func settle(*Spec) error { return nil }
