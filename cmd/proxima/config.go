package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"proxima/encode"
	"proxima/jobfile"
	"proxima/presets"
)

// userConfig is the user's config.yaml; all of it is optional.
type userConfig struct {
	Farm    string `yaml:"farm"`    // the farm folder
	Name    string `yaml:"name"`    // of this worker
	Slots   int    `yaml:"slots"`   // units at once
	FFmpeg  string `yaml:"ffmpeg"`  // where ffmpeg is, if it isn't in PATH
	FFprobe string `yaml:"ffprobe"` // likewise

	Fuscript string `yaml:"fuscript"` // DaVinci Resolve's, if it isn't where its installer puts it

	// Allow is the folders that jobs may read and write on this machine. It overrules the roots
	// of farm.yaml, which whoever can write to the share can change.
	Allow jobfile.Words `yaml:"allow"`

	Metrics string `yaml:"metrics"` // where this worker answers Prometheus, as 127.0.0.1:9465; "" nowhere

	MaySleep bool `yaml:"may_sleep"` // let the machine fall asleep while it encodes

	Notify bool `yaml:"notify"` // tell on the desktop when what is waited for is over

	Cores    share         `yaml:"cores"`    // that all units together may take; "" for all
	Priority string        `yaml:"priority"` // of ffmpeg: low (the default) or normal
	Tags     jobfile.Words `yaml:"tags"`     // by which farm.yaml may mean this machine

	Hours    jobfile.Words    `yaml:"hours"`     // when this machine works; jobfile.Duty has the words
	Overrun  string           `yaml:"overrun"`   // what becomes of units in work when they end
	AtDesk   string           `yaml:"at_desk"`   // while somebody sits here
	DeskIdle jobfile.Duration `yaml:"desk_idle"` // after how long without a touch nobody does

	Rules   jobfile.Rules   `yaml:"rules"`   // asked before farm.yaml's
	Filters jobfile.Filters `yaml:"filters"` // beside farm.yaml's

	// Overrides is what this worker does otherwise than presets say. Package presets reads it.
	Overrides *jobfile.Node `yaml:"overrides,omitempty"`
}

// Validate refuses what could not be meant.
func (c *userConfig) Validate() error {
	if c.Slots < 0 || c.Slots > 1024 {
		return fmt.Errorf("slots: %d is not between 1 and 1024", c.Slots)
	}
	if _, err := c.Cores.of(1); err != nil {
		return fmt.Errorf("cores: %w", err)
	}
	if !slices.Contains([]string{"", "low", "normal"}, c.Priority) {
		return fmt.Errorf("priority: %s is not low or normal", jobfile.Quote(c.Priority))
	}
	if err := c.duty().Validate(); err != nil {
		return err
	}
	if err := checkAddress(c.Metrics); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	for i, dir := range c.Allow {
		if !filepath.IsAbs(dir) {
			return fmt.Errorf("allow[%d]: %s is not an absolute path", i, jobfile.Quote(dir))
		}
	}
	if err := c.Rules.Validate(); err != nil {
		return err
	}
	return c.Filters.Validate()
}

// duty is when this person wants the machine to work.
func (c *userConfig) duty() jobfile.Duty {
	return jobfile.Duty{Hours: c.Hours, Overrun: c.Overrun, AtDesk: c.AtDesk, DeskIdle: c.DeskIdle}
}

// configDir is the user's folder for Proxima: ~/.config/proxima and its like.
func (a *app) configDir() string {
	if d := a.getenv("PROXIMA_CONFIG"); d != "" {
		return d
	}
	d, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(d, "proxima")
}

func (a *app) userConfig() (userConfig, error) {
	var c userConfig
	file := a.configFile()
	if file == "" {
		return c, nil
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) || err == nil && blank(data) {
		return c, nil
	}
	if err == nil {
		err = jobfile.DecodeByHand(file, data, &c)
	}
	if err != nil {
		return c, &hinted{what: "cannot read the user's settings", err: err, next: "mend " + file, code: exitFailed}
	}
	return c, nil
}

// blank reports whether a file holds nothing but comments, as a fresh one does.
func blank(data []byte) bool {
	for _, l := range strings.Split(string(data), "\n") {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
			return false
		}
	}
	return true
}

