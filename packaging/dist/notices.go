package main

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// notices are the licences of all that is in a program: they ask to go with it. They are those of
// the modules that the linker wrote into the program, read where it found these.
func (r *release) notices(program string) ([]byte, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	// Which packages are taken depends on the system; where modules lie does not.
	list, err := r.command(nil, r.goCmd, "list", "-m", "-f", "{{.Path}}\t{{.Dir}}", "all")
	if err != nil {
		return nil, err
	}
	dirs := map[string]string{}
	for l := range strings.Lines(string(list)) {
		path, dir, _ := strings.Cut(strings.TrimSpace(l), "\t")
		dirs[path] = dir
	}
	var b bytes.Buffer
	b.WriteString("Proxima contains the following, each under its own terms. Go's library has those of golang.org/x.\n")
	for _, m := range info.Deps {
		texts, err := licences(dirs[m.Path])
		if err != nil {
			return nil, fmt.Errorf("the licence of %s: %w", m.Path, err)
		}
		fmt.Fprintf(&b, "\n%s\n%s %s\n%s\n\n%s", strings.Repeat("=", 80), m.Path, m.Version, strings.Repeat("=", 80), texts)
	}
	return b.Bytes(), nil
}

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-](md|txt|mit|bsd|apache.*))?$`)

// licences reads what lies at the top of a module by the names that licences have.
func licences(dir string) ([]byte, error) {
	if dir == "" {
		return nil, fmt.Errorf("the module is not on this machine")
	}
	es, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var texts [][]byte
	for _, e := range es {
		if !e.Type().IsRegular() || !licenceName.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		texts = append(texts, append(bytes.TrimRight(text, "\r\n\t "), '\n'))
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("%s has no file of that kind", dir)
	}
	return bytes.Join(texts, []byte("\n")), nil
}
