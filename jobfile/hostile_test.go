package jobfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Whoever can write to the share can put such a document there. None may cost the daemon its
// memory or its minutes, and each is refused with a place.
func TestHostileDocumentsAreRefusedAtOnceAndWithAPlace(t *testing.T) {
	const unit = "format: 1\nunit: audio\njob: 49_20260304-050607_A001_abcde\n"
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	laughs := func() string {
		s := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
		for c := 'b'; c <= 'j'; c++ {
			s += fmt.Sprintf("%c: &%c [%s*%c]\n", c, c, many(fmt.Sprintf("*%c, ", c-1), 9), c-1)
		}
		return s
	}
	keys := func(format string) string {
		var b strings.Builder
		for i := range 20_000 {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for _, c := range []struct{ name, in, want string }{
		{"17 MB", unit + many("# a line of seventeen\n", 17<<20/22), "larger than"},
		{"16 MB of brackets", "a: " + many("[", 16<<20-3), "more than"},
		{"brackets", "a: " + many("[", 1000), "deeper"},
		{"braces", many("{a: ", 1000), "deeper"},
		{"brackets in both kinds", many("[{a: ", 1000), "deeper"},
		{"blocks", many(" ", 200) + "x: 1", "deeper"},
		{"lists in lists", "a:\n  " + many("- ", 1000) + "x\n", "deeper"},
		{"anchors of anchors", "a: " + many("&a ", 1000) + "x", "deeper"},
		{"wide", keys("k%d: 1\n"), "keys"},
		{"wide below", "a:\n" + keys("  k%d: 1\n"), "keys"},
		{"wide in a list", "a:\n- x: 1\n" + keys("  k%d: 1\n"), "keys"},
		{"wide in braces", "a: {" + keys("k%d: 1, ") + "}", "keys"},
		{"wide in braces without values", "a: {" + many("x,", 20_000) + "}", "keys"},
		{"a list of nothing", "a:\n" + many("-\n", 20_000), "nothing in it"},
		{"many lines", "format: 1\n" + many("\n", 2_100_000), "more than"},
		{"many documents", many("--- a\n", 20_000), "more than one document"},
		{"laughs", laughs(), "unknown field"},
		{"laughs in a second document", unit + "---\n" + laughs(), "more than one document"},
		{"aliases", "a: &a x\nb: [" + many("*a, ", 5000) + "]\n", "aliases"},
		{"an anchor that holds itself", "a: &a [*a]\n", ""},
		{"a merge with itself", "a: &a\n  <<: *a\n", ""},
		{"tags", "a: " + many("!!str ", 1000) + "x", "kind of YAML"},
		{"binary", "a: !!binary AAAA\n", "kind of YAML"},
		{"complex keys", "? a\n: b\n", "kind of YAML"},
		{"a directive", "%TAG ! tag:example.com,2000:\n---\n" + unit, "kind of YAML"},
		{"NUL", "format: 1\nunit: \x00audio\n", ""},
		{"NUL in quotes", "format: 1\nunit: \"au\\0dio\"\njob: 49_20260304-050607_A001_abcde\n", "no unit's name"},
		{"no UTF-8", "format: 1\nunit: \xc3\x28\n", "UTF-8"},
		{"UTF-16", "\xff\xfef\x00o\x00r\x00", "UTF-8"},
		{"twice", unit + "unit: whole\n", "already defined"},
		{"twice in braces", "{format: 1, format: 1}", "already defined"},
		{"twice, below", unit + "range: {start_pts: 1, start_pts: 2}\n", "already defined"},
		{"only comments", "# nothing\n", ""},
		{"escapes", "\"a\x1b[31m\": 1\n", ""},
		{"a number as a list", unit + "failures: 7\n", ""},
		{"a number past all bounds", unit + "frames: " + many("9", 400) + "\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, v := range []any{&Unit{}, &Job{}, NewFarm(), &Worker{}, &Result{}, &Marker{}} {
				if _, other := v.(*Unit); !other && len(c.in) > 1<<20 {
					continue
				}
				start := time.Now()
				err := Decode("x.yaml", []byte(c.in), v)
				if took := time.Since(start); took > 20*time.Second {
					t.Errorf("%T: took %s", v, took)
				}
				var de *DecodeError
				if !errors.As(err, &de) || de.File != "x.yaml" || de.Line < 1 || de.Column < 1 || de.Reason == "" {
					t.Fatalf("%T: %v has no place", v, err)
				}
				if _, is := v.(*Unit); is && !strings.Contains(de.Reason, c.want) {
					t.Errorf("%v, want %q", err, c.want)
				}
				if len(err.Error()) > 600 || strings.ContainsFunc(err.Error(), func(r rune) bool { return !Shows(r) }) {
					t.Errorf("%T: not fit for a terminal: %q", v, err)
				}
			}
		})
	}
}

// The largest honest document is not what these limits are for.
func TestADayInChunksOfASecondIsRead(t *testing.T) {
	j := testJob()
	j.Plan.Units = nil
	for i := range 20_000 {
		end := int64(i+1) * 25
		j.Plan.Units = append(j.Plan.Units, Planned{ID: ChunkID(i), Range: &Range{Start: int64(i) * 25, End: &end}, Frames: 25})
	}
	j.Plan.Units[len(j.Plan.Units)-1].Range.End = nil
	j.Plan.Units = append(j.Plan.Units, Planned{ID: UnitSound}, Planned{ID: UnitStitch})
	data, err := Encode("", j)
	if err != nil {
		t.Fatal(err)
	}
	if most := bytes.Count(data, []byte("\n")) * 13 / 5 * maxUnits / 20_000; most > 2*maxMarks {
		t.Errorf("the largest job would have about %d marks", most)
	}
	var got Job
	if err := Decode("job.yaml", data, &got); err != nil || len(got.Plan.Units) != len(j.Plan.Units) {
		t.Fatal(len(got.Plan.Units), err)
	}
}

