package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"proxima/gather"
	"proxima/jobfile"
	"proxima/timeline"
)

// export is a timeline's document that is to be written again, with proxies: what the editors
// import where linking cannot be driven.
type export struct {
	farm   *jobfile.Farm
	format timeline.Format
	folder string // of the document, for targets relative to it
	data   []byte
	to     string
}

// sourceProxy is one medium of a timeline and its proxy, as this machine sees both.
type sourceProxy struct{ source, proxy string }

// exportResult is for people.
type exportResult struct {
	Attached int      // media that have their proxy in the document
	Left     []string // targets whose proxy has no path that the document's machine knows
}

// newExport is of the one timeline that was named.
func (q *queuing) newExport(args []string) (*export, error) {
	if len(args) != 1 || len(q.projects()) == 0 && len(q.sources[0].files) == 0 {
		return nil, &usageError{"--export writes one timeline again", "name that one alone"}
	}
	if projects := q.projects(); len(projects) == 1 {
		file, err := filepath.Abs(args[0]) // what is relative in it counts from its folder
		if err != nil {
			return nil, err
		}
		return newExport(q.farm, file, projects[0].Project, q.o.export)
	}
	if f := q.sources[0].files[0]; f.Status == gather.Refused {
		return nil, &hinted{what: jobfile.Quote(args[0]) + ": " + f.Reason, code: exitRefused, next: f.Next}
	}
	return nil, &usageError{"--export: " + jobfile.Quote(args[0]) + " is no timeline", "name an FCPXML or OTIO file"}
}

// proxiesOf are the proxies of a project's media by their targets: of several the first preset's.
// One that failed, or is none of its source, is left out.
func proxiesOf(clips []clip) map[string]sourceProxy {
	out := map[string]sourceProxy{}
	for _, c := range clips {
		made := c.Status == "make" && c.Result != "failed"
		if !made && (c.Status != "exists" || c.Proxy == proxyUnfit) {
			continue
		}
		for _, m := range c.media {
			if _, there := out[m.Target]; !there {
				out[m.Target] = sourceProxy{c.Source, c.Output}
			}
		}
	}
	return out
}

// newExport looks at everything that can be wrong, before a job is queued: --export asks for a
// file that can be written, of a timeline that has room for proxies. file is the timeline as it
// was named, p what was read of it.
func newExport(farm *jobfile.Farm, file string, p *timeline.Project, to string) (*export, error) {
	refuse := func(what, next string) (*export, error) {
		return nil, &hinted{what: what, code: exitRefused, next: next}
	}
	ext, ok := map[timeline.Format]string{timeline.FCPXML: ".fcpxml", timeline.OTIO: ".otio"}[p.Format]
	if !ok {
		return refuse("--export cannot write proxies into "+jobfile.Quote(filepath.Base(file)), "export the timeline as FCPXML or OTIO; docs/editors.md says how other editors find proxies by their names")
	}
	if !strings.EqualFold(filepath.Ext(to), ext) {
		return refuse("--export "+jobfile.Quote(to)+" does not end in "+ext, "the document stays what it is: name the new one ..."+ext)
	}
	if exists(to) {
		return refuse("--export would write over "+jobfile.Quote(to), "name a file that is not there yet, or remove that one")
	}
	if st, err := os.Stat(filepath.Dir(to)); err != nil || !st.IsDir() {
		return refuse("--export "+jobfile.Quote(to)+" is in no folder that is there", "make the folder, or name another one")
	}
	inner, err := documentOf(file)
	if err != nil {
		return nil, err
	}
	if here, there := filepath.Dir(inner), filepath.Dir(to); !same(here, there) {
		for _, m := range p.Media {
			if t, err := timeline.Decode(m.Target, ""); err == nil && t.Relative && m.Path != "" { // else it is a name
				return refuse("the timeline names "+jobfile.Quote(m.Target)+" relative to its own folder", "--export into the folder of the timeline")
			}
		}
	}
	data, err := os.ReadFile(inner)
	if err != nil {
		return nil, &hinted{what: "cannot read the timeline again", err: err, code: exitRefused, next: "check that it is still there"}
	}
	e := &export{farm: farm, format: p.Format, folder: filepath.ToSlash(filepath.Dir(inner)), data: data, to: to}
	if _, err := timeline.AttachProxies(data, p.Format, func(string) (string, bool) { return "", false }); err != nil {
		return nil, exportError(file, err)
	}
	return e, nil
}

