package main

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestPackageVersion(t *testing.T) {
	for v, want := range map[string]string{
		"v1.2.0": "1.2.0", "v1.2.0-3-gabc123": "1.2.0+3.gabc123", "v1.2.0-dirty": "1.2.0+dirty",
		"v1.2.0-3-gabc123-dirty": "1.2.0+3.gabc123.dirty", "abc123": "0.0.0+gabc123", "abc123-dirty": "0.0.0+gabc123.dirty",
	} {
		if got := packageVersion(v); got != want {
			t.Errorf("%s is %s, not %s", v, got, want)
		}
	}
}

// Both manifests name the archives that are made, with their checksums.
func TestManifests(t *testing.T) {
	r := &release{version: "v1.2.0", number: "1.2.0", base: "https://example.invalid/dl"}
	sums := map[string]string{}
	for i, p := range platforms {
		sums[r.archive(p)] = strings.Repeat(string(rune('a'+i)), 64)
	}
	ruby, text := formula(r, sums), scoop(r, sums)
	var doc any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, p := range platforms {
		in := ruby
		if p.os == "windows" {
			in = text
		}
		name := r.archive(p)
		if !strings.Contains(in, "https://example.invalid/dl/v1.2.0/"+name) || !strings.Contains(in, sums[name]) {
			t.Errorf("%s is not in\n%s", name, in)
		}
	}
	// The class and its method "install" end too.
	if strings.Count(ruby, " do\n")+2 != strings.Count(ruby, "end\n") {
		t.Errorf("its blocks do not end:\n%s", ruby)
	}
}

// What a text in an archive links to is in it.
func TestArchivesHaveWhatTheyLinkTo(t *testing.T) {
	t.Chdir("../..")
	there := map[string]bool{}
	for _, pattern := range documents {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		for _, f := range found {
			f = filepath.ToSlash(f)
			there[f], there[path.Dir(f)] = true, true
		}
	}
	links := 0
	link := regexp.MustCompile(`\]\(([^)#:\s]+)(?:#[^)\s]*)?\)`)
	for file := range there {
		if path.Ext(file) != ".md" {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(data), -1) {
			links++
			if to := path.Join(path.Dir(file), m[1]); !there[to] {
				t.Errorf("%s links to %s, which is not in the archive", file, to)
			}
		}
	}
	if links < 50 {
		t.Errorf("only %d links", links)
	}
}

func TestLicences(t *testing.T) {
	dir := t.TempDir()
	if _, err := licences(dir); err == nil {
		t.Error("nothing is a licence")
	}
	for name, text := range map[string]string{"LICENSE": "one\n\n", "Licence.txt": "two", "NOTICE": "three\n", "license.go": "package x", "README": "no"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := licences(dir); err != nil || string(got) != "one\n\ntwo\n\nthree\n" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := licences(""); err == nil {
		t.Error("a module that is nowhere has a licence")
	}
}
