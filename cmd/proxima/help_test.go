package main

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func someApp() (*app, *bytes.Buffer) {
	var out bytes.Buffer
	return &app{stdin: strings.NewReader(""), stdout: &out, stderr: &out, getenv: func(string) string { return "" }}, &out
}

// everyCommand visits the commands that people see, with their path below the program.
func everyCommand(root *cobra.Command, visit func(cmd *cobra.Command, path string)) {
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" && c.Name() != "completion" {
			visit(c, strings.TrimPrefix(c.CommandPath(), "proxima "))
			everyCommand(c, visit)
		}
	}
}

// Each command says what it is for, and shows how it is used by lines that this program takes.
func TestEveryCommandIsExplained(t *testing.T) {
	t.Parallel()
	a, _ := someApp()
	root := a.root()
	seen := 0
	everyCommand(root, func(cmd *cobra.Command, path string) {
		seen++
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") || len(cmd.Short) > 90 {
			t.Errorf("%s: short is %q", path, cmd.Short)
		}
		if cmd.Runnable() && !cmd.HasSubCommands() && cmd.Args == nil && cmd.ValidArgsFunction == nil {
			t.Errorf("%s: nothing says what its arguments are", path)
		}
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s says nothing", path, f.Name)
			}
		})
		if cmd.Example == "" {
			t.Errorf("%s has no example", path)
		}
		for line := range strings.Lines(cmd.Example) {
			words := strings.Fields(strings.TrimSpace(line))
			if len(words) == 0 || words[0] != "proxima" {
				if !strings.HasPrefix(strings.TrimSpace(line), "sudo ") && !strings.Contains(line, "| ") {
					t.Errorf("%s: %q is no line to type", path, line)
				}
				continue
			}
			fresh, _ := someApp()
			found, rest, err := fresh.root().Find(words[1:])
			if err != nil || !strings.HasPrefix(found.CommandPath(), cmd.CommandPath()) {
				t.Errorf("%s: %q is of another command: %v", path, line, err)
				continue
			}
			for _, w := range rest {
				if name, _, _ := strings.Cut(strings.TrimLeft(w, "-"), "="); strings.HasPrefix(w, "--") && found.Flags().Lookup(name) == nil && found.InheritedFlags().Lookup(name) == nil {
					t.Errorf("%s: %q has a flag that there is not: %s", path, line, w)
				}
			}
		}
	})
	if seen < 25 {
		t.Errorf("only %d commands", seen)
	}
}

// The tables name commands that there are.
func TestTheTablesOfCommandsAreTrue(t *testing.T) {
	t.Parallel()
	a, _ := someApp()
	var paths []string
	everyCommand(a.root(), func(_ *cobra.Command, path string) { paths = append(paths, path) })
	check := func(table, path string) {
		if !slices.Contains(paths, path) {
			t.Errorf("%s names %q, and there is no such command", table, path)
		}
	}
	for path := range examples {
		check("examples", path)
	}
	for path := range completable {
		check("completable", path)
	}
	for path := range onlyFirst {
		check("onlyFirst", path)
	}
	for path := range takesFiles {
		check("takesFiles", path)
	}
}

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"stauts"}, "did you mean status?"},
		{[]string{"presets", "lst"}, "did you mean list?"},
		{[]string{"service", "instal"}, "did you mean install"},
		{[]string{"queue", "x", "--prset", "y"}, "did you mean --preset"},
		{[]string{"frobnicate"}, "next: proxima --help lists the commands"},
	} {
		a, out := someApp()
		if code := a.main(t.Context(), func() {}, c.args); code != exitUsage || !strings.Contains(out.String(), c.want) {
			t.Errorf("%v: exit code %d\n%s", c.args, code, out)
		}
	}
}

// Shells are offered jobs by their clips, workers and presets, and the scripts for them are written.
func TestCompletion(t *testing.T) {
	t.Parallel()
	dir := crowd(t, 2, 1)
	complete := func(words ...string) string {
		a, out := someApp()
		a.getenv = func(k string) string {
			return map[string]string{"PROXIMA_FARM": dir, "PROXIMA_CONFIG": dir + "/none"}[k]
		}
		a.stderr = io.Discard
		if code := a.main(t.Context(), func() {}, append([]string{"__complete"}, words...)); code != 0 {
			t.Errorf("%v: exit code %d", words, code)
		}
		return out.String()
	}
	for _, c := range []struct {
		words []string
		want  []string
		not   string
	}{
		{[]string{"cancel", ""}, []string{"first\t40_20260304-050607_first_abcde", "clip00000\t"}, "clip00002"},
		{[]string{"cancel", "4"}, []string{"40_20260304-050607_first_abcde\n"}, "first\t"},
		{[]string{"purge", ""}, []string{"clip00002\t"}, "clip00000"},
		{[]string{"priority", "first", ""}, []string{":4"}, "clip"},
		{[]string{"presets", "show", "edit"}, []string{"edit_proxy\n"}, "first"},
		{[]string{"queue", "x", "--preset", "edit"}, []string{"edit_proxy\n"}, "first"},
		{[]string{"queue", "x", "--existing", ""}, []string{"skip\noverwrite\nkeep-both\n"}, ""},
		{[]string{"config", "show", ""}, []string{":4"}, ""},
		{[]string{"queue", ""}, []string{":0"}, ""},
	} {
		got := complete(c.words...)
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%v: no %q in\n%s", c.words, w, got)
			}
		}
		if c.not != "" && strings.Contains(got, c.not) {
			t.Errorf("%v: %q in\n%s", c.words, c.not, got)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		a, out := someApp()
		if code := a.main(t.Context(), func() {}, []string{"completion", shell}); code != 0 || !strings.Contains(out.String(), "__complete") {
			t.Errorf("completion %s: exit code %d, %d bytes", shell, code, out.Len())
		}
	}
}
