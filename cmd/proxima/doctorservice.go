package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"

	"proxima/jobfile"
	"proxima/service"
)

// doctorAsService runs the doctor as the installed service would be run: under its account, with
// its variables, and walled off as it is. Only systemd starts a program so for the asking.
func (a *app) doctorAsService(ctx context.Context, asJSON bool) error {
	if runtime.GOOS != "linux" {
		return &hinted{
			what: "only systemd can run this as the service for the asking",
			next: yesNo(runtime.GOOS == "windows", `run it as the service's account: runas /user:NAME "proxima doctor --farm FARM"; drives that are mapped for you are not there for it`,
				"run it as the service's account: sudo -u NAME proxima doctor --farm FARM; whether macOS lets the service read network volumes shows in proxima service status"),
			code: exitFailed,
		}
	}
	m, err := reading("")
	if err != nil {
		return err
	}
	st, err := m.State()
	if err != nil {
		return serviceError(err, m.Scope())
	}
	unit, err := os.ReadFile(st.Definition)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"--quiet", "--wait", "--pipe", "--collect"}
	if m.Scope() == service.User {
		args = append([]string{"--user"}, args...)
	} else if os.Geteuid() != 0 {
		return &usageError{"only root may run something as the machine's service", "sudo proxima doctor --as-service"}
	}
	for _, p := range service.Surroundings(string(unit)) {
		args = append(args, "--property="+p)
	}
	args = append(args, "--", self, "doctor")
	farm := a.farmFlag
	if farm == "" {
		farm = flagOf(service.UnitArgs(string(unit)), "--farm")
	}
	if farm != "" {
		args = append(args, "--farm", farm)
	}
	if asJSON {
		args = append(args, "--json")
	}
	c := exec.CommandContext(ctx, "systemd-run", args...)
	c.Stdout, c.Stderr = a.stdout, a.stderr
	err = c.Run()
	if ee := (*exec.ExitError)(nil); errors.As(err, &ee) {
		return &hinted{what: "the service, as installed by " + jobfile.Quote(st.Definition) + ", is not ready", next: "mend what is said above", code: ee.ExitCode()}
	}
	return err
}
