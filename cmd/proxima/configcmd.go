package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show, check and edit the settings",
		Long: `Settings come from the command line, then from the environment (PROXIMA_FARM), then from
your own config.yaml, then from the farm's farm.yaml, which holds for everybody.`,
		Args: maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var asJSON, ofFarm bool
	show := &cobra.Command{
		Use: "show", Short: "Show what is in force, and where each value came from", Args: maxArgs(0),
		RunE: func(*cobra.Command, []string) error { return a.configShow(asJSON) },
	}
	show.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	check := &cobra.Command{
		Use: "check", Short: "Look for mistakes in your settings, the farm's and all presets", Args: maxArgs(0),
		RunE: func(*cobra.Command, []string) error { return a.configCheck() },
	}
	edit := &cobra.Command{
		Use: "edit", Short: "Edit your settings, or the farm's, in your editor", Args: maxArgs(0),
		Long: `Opens your config.yaml, or with --farm-file the farm's farm.yaml, in the editor that VISUAL
or EDITOR names. What you saved is checked; with a mistake in it the old file stays.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.configEdit(cmd.Context(), ofFarm) },
	}
	edit.Flags().BoolVar(&ofFarm, "farm-file", false, "edit farm.yaml, which holds for everybody")
	cmd.AddCommand(show, check, edit)
	return cmd
}

// configShow shows what can be shown: without a farm a person's own settings are all there is.
func (a *app) configShow(asJSON bool) error {
	c, err := a.userConfig()
	if err != nil {
		return err
	}
	store, farm, _, ferr := a.openFarm()
	var file string
	var set []string
	if ferr == nil {
		if file, set, err = store.FarmKeys(); err != nil {
			return err
		}
	}
	over, duty, err := a.overrides(store, farm, c, workerName("", c))
	if err != nil {
		return err
	}
	list := a.settings(&c, farm, file, set, over, duty)
	if asJSON {
		return a.printJSON(struct {
			Format   int       `json:"format"`
			Settings []setting `json:"settings"`
		}{1, list})
	}
	w := tabwriter.NewWriter(a.stdout, 2, 8, 2, ' ', 0)
	for _, s := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Key, jobfile.Printable(s.Value), jobfile.Printable(s.From))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if ferr != nil {
		fmt.Fprintf(a.stderr, "proxima: the farm's settings are not shown: %s\n", oneLine(ferr))
	}
	return nil
}

const newConfig = `# Your own settings for Proxima on this machine. All of them are optional: take the # away from
# the lines that you want. docs/settings.md has all of them.
#
# farm: /mnt/share/farm       # the farm folder
# name: edit7                 # this worker's name in the farm (default: the host's)
# slots: 2                    # pieces at once (default: as the presets' threads and the cores give)
# cores: 50%                  # of the machine, for all pieces together (default: all)
# priority: normal            # of ffmpeg (default: low, so that whoever sits here notices nothing)
# tags: [laptop]              # what farm.yaml may call this machine in workers:
# allow: [/mnt/footage]       # folders that jobs may read and write (default: farm.yaml's roots)
# hours: mon-fri 19:00-08:00  # when this machine works; a list for more (default: always)
# overrun: give-back          # pieces in work when the hours end (default: finish)
# at_desk: give-back          # while somebody sits here (default: work; or finish)
# desk_idle: 10m              # after so long without a touch nobody does
# metrics: 127.0.0.1:9465     # where proxima work answers Prometheus (default: nowhere)
# may_sleep: true             # let the machine fall asleep while it encodes
# notify: true                # tell on the desktop when what queue --wait waits for is over
# ffmpeg: /opt/ffmpeg/bin/ffmpeg
# ffprobe: /opt/ffmpeg/bin/ffprobe
# overrides:
#   presets:
#     *proxy:
#       vertical_res: 720
`

func (a *app) configEdit(ctx context.Context, ofFarm bool) error {
	file, check := a.configFile(), a.checkUserConfig
	if ofFarm {
		var err error
		if file, err = a.farmFile(); err != nil {
			return err
		}
		check = checkFarmFile
	}
	if file == "" {
		return &hinted{what: "this system names no folder for settings", next: "set PROXIMA_CONFIG to a folder"}
	}
	old, err := os.ReadFile(file)
	fresh := errors.Is(err, fs.ErrNotExist)
	if fresh && !ofFarm {
		old, err = []byte(newConfig), nil
	}
	if err != nil {
		return &hinted{what: "cannot read the settings", err: err, next: "check the path and your rights"}
	}
	data, draft, err := a.inEditor(ctx, filepath.Base(file), old)
	if err != nil {
		return err
	}
	if bytes.Equal(data, old) {
		_ = os.RemoveAll(filepath.Dir(draft))
		fmt.Fprintln(a.stdout, "nothing was changed")
		return nil
	}
	if err := check(file, data); err != nil {
		return &hinted{what: "not saved", err: err, code: exitRefused, next: "the old file stands; what you wrote is in " + draft}
	}
	// Somebody may have edited it meanwhile, on another machine.
	if now, err := os.ReadFile(file); !fresh && (err != nil || !bytes.Equal(now, old)) || fresh && err == nil {
		return &hinted{what: "not saved: " + jobfile.Quote(file) + " was changed by somebody else meanwhile", code: exitFailed, next: "what you wrote is in " + draft + "; edit again"}
	}
	if err := replace(file, data); err != nil {
		return &hinted{what: "cannot save the settings", err: err, next: "what you wrote is in " + draft}
	}
	_ = os.RemoveAll(filepath.Dir(draft))
	fmt.Fprintf(a.stdout, "saved %s\n", jobfile.Printable(file))
	for _, f := range a.findings() { // each file by itself is well, and they may not fit each other
		if f.kind != "ok" {
			fmt.Fprintln(a.stdout, f)
		}
	}
	return nil
}

// inEditor lets a person edit a text in a temporary file, which stays.
func (a *app) inEditor(ctx context.Context, name string, text []byte) (data []byte, draft string, err error) {
	dir, err := os.MkdirTemp("", "proxima-config-")
	if err != nil {
		return nil, "", err
	}
	draft = filepath.Join(dir, name)
	if err := os.WriteFile(draft, text, 0o600); err != nil {
		return nil, "", err
	}
	words := a.editor()
	cmd := exec.CommandContext(ctx, words[0], append(words[1:], draft)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.stdin, a.stdout, a.stderr
	if err := cmd.Run(); err != nil {
		return nil, "", &hinted{what: "the editor " + jobfile.Quote(words[0]) + " did not end well", err: err, next: "set EDITOR to one that works here; nothing was changed"}
	}
	data, err = readSmall(draft, jobfile.MaxDocument)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", &hinted{what: "the editor left no file", next: "save it under the name that it was opened by; nothing was changed"}
	}
	if err != nil {
		return nil, "", &hinted{what: "not saved", err: err, code: exitRefused, next: "the old file stands; what you wrote is in " + draft}
	}
	return data, draft, nil
}

// editor is the command that a person edits text with.
func (a *app) editor() []string {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if words := strings.Fields(a.getenv(name)); len(words) > 0 {
			if _, err := exec.LookPath(a.getenv(name)); err == nil {
				return []string{a.getenv(name)} // a path with spaces in it
			}
			return words
		}
	}
	switch runtime.GOOS {
	case "windows":
		return []string{"notepad"}
	case "darwin":
		return []string{"open", "-W", "-n", "-t"}
	}
	for _, name := range []string{"sensible-editor", "nano", "vim"} {
		if _, err := exec.LookPath(name); err == nil {
			return []string{name}
		}
	}
	return []string{"vi"}
}
