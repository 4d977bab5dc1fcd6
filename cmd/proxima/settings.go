package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"proxima/jobfile"
	"proxima/presets"
)

// setting is one value in force and where it came from.
type setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	From  string `json:"from"` // a flag, a variable, a file, or default
}

// settings lists what is in force for this person on this machine, with the farm if there is
// one.
func (a *app) settings(c *userConfig, farm *jobfile.Farm, farmFile string, farmKeys []string, over presets.Overrides, duty jobfile.Duty) []setting {
	file := a.configFile()
	var out []setting
	add := func(key, value, from string) { out = append(out, setting{key, value, from}) }
	own := func(key, value string, set bool, otherwise string) {
		if set {
			add(key, value, file)
		} else {
			add(key, otherwise, "default")
		}
	}
	switch {
	case a.farmFlag != "":
		add("farm", a.farmFlag, "--farm")
	case a.getenv("PROXIMA_FARM") != "":
		add("farm", a.getenv("PROXIMA_FARM"), "PROXIMA_FARM")
	default:
		own("farm", c.Farm, c.Farm != "", "")
	}
	own("name", c.Name, c.Name != "", jobfile.WorkerName(jobfile.Hostname()))
	own("slots", strconv.Itoa(c.Slots), c.Slots > 0, "as the presets' threads and the cores give")
	cores, err := c.Cores.of(runtime.NumCPU())
	if err != nil {
		cores = runtime.NumCPU()
	}
	own("cores", fmt.Sprintf("%s (%d of %d)", c.Cores, cores, runtime.NumCPU()), c.Cores != "", strconv.Itoa(runtime.NumCPU()))
	own("priority", c.Priority, c.Priority != "", "low")
	own("tags", strings.Join(c.Tags, ", "), len(c.Tags) > 0, "")
	own("ffmpeg", c.FFmpeg, c.FFmpeg != "", "the one in PATH")
	own("ffprobe", c.FFprobe, c.FFprobe != "", "the one beside ffmpeg, or in PATH")
	own("fuscript", c.Fuscript, c.Fuscript != "", "DaVinci Resolve's, where its installer puts it")
	own("allow", strings.Join(c.Allow, ", "), len(c.Allow) > 0, "the roots of farm.yaml, or any folder where it has none")
	// These farm.yaml may say of this worker, too.
	either := func(key, value string, set, ofFarm bool, otherwise string) {
		if ofFarm && !set {
			add(key, value, farmFile)
		} else {
			own(key, value, set, otherwise)
		}
	}
	either("hours", strings.Join(duty.Hours, "; "), len(c.Hours) > 0, len(duty.Hours) > 0, "always")
	either("overrun", duty.Overrun, c.Overrun != "", duty.Overrun != "", jobfile.DutyFinish)
	either("at_desk", duty.AtDesk, c.AtDesk != "", duty.AtDesk != "", jobfile.DutyWork)
	either("desk_idle", duty.DeskIdle.String(), c.DeskIdle != 0, duty.DeskIdle != 0, deskIdle.String())
	own("metrics", c.Metrics, c.Metrics != "", "nowhere")
	own("may_sleep", strconv.FormatBool(c.MaySleep), c.MaySleep, "false")
	own("notify", strconv.FormatBool(c.Notify), c.Notify, "false")
	books := func(rules jobfile.Rules, f *jobfile.Filters, file string) {
		for i := range rules {
			add(fmt.Sprintf("rules[%d]", i), ruleText(&rules[i]), file)
		}
		for _, s := range []struct {
			key   string
			words jobfile.Words
		}{{"filters.extensions", f.Extensions}, {"filters.frame_rates", f.FrameRates}} {
			if len(s.words) > 0 {
				add(s.key, strings.Join(s.words, ", "), file)
			}
		}
	}
	books(c.Rules, &c.Filters, file)
	for _, v := range over.Values() {
		add("overrides.presets."+v.Field, cmp.Or(strings.Join(v.Words, ", "), "-"), fmt.Sprintf("%s:%d", v.From.File, v.From.Line))
	}
	if farm == nil {
		return out
	}
	d := &farm.Defaults
	for _, s := range []struct{ key, value string }{
		{"defaults.preset", d.Preset},
		{"defaults.duration_worth_chunking", d.DurationWorthChunking.String()},
		{"defaults.chunk_length", d.ChunkLength.String()},
		{"defaults.lease", d.Lease.String()},
		{"defaults.keep_free", d.KeepFree.String()},
		{"defaults.backup_copies", strconv.FormatBool(d.BackupCopies)},
		{"keep.finished", farm.Keep.Finished.String()},
		{"keep.failed_parts", farm.Keep.FailedParts.String()},
	} {
		from := "default"
		if slices.Contains(farmKeys, s.key) {
			from = farmFile
		}
		add(s.key, s.value, from)
	}
	here := roots(farm)
	for _, name := range slices.Sorted(maps.Keys(farm.Roots)) {
		where, ok := here[name]
		if !ok {
			where = "not on this machine: it has no line for " + runtime.GOOS + " nor for host:" + jobfile.Hostname()
		}
		add("roots."+name, where, farmFile)
	}
	books(farm.Rules, &farm.Filters, farmFile)
	return out
}

// ruleText is what a rule does, in short.
func ruleText(r *jobfile.Rule) string {
	if r.Skip != "" {
		return "skip: " + r.Skip
	}
	return strings.Join(r.Presets, ", ")
}

// share is a part of a machine: a number, or a percentage.
type share string

// of is the share of n, at least one.
func (s share) of(n int) (int, error) {
	if s == "" {
		return n, nil
	}
	text, percent := strings.CutSuffix(strings.TrimSpace(string(s)), "%")
	v, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || v < 1 || percent && v > 100 {
		return 0, fmt.Errorf("%s is neither a number of cores nor a share of them like 50%%", jobfile.Quote(string(s)))
	}
	if percent {
		v = n * v / 100
	}
	return max(1, min(v, n)), nil
}

// configFile is the user's config.yaml.
func (a *app) configFile() string {
	dir := a.configDir()
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "config.yaml")
}

// replace puts a whole new file in the place of an old one. A crash leaves one of them.
func replace(file string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".proxima-*.tmp")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
