package presets

import (
	"strings"
	"testing"

	"proxima/jobfile"
)

func TestFilesOfAPresetMustBeThere(t *testing.T) {
	t.Parallel()
	s, err := Read("/p/x.yaml", []byte("p:\n  codec: prores\n  lut: look.cube\n  watermark: logo.png\n  watermark_opacity: 30\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Resolve("p"); err == nil || !strings.Contains(err.Error(), `"look.cube" was not read`) {
		t.Error(err)
	}
	e, err := s.Effective("p")
	if err != nil || e.LUT.Path != "look.cube" || e.LUT.From.File != "/p/x.yaml" || e.Watermark.Path != "logo.png" {
		t.Fatalf("%+v %v", e, err)
	}
	lut, logo := jobfile.NewAsset(".cube", []byte("x")).Asset, jobfile.NewAsset(".png", []byte("y")).Asset
	rs, err := e.Recipes(&lut, &logo)
	if err != nil {
		t.Fatal(err)
	}
	w := jobfile.Watermark{Image: logo, Position: "bottom right", Opacity: 30}
	if *rs[0].Video.LUT != lut || *rs[0].Video.Watermark != w {
		t.Errorf("%+v", rs[0].Video)
	}
	again, err := FromJob("p", e.Fields(), &rs[0])
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Recipes(nil, nil); err != nil || got[0].Shape() != rs[0].Shape() {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := Builtin().Effective("edit_proxy"); err != nil {
		t.Error(err)
	}
	if plain, _ := Builtin().Effective("edit_proxy"); plain.Name != "" {
		if _, err := plain.Recipes(&lut, nil); err == nil {
			t.Error("took a file that the preset does not name")
		}
	}
}
