package jobfile

import (
	"testing"
	"time"
)

func TestHoursAreReadAsPeopleWriteThem(t *testing.T) {
	at := func(s string) time.Time { // 2 March 2026 is a Monday
		v, err := time.ParseInLocation("2 15:04", s, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		return v.AddDate(2026, 2, 0)
	}
	for _, c := range []struct {
		hours        []string
		open, closed []string
	}{
		{nil, []string{"2 00:00", "7 12:00"}, nil},
		{[]string{"19:00-08:00"}, []string{"2 19:00", "3 00:00", "3 07:59", "8 23:59"}, []string{"2 18:59", "3 08:00", "3 12:00"}},
		{[]string{"09:00-17:30"}, []string{"2 09:00", "2 17:29"}, []string{"2 08:59", "2 17:30"}},
		// The night from Friday to Saturday is Friday's; that from Sunday to Monday is nobody's.
		{[]string{"mon-fri 19:00-08:00"}, []string{"2 19:00", "6 23:00", "7 07:59"}, []string{"7 08:00", "7 19:00", "9 00:00", "2 07:00"}},
		{[]string{"Mon-Fri 19:00-08:00", "sat,sun"}, []string{"7 00:00", "8 23:59", "7 12:00"}, []string{"9 00:00", "6 12:00"}},
		{[]string{"fri-mon 00:00-24:00"}, []string{"6 00:00", "7 12:00", "9 23:59"}, []string{"3 00:00", "5 23:59"}},
	} {
		h, err := ParseHours(c.hours)
		if err != nil {
			t.Errorf("%q: %v", c.hours, err)
		}
		for _, s := range c.open {
			if !h.Open(at(s)) {
				t.Errorf("%q: closed on %s", c.hours, s)
			}
		}
		for _, s := range c.closed {
			if h.Open(at(s)) {
				t.Errorf("%q: open on %s", c.hours, s)
			}
		}
	}
	h, _ := ParseHours([]string{"mon-fri 19:00-08:00"})
	if n := h.Next(at("7 08:00")); !n.Equal(at("9 19:00")) {
		t.Errorf("it opens %v", n)
	}
	for _, s := range []string{"", "19-8", "19:00", "19:00-", "19:00-19:00", "24:00-08:00", "25:00-08:00", "monday 19:00-08:00", "mon- 19:00-08:00", "19:00-08:00 mon", "mon tue 19:00-08:00", "7pm-8am"} {
		if _, err := ParseHours([]string{s}); err == nil {
			t.Errorf("%q passes", s)
		}
	}
}

func FuzzHours(f *testing.F) {
	for _, s := range []string{"19:00-08:00", "mon-fri 19:00-24:00", "sat,sun"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseHours([]string{s})
		if err == nil && !h.Open(time.Unix(0, 0)) && h.Next(time.Unix(0, 0)).IsZero() {
			t.Errorf("%q never opens", s)
		}
	})
}
