package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"

	"proxima/jobfile"
	"proxima/presets"
)

// finding is what a look at the settings came to: that something is well, a mistake, or what
// is worth a word.
type finding struct {
	kind string // ok, mistake, note
	what string
	err  error
}

func (f finding) String() string {
	if f.err == nil {
		return fmt.Sprintf("%-7s %s", f.kind, f.what)
	}
	return fmt.Sprintf("%-7s %s: %s", f.kind, f.what, oneLine(f.err))
}

// findings looks at a person's settings, the farm's and all presets, and at how they go
// together. It finds all mistakes there are, not the first alone.
func (a *app) findings() []finding {
	var out []finding
	said := func(what string, err error) bool {
		if err == nil {
			out = append(out, finding{"ok", what, nil})
		} else {
			out = append(out, finding{"mistake", what, err})
		}
		return err == nil
	}
	conf, err := a.userConfig()
	own, oerr := presets.ReadOverrides(a.configFile(), conf.Overrides)
	if err == nil {
		err = withLineOf(a.configFile(), oerr)
	}
	said("your settings", err)

	var store *jobfile.Store
	var farm *jobfile.Farm
	over := own
	if dir, err := a.farmDir(&conf); err == nil { // else no farm is named, and there is nothing to check
		store, farm, err = jobfile.Open(dir)
		if err == nil {
			var of presets.Overrides
			of, _, err = farmOverrides(store, farm, conf, workerName("", conf))
			over = of.Then(own)
		}
		said("the farm's settings", err)
	}
	set, err := a.allPresets(store)
	if err == nil {
		err = checkAssets(set, store, "")
	}
	if !said("presets", err) {
		return out
	}
	if farm != nil {
		_, err := set.Effective(farm.Defaults.Preset)
		said("the farm's default preset", err)
	}
	for _, book := range ruleBooks(&conf, farm) {
		for i := range book.rules {
			for _, name := range book.rules[i].Presets {
				if _, err := set.Effective(name); err != nil {
					said(fmt.Sprintf("rules[%d] of %s", i, book.file), err)
				}
			}
		}
	}
	for _, name := range set.Names() {
		if _, err := set.Effective(name, over.For(name)...); err != nil {
			said("overrides of "+strings.Join(over.Matching(name), ", ")+" over preset "+name, err)
		}
	}
	for _, p := range over.Unused(set.Names()) {
		out = append(out, finding{"note", "overrides of " + jobfile.Quote(p) + " are for no preset that there is", nil})
	}
	return out
}

func (a *app) configCheck() error {
	bad := 0
	for _, f := range a.findings() {
		if f.kind == "mistake" {
			bad++
		}
		fmt.Fprintln(a.stdout, f)
	}
	if bad > 0 {
		return &hinted{what: plural(bad, "mistake", "mistakes"), code: exitRefused, next: "proxima config edit, proxima config edit --farm-file, or a text editor for presets"}
	}
	return nil
}

// checkUserConfig and checkFarmFile judge what a person is about to save.
func (a *app) checkUserConfig(file string, data []byte) error {
	if blank(data) {
		return nil
	}
	var c userConfig
	if err := jobfile.DecodeByHand(file, data, &c); err != nil {
		return err
	}
	_, err := presets.ReadOverrides(file, c.Overrides)
	return jobfile.WithLine(err, data)
}

func checkFarmFile(file string, data []byte) error {
	f, err := jobfile.ReadFarm(file, data)
	if err != nil {
		return err
	}
	_, err = presets.ReadWorkers(file, f.Workers)
	return jobfile.WithLine(err, data)
}

// withLineOf adds the line of the file that an error is about.
func withLineOf(file string, err error) error {
	if err == nil {
		return nil
	}
	data, rerr := readSmall(file, jobfile.MaxDocument)
	if rerr != nil {
		return err
	}
	return jobfile.WithLine(err, data)
}

// farmOverrides are what farm.yaml says that a worker does otherwise, and when it works.
func farmOverrides(s *jobfile.Store, f *jobfile.Farm, conf userConfig, worker string) (presets.Overrides, jobfile.Duty, error) {
	file := filepath.Join(s.Dir(), jobfile.FarmFile)
	w, err := presets.ReadWorkers(file, f.Workers)
	if err != nil {
		return presets.Overrides{}, jobfile.Duty{}, withLineOf(file, err)
	}
	return w.For(worker, conf.Tags...), w.Duty(worker, conf.Tags...), nil
}

// workerName is this machine's name in the farm: what a flag says, its settings, or the host's.
func workerName(flag string, conf userConfig) string {
	return jobfile.WorkerName(cmp.Or(flag, conf.Name, jobfile.Hostname()))
}
