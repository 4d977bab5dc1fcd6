package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"proxima/jobfile"
)

// The examples call the program as it is: commands and flags that there are, and documents that
// can be read.
func TestTheExamplesCallWhatThereIs(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "deploy", "*"))
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	list := regexp.MustCompile(`(?m)(?:command|args)(?::| +=) +\[(.*)\]`)
	call := regexp.MustCompile(`(?s)srun [^\n]*\bproxima (.*?[^\\])\n`)
	for _, file := range files {
		if filepath.Base(file) == "README.md" {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		if filepath.Ext(file) == ".yaml" {
			var doc map[string]any
			if err := jobfile.Decode(file, data, &doc); err != nil {
				t.Error(err)
			}
		}
		var args []string
		if m := list.FindStringSubmatch(text); m != nil {
			for _, a := range strings.Split(m[1], ",") {
				args = append(args, strings.Trim(a, ` "`))
			}
		} else if m := call.FindStringSubmatch(text); m != nil {
			args = strings.Fields(strings.ReplaceAll(regexp.MustCompile(`"[^"]*"`).ReplaceAllString(m[1], "1"), `\`, ""))
		}
		if len(args) > 0 && args[0] == "proxima" {
			args = args[1:]
		}
		a := &app{}
		cmd, rest, err := a.root().Find(args)
		if err != nil || len(args) < 4 || cmd.Name() != "work" && cmd.Name() != "run" {
			t.Errorf("%s calls %q: %v", file, args, err)
			continue
		}
		if err := cmd.ParseFlags(rest); err != nil || cmd.Flags().NArg() > 0 {
			t.Errorf("%s calls %q: %v", file, args, err)
		}
	}
}

// The page for those who set up machines names commands and flags that there are.
func TestThePageOnSettingUpCallsWhatThereIs(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "setup.md"))
	if err != nil {
		t.Fatal(err)
	}
	calls := regexp.MustCompile(`(?m)^ {4}(?:sudo )?proxima (.*)$`).FindAllStringSubmatch(string(page), -1)
	if len(calls) < 8 {
		t.Fatalf("only %d calls", len(calls))
	}
	for _, c := range calls {
		a := &app{}
		cmd, rest, err := a.root().Find(strings.Fields(c[1]))
		if err == nil {
			err = cmd.ParseFlags(rest)
		}
		if err != nil || cmd.Name() == "proxima" {
			t.Errorf("%s: %v", c[1], err)
		}
	}
}
