package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"proxima/jobfile"
	"proxima/service"
)

func (a *app) serviceInstallCommand() *cobra.Command {
	var o serviceOptions
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install the worker as a service",
		Long: `Installs the service, in the place of an older one, so that it starts with the machine, or
with your session. --now starts it at once.

The machine's service runs as the account that --user names; it must see the farm and the media
with all its own rights, as that person does. On Linux and macOS the default is who called sudo. On
Windows its password is asked for; 'NT AUTHORITY\NetworkService' needs none, and is the machine's
own account for file servers of a domain.

Once farm.yaml has roots, or with --allow, the service may write below these folders only; install
it again when they change.`,
		Example: `  sudo proxima service install --farm /mnt/share/farm --now
  proxima service install --farm '\\nas\media\farm' --user 'STUDIO\anna' --now
  proxima service install --scope user --farm /Volumes/media/farm --finish 10m`,
		Args: maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.serviceInstall(cmd.Context(), o) },
	}
	serviceFlags(cmd, &o)
	scopeFlag(cmd, &o.scope)
	cmd.Flags().StringVar(&o.user, "user", "", "the `account` that the machine's service runs as")
	cmd.Flags().BoolVar(&o.now, "now", false, "start it at once")
	return cmd
}

func (a *app) serviceInstall(ctx context.Context, o serviceOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	scope, err := scopeOf(o.scope)
	if err != nil {
		return err
	}
	home, err := a.account(&o, scope)
	if err != nil {
		return err
	}
	conf, err := a.userConfig()
	if err != nil {
		return err
	}
	dir, err := a.farmDir(&conf)
	if err != nil {
		return err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if len(o.work.allow) == 0 {
		o.work.allow = conf.Allow
	}
	farm := readSoon(dir)
	writable := confined(dir, farm, o.work.allow)
	// What a service sees of a machine is not what a person sees.
	warnings, err := serviceSees(scope, append([]string{dir}, writable...))
	if err != nil {
		return err
	}
	if farm == nil {
		warnings = append(warnings, "the farm "+jobfile.Quote(dir)+" cannot be read just now; the service will wait for it")
	}
	spec, more, err := a.serviceSpec(ctx, o, scope, dir, home, writable)
	if err != nil {
		return err
	}
	password, err := a.password(spec)
	if err != nil {
		return err
	}
	m := service.NewManager(scope)
	if err := m.Install(spec, password); err != nil {
		return serviceError(err, scope)
	}
	fmt.Fprintf(a.stdout, "installed for %s, for the farm %s\n", yesNo(scope == service.System, "the machine, as "+jobfile.Printable(spec.User), "you"), jobfile.Printable(dir))
	for _, w := range append(warnings, more...) {
		fmt.Fprintf(a.stderr, "proxima: %s\n", jobfile.OneLine(w))
	}
	if scope == service.User && runtime.GOOS == "linux" {
		fmt.Fprintln(a.stderr, "proxima: it runs while you are signed in; for always: loginctl enable-linger")
	}
	if !o.now {
		fmt.Fprintln(a.stdout, "proxima service start starts it; proxima doctor --as-service tries the machine first")
		return nil
	}
	if err := m.Start(); err != nil {
		return serviceError(err, scope)
	}
	fmt.Fprintln(a.stdout, "started")
	return nil
}

// account settles as whom the service runs, and returns that person's home if there is one.
func (a *app) account(o *serviceOptions, scope service.Scope) (home string, err error) {
	if scope == service.User {
		if o.user != "" {
			return "", &usageError{"--user is for the machine's service; this one is yours", "leave it out, or use sudo"}
		}
		return os.UserHomeDir()
	}
	if o.user == "" && runtime.GOOS != "windows" {
		o.user = a.getenv("SUDO_USER")
	}
	if o.user == "" {
		return "", &usageError{"as whom should the service run?", "give --user NAME: the account of somebody who may read the media and write the proxies"}
	}
	if service.Privileged(o.user) && !o.allowRoot {
		return "", &usageError{
			jobfile.Quote(o.user) + " may do everything on this machine, and jobs come from a folder that others write to",
			"name another account with --user, or insist with --allow-root",
		}
	}
	u, err := user.Lookup(strings.TrimPrefix(o.user, `.\`))
	if err != nil {
		return "", &hinted{what: "the account " + jobfile.Quote(o.user), err: err, next: "name an account that this machine knows: id NAME, or on Windows whoami /user", code: exitUsage}
	}
	if u.Uid == "0" && !o.allowRoot {
		return "", &usageError{jobfile.Quote(o.user) + " is root by another name", "name another account with --user, or insist with --allow-root"}
	}
	return u.HomeDir, nil
}

// readSoon reads farm.yaml, unless that takes long: a share that is away may block for minutes,
// and the call is left behind then.
func readSoon(dir string) *jobfile.Farm {
	got := make(chan *jobfile.Farm, 1)
	go func() {
		_, f, err := jobfile.Open(dir)
		if err != nil {
			f = nil
		}
		got <- f
	}()
	select {
	case f := <-got:
		return f
	case <-time.After(10 * time.Second):
		return nil
	}
}

// confined is where the service may write: where jobs may lead, and the farm. None if that is
// anywhere.
func confined(farmDir string, f *jobfile.Farm, allow []string) []string {
	dirs := slices.Clone(allow)
	if len(dirs) == 0 && f != nil {
		for _, d := range roots(f) {
			dirs = append(dirs, d)
		}
	}
	if len(dirs) == 0 {
		return nil
	}
	dirs = append(dirs, farmDir)
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// serviceSpec is the service to install, and what a person should know about it.
func (a *app) serviceSpec(ctx context.Context, o serviceOptions, scope service.Scope, farm, home string, writable []string) (*service.Spec, []string, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	if real, err := filepath.EvalSymlinks(program); err == nil && runtime.GOOS != "darwin" { // brew's links outlive versions
		program = real
	}
	s := &service.Spec{
		Scope: scope, User: o.user, Program: program, Args: o.args(farm), Env: map[string]string{},
		Writable: writable, Finish: o.finish,
	}
	var warn []string
	if runtime.GOOS != "windows" && scope == service.System && !worldReaches(program) {
		warn = append(warn, "others may not run "+jobfile.Quote(program)+"; put it where all may, as /usr/local/bin, and install the service again")
	}
	if c := a.getenv("PROXIMA_CONFIG"); c != "" {
		s.Env["PROXIMA_CONFIG"] = c
	}
	if runtime.GOOS == "linux" {
		s.Mounts = mountPoints(append([]string{farm}, writable...))
	} else if logs := logDir(home); logs != "" && o.logFile == "" {
		s.LogDir = yesNo(runtime.GOOS == "darwin", logs, "")
		s.Args = append(s.Args, "--log-file", filepath.Join(logs, "proxima.log"))
	}
	if o.logFile != "" && len(s.Writable) > 0 {
		s.Writable = append(s.Writable, filepath.Dir(o.logFile))
	}
	conf, err := a.userConfig()
	if err != nil {
		return nil, nil, err
	}
	tools, err := a.tools(ctx, conf)
	switch {
	case err != nil:
		warn = append(warn, "ffmpeg: "+err.Error()+"; the service takes part once it finds one")
	case conf.FFmpeg == "" && !slices.Contains(servicePath(), filepath.Dir(tools.FFmpeg())):
		s.Env["PATH"] = strings.Join(append([]string{filepath.Dir(tools.FFmpeg())}, servicePath()...), string(os.PathListSeparator))
	}
	return s, warn, nil
}

// args is the service's own command line, after the program.
func (o *serviceOptions) args(farm string) []string {
	out := []string{"service", "run", "--farm", farm}
	add := func(set bool, more ...string) {
		if set {
			out = append(out, more...)
		}
	}
	add(o.work.name != "", "--name", o.work.name)
	add(o.work.slots > 0, "--slots", strconv.Itoa(o.work.slots))
	for _, d := range o.work.allow {
		add(true, "--allow", d)
	}
	add(o.work.maySleep, "--may-sleep")
	add(o.finish > 0, "--finish", o.finish.String())
	add(o.still != 15*time.Minute, "--still", o.still.String())
	add(o.logFile != "", "--log-file", o.logFile)
	add(o.logFormat == logJSON, "--log-format", o.logFormat)
	add(o.allowRoot, "--allow-root")
	return out
}

// servicePath is where a service looks for programs by itself.
func servicePath() []string {
	switch runtime.GOOS {
	case "windows":
		root := os.Getenv("SystemRoot")
		return []string{filepath.Join(root, "System32"), root}
	case "darwin":
		return []string{"/usr/bin", "/bin", "/usr/sbin", "/sbin"}
	}
	return []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}
}

// logDir is where a service logs whose manager keeps no log.
func logDir(home string) string {
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(os.Getenv("ProgramData"), "Proxima")
	case "darwin":
		return filepath.Join(home, "Library", "Logs")
	}
	return ""
}

// password asks for the account's, where the system wants one.
func (a *app) password(s *service.Spec) (string, error) {
	if runtime.GOOS != "windows" || strings.HasPrefix(strings.ToUpper(s.User), `NT `) || service.Privileged(s.User) {
		return "", nil
	}
	f, ok := a.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", &usageError{"the password of " + jobfile.Quote(s.User) + " has to be typed", "run this in a terminal"}
	}
	fmt.Fprintf(a.stderr, "password of %s: ", jobfile.Printable(s.User))
	p, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(a.stderr)
	return string(p), err
}

// worldReaches reports whether any account may run a program: it, and each folder above it.
func worldReaches(file string) bool {
	for p := file; ; p = filepath.Dir(p) {
		st, err := os.Stat(p)
		if err != nil || st.Mode().Perm()&0o001 == 0 {
			return false
		}
		if p == filepath.Dir(p) {
			return true
		}
	}
}
