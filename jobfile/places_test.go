package jobfile

import "testing"

// One farm.yaml, four machines: each row is where one clip lies on each of them.
func TestEveryMachineFindsTheSameClip(t *testing.T) {
	t.Parallel()
	f := NewFarm()
	f.Roots = map[string]map[string]string{
		"footage": {"linux": "/mnt/footage", "darwin": "/Volumes/Footage", "windows": `R:\Footage`, "host:UNC": `\\nas\media\Footage`, "host:root": `S:\`},
	}
	if err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	type machine struct{ goos, host, path string }
	for rel, machines := range map[string][]machine{
		"a.mov": {
			{"linux", "x", "/mnt/footage/a.mov"},
			{"darwin", "x", "/Volumes/Footage/a.mov"},
			{"windows", "x", `R:\Footage\a.mov`},
			{"windows", "unc", `\\nas\media\Footage\a.mov`},
			{"windows", "root", `S:\a.mov`},
		},
		"DAY 1/B-Cam/Ä é.mov": {
			{"linux", "x", "/mnt/footage/DAY 1/B-Cam/Ä é.mov"},
			{"darwin", "x", "/Volumes/Footage/DAY 1/B-Cam/Ä é.mov"},
			{"windows", "x", `R:\Footage\DAY 1\B-Cam\Ä é.mov`},
			{"windows", "unc", `\\nas\media\Footage\DAY 1\B-Cam\Ä é.mov`},
		},
	} {
		for _, m := range machines {
			r := f.RootsFor(m.goos, m.host)
			if p := r.name(m.path, m.goos); p != (Path{"footage", rel}) {
				t.Errorf("%s %s: %s is named %v", m.goos, m.host, m.path, p)
			}
			if got, err := r.locate(Path{"footage", rel}, m.goos); err != nil || got != m.path {
				t.Errorf("%s %s: %s lies at %q, %v", m.goos, m.host, rel, got, err)
			}
		}
	}
}

func TestPathsAreComparedAsTheirSystemDoes(t *testing.T) {
	t.Parallel()
	const nfc, nfd = "\u00e4", "a\u0308"
	for name, c := range map[string]struct {
		goos, base, path string
		want             Path
	}{
		"Linux knows case":            {"linux", "/mnt/Footage", "/mnt/footage/a.mov", Path{"", "/mnt/footage/a.mov"}},
		"macOS does not":              {"darwin", "/Volumes/Footage", "/volumes/FOOTAGE/A.mov", Path{"r", "A.mov"}},
		"Windows does not":            {"windows", `R:\Footage`, `r:\footage\A.mov`, Path{"r", "A.mov"}},
		"Windows takes both slashes":  {"windows", "R:/Footage/", `R:\Footage/day\a.mov`, Path{"r", "day/a.mov"}},
		"a drive's own folder":        {"windows", `R:\`, `R:\a.mov`, Path{"r", "a.mov"}},
		"another drive":               {"windows", `R:\`, `S:\a.mov`, Path{"", `S:\a.mov`}},
		"a server's share":            {"windows", `\\NAS\Media`, `\\nas\media\a.mov`, Path{"r", "a.mov"}},
		"another share":               {"windows", `\\nas\media`, `\\nas\media2\a.mov`, Path{"", `\\nas\media2\a.mov`}},
		"a long path":                 {"windows", `R:\Footage`, `\\?\R:\Footage\a.mov`, Path{"r", "a.mov"}},
		"a long path on a server":     {"windows", `\\nas\media`, `\\?\UNC\nas\media\a.mov`, Path{"r", "a.mov"}},
		"the beginning of a name":     {"linux", "/mnt/footage", "/mnt/footage2/a.mov", Path{"", "/mnt/footage2/a.mov"}},
		"the root itself":             {"linux", "/mnt/footage", "/mnt/footage", Path{"", "/mnt/footage"}},
		"everything":                  {"linux", "/", "/mnt/a.mov", Path{"r", "mnt/a.mov"}},
		"accents, apart and together": {"darwin", "/Volumes/M" + nfc + "rz", "/Volumes/M" + nfd + "rz/" + nfd + ".mov", Path{"r", nfd + ".mov"}},
		"on Linux too":                {"linux", "/mnt/M" + nfd + "rz", "/mnt/M" + nfc + "rz/x.mov", Path{"r", "x.mov"}},
		"a root of another system":    {"linux", `R:\`, "/mnt/a.mov", Path{"", "/mnt/a.mov"}},
		"a path that is relative":     {"linux", "/", "a.mov", Path{"", "a.mov"}},
	} {
		if got := (Roots{"r": c.base}).name(c.path, c.goos); got != c.want {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
	// The longest root wins, and of two with one place the first name.
	r := Roots{"all": `R:\`, "b": `r:/day1`, "a": `R:\DAY1\`}
	if got := r.name(`R:\Day1\x.mov`, "windows"); got != (Path{"a", "x.mov"}) {
		t.Error(got)
	}
}

func TestPathsUnderNoRootStayAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ goos, path, want string }{
		{"linux", "/mnt/x/", "/mnt/x"},
		{"linux", "/", "/"},
		{"windows", "c:/a/b.mov", `c:\a\b.mov`},
		{"windows", `C:\`, `C:\`},
		{"windows", `\\nas\media\a.mov`, `\\nas\media\a.mov`},
	} {
		if got, err := (Roots{}).locate(Path{Rel: c.path}, c.goos); err != nil || got != c.want {
			t.Errorf("%s: %s: %q, %v", c.goos, c.path, got, err)
		}
	}
	for _, c := range []struct{ goos, path string }{{"windows", "/mnt/a.mov"}, {"linux", `C:\a.mov`}, {"darwin", `\\nas\m\a.mov`}} {
		if got, err := (Roots{}).locate(Path{Rel: c.path}, c.goos); err == nil {
			t.Errorf("%s: %s was located at %s", c.goos, c.path, got)
		}
	}
}
