package presets

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proxima/jobfile"
)

var update = flag.Bool("update", false, "write the files that the tests compare with")

// Each file of testdata has one mistake, and beside it what is said about it.
func TestMistakesAreToldInWords(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "*.yaml"))
	if err != nil || len(files) < 30 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Builtin().Add(filepath.Base(f), data)
		var de *jobfile.DecodeError
		if !errors.As(err, &de) || de.Line < 1 || de.Column < 1 {
			t.Errorf("%s: %v", f, err)
			continue
		}
		compare(t, strings.TrimSuffix(f, ".yaml")+".golden", []byte(err.Error()+"\n"))
	}
}

// A copy of the schema is for editors that read this repository.
func TestTheSchemaOnDiskIsTheFieldTables(t *testing.T) {
	t.Parallel()
	compare(t, filepath.Join("..", "docs", "presets.schema.json"), Schema())
}

func compare(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(bytes.ReplaceAll(want, []byte("\r"), nil), got) {
		t.Errorf("%s (go test ./presets -update writes it)\n got %s\nwant %s %v", file, got, want, err)
	}
}

// What is shown of a preset is a file of presets that makes the same.
func TestWhatIsShownReadsBack(t *testing.T) {
	t.Parallel()
	for _, n := range Builtin().Names() {
		data, err := Builtin().Show(n)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Builtin().Add("shown.yaml", data)
		if err != nil {
			t.Errorf("%s\n%v", data, err)
			continue
		}
		a, _ := Builtin().Effective(n)
		b, _ := s.Effective(n)
		if a.recipes[0].Shape() != b.recipes[0].Shape() || len(a.recipes) != len(b.recipes) || a.Description == "" || a.Makes() == "" || len(a.Encoders()) != len(a.recipes) {
			t.Errorf("%s became another", data)
		}
	}
	if _, err := Builtin().Show("nope"); err == nil {
		t.Error("showed what there is not")
	}
}

// Every field is documented by the page, and judged by itself without a fault.
func TestThePageNamesEveryField(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "docs", "presets.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Fields() {
		if !bytes.Contains(page, []byte("`"+f.Name+"`")) {
			t.Errorf("docs/presets.md does not name %s", f.Name)
		}
	}
	// The blocks of the page are files of presets, or overrides.
	for _, block := range strings.Split(string(page), "```yaml\n")[1:] {
		text, _, _ := strings.Cut(block, "```")
		var n jobfile.Node
		if err := jobfile.Decode("page.yaml", []byte(text), &n); err != nil {
			t.Errorf("%s%v", text, err)
			continue
		}
		switch {
		case n.Get("workers") != nil:
			_, err = ReadWorkers("page.yaml", n.Get("workers"))
		case n.Get("overrides") != nil:
			_, err = ReadOverrides("page.yaml", n.Get("overrides"))
		case n.Get("rules") != nil:
			_, err = jobfile.ReadFarm("page.yaml", []byte("format: 1\n"+text))
		default:
			_, err = Builtin().Add("page.yaml", []byte(text))
		}
		if err != nil {
			t.Errorf("%s%v", text, err)
		}
	}
}

// Overrides, flags and what jobs say of their presets come from outside as well.
func FuzzLayers(f *testing.F) {
	f.Add([]byte(authorsOverrides), "crf=20", "x264")
	f.Add([]byte("workers:\n  *:\n    tags: [a]\n  tag:a:\n    overrides: {presets: {*: {crf: 3}}}\n"), "burnin=a,b", "dnxhd")
	f.Add([]byte("overrides:\n  presets: {?: {misc_args: [bf, 2]}}\n"), "encoders=[h264_nvenc,x264]", "prores")
	f.Fuzz(func(t *testing.T, data []byte, set, codec string) {
		var layers []Layer
		var n jobfile.Node
		if jobfile.Decode("f.yaml", data, &n) == nil {
			o, err := ReadOverrides("f.yaml", n.Get("overrides"))
			fit(t, err)
			w, err := ReadWorkers("f.yaml", n.Get("workers"))
			fit(t, err)
			layers = w.For("a").Then(o).For("edit_proxy")
		}
		l, err := ParseSet(set)
		if fit(t, err); err == nil {
			layers = append(layers, l)
		}
		e, err := FromJob("edit_proxy", map[string]jobfile.Words{"codec": {codec}}, &jobfile.Recipe{}, layers...)
		if fit(t, err); err != nil {
			return
		}
		rs, err := e.Recipes(nil, nil)
		if err != nil || rs[0].Validate() != nil {
			t.Fatalf("%v %v", rs, err)
		}
	})
}

// fit sees that an error can be shown on a terminal.
func fit(t *testing.T, err error) {
	t.Helper()
	if err != nil && strings.ContainsFunc(err.Error(), func(r rune) bool { return !jobfile.Shows(r) }) {
		t.Fatalf("not fit for a terminal: %q", err)
	}
}
