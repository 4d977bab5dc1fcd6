package jobfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
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
	if _, err := s.Stage(j.ID, Ticket{Unit: "0001", Attempt: 1, Worker: "w-1"}); err == nil {
		t.Error("parts/ leads out of the farm and was accepted")
	}
}

// Names in parts/ and log/ can be known before the claim: whoever puts a link there must not
// have a daemon write through it.
func TestLinksPlantedAtAnAttemptsNamesAreRemoved(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	s := farm(t)
	j := withJob(t, s)
	k := claim(t, s, j, "0000", 1, "w-1")
	outside := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(outside, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	job := "jobs/" + j.ID
	for _, n := range []string{"/log/0000.a1.w-1.log", "/parts/.0000.a1.w-1.mov.partial", "/parts/.0000.a1.w-1.audio.mov.partial"} {
		if err := os.Symlink(outside, s.fs.Path(job+n)); err != nil {
			t.Fatal(err)
		}
	}
	st, err := s.Stage(j.ID, k)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Log.Write([]byte("log")); err != nil {
		t.Fatal(err)
	}
	if err := st.Log.Close(); err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{st.Video, st.Sound} {
		if _, err := os.Lstat(n); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", n, err)
		}
	}
	if b, _ := os.ReadFile(outside); string(b) != "mine" {
		t.Errorf("written through a link: %q", b)
	}
	// A part that turns into a link while it is written is not published.
	if err := os.Symlink(outside, st.Video); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(j.ID, k, &Result{Video: &VideoPart{Size: 4, Frames: 1, Digest: "x"}}); err == nil {
		t.Error("a link was committed as a part")
	}
}
