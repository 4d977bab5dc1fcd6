package service

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// systemd versions that brought what a unit can use.
const systemdRestartSteps = 254

// watchdog is how long systemd waits for a sign of life before it ends the process and starts it
// anew. It is for a process that stands still as a whole; a loop that does is noticed inside.
const watchdog = "5min"

// Unit is the systemd unit of a service, for a systemd of the given version: an older one
// complains of words that it does not know.
func Unit(s *Spec, version int) (string, error) {
	if err := s.Validate(); err != nil {
		return "", err
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("[Unit]")
	line("Description=%s", description)
	if s.Scope == System {
		line("# The farm may come late: the program waits for it, so nothing here requires it. What")
		line("# this is ordered after, it leaves before when the machine goes down.")
		line("Wants=network-online.target")
		line("After=network-online.target remote-fs.target%s", mountUnits(s.Mounts))
	}
	line("StartLimitIntervalSec=0")
	line("")
	line("[Service]")
	line("Type=notify")
	line("NotifyAccess=main")
	exec := make([]string, 0, 1+len(s.Args))
	for _, a := range append([]string{s.Program}, s.Args...) {
		exec = append(exec, quoteArg(a))
	}
	line("ExecStart=%s", strings.Join(exec, " "))
	for _, k := range slices.Sorted(maps.Keys(s.Env)) {
		line("Environment=%s", quoteValue(k+"="+s.Env[k]))
	}
	if s.Scope == System {
		line("User=%s", escapePercent(s.User))
	}
	line("")
	line("# A crash: at once, then less and less often. 78 refuses an account that may do everything.")
	line("Restart=always")
	line("RestartPreventExitStatus=%d", ExitRefused)
	if version >= systemdRestartSteps {
		line("RestartSec=1s")
		line("RestartSteps=8")
		line("RestartMaxDelaySec=2min")
	} else {
		line("RestartSec=5s")
	}
	line("WatchdogSec=%s", watchdog)
	line("")
	line("# A stop tells the program, which gives back what it holds; no ffmpeg outlives it.")
	line("KillMode=mixed")
	line("TimeoutStopSec=%ds", int((s.Finish + leaveTime).Seconds()))
	line("")
	line("# People who work at this machine go first.")
	line("Nice=10")
	line("IOSchedulingClass=best-effort")
	line("IOSchedulingPriority=7")
	line("CPUWeight=20")
	line("IOWeight=20")
	line("")
	b.WriteString(hardening(s))
	line("")
	line("[Install]")
	if s.Scope == System {
		line("WantedBy=multi-user.target")
	} else {
		line("WantedBy=default.target")
	}
	return b.String(), nil
}

// hardening takes from the service what it never needs. Devices stay: graphics cards encode.
func hardening(s *Spec) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("NoNewPrivileges=yes")
	if s.Scope == User {
		return b.String() // a user's manager can wall off nothing more on every system
	}
	if len(s.Writable) > 0 {
		line("ProtectSystem=strict")
		for _, dir := range s.Writable {
			line("ReadWritePaths=%s", quoteValue("-"+dir))
		}
	} else {
		line("ProtectSystem=full")
	}
	if !slices.ContainsFunc(s.Writable, inTemp) && len(s.Writable) > 0 {
		line("PrivateTmp=yes")
	}
	for _, k := range walls {
		line("%s=yes", k)
	}
	if !Privileged(s.User) {
		line("CapabilityBoundingSet=")
	}
	line("RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK")
	return b.String()
}

func inTemp(dir string) bool {
	return dir == "/tmp" || dir == "/var/tmp" || strings.HasPrefix(dir, "/tmp/") || strings.HasPrefix(dir, "/var/tmp/")
}

// mountUnits names the units of mount points, as systemd-escape --path does.
func mountUnits(points []string) string {
	var b strings.Builder
	for _, p := range points {
		if p = strings.Trim(p, "/"); p != "" {
			b.WriteString(" " + escapePercent(escapePath(p)) + ".mount")
		}
	}
	return b.String()
}

func escapePath(p string) string {
	var b strings.Builder
	for i, c := range []byte(p) {
		switch {
		case c == '/':
			b.WriteByte('-')
		case c == '_' || c == ':' || c == '.' && i > 0, c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return b.String()
}

func escapePercent(s string) string { return strings.ReplaceAll(s, "%", "%%") }

// quoteValue writes one word of a list: quotes, and % which begins a specifier.
func quoteValue(s string) string {
	return `"` + escapePercent(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)) + `"`
}

// quoteArg writes one word of a command line, where $ begins a variable besides.
func quoteArg(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:=,@", r)
	}) {
		return s
	}
	return strings.ReplaceAll(quoteValue(s), "$", "$$")
}

// UnitArgs reads the command line of a unit that Unit made: program first. Nil if it is none.
func UnitArgs(unit string) []string {
	for l := range strings.Lines(unit) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(l), "ExecStart="); ok {
			return splitWords(rest)
		}
	}
	return nil
}

func splitWords(s string) (words []string) {
	var w strings.Builder
	quoted, begun := false, false
	end := func() {
		if begun {
			words = append(words, w.String())
			w.Reset()
			begun = false
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted, begun = !quoted, true
		case c == ' ' && !quoted:
			end()
		default:
			if i+1 < len(s) && (c == '\\' || (c == '%' || c == '$') && s[i+1] == c) {
				i++
				c = s[i]
			}
			w.WriteByte(c)
			begun = true
		}
	}
	end()
	return words
}

// parseShow reads what systemctl show prints.
func parseShow(out string) State {
	v := map[string]string{}
	for l := range strings.Lines(out) {
		if k, val, ok := strings.Cut(strings.TrimSpace(l), "="); ok {
			v[k] = val
		}
	}
	st := State{Running: v["ActiveState"] == "active" || v["ActiveState"] == "reloading", Says: v["StatusText"], Definition: v["FragmentPath"]}
	st.PID, _ = strconv.Atoi(v["MainPID"])
	st.Restarts, _ = strconv.Atoi(v["NRestarts"])
	st.Word = v["ActiveState"]
	if v["SubState"] != "" && v["SubState"] != "running" && v["SubState"] != v["ActiveState"] {
		st.Word += " (" + v["SubState"] + ")"
	}
	if v["UnitFileState"] == "disabled" {
		st.Word += ", not started with the machine"
	}
	if v["Result"] != "success" && v["Result"] != "" {
		st.Failed = v["Result"]
		if n := v["ExecMainStatus"]; n != "" && n != "0" {
			st.Failed += ", exit status " + n
		}
	}
	return st
}

// Surroundings are the lines of a unit that say as whom, with what and behind which walls its
// program runs, as systemd-run takes them.
func Surroundings(unit string) (properties []string) {
	for l := range strings.Lines(unit) {
		l = strings.TrimSpace(l)
		k, _, ok := strings.Cut(l, "=")
		if ok && slices.Contains(surroundings, k) {
			// What is set this way is taken as it stands: % begins nothing.
			properties = append(properties, strings.ReplaceAll(l, "%%", "%"))
		}
	}
	return properties
}

var surroundings = append([]string{
	"User", "Group", "Environment", "NoNewPrivileges", "ProtectSystem", "ReadWritePaths", "PrivateTmp",
	"CapabilityBoundingSet", "RestrictAddressFamilies",
}, walls...)

// walls are what is closed to every service of the machine.
var walls = []string{
	"ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs", "ProtectControlGroups",
	"ProtectClock", "ProtectHostname", "LockPersonality", "RestrictRealtime", "RestrictSUIDSGID", "RestrictNamespaces",
}
