package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"proxima/jobfile"
)

// hostileCommands are what scripts need to be nasty.
var hostileCommands = map[string]func(*testscript.TestScript, bool, []string){
	// unescape FILE NAME: a copy whose \x1b and the like are what they stand for.
	"unescape": func(ts *testscript.TestScript, _ bool, args []string) {
		write(ts, unescape(ts, args[1]), unescape(ts, ts.ReadFile(args[0])))
	},
	// strange FILE NAME: a copy under a name that is written with escapes.
	"strange": func(ts *testscript.TestScript, _ bool, args []string) {
		write(ts, unescape(ts, args[1]), ts.ReadFile(args[0]))
	},
	"unlink": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(os.Remove(ts.MkAbs(unescape(ts, args[0]))))
	},
	// harmless FILE: nothing in it does anything to a terminal but to appear.
	"harmless": func(ts *testscript.TestScript, _ bool, args []string) {
		for i, line := range strings.Split(ts.ReadFile(args[0]), "\n") {
			if harmful(line) {
				ts.Fatalf("%s:%d: %q", args[0], i+1, line)
			}
		}
	},
	// harmless-below FOLDER: the same of each document and log.
	"harmless-below": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(p string, d fs.DirEntry, err error) error {
			if ext := filepath.Ext(p); err != nil || ext != ".yaml" && ext != ".log" {
				return err
			}
			b, err := os.ReadFile(p)
			if harmful(strings.ReplaceAll(string(b), "\n", "")) {
				ts.Fatalf("%s:\n%q", p, b)
			}
			return err
		}))
	},
	// evil-reasons puts escapes into the reasons of the job that failed last.
	"evil-reasons": evilReasons,
}

func harmful(line string) bool {
	return !utf8.ValidString(line) || strings.ContainsFunc(strings.TrimSuffix(line, "\r"), func(r rune) bool { return !jobfile.Shows(r) })
}

func unescape(ts *testscript.TestScript, s string) string {
	u, err := strconv.Unquote(`"` + strings.NewReplacer(`"`, `\"`, "\n", `\n`, "\r", "").Replace(s) + `"`)
	ts.Check(err)
	return u
}

// write makes a file, under a name that this system may refuse to give.
func write(ts *testscript.TestScript, name, text string) {
	name = ts.MkAbs(name)
	ts.Check(os.MkdirAll(filepath.Dir(name), 0o755))
	ts.Check(os.WriteFile(name, []byte(text), 0o644))
}

func evilReasons(ts *testscript.TestScript, _ bool, _ []string) {
	files, err := filepath.Glob(ts.MkAbs("farm/jobs/*_b_*/failed/*.yaml"))
	ts.Check(err)
	if len(files) != 1 {
		ts.Fatalf("%d units failed", len(files))
	}
	for _, name := range []string{files[0], filepath.Join(filepath.Dir(filepath.Dir(files[0])), "FAILED.yaml")} {
		var lines []string
		for _, l := range strings.Split(ts.ReadFile(name), "\n") {
			field, _, _ := strings.Cut(strings.TrimLeft(l, " -"), ":")
			head := l[:len(l)-len(strings.TrimLeft(l, " -"))] + field
			switch field {
			case "reason", "error":
				l = head + `: "why\x1b[31m\nforged\u202e"`
			case "next":
				l = head + `: "do\u009b"`
			case "worker":
				l = head + `: "w\x1b[31m"`
			}
			lines = append(lines, l)
		}
		ts.Check(os.WriteFile(name, []byte(strings.Join(lines, "\n")), 0o644))
	}
}

func TestJSONIsPlainAndMeansTheSame(t *testing.T) {
	for _, s := range []string{"", "a b", "ü 漢 🎬", "a\x1bb", "\u009b31m", "x\u202egpj", "\u2028", "\U000e0041", "\x7f", "a\nb\t\"\\"} {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		plain := plainJSON(string(b))
		var got string
		if err := json.Unmarshal([]byte(plain), &got); err != nil || got != s || harmful(plain) {
			t.Errorf("%q became %s: %q, %v", s, plain, got, err)
		}
	}
}
