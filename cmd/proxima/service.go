package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"proxima/jobfile"
	"proxima/service"
)

// serviceOptions are those of service install and service run.
type serviceOptions struct {
	work      workOptions
	scope     string
	user      string
	allowRoot bool
	finish    time.Duration
	still     time.Duration
	logFile   string
	logFormat string
	now       bool
}

func (a *app) serviceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "service",
		Short: "Have the system run the worker: install, start, stop, status",
		Long: `Installs "proxima work" as a service of this machine (systemd, launchd or a Windows service),
so that it works whenever the machine is on. It is started again after a crash, gives back what
it holds when it is stopped, leaves people's programs the first turn, waits for a farm that is
not there yet, and runs as a person's account, not as root.

As root (sudo, an administrator's terminal) it is the machine's service. Without, it is yours: a
systemd user unit or a launchd agent.`,
		Example: "  sudo proxima service install --farm /mnt/share/farm --user anna --now\n  proxima service status",
		Args:    maxArgs(0),
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.serviceInstallCommand(), a.serviceRunCommand(), a.serviceStatusCommand(),
		a.serviceControlCommand("start", "Start the service", "started", (*service.Manager).Start),
		a.serviceControlCommand("stop", "Stop the service: it gives back what it holds", "stopped", (*service.Manager).Stop),
		a.serviceControlCommand("restart", "Stop the service and start it again", "restarted", (*service.Manager).Restart),
		a.serviceControlCommand("uninstall", "Stop the service and remove it", "uninstalled", (*service.Manager).Uninstall))
	return cmd
}

// serviceFlags are those that go from the installation into the service's command line.
func serviceFlags(cmd *cobra.Command, o *serviceOptions) {
	f := cmd.Flags()
	f.StringVar(&o.work.name, "name", "", "the worker's `name` (default: the host's)")
	f.IntVar(&o.work.slots, "slots", 0, "units to run at `once` (default: what the presets' threads and this machine's cores give)")
	f.StringArrayVar(&o.work.allow, "allow", nil, "`folder` that jobs may read and write on this machine; repeat it for more (default: farm.yaml's roots, or any)")
	f.BoolVar(&o.work.maySleep, "may-sleep", false, "let the machine fall asleep while it encodes")
	f.DurationVar(&o.finish, "finish", 0, "after a stop, go on with the units in work for up to this `time` before they are given back")
	f.DurationVar(&o.still, "still", 15*time.Minute, "end, to be started anew, when the loop stood still for this `time`; several leases at least")
	f.StringVar(&o.logFile, "log-file", "", "log to this `file`, which is turned over as it grows (default: the system's log)")
	f.StringVar(&o.logFormat, "log-format", logText, "log as text or `json`")
	f.BoolVar(&o.allowRoot, "allow-root", false, "run as an account that may do everything, if --user names one")
}

func (o *serviceOptions) check() error {
	switch {
	case checkLogFormat(o.logFormat) != nil:
		return checkLogFormat(o.logFormat)
	case o.finish < 0 || o.finish > 24*time.Hour:
		return &usageError{"--finish must be between 0 and 24h", "leave it out to give the units back at once"}
	case o.still < time.Second:
		return &usageError{"--still must be at least 1s", "leave it out: 15m is right for the default lease"}
	case o.work.slots < 0 || o.work.slots > 1024:
		return &usageError{"--slots must be between 1 and 1024", "leave it out to let the presets decide"}
	}
	return nil
}

// scopeFlag chooses whose service is meant.
func scopeFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "scope", "", "`whose` service: system, or user for your own (default: system as root, else user)")
}

func scopeOf(name string) (service.Scope, error) {
	switch name {
	case "":
		if runtime.GOOS == "windows" || os.Geteuid() == 0 {
			return service.System, nil
		}
		return service.User, nil
	case string(service.System), string(service.User):
		return service.Scope(name), nil
	}
	return "", &usageError{"--scope: " + jobfile.Quote(name) + " is neither system nor user", "leave it out: as root it is system, else user"}
}

// reading finds the service to tell of: whoever looks is seldom root.
func reading(name string) (*service.Manager, error) {
	scope, err := scopeOf(name)
	if err != nil {
		return nil, err
	}
	m := service.NewManager(scope)
	if name == "" && scope == service.User {
		if _, err := m.State(); err != nil {
			return service.NewManager(service.System), nil
		}
	}
	return m, nil
}

func (a *app) serviceControlCommand(verb, short, done string, do func(*service.Manager) error) *cobra.Command {
	var scope string
	cmd := &cobra.Command{
		Use: verb, Short: short, Args: maxArgs(0),
		RunE: func(*cobra.Command, []string) error {
			s, err := scopeOf(scope)
			if err != nil {
				return err
			}
			if err := do(service.NewManager(s)); err != nil {
				return serviceError(err, s)
			}
			fmt.Fprintln(a.stdout, done)
			return nil
		},
	}
	scopeFlag(cmd, &scope)
	return cmd
}

// serviceError adds the step that most likely helps.
func serviceError(err error, s service.Scope) error {
	h := &hinted{what: "the service", err: err, code: exitFailed}
	switch {
	case errors.Is(err, service.ErrNotInstalled) && s == service.User:
		h.next = "proxima service install, or if it is the machine's: sudo, or --scope system"
	case errors.Is(err, service.ErrNotInstalled):
		h.next = "proxima service install, or if it is a person's own: as that person, --scope user"
	case runtime.GOOS == "windows":
		h.next = "use a terminal that was opened by \"Run as administrator\"; the reason of a failed start is in the Event Viewer, Windows Logs, Application"
	case s == service.System && os.Geteuid() != 0:
		h.next = "use sudo"
	case runtime.GOOS == "linux":
		h.next = "look what systemd says: systemctl " + yesNo(s == service.User, "--user ", "") + "status proxima"
	default:
		h.next = "proxima service status"
	}
	return h
}
