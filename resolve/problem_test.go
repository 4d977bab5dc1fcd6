package resolve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Every way in which Resolve may not answer has its own words.
func TestProblems(t *testing.T) {
	t.Parallel()
	here, mine := process{known: true}, process{known: true, there: true}
	for _, c := range []struct {
		world string
		proc  process
		kind  ProblemKind
	}{
		{"", here, NotRunning},
		{"", process{}, NotRunning},
		{"", mine, Silent},
		{"", process{known: true, there: true, foreign: true}, OtherUser},
		{`{ name = "x", shut = true, product = "DaVinci Resolve" }`, mine, FreeEdition},
		{`{ name = "x", shut = true }`, mine, Busy},
		{`{}`, mine, NoProject},
		{`{ name = "x", cut = 3 }`, mine, Cut},
		{`{ name = "x", cut = 3, noise = "Segmentation fault\n" }`, mine, Cut},
		{`{ name = "x", noise = "proxima\tmystery\n" }`, mine, Garbled},
	} {
		b := fake(t, c.world)
		b.running = func() process { return c.proc }
		_, err := b.List(t.Context())
		var p *Problem
		if !errors.As(err, &p) || p.Kind != c.kind {
			t.Errorf("%s: %v, not %s", c.world, err, c.kind)
		}
	}
}

func TestProblemWords(t *testing.T) {
	var out strings.Builder
	for _, p := range []*Problem{
		notInstalled([]string{"/opt/resolve/libs/Fusion/fuscript", "/opt/resolve/bin/fuscript"}),
		notInstalled(nil),
		wrongPath("/tmp/fu\x1bscript", fs.ErrNotExist),
		forbidden(fs.ErrPermission),
		unanswered(process{}), unanswered(process{known: true}), unanswered(process{known: true, there: true}),
		unanswered(process{known: true, there: true, foreign: true}),
		freeEdition("DaVinci Resolve"), busy(""), busy("attempt to index a nil value"), noProject(),
		otherProject("Film", "Holiday"), hung(time.Minute, ""), hung(time.Minute, "A001.mov"),
		cut(nil, nil), cut([]string{"list.lua:3: oh", "and more"}, errors.New("signal: killed")), garbled(errTooBig),
	} {
		fmt.Fprintf(&out, "%s\n  %s\n    %s\n", p.Kind, p, p.Next)
	}
	golden(t, "problems.golden", []byte(strings.Replace(out.String(), "known where it lies on "+runtime.GOOS, "known where it lies on OS", 1)))
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "DaVinci Resolve Studio", "Resolve.app", "fuscript")
	if err := os.MkdirAll(filepath.Dir(there), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(there, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, given string
		places      []string
		want        string
		kind        ProblemKind
	}{
		{"given", there, nil, there, ""},
		{"given and absent", filepath.Join(dir, "x"), []string{there}, "", NotInstalled},
		{"given and a folder", dir, nil, "", NotInstalled},
		{"at a place", "", []string{filepath.Join(dir, "x"), there}, there, ""},
		{"by a pattern", "", []string{filepath.Join(dir, "DaVinci Resolve*", "*.app", "fuscript")}, there, ""},
		{"a folder of its name", "", []string{filepath.Dir(there)}, "", NotInstalled},
		{"nowhere", "", []string{filepath.Join(dir, "x")}, "", NotInstalled},
		{"an unknown system", "", nil, "", NotInstalled},
	} {
		b, err := find(c.given, c.places)
		var p *Problem
		switch {
		case c.kind == "" && (err != nil || b.Fuscript != c.want || b.Stall != DefaultStall):
			t.Errorf("%s: %+v, %v", c.name, b, err)
		case c.kind != "" && (!errors.As(err, &p) || p.Kind != c.kind):
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A Resolve that hangs is not waited for, and nothing that fuscript started lives on.
func TestHung(t *testing.T) {
	t.Parallel()
	b := fake(t, `{ name = "x", bins = { clips = { "a" } }, clips = { a = { hang = true, media = "m", props = {} } } }`)
	b.Stall = 2 * time.Second
	began := time.Now()
	_, err := b.List(t.Context())
	var p *Problem
	if !errors.As(err, &p) || p.Kind != Hung {
		t.Fatal(err)
	}
	// The sleep inherits the pipe: were it alive, the run would have waited for waitDelay more.
	if took := time.Since(began); took > b.Stall+waitDelay {
		t.Errorf("it took %s", took)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if _, err := b.List(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the end of a context is its own error: %v", err)
	}
}

func TestForbidden(t *testing.T) {
	b := fake(t, "")
	if err := os.Chmod(b.Fuscript, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := b.List(t.Context())
	var p *Problem
	if !errors.As(err, &p) || p.Kind != Forbidden {
		t.Errorf("%v", err)
	}
}

func TestProcesses(t *testing.T) {
	for _, c := range []struct {
		out  string
		want process
	}{
		{"", process{known: true}},
		{"    0 systemd\n 1000 bash\n", process{known: true}},
		{" 1000 resolve\n", process{known: true, there: true}},
		{"  501 /Applications/DaVinci Resolve/DaVinci Resolve.app/Contents/MacOS/Resolve\n", process{known: true, there: true, foreign: true}},
		{"  501 Resolve\n 1000 resolve\n", process{known: true, there: true}},
		{" 1000 systemd-resolve\n 1000 resolved\n", process{known: true}},
	} {
		if got := inProcesses(c.out, 1000); got != c.want {
			t.Errorf("%q: %+v", c.out, got)
		}
	}
	if !inTasks("\"Resolve.exe\",\"4711\",\"Console\",\"1\",\"2.034.112 K\"\r\n") || inTasks("INFO: No tasks are running which match the specified criteria.\r\n") {
		t.Error("tasklist is misread")
	}
}
