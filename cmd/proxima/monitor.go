package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"proxima/jobfile"
	"proxima/monitor"
)

// monitorAddress is where the page is by default: on this machine alone.
const monitorAddress = "127.0.0.1:7878"

type monitorOptions struct {
	listen    string
	tokenFile string
	hosts     []string
}

func (a *app) monitorCommand() *cobra.Command {
	var o monitorOptions
	cmd := &cobra.Command{
		Use:   "monitor",
		Short: "Serve a page that shows the room, live",
		Long: `Serves one page: is the room working, when will it be done, what is wrong. Jobs with their chunks,
machines, throughput, failures with their logs, and a picture of each finished proxy. The farm is read
once for all who watch, and not at all while nobody does. At /metrics it answers Prometheus.

The page is for this machine's browsers, who may look. Who opens the address with the token, which is
printed at the start, may retry, cancel, pause and order, too. With --listen it can be seen from other
machines, by those who have the token.`,
		Example: "  proxima monitor\n  proxima monitor --listen :7878 --token-file ~/.config/proxima/monitor.token",
		Args:    maxArgs(0),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.monitor(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", monitorAddress, "the `address` to listen on, as :7878 for all who can reach this machine")
	f.StringVar(&o.tokenFile, "token-file", "", "the `file` with the token; made if there is none (default: a new token at each start)")
	f.StringArrayVar(&o.hosts, "host", nil, "a further `name` by which browsers call this machine; repeat it for more")
	return cmd
}

func (a *app) monitor(ctx context.Context, o monitorOptions) error {
	if err := checkAddress(o.listen); err != nil || o.listen == "" {
		return &usageError{"--listen: " + jobfile.Quote(o.listen) + " is no address", "give a host and a port, as 127.0.0.1:7878, or :7878"}
	}
	store, farm, conf, err := a.openFarm()
	if err != nil {
		return err
	}
	token := rand.Text()
	if o.tokenFile != "" {
		if token, err = readToken(o.tokenFile); err != nil {
			return err
		}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return &hinted{what: "cannot listen on " + o.listen, err: err, next: "another may be running; give another --listen, as 127.0.0.1:0 for any free port"}
	}
	at, local := l.Addr().String(), false
	if tcp, ok := l.Addr().(*net.TCPAddr); ok {
		local = tcp.IP.IsLoopback()
		if tcp.IP.IsUnspecified() {
			at = net.JoinHostPort(strings.ToLower(jobfile.Hostname()), fmt.Sprint(tcp.Port))
		}
	}
	log := slog.New(newLineHandler(a.stderr, slog.LevelInfo))
	c := monitor.Config{
		Store: store, Token: token, Open: local && len(o.hosts) == 0, Hosts: o.hosts, Version: versionText(), Lease: farm.Defaults.Lease.D(), Log: log,
		Voice: monitorVoice{store}, Hand: monitorHand{a, store},
		Film: &monitorFilm{app: a, store: store, roots: roots(farm), fence: fence(store, farm, conf.Allow), conf: conf},
	}
	if !local {
		c.Hosts = append(c.Hosts, jobfile.Hostname())
	}
	if c.Open {
		fmt.Fprintf(a.stdout, "to look:   http://%s/\n", at)
	}
	fmt.Fprintf(a.stdout, "to steer:  http://%s/#token=%s\n", at, token)
	if !local {
		fmt.Fprintln(a.stderr, "proxima: other machines can reach this. What goes over the network is not encrypted, the token neither")
	}
	err = monitor.Serve(ctx, l, c)
	if ctx.Err() != nil {
		return errInterrupted
	}
	return err
}

// readToken reads a token from its file, or makes both.
func readToken(file string) (string, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		token := rand.Text()
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			_, err = f.WriteString(token + "\n")
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			return "", &hinted{what: "cannot make the token's file", err: err, next: "give a --token-file in a folder that is there and that you may write to"}
		}
		return token, nil
	}
	if err != nil {
		return "", &hinted{what: "cannot read the token", err: err, next: "check --token-file"}
	}
	if st, err := os.Stat(file); err == nil && runtime.GOOS != "windows" && st.Mode().Perm()&0o077 != 0 {
		return "", &hinted{what: "others may read the token in " + jobfile.Quote(file), next: "chmod 600 " + file}
	}
	token := strings.TrimSpace(string(data))
	if len(token) < monitor.MinToken || len(token) > 1000 || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' || r == '#' || r == '&' || r == '%' }) {
		return "", &hinted{what: fmt.Sprintf("what stands in %s is no token", jobfile.Quote(file)), next: fmt.Sprintf("delete it to have one made, or write %d letters and digits or more into it", monitor.MinToken)}
	}
	return token, nil
}
