package jobfile

import (
	"reflect"
	"testing"
)

// What is told of a job without reading all of it is what reading all of it tells.
func TestABriefTellsWhatTheJobTells(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"/media/a.mov", "day 1/- x: y #z.mov", "'quoted' \"twice\".mov", "two\nlines.mov", "  blanks .mov", "日本 🎬.mov", "null", "@x: |", "plan:", "units:\n  - id: 1"} {
		j := testJob()
		j.Source.Path.Rel, j.Output.Path.Rel = name, name+"/out.mov"
		if j.Source.Path.Validate() != nil {
			continue
		}
		data, err := Encode("One clip.\nplan: nothing", j)
		if err != nil {
			t.Fatal(err)
		}
		whole := &Job{}
		if err := Decode("x", data, whole); err != nil {
			t.Fatal(err)
		}
		text, units := briefText(string(data))
		var d briefDocument
		if err := Decode("x", []byte(text), &d); err != nil {
			t.Errorf("%q: %v\n%s", name, err, text)
			continue
		}
		got := &Brief{ID: j.ID, Source: d.Source.Path, Output: d.Output.Path, Preset: d.Recipe.Preset, Frames: d.Plan.Frames, Units: units}
		if want := whole.Brief(); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, want %+v", name, got, want)
		}
	}
}

// Written otherwise than Encode writes, it is read whole.
func TestABriefOfAnEditedJobIsReadWhole(t *testing.T) {
	t.Parallel()
	s, j := farm(t), testJob()
	if err := s.Create(j); err != nil {
		t.Fatal(err)
	}
	want, err := s.Brief(j.ID)
	if err != nil || !reflect.DeepEqual(want, j.Brief()) {
		t.Fatal(want, err)
	}
	for _, text := range []string{"{plan: {frames: 3}}", "plan: {frames: 3, units: []}", "", "plan:\n    frames: 3\n    units:\n    - id: whole"} {
		if kept, units := briefText(text); units > 0 && kept != "" {
			t.Errorf("%q is taken for %q", text, kept)
		}
	}
	l, ok, err := s.Glance(j.ID, len(j.Plan.Units))
	if err != nil || !ok || len(l.Todo) != len(j.Plan.Units) {
		t.Errorf("a glance at a fresh job: %v %v %v", l, ok, err)
	}
	claim(t, s, j, "0000", 1, "w-1")
	if _, ok, err := s.Glance(j.ID, len(j.Plan.Units)); err != nil || ok {
		t.Errorf("a glance at a job that was begun: %v %v", ok, err)
	}
}
