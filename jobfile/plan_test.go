package jobfile

import (
	"testing"
	"time"
)

func TestTargetGivesEverybodyAPieceWhenTheRoomIsIdle(t *testing.T) {
	base := Policy{ChunkOver: 45 * time.Second, ChunkLength: time.Minute}
	for _, c := range []struct {
		name           string
		slots, waiting int
		fixed          bool
		duration, want time.Duration
	}{
		{"nobody is known", 0, 0, false, 2 * time.Minute, time.Minute},
		{"two idle slots, two minutes", 2, 0, false, 2 * time.Minute, 30 * time.Second},
		{"ten idle slots, two minutes: not below what pays", 10, 0, false, 2 * time.Minute, 10 * time.Second},
		{"ten idle slots, two hours: a minute is fine enough", 10, 0, false, 2 * time.Hour, time.Minute},
		{"work waits for all slots", 4, 9, false, 2 * time.Minute, time.Minute},
		{"a minute is one chunk's length, and yet divided", 0, 0, false, time.Minute, 30 * time.Second},
		{"equal pieces, not a minute and a rest", 0, 0, false, 90 * time.Second, 45 * time.Second},
		{"asked for", 10, 0, true, 2 * time.Minute, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := base
			p.Slots, p.Waiting, p.Fixed = c.slots, c.waiting, c.fixed
			if got := p.Target(c.duration); got != c.want {
				t.Fatalf("got %s, want %s", got, c.want)
			}
		})
	}
	if !base.Worth(45*time.Second) || base.Worth(45*time.Second-1) {
		t.Error("duration_worth_chunking is where dividing begins")
	}
}

func media() *Media {
	return &Media{
		Video: VideoStream{Width: 1920, Height: 1080, TimeBase: Rational{1, 12800}, FrameRate: Rational{25, 1}},
		Sound: []SoundStream{{Index: 1, Channels: 2}},
	}
}

func TestPlannedRangesAreAPartition(t *testing.T) {
	r := &Recipe{Sound: SoundRecipe{Encoder: "pcm_s16le"}}
	units := PlanUnits(media(), r, 100, []int64{51300, 102500}, 600)
	p := Plan{FirstPTS: 100, Frames: 600, Units: units}
	if err := p.validate(); err != nil {
		t.Fatal(err)
	}
	if len(units) != 5 || units[3].ID != UnitSound || units[4].ID != UnitStitch {
		t.Fatalf("%+v", units)
	}
	var sum int64
	for _, u := range units {
		sum += u.Frames
	}
	if sum != 600 {
		t.Errorf("the units' frames add up to %d", sum)
	}
	if one := PlanUnits(media(), r, 0, nil, 10); len(one) != 2 || one[0].ID != UnitWhole {
		t.Errorf("%+v", one)
	}
}

func TestBrokenPlansAreRefused(t *testing.T) {
	at := func(n int64) *int64 { return &n }
	good := func() Plan {
		return Plan{FirstPTS: 0, Units: []Planned{
			{ID: "0000", Range: &Range{0, at(10)}}, {ID: "0001", Range: &Range{10, nil}}, {ID: UnitSound}, {ID: UnitStitch},
		}}
	}
	if p := good(); p.validate() != nil {
		t.Fatal(p.validate())
	}
	for name, spoil := range map[string]func(*Plan){
		"gap":             func(p *Plan) { p.Units[1].Range.Start = 11 },
		"overlap":         func(p *Plan) { p.Units[1].Range.Start = 9 },
		"empty range":     func(p *Plan) { *p.Units[0].Range.End = 0; p.Units[1].Range.Start = 0 },
		"closed end":      func(p *Plan) { p.Units[1].Range.End = at(20) },
		"open middle":     func(p *Plan) { p.Units[0].Range.End = nil },
		"late start":      func(p *Plan) { p.FirstPTS = -1 },
		"no stitch":       func(p *Plan) { p.Units = p.Units[:3] },
		"twice":           func(p *Plan) { p.Units[1].ID = "0000" },
		"wrong number":    func(p *Plan) { p.Units[1].ID = "0002" },
		"sound with time": func(p *Plan) { p.Units[2].Range = &Range{0, nil} },
		"no picture":      func(p *Plan) { p.Units = p.Units[2:] },
		"nothing":         func(p *Plan) { p.Units = nil },
		"whole and more":  func(p *Plan) { p.Units = append([]Planned{{ID: UnitWhole, Range: &Range{0, nil}}}, p.Units...) },
		"strange name":    func(p *Plan) { p.Units[0].ID = "../x" },
	} {
		p := good()
		spoil(&p)
		if p.validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestMicrosAreExactOverDays(t *testing.T) {
	for _, c := range []struct {
		tb    Rational
		ticks int64
		want  int64
	}{
		{Rational{1, 90000}, 90000 * 86400 * 3, 86400 * 3 * 1_000_000},
		{Rational{1001, 24000}, 1, 41708},
		{Rational{1001, 24000}, -1, -41708},
		{Rational{1, 3}, 1, 333333},
		{Rational{1, 2_000_000}, 1, 1},
		{Rational{0, 0}, 5, 0},
	} {
		if got := c.tb.Micros(c.ticks); got != c.want {
			t.Errorf("%d ticks of %s are %d us, want %d", c.ticks, c.tb, got, c.want)
		}
	}
	if n := FramesIn(Rational{1, 90000}, Rational{30000, 1001}, 3003*7); n != 7 {
		t.Errorf("%d frames", n)
	}
}
