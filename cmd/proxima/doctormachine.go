package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/dustin/go-humanize"

	"proxima/encode"
	"proxima/jobfile"
	"proxima/presets"
)

func sizeText(n uint64) string { return humanize.IBytes(n) }

// roots checks that the places which jobs name are there.
func (d *doctor) roots(f *jobfile.Farm, conf *userConfig) {
	if len(f.Roots) == 0 {
		d.say("roots", fine, "farm.yaml has none: every machine of the room must see media at the same path", "", "")
		return
	}
	here := roots(f)
	for _, name := range slices.Sorted(maps.Keys(f.Roots)) {
		check := "root " + name
		dir, ok := here[name]
		if !ok {
			d.say(check, broken, "farm.yaml has no place for it on this machine", "clips below it cannot be made here",
				"add a line to farm.yaml, under roots."+name+": \""+runtime.GOOS+": FOLDER\", or \"host:"+jobfile.Hostname()+": FOLDER\"")
			continue
		}
		d.found = append(d.found, tryRoot(check, dir))
		if f := d.found[len(d.found)-1]; f.Status != broken {
			d.space(name, dir, jobfile.NewFarm().Defaults.KeepFree)
		}
	}
	for _, dir := range conf.Allow {
		if _, err := os.Stat(dir); err != nil {
			d.say("allowed "+dir, warning, oneLine(err), "config.yaml allows it, and jobs there cannot be made", "mount it, or take it out of allow: in "+d.app.configFile())
		}
	}
}

// tryRoot reads a root and writes in it. That it cannot be written at its top is no fault by
// itself: proxies lie deeper.
func tryRoot(check, dir string) diagnosis {
	st, err := os.Stat(dir)
	switch {
	case err != nil:
		return diagnosis{check, broken, oneLine(err), "clips below it cannot be made here", "mount it there, or correct its place under roots: in farm.yaml"}
	case !st.IsDir():
		return diagnosis{check, broken, jobfile.Quote(dir) + " is no folder", "clips below it cannot be made here", "correct its place under roots: in farm.yaml"}
	}
	if _, err := os.ReadDir(dir); err != nil {
		return diagnosis{check, broken, oneLine(err), "sources below it cannot be read", "give this account the right to read it" + yesNo(runtime.GOOS == "darwin", "; on macOS see System Settings, Privacy & Security, Files and Folders", "")}
	}
	if readOnlyHere(dir) {
		return diagnosis{check, warning, dir + " is mounted read-only, or closed to the service", "proxies cannot be written beside their sources", "mount it for writing; for the service: proxima service install anew, which opens the roots of farm.yaml"}
	}
	f, err := os.CreateTemp(dir, ".proxima-doctor-*.tmp")
	if err != nil {
		return diagnosis{check, warning, "cannot be written at its top: " + oneLine(err), "proxies are written beside their sources, or where --output says", "see that this account may write in the folders of the media"}
	}
	err = errors.Join(f.Close(), os.Remove(f.Name()))
	if err != nil {
		return diagnosis{check, warning, oneLine(err), "proxies are renamed when they are whole", "see that this account may delete in the folders of the media"}
	}
	return diagnosis{Check: check, Status: fine, Found: dir + ", can be read and written"}
}

// machine checks what does not depend on the farm.
func (d *doctor) machine(ctx context.Context, conf *userConfig, farmDir string, farm bool) {
	d.scratch()
	d.resolve(ctx, conf)
	tools, err := d.app.tools(ctx, *conf)
	if err != nil {
		d.sayError("ffmpeg", err, "nothing can be encoded here", "install ffmpeg")
		return
	}
	d.say("ffmpeg", fine, tools.Version()+", "+tools.FFmpeg(), "", "")
	var store *jobfile.Store
	if farm {
		if store, _, err = jobfile.Open(farmDir); err != nil {
			store = nil
		}
	}
	set, err := d.app.allPresets(store)
	if err != nil {
		d.sayError("presets", err, "nobody can queue with them", "mend the file in a text editor")
		set = presets.Builtin()
	}
	o := &orders{set: set, resolved: map[string]*order{}}
	if store != nil {
		o.farm = store.Dir()
	}
	tried := map[string]error{} // by what is encoded: presets share much
	names := d.presets
	if len(names) == 0 {
		names = set.Names()
	}
	for _, name := range names {
		if ctx.Err() != nil {
			return
		}
		d.found = append(d.found, tryPreset(ctx, tools, o, name, tried))
	}
}

// tryPreset encodes a little with a preset's first recipe that works here.
func tryPreset(ctx context.Context, t *encode.Tools, o *orders, name string, tried map[string]error) diagnosis {
	check := "preset " + name
	made, err := o.order(name, clipSettings{})
	if err != nil {
		return diagnosis{check, broken, oneLine(err), "nobody can queue with it", nextStep(err)}
	}
	var first error
	for i := range made.recipes {
		r := made.recipes[i]
		what := fmt.Sprintf("%+v %+v %s", r.Video, r.Sound, r.Container)
		err, known := tried[what]
		if !known {
			err = t.CanEncode(ctx, &r)
			tried[what] = err
		}
		if err == nil {
			return diagnosis{Check: check, Status: fine, Found: "encodes with " + r.Video.Encoder}
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = errors.New("it has no recipe")
	}
	return diagnosis{check, warning, oneLine(first), "jobs with it are left to other machines", nextStep(first)}
}

// scratch tries the folder for temporary files, which ffmpeg writes small ones in.
func (d *doctor) scratch() {
	dir, err := os.MkdirTemp("", "proxima-doctor-*")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "try"), []byte("proxima doctor tries this folder.\n"), 0o600)
	}
	if dir != "" {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		d.say("temporary files", broken, oneLine(err), "ffmpeg is given its lists and tables there", "set "+yesNo(runtime.GOOS == "windows", "TEMP", "TMPDIR")+" to a folder that this account may write in")
		return
	}
	d.say("temporary files", fine, os.TempDir(), "", "")
}
