package jobfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnAssetIsTheOneThatWasQueued(t *testing.T) {
	s, j := farm(t), testJob()
	lut := NewAsset(".cube", []byte("LUT_3D_SIZE 2\n"))
	other := NewAsset(".png", []byte("png"))
	j.Recipe.Video.LUT = &lut.Asset
	for name, files := range map[string][]AssetFile{
		"none":           nil,
		"another":        {other},
		"one too many":   {lut, other},
		"another's data": {{lut.Asset, []byte("LUT_3D_SIZE 3\n")}},
	} {
		if err := s.Create(j, files...); err == nil {
			t.Fatalf("queued with %s", name)
		}
	}
	if err := s.Create(j, lut); err != nil {
		t.Fatal(err)
	}
	if data, err := s.ReadAsset(j.ID, lut.Asset); err != nil || string(data) != string(lut.Data) {
		t.Errorf("%q, %v", data, err)
	}
	file := filepath.Join(s.Dir(), "jobs", j.ID, "assets", lut.Name)
	if err := os.WriteFile(file, []byte("something else"), 0o644); err != nil {
		t.Fatal(err)
	}
	var f *Fault
	if _, err := s.ReadAsset(j.ID, lut.Asset); !errors.As(err, &f) || f.Kind != FaultJob {
		t.Errorf("an asset that was changed: %v", err)
	}
	for _, name := range []string{"../job.yaml", "x.yaml", "/etc/passwd", "..", "a/b.cube", ""} {
		if _, err := s.ReadAsset(j.ID, Asset{Name: name, SHA256: lut.SHA256}); err == nil || !strings.Contains(err.Error(), "not an asset's name") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