// Names of clips hold what they like, and so do the reasons of failures.
func TestBracketsInTextAreNoDepth(t *testing.T) {
	u := testJob().Unit(testJob().Plan.Units[0])
	for range 60 {
		u.Failures = append(u.Failures, Failure{Worker: "w", Kind: FaultUnit, Reason: "[mov: A[001{.mov", Attempt: 1})
	}
	data, err := Encode("", u)
	if err != nil {
		t.Fatal(err)
	}
	if err := Decode("u.yaml", data, &Unit{}); err != nil {
		t.Error(err)
	}
}

func TestWhatDoesNotValidateHasAPlace(t *testing.T) {
	data, err := Encode("A job.", testJob())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, line string }{
		{"width: 1920", "width: -1", "  video:"},
		{"id: 49_2026", "id: xx_2026", "id: xx_2026"},
		{"container: mov\n  ext", "container: wav\n  ext", "  container: wav"},
		{`- id: "0001"`, `- id: "0007"`, "  units:"},
		{"start_pts: 640000", "start_pts: 640001", "  units:"},
		{`- "-bf"`, `- "-i"`, "    args:"},
	} {
		bad := strings.Replace(string(data), c.old, c.new, 1)
		if bad == string(data) {
			t.Fatalf("%s is not in\n%s", c.old, data)
		}
		var de *DecodeError
		if err := Decode("job.yaml", []byte(bad), &Job{}); !errors.As(err, &de) {
			t.Errorf("%s: %v", c.new, err)
		} else if got := strings.Split(bad, "\n")[de.Line-1]; !strings.Contains(got, strings.TrimSpace(c.line)) && !strings.Contains(strings.Split(bad, "\n")[max(0, de.Line-2)], strings.TrimSpace(c.line)) {
			t.Errorf("%v points at %q, not at %q", err, got, c.line)
		}
	}
}

// A document that is no file, or too large for one, is broken: the job says so in its folder,
// and nobody waits for it.
func TestAJobThatIsNoFileIsBroken(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	file := s.fs.Path("jobs/" + j.ID + "/job.yaml")
	for name, put := range map[string]func() error{
		"a folder":  func() error { return os.Mkdir(file, 0o755) },
		"too large": func() error { return os.WriteFile(file, bytes.Repeat([]byte("# no end\n"), 17<<20/9), 0o644) },
	} {
		if err := os.RemoveAll(file); err != nil {
			t.Fatal(err)
		}
		if err := put(); err != nil {
			t.Fatal(err)
		}
		fresh := NewStore(s.fs, s.dir)
		var de *DecodeError
		if _, err := fresh.Job(j.ID); !errors.As(err, &de) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A broken job.yaml is looked at every few seconds: it is decoded anew only when it changed.
func TestABrokenJobIsNotDecodedAgain(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	file := s.fs.Path("jobs/" + j.ID + "/job.yaml")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	put := func(data []byte) {
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put([]byte("format: 1\nnonsense: 1\n"))
	fresh := NewStore(s.fs, s.dir)
	_, first := fresh.Job(j.ID)
	_, second := fresh.Job(j.ID)
	if first == nil || first != second {
		t.Errorf("%v and %v", first, second)
	}
	put(good)
	if _, err := fresh.Job(j.ID); err != nil {
		t.Errorf("a mended job: %v", err)
	}
}

func TestAPipeInPlaceOfAFolderDoesNotHang(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such pipes there")
	}
	s := farm(t)
	j := withJob(t, s)
	for _, d := range []string{"todo", "parts", "log"} {
		dir := s.fs.Path("jobs/" + j.ID + "/" + d)
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		pipe(t, dir)
	}
	done := make(chan error, 2)
	go func() {
		l, err := s.Look(j.ID)
		done <- err
		_, err = s.Stage(j.ID, Ticket{Unit: "0000", Attempt: 1, Worker: "w-1"}, l)
		done <- err
	}()
	for range 2 {
		select {
		case err := <-done:
			if err == nil {
				t.Error("a pipe was taken for a folder")
			}
		case <-time.After(10 * time.Second):
			t.Fatal("it hangs")
		}
	}
}

// A lock is opened by its path: what stands there must be a file of the farm.
func TestALockThatLeadsOutOfTheFarmIsNotOpened(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	s := farm(t)
	j := withJob(t, s)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"jobs/" + j.ID + "/claim.lock", "workers/w-1.lock"} {
		_ = os.Remove(s.fs.Path(name))
		if err := os.Symlink(secret, s.fs.Path(name)); err != nil {
			t.Fatal(err)
		}
		if s.lockable(name) {
			t.Errorf("%s would be opened", name)
		}
	}
	seen := looked(t, s, j)
	if seen.lock {
		t.Error("by a listing the claim lock would be opened")
	}
	if st := s.TryWorkerLock(t.Context(), "w-1"); st != LockUnknown {
		t.Errorf("a lock outside was tried: %v", st)
	}
	if _, _, err := s.Claim(t.Context(), j.ID, Ticket{Unit: "0000", Attempt: 1}, seen, "w-1"); err != nil {
		t.Errorf("without its lock a unit cannot be claimed: %v", err)
	}
}
