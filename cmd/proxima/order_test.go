package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proxima/jobfile"
)

const tinyLUT = "LUT_3D_SIZE 2\n0 0 0\n1 0 0\n0 1 0\n1 1 0\n0 0 1\n1 0 1\n0 1 1\n1 1 1\n"

// Whoever may put a preset into the farm must not thereby have other people's files copied into
// it; a person's own preset may name any file.
func TestAFarmsPresetNamesFilesBesideItself(t *testing.T) {
	dir := t.TempDir()
	farm, own := filepath.Join(dir, "farm"), filepath.Join(dir, "config")
	if _, err := jobfile.Init(farm); err != nil {
		t.Fatal(err)
	}
	put := func(text string, names ...string) string {
		file := filepath.Join(append([]string{dir}, names...)...)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	put(tinyLUT, "farm", "presets", "look.cube")
	secret := put(tinyLUT, "secret.cube")
	if err := os.Symlink(secret, filepath.Join(farm, "presets", "link.cube")); err != nil {
		t.Skip(err)
	}
	put("no LUT at all\n", "farm", "presets", "broken.cube")
	a := &app{getenv: func(name string) string { return map[string]string{"PROXIMA_FARM": farm, "PROXIMA_CONFIG": own}[name] }}
	for lut, want := range map[string]string{
		"look.cube":         "",
		"./look.cube":       "",
		"../../secret.cube": "does not lie in the farm's folder presets",
		secret:              "does not lie in the farm's folder presets",
		"link.cube":         "does not lie in the farm's folder presets",
		"missing.cube":      "no such file",
		"broken.cube":       "LUT",
	} {
		for _, mine := range []bool{false, true} {
			_ = os.Remove(filepath.Join(farm, "presets", "p.yaml"))
			_ = os.RemoveAll(own)
			want := want
			if mine {
				put("look:\n  extends: edit_proxy\n  lut: '"+lut+"'\n", "config", "presets", "p.yaml")
				if lut != secret {
					continue
				}
				want = ""
			} else {
				put("look:\n  extends: edit_proxy\n  lut: '"+lut+"'\n", "farm", "presets", "p.yaml")
			}
			store, f, conf, err := a.openFarm()
			if err != nil {
				t.Fatal(err)
			}
			o, err := a.newOrders(store, f, &conf, []string{"look"}, nil)
			switch {
			case want == "" && err != nil:
				t.Errorf("%s, mine %v: %v", lut, mine, err)
			case want == "":
				one, err := o.order("look", clipSettings{})
				if err != nil {
					t.Fatal(err)
				}
				if len(one.assets) != 1 || one.recipes[0].Video.LUT == nil || *one.recipes[0].Video.LUT != one.assets[0].Asset {
					t.Errorf("%s: %+v", lut, one)
				}
			case err == nil || !strings.Contains(err.Error(), want):
				t.Errorf("%s: %v, not %q", lut, err, want)
			}
		}
	}
}
