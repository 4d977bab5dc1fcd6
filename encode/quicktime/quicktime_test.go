package quicktime

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// What package encode's tests hold against ffprobe for whole files, here of the smallest ones, without a program.
func TestAFileIsProvenByItsIndex(t *testing.T) {
	t.Parallel()
	file := whole()
	index, err := Read(strings.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if err := index.Filled(); err != nil {
		t.Error(err)
	}
	picture := index.Tracks("vide")
	if len(picture) != 1 || len(index.Tracks("soun")) != 0 {
		t.Fatalf("%d tracks of picture", len(picture))
	}
	track := picture[0]
	stage, err := track.Stage()
	if err != nil || track.Scale() != 1 || track.Samples() != 1 || track.Bytes() != 4 || !track.Carries(track) {
		t.Errorf("%+v, %v", track, err)
	}
	var all []Sample
	err = track.Each(func(s Sample) bool { all = append(all, s); return true })
	if want := []Sample{{Size: 4, Offset: 8, Shown: 1}}; err != nil || !slices.Equal(all, want) || !index.Holds(all[0]) {
		t.Fatalf("%+v, %v", all, err)
	}
	// It is shown from tick 1 on, and the edit ends there.
	if s := all[0]; stage.PTS(s) != 1 || !stage.Hides(s) {
		t.Errorf("at %d, hidden %v", stage.PTS(s), stage.Hides(s))
	}
	if err := errorOf(Read(strings.NewReader(file[:40]), 40)); !errors.Is(err, ErrIndex) {
		t.Errorf("cut off: %v", err)
	}
}

func TestASourceIsPlayed(t *testing.T) {
	t.Parallel()
	file, start := source(), int64(0)
	stream := Stream{Codec: "h264", Scale: 1, Frames: 2}
	play, err := ReadPlaying(strings.NewReader(file), int64(len(file)), stream)
	if err != nil {
		t.Fatal(err)
	}
	if first, err := play.FirstFrame(&start); err != nil || first != 0 || play.First != 0 || play.Last != 1 || !play.Opens(&start) || play.Opens(nil) {
		t.Errorf("first at %d of %d to %d, %v", first, play.First, play.Last, err)
	}
	if last, err := play.LastFrom(1_500_000); err != nil || last != 1 {
		t.Errorf("last at %d, %v", last, err)
	}
	keys, err := play.KeysAt([]int64{500_000, 1_500_000})
	if err != nil || len(keys) != 1 || !keys[0].Key || keys[0].PTS != 0 {
		t.Errorf("keyframes %+v, %v", keys, err)
	}
	if !play.EntersAt(1_500_000, 0) || play.EntersAt(1_500_000, 1) {
		t.Error("where a seek lands")
	}
	var all []int64
	play.Each(func(f Frame) bool { all = append(all, f.PTS, f.Ticks); return true })
	if want := []int64{0, 1, 1, 1}; !slices.Equal(all, want) {
		t.Errorf("shown at and for %d", all)
	}

	hole := strings.Replace(file, one+"\x65", zero(5), 1)
	play, err = ReadPlaying(strings.NewReader(hole), int64(len(hole)), stream)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := play.FirstFrame(&start); !errors.Is(err, ErrHole) || !errors.Is(err, ErrIndex) {
		t.Errorf("no frame at its start: %v", err)
	}
	for what, s := range map[string]Stream{
		"another track": {Number: 1, Codec: "h264", Scale: 1, Frames: 2},
		"another clock": {Codec: "h264", Scale: 2, Frames: 2},
		"more frames":   {Codec: "h264", Scale: 1, Frames: 3},
	} {
		if p, err := ReadPlaying(strings.NewReader(file), int64(len(file)), s); p != nil || !errors.Is(err, ErrIndex) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func errorOf(_ *Index, err error) error { return err }