// openFarm opens the farm that the flag, the environment or the user's config names.
func (a *app) openFarm() (*jobfile.Store, *jobfile.Farm, userConfig, error) {
	conf, err := a.userConfig()
	if err != nil {
		return nil, nil, conf, err
	}
	dir, err := a.farmDir(&conf)
	if err != nil {
		return nil, nil, conf, err
	}
	s, f, err := jobfile.Open(dir)
	return s, f, conf, err
}

func (a *app) farmDir(conf *userConfig) (string, error) {
	dir := a.farmFlag
	if dir == "" {
		dir = a.getenv("PROXIMA_FARM")
	}
	if dir == "" {
		dir = conf.Farm
	}
	if dir == "" {
		return "", &usageError{
			"no farm named",
			"give --farm DIR, set PROXIMA_FARM, or write \"farm: DIR\" into " + a.configFile(),
		}
	}
	return dir, nil
}

// farmFile is farm.yaml, whatever is in it: it may have to be mended.
func (a *app) farmFile() (string, error) {
	conf, err := a.userConfig()
	if err != nil {
		return "", err
	}
	dir, err := a.farmDir(&conf)
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, jobfile.FarmFile), nil
}

// roots tells where the farm's roots lie on this machine.
func roots(f *jobfile.Farm) jobfile.Roots { return f.RootsFor(runtime.GOOS, jobfile.Hostname()) }

// fence is where jobs may lead on this machine: where its settings say, else to the farm's
// roots; anywhere if the farm has none, as a room with one kind of machine needs none.
func fence(s *jobfile.Store, f *jobfile.Farm, allow []string) jobfile.Fence {
	if len(allow) > 0 {
		return allow
	}
	if len(f.Roots) == 0 {
		return nil
	}
	dirs := jobfile.Fence{s.Dir()} // not empty where no root has a place here
	for _, dir := range roots(f) {
		dirs = append(dirs, dir)
	}
	return dirs
}

// tools finds ffmpeg and ffprobe.
func (a *app) tools(ctx context.Context, c userConfig) (*encode.Tools, error) {
	t, err := encode.Find(ctx, c.FFmpeg, c.FFprobe)
	if err == nil {
		t.Priority = encode.Priority(cmp.Or(c.Priority, string(encode.PriorityLow)))
	}
	return t, err
}

// allPresets lays the presets over each other: built in, the farm's, the user's own.
func (a *app) allPresets(s *jobfile.Store) (presets.Set, error) {
	set := presets.Builtin()
	var files []jobfile.PresetFile
	if s != nil {
		fs, err := s.Presets()
		if err != nil {
			return set, err
		}
		files = fs
	}
	own, err := filepath.Glob(filepath.Join(a.configDir(), "presets", "*.yaml"))
	if err != nil {
		own = nil
	}
	slices.Sort(own)
	for _, f := range own {
		data, err := os.ReadFile(f)
		if err != nil {
			return set, fmt.Errorf("read presets: %w", err)
		}
		files = append(files, jobfile.PresetFile{Path: f, Data: data})
	}
	for _, f := range files {
		laid, err := set.Add(f.Path, f.Data)
		if err != nil {
			return set, &hinted{what: "a preset file cannot be used", err: err, next: "mend the file in a text editor", code: exitRefused}
		}
		set = laid
	}
	return set, nil
}

// overrides are what this machine does otherwise than presets say, and when it works: the farm's for a
// worker of its name (f may be nil), and over them those of its own settings.
func (a *app) overrides(s *jobfile.Store, f *jobfile.Farm, conf userConfig, worker string) (all presets.Overrides, duty jobfile.Duty, err error) {
	refuse := func(err error) (presets.Overrides, jobfile.Duty, error) {
		return all, duty, &hinted{what: "overrides cannot be used", err: err, next: "mend the file in a text editor", code: exitRefused}
	}
	if f != nil {
		of, when, err := farmOverrides(s, f, conf, worker)
		if err != nil {
			return refuse(err)
		}
		all, duty = of, when
	}
	own, err := presets.ReadOverrides(a.configFile(), conf.Overrides)
	if err != nil {
		return refuse(withLineOf(a.configFile(), err))
	}
	return all.Then(own), conf.duty().Over(duty), nil
}

func yesNo(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
