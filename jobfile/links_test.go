package jobfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func TestAPlantedLinkLeadsNowhere(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	s := farm(t)
	j := withJob(t, s)
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret.yaml")
	if err := os.WriteFile(secret, []byte("format: 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	todo := s.fs.Path("jobs/" + j.ID + "/todo/0000.a1.yaml")
	if err := os.Remove(todo); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, todo); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReadUnit(j.ID, Placed{Todo, Ticket{Unit: "0000", Attempt: 1}}); err == nil {
		t.Error("a link out of the farm was read")
	}
	parts := s.fs.Path("jobs/" + j.ID + "/parts")
	if err := os.Remove(parts); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, parts); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stage(j.ID, Ticket{Unit: "0001", Attempt: 1, Worker: "w-1"}, looked(t, s, j)); err == nil {
		t.Error("parts/ leads out of the farm and was accepted")
	}
}

// Names in parts/ and log/ can be known before the claim: whoever puts a link there must not
// have a daemon write through it.
func TestLinksPlantedAtAnAttemptsNamesAreRemoved(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	for unit, parts := range map[UnitID][]string{
		"0000":    {"/parts/.0000.a1.w-1.mov.partial"},
		UnitSound: {"/parts/.audio.a1.w-1.mov.partial"},
		UnitWhole: {"/parts/.whole.a1.w-1.mov.partial", "/parts/.whole.a1.w-1.audio.mov.partial"},
	} {
		s := farm(t)
		j := withJob(t, s)
		k := Ticket{Unit: unit, Attempt: 1, Worker: "w-1"}
		if unit == "0000" {
			claim(t, s, j, unit, 1, "w-1")
		}
		outside := filepath.Join(t.TempDir(), "precious")
		if err := os.WriteFile(outside, []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, n := range append(parts, "/log/"+string(unit)+".a1.w-1.log") {
			if err := os.Symlink(outside, s.fs.Path("jobs/"+j.ID+n)); err != nil {
				t.Fatal(err)
			}
		}
		st, err := s.Stage(j.ID, k, looked(t, s, j))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := st.Log.Write([]byte("log")); err != nil {
			t.Fatal(err)
		}
		if err := st.Log.Close(); err != nil {
			t.Fatal(err)
		}
		got := slices.DeleteFunc([]string{st.Video, st.Sound}, func(n string) bool { return n == "" })
		if len(got) != len(parts) {
			t.Errorf("%s is given %q", unit, got)
		}
		for i, n := range got {
			if n != s.fs.Path("jobs/"+j.ID+parts[i]) {
				t.Errorf("%s is given %s", unit, n)
			}
			if _, err := os.Lstat(n); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %v", n, err)
			}
		}
		if b, _ := os.ReadFile(outside); string(b) != "mine" {
			t.Errorf("written through a link: %q", b)
		}
		if unit != "0000" {
			continue
		}
		// A part that turns into a link while it is written is not published.
		if err := os.Symlink(outside, st.Video); err != nil {
			t.Fatal(err)
		}
		if err := s.Commit(j.ID, k, &Result{Video: &VideoPart{Size: 4, Frames: 1, Digest: "x"}}); err == nil {
			t.Error("a link was committed as a part")
		}
	}
}
