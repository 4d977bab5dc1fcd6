package gather

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"proxima/jobfile"
)

// lay makes files, each of its name as content.
func lay(t *testing.T, dir string, names ...string) string {
	t.Helper()
	for _, n := range names {
		p := filepath.Join(dir, filepath.FromSlash(n))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func frame(n int64) *int64 { return &n }

// films answers for files by their base name; what it does not know is a film without timecode.
type films map[string]Facts

func (f films) Facts(_ context.Context, path string) (Facts, error) {
	if facts, ok := f[filepath.Base(filepath.Dir(path))+"/"+filepath.Base(path)]; ok {
		return facts, nil
	}
	if facts, ok := f[filepath.Base(path)]; ok {
		return facts, nil
	}
	return Facts{Video: true, Rate: jobfile.Rational{Num: 25, Den: 1}, Frames: 100}, nil
}

func film(start, frames int64) Facts {
	return Facts{Video: true, Rate: jobfile.Rational{Num: 25, Den: 1}, Frames: frames, Start: &start}
}

func part(in, out int64) Use {
	return Use{Part: func(jobfile.Rational) (int64, int64, bool) { return in, out, true }}
}

func TestFilesAndFoldersAreTaken(t *testing.T) {
	dir := lay(t, t.TempDir(), "a.mov", "a.xml", "._a.mov", "b.R3D", "Proxy/a.mov", "card/clip 1.mp4", ".hidden/x.mov", "cut.otiod/media/x.mov", "farm/farm.yaml", "farm/x.mov", "cut.otioz")
	fs, err := Named(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range fs {
		rel, _ := filepath.Rel(dir, f.Path)
		got = append(got, strings.TrimSpace(filepath.ToSlash(rel)+" "+string(f.Status)))
	}
	want := []string{"Proxy skipped", "a.mov", "a.xml skipped", "b.R3D refused", "card/clip 1.mp4", "cut.otiod skipped", "cut.otioz skipped", "farm skipped"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, f := range fs {
		if filepath.Base(f.Path) == "clip 1.mp4" && f.Rel != "card" {
			t.Errorf("mirrored in %q", f.Rel)
		}
	}
	for name, want := range map[string]Status{"a.mov": "", "b.R3D": Refused, "none.mov": Missing} {
		fs, err := Named(t.Context(), filepath.Join(dir, name))
		if err != nil || len(fs) != 1 || fs[0].Status != want || !fs[0].Named {
			t.Errorf("%s: %+v, %v", name, fs, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Named(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted walk ends with %v", err)
	}
}

func TestMediaAreFoundWhereTheyAreSaidToLie(t *testing.T) {
	dir := lay(t, t.TempDir(), "m/a.mov", "m/a b.mov", "m/a%20b.mov", "m/c d.mov", "m/Ärger/x.mov", "m/two/Film.MOV", "m/twice/A.mov", "m/twice/a.mov", "m/r.braw")
	unix := filepath.ToSlash(dir)
	if err := os.Symlink(filepath.Join(dir, "m", "two"), filepath.Join(dir, "link")); err != nil {
		t.Skip("links need a privilege:", err)
	}
	here := func(p string) []string {
		if rest, ok := strings.CutPrefix(p, "R:/"); ok {
			return []string{filepath.Join(dir, filepath.FromSlash(rest))}
		}
		return nil
	}
	nfd := "A\u0308rger"
	for _, c := range []struct {
		name   string
		paths  []string
		want   string
		status Status
	}{
		{"as it stands", []string{unix + "/m/a.mov"}, "m/a.mov", ""},
		{"two dots", []string{unix + "/m/two/../a.mov"}, "m/a.mov", ""},
		{"two dots through a link", []string{unix + "/link/../a.mov"}, "m/a.mov", ""},
		{"through a root", []string{"R:/m/a.mov"}, "m/a.mov", ""},
		{"literal before unescaped", []string{unix + "/m/a%20b.mov", unix + "/m/a b.mov"}, "m/a%20b.mov", ""},
		{"unescaped where nothing lies", []string{unix + "/m/c%20d.mov", unix + "/m/c d.mov"}, "m/c d.mov", ""},
		{"accents of a Mac", []string{unix + "/m/" + nfd + "/x.mov"}, "m/Ärger/x.mov", ""},
		{"capitals of Windows", []string{"R:/M/TWO/film.mov"}, "m/two/Film.MOV", ""},
		{"either of two spellings", []string{"R:/m/twice/a.MOV"}, "", Missing},
		{"raw", []string{"R:/m/r.braw"}, "m/r.braw", Refused},
		{"nowhere", []string{"R:/m/none.mov"}, "", Missing},
		{"another system's drive", []string{"Q:/m/a.mov"}, "", Missing},
		{"a server's share", []string{"//nas/m/a.mov"}, "", Missing},
		{"no path", nil, "", Missing},
	} {
		if runtime.GOOS != "linux" && (strings.Contains(c.name, "spell") || strings.Contains(c.name, "accents") || strings.Contains(c.name, "capitals")) {
			continue // the file system knows both
		}
		f := Finder{Here: here}
		got, err := f.Find(t.Context(), Wanted{Target: "t", Paths: c.paths})
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		if c.want != "" {
			want = filepath.Join(dir, filepath.FromSlash(c.want))
		}
		if strings.Contains(c.name, "through a link") {
			want = filepath.Join(real(t, dir), filepath.FromSlash(c.want))
		}
		if got.Path != want || got.Status != c.status || got.Target != "t" {
			t.Errorf("%s: %+v", c.name, got)
		}
		if got.Status == Missing && (got.Reason == "" || got.Next == "" || len(c.paths) > 0 && len(got.Tried) == 0) {
			t.Errorf("%s: too little is said: %+v", c.name, got)
		}
	}
}

func TestASearchGoesByNameReelAndTimecode(t *testing.T) {
	dir := lay(t, t.TempDir(),
		"1/C0001.MP4", "2/C0001.MP4", "2/C0001.XML", "3/A001C002_210101_R1AB.mov", "3/A001C003_210101_R1AB.mov",
		"3/Proxy/A001C002_210101_R1AB.mov", "4/Interview.mxf", "5/OY_HEAD LEADER.mov", "6/lone.mov", "6/notes.xyz", "7/B001C001.mov",
		"8/B001C001_old.mov", "9/made/lone.mov", "10/scan.r3d", "11/same.mov", "12/same.mp4")
	known := films{
		"1/C0001.MP4": film(0, 100), "2/C0001.MP4": film(90_000, 100), "notes.xyz": {},
		"A001C002_210101_R1AB.mov": film(1000, 500), "A001C003_210101_R1AB.mov": film(2000, 500),
		"B001C001.mov": film(1000, 100), "B001C001_old.mov": film(1000, 100), "made/lone.mov": {Video: true, Proxy: true},
		"5/OY_HEAD LEADER.mov": film(0, 10),
	}
	one := func(n int64) *jobfile.Rational { return &jobfile.Rational{Num: n, Den: 1} }
	for _, c := range []struct {
		name   string
		w      Wanted
		want   string
		either int
		says   string // in what was tried, or in how
	}{
		{"by name", Wanted{Files: []string{"LONE.mov"}}, "6/lone.mov", 0, `by its name "LONE.mov"`},
		{"by name without ending", Wanted{Files: []string{"lone"}}, "6/lone.mov", 0, "by its name"},
		{"two of a name", Wanted{Files: []string{"C0001.MP4"}}, "", 2, "C0001.MP4"},
		{"two of a stem", Wanted{Files: []string{"same"}}, "", 2, "same.mp4"},
		{"the timecode tells", Wanted{Files: []string{"C0001"}, Use: part(90_010, 90_020)}, "2/C0001.MP4", 0, "name"},
		{"the start tells", Wanted{Files: []string{"C0001.MP4"}, Use: Use{Start: one(3600), Duration: one(4)}}, "2/C0001.MP4", 0, "name"},
		{"the folder tells", Wanted{Files: []string{"C0001.MP4"}, Paths: []string{"D:/shoot/2/C0001.MP4"}}, "2/C0001.MP4", 0, "name"},
		{"no timecode holds it", Wanted{Files: []string{"C0001"}, Use: part(50_000, 50_010)}, "", 0, "is not it: it runs from frame 0 to frame 100"},
		{"not even the only one", Wanted{Files: []string{"Interview"}, Use: Use{Duration: one(60)}}, "", 0, "too short: 100 of 1500 frames"},
		{"by reel and timecode", Wanted{Reel: "A001C002", Clip: "nothing", Use: part(1100, 1200)}, "3/A001C002_210101_R1AB.mov", 0, "reel"},
		{"a short reel", Wanted{Reel: "A001", Use: part(2100, 2200)}, "3/A001C003_210101_R1AB.mov", 0, "timecode"},
		{"a reel without a timecode", Wanted{Reel: "A001C002"}, "", 0, "is not it"},
		{"a reel cut and cleaned", Wanted{Reel: "OY_HEAD_L", Use: part(2, 8)}, "5/OY_HEAD LEADER.mov", 0, "reel"},
		{"a whole reel is a name", Wanted{Reel: "interview"}, "4/Interview.mxf", 0, "reel"},
		{"two of a reel and time", Wanted{Reel: "B001", Use: part(1010, 1020)}, "", 2, "B001C001"},
		{"the clip's name decides", Wanted{Reel: "B001", Clip: "B001C001.mov", Use: part(1010, 1020)}, "7/B001C001.mov", 0, "reel"},
		{"by the clip's name", Wanted{Clip: "Interview.mxf", Reel: "X"}, "4/Interview.mxf", 0, "clip"},
		{"no film", Wanted{Files: []string{"notes"}}, "", 0, "no film"},
		{"raw is told", Wanted{Files: []string{"scan"}}, "10/scan.r3d", 0, "name"},
		{"nothing", Wanted{Files: []string{"none.mov"}, Reel: "Z", Clip: "none"}, "", 0, "nothing of that name below"},
	} {
		f := Finder{Search: []string{dir, filepath.Join(dir, "3")}, Prober: known}
		c.w.Target = c.name
		got, err := f.Find(t.Context(), c.w)
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		if c.want != "" {
			want = filepath.Join(real(t, dir), filepath.FromSlash(c.want))
		}
		said := got.How + got.Reason + strings.Join(got.Tried, "; ")
		if got.Path != want || len(got.Either) != c.either || !strings.Contains(said, c.says) {
			t.Errorf("%s: %+v", c.name, got)
		}
		if want == "" && (got.Status != Missing || got.Next == "") {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func real(t *testing.T, dir string) string {
	t.Helper()
	p, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestASearchIsBoundedAndEnds(t *testing.T) {
	dir := t.TempDir()
	var names []string
	for i := range maxLooks + 1 {
		names = append(names, "a"+strings.Repeat("x", i%50)+"/"+strings.Repeat("y", i/50)+"/clip.mov")
	}
	lay(t, dir, names...)
	walked := 0
	f := Finder{Search: []string{dir}, Prober: films{}, Progress: func(n int) { walked = n }}
	got, err := f.Find(t.Context(), Wanted{Target: "t", Files: []string{"clip.mov"}})
	if err != nil || got.Status != Missing || !strings.Contains(got.Reason, "too many to look into") || walked != maxLooks+1 {
		t.Errorf("%+v, %v, %d files", got, err, walked)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f = Finder{Search: []string{dir}, Prober: films{}}
	if _, err := f.Find(ctx, Wanted{Target: "t", Files: []string{"clip.mov"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted search ends with %v", err)
	}
}

func TestTimesTellFilesOfOneNameApart(t *testing.T) {
	sec := func(n, d int64) *jobfile.Rational { return &jobfile.Rational{Num: n, Den: d} }
	ntsc := jobfile.Rational{Num: 30000, Den: 1001}
	unknown := Use{Part: func(jobfile.Rational) (int64, int64, bool) { return 0, 0, false }}
	for _, c := range []struct {
		name string
		f    Facts
		u    Use
		want verdict
	}{
		{"inside", film(100, 50), part(100, 150), yes},
		{"a frame past the end", film(100, 50), part(120, 151), yes},
		{"two past the end", film(100, 50), part(120, 152), no},
		{"before it", film(100, 50), part(99, 120), no},
		{"no timecode", Facts{Video: true, Rate: ntsc, Frames: 10}, part(0, 5), unsure},
		{"no such label at that rate", film(100, 50), unknown, unsure},
		{"nothing is known", film(100, 50), Use{}, unsure},
		{"no length", Facts{Video: true, Rate: ntsc}, part(0, 5), unsure},
		{"no film", Facts{}, part(0, 5), no},
		{"a proxy", Facts{Video: true, Proxy: true, Rate: ntsc, Frames: 10, Start: frame(0)}, part(0, 5), no},
		{"the whole of it", film(90_000, 100), Use{Start: sec(3600, 1), Duration: sec(4, 1)}, yes},
		{"a part of it", film(90_000, 100), Use{Start: sec(3601, 1), Duration: sec(2, 1)}, yes},
		{"another time", film(90_000, 100), Use{Start: sec(3700, 1)}, no},
		{"a start that is not meant", film(90_000, 100), Use{Start: sec(0, 1), Duration: sec(4, 1)}, unsure},
		{"its sound is longer", film(90_000, 100), Use{Start: sec(3600, 1), Duration: sec(49, 10)}, yes},
		{"longer than the file", film(90_000, 100), Use{Duration: sec(6, 1)}, no},
		{"NTSC", Facts{Video: true, Rate: ntsc, Frames: 300, Start: frame(107892)}, Use{Start: sec(107892*1001, 30000), Duration: sec(10010, 1000)}, yes},
	} {
		if got, why := holds(c.f, c.u); got != c.want || got == no && why == "" {
			t.Errorf("%s: %v, %s", c.name, got, why)
		}
	}
}

// A server that a timeline names is not even asked: it would learn who asks.
func TestOnlyServersOfTheRoomAreAsked(t *testing.T) {
	t.Parallel()
	within := []string{`C:\farm`, `\\NAS\Media`}
	for path, want := range map[string]bool{
		`\\nas\media`: true, `\\NAS\MEDIA\a\b.mov`: true, `//nas/media/a.mov`: true, `C:\x.mov`: true, `R:\x.mov`: true,
		`\\nas\media2\a.mov`: false, `\\evil\media\a.mov`: false, `\\nas\media\..\..\evil\a.mov`: false,
		`\\nas\media\..\secret\a.mov`: false, `\\nas`: false, `\/evil/a.mov`: false,
	} {
		if got := mayAsk("windows", within, path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
	if !mayAsk("windows", nil, `\\any\share\a.mov`) || !mayAsk("linux", within, "//any/share/a.mov") {
		t.Error("where nothing is fenced off, or no server is meant, everything may be looked at")
	}
}