// documentOf is the document of a timeline. That of a bundle is taken out of it if it is all
// that is in there.
func documentOf(file string) (string, error) {
	if ext := strings.ToLower(filepath.Ext(file)); ext == ".otioz" || ext == ".otiod" {
		return "", &hinted{what: "--export cannot write into " + jobfile.Quote(file), code: exitRefused, next: "export the timeline as .otio, without its media"}
	}
	names, err := os.ReadDir(file)
	if err != nil {
		return file, nil // no folder; what is wrong with the file shows when it is read
	}
	for _, n := range names {
		if n.Name() != "Info.fcpxml" && jobfile.Ours(n.Name()) {
			return "", &hinted{
				what: "the bundle " + jobfile.Quote(file) + " holds more than a timeline: " + jobfile.Quote(n.Name()), code: exitRefused,
				next: "export the timeline as a plain .fcpxml or .otio; a document outside of its bundle would not find the rest",
			}
		}
	}
	return filepath.Join(file, "Info.fcpxml"), nil
}

func exportError(file string, err error) error {
	var e *timeline.Error
	if !errors.As(err, &e) {
		return err
	}
	at := *e
	at.File = file
	return &hinted{what: "--export", err: &at, code: exitRefused, next: e.Next}
}

// write attaches the proxies, by the targets of the timeline's media, and writes the document.
// It is written beside its place and renamed, so that no editor finds half of one.
func (e *export) write(proxies map[string]sourceProxy) (exportResult, error) {
	var r exportResult
	byPath := map[string]sourceProxy{} // editors write one path in several ways
	for target, p := range proxies {
		if t, err := timeline.Decode(target, e.folder); err == nil {
			byPath[fold(t.Path)] = p
		}
	}
	attached, left := map[string]bool{}, map[string]bool{}
	out, err := timeline.AttachProxies(e.data, e.format, func(target string) (string, bool) {
		t, err := timeline.Decode(target, e.folder)
		p, ok := proxies[target]
		if !ok {
			p, ok = byPath[fold(t.Path)]
		}
		if !ok || err != nil {
			return "", false
		}
		path, ok := readerPath(e.farm, t.Path, p)
		if !ok {
			if !left[target] {
				r.Left = append(r.Left, target)
			}
			left[target] = true
			return "", false
		}
		attached[p.proxy] = true
		return path, true
	})
	if err != nil {
		return r, exportError(e.to, err)
	}
	r.Attached = len(attached)
	return r, e.place(out)
}

func (e *export) place(data []byte) error {
	fail := func(err error) error {
		return &hinted{what: "cannot write " + jobfile.Quote(e.to), err: err, next: "check that you may write there and that the disk has room; the jobs are queued all the same"}
	}
	f, err := os.CreateTemp(filepath.Dir(e.to), ".proxima-*.partial")
	if err != nil {
		return fail(err)
	}
	defer os.Remove(f.Name()) // gone, if all went well
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o664), f.Sync(), f.Close())
	if err != nil {
		return fail(err)
	}
	if exists(e.to) {
		return fail(fs.ErrExist)
	}
	if err := os.Rename(f.Name(), e.to); err != nil {
		return fail(err)
	}
	return nil
}

// reportExport says what was written, and what could not be.
func (a *app) reportExport(e *export, r exportResult) {
	fmt.Fprintf(a.stdout, "wrote %s with %s\n", jobfile.Printable(e.to), plural(r.Attached, "proxy", "proxies"))
	for _, target := range r.Left {
		fmt.Fprintf(a.stderr, "proxima: no proxy in %s for %s: no path to it is known on the machine that wrote the timeline\n", jobfile.Printable(e.to), jobfile.Printable(target))
	}
	if len(r.Left) > 0 {
		fmt.Fprintln(a.stderr, "  next: name the folders as roots in farm.yaml, with their places on that machine")
	}
}
