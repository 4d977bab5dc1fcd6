package timeline

import (
	"math/big"
	"testing"

	"proxima/jobfile"
)

func TestRatesAreExact(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"25": "25/1", " 25.000 ": "25/1", "24": "24/1", "30": "30/1", "12.5": "25/2", "1000/33": "1000/33",
		"23.976": "24000/1001", "23.98": "24000/1001", "23.97": "24000/1001", "23,976": "24000/1001", "24000/1001": "24000/1001",
		"23.976023976023978": "24000/1001", "29.97": "30000/1001", "29.970029970029969": "30000/1001",
		"47.952": "48000/1001", "47.95": "48000/1001", "59.94": "60000/1001", "59.940059940059939": "60000/1001",
		"119.88": "120000/1001", "24.000000000001": "24/1", "2.5e1": "25/1", "2997/100": "30000/1001",
	} {
		if got, err := ParseRate(s); err != nil || got.String() != want {
			t.Errorf("%s is %s, %v; want %s", s, got, err, want)
		}
	}
	for _, s := range []string{"", "0", "-25", "fast", "NaN", "1e999999999", "25/0", "0x19", "48000", "1_000", "25 fps", "1/1e9"} {
		if got, err := ParseRate(s); err == nil {
			t.Errorf("%q is %s", s, got)
		}
	}
	if _, err := ParseRate("fast"); err == nil || err.Error() != "fast: not a frame rate like 25, 23.976 or 24000/1001" {
		t.Errorf("%v", err)
	}
	if n := Nominal(jobfile.Rational{Num: 24000, Den: 1001}); n != 24 {
		t.Errorf("23.976 counts %d", n)
	}
}

func TestTimecodesAreExact(t *testing.T) {
	t.Parallel()
	whole := func(n int64) jobfile.Rational { return jobfile.Rational{Num: n, Den: 1} }
	film, video, twice := jobfile.Rational{Num: 24000, Den: 1001}, jobfile.Rational{Num: 30000, Den: 1001}, jobfile.Rational{Num: 60000, Den: 1001}
	for _, c := range []struct {
		label  string
		rate   jobfile.Rational
		frames int64
		drop   bool
	}{
		{"00:04:43;15", whole(30), 8497, true}, // as Premiere writes it, though 30 knows no drop frame
		{"00:03:50;02", whole(30), 6896, true},
		{"12:44:37:23", whole(24), 1101071, false},
		{"01:00:00:00", whole(50), 180000, false},
		{"01:00:00;00", video, 107892, true},
		{"00:59:00;02", video, 106094, true},
		{"00:00:59;29", video, 1799, true},
		{"00:01:00;02", video, 1800, true},
		{"00:10:00;00", video, 17982, true},
		{"00:01:00;04", twice, 3600, true},
		{"00:10:00;00", twice, 35964, true},
		{"01:00:00:00", film, 86400, false},
		{"00:00:00:00", film, 0, false},
		{"25:00:00:00", whole(25), 2250000, false}, // past a day
		{"00:00:00:119", whole(120), 119, false},
	} {
		got, drop, err := ParseTimecode(c.label, c.rate)
		if err != nil || got != c.frames || drop != c.drop {
			t.Errorf("%s at %s is %d, %v, %v; want %d", c.label, c.rate, got, drop, err, c.frames)
		}
		if back := FormatTimecode(c.frames, c.rate, c.drop); back != c.label {
			t.Errorf("%d at %s is %s, want %s", c.frames, c.rate, back, c.label)
		}
	}
	for _, c := range []struct {
		label string
		rate  jobfile.Rational
	}{
		{"", video},
		{"1:2:3", video},
		{"00:00:00:30", video}, // there is no such frame
		{"00:60:00:00", video},
		{"00:01:00;00", video}, // dropped
		{"00:01:00;03", twice},
		{"01:00:00;00", whole(25)}, // no drop frame there
		{"01:00:00:00", jobfile.Rational{}},
		{"-1:00:00:00", video},
		{"01:00:00:00:00", video},
		{"01::00:00:00", video},
		{"aa:bb:cc:dd", video},
	} {
		if got, _, err := ParseTimecode(c.label, c.rate); err == nil {
			t.Errorf("%q at %s is %d", c.label, c.rate, got)
		}
	}
	if !CanDrop(video) || !CanDrop(twice) || CanDrop(whole(30)) || CanDrop(film) {
		t.Error("drop frame is for 29.97 and 59.94")
	}
}

func TestEveryDropFrameLabelComesBack(t *testing.T) {
	t.Parallel()
	for _, rate := range []jobfile.Rational{{Num: 30000, Den: 1001}, {Num: 60000, Den: 1001}} {
		last := ""
		for f := int64(0); f < 45000; f++ { // past two tens of minutes
			label := FormatTimecode(f, rate, true)
			got, drop, err := ParseTimecode(label, rate)
			if err != nil || got != f || !drop || label <= last {
				t.Fatalf("frame %d is %s is %d, %v", f, label, got, err)
			}
			last = label
		}
	}
}

func TestTimesBecomeFramesWithoutFloats(t *testing.T) {
	t.Parallel()
	rate := jobfile.Rational{Num: 30000, Den: 1001}
	for _, c := range []struct {
		seconds jobfile.Rational
		frames  int64
		exact   bool
	}{
		{jobfile.Rational{Num: 1001, Den: 30000}, 1, true},
		{jobfile.Rational{Num: 3600, Den: 1}, 107892, false},
		{jobfile.Rational{Num: 1 << 62, Den: 1 << 40}, 125703417, false},
	} {
		got, exact := FramesOf(c.seconds, rate)
		if got != c.frames || exact != c.exact {
			t.Errorf("%s s are %d frames, exactly: %v; want %d", c.seconds, got, exact, c.frames)
		}
	}
	if s := seconds(big.NewRat(-1, 1), rate); s != nil {
		t.Errorf("a negative time is %s", s)
	}
}

func FuzzTimecode(f *testing.F) {
	f.Add("01:00:00;02", int64(30000), int64(1001))
	f.Add("23:59:59:23", int64(24), int64(1))
	f.Fuzz(func(t *testing.T, s string, num, den int64) {
		rate := jobfile.Rational{Num: num, Den: den}
		frames, drop, err := ParseTimecode(s, rate)
		if err != nil {
			return
		}
		again, _, err := ParseTimecode(FormatTimecode(frames, rate, drop), rate)
		if err != nil || again != frames {
			t.Errorf("%q is %d, and back %d, %v", s, frames, again, err)
		}
	})
}

func FuzzRate(f *testing.F) {
	f.Add("23.976")
	f.Add("1/3")
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := ParseRate(s); err == nil && (!r.Valid() || Nominal(r) > maxRate+1) {
			t.Errorf("%q is %s", s, r)
		}
	})
}
