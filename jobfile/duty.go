package jobfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Duty is when a worker works, as config.yaml and farm.yaml say it. The zero Duty is always.
type Duty struct {
	Hours    Words    // each "19:00-08:00", "mon-fri 19:00-08:00" or "sat,sun"
	Overrun  string   // what becomes of units in work when the hours end: finish (""), give-back
	AtDesk   string   // while somebody is at the machine: work (""), finish, give-back
	DeskIdle Duration // after how long without a touch nobody is; 0 for ten minutes
}

// Names of what a worker does with the units it has.
const (
	DutyWork     = "work"
	DutyFinish   = "finish"
	DutyGiveBack = "give-back"
)

// Validate checks a duty. Errors begin with the field.
func (d Duty) Validate() error {
	if _, err := ParseHours(d.Hours); err != nil {
		return fmt.Errorf("hours: %w", err)
	}
	if !slices.Contains([]string{"", DutyFinish, DutyGiveBack}, d.Overrun) {
		return fmt.Errorf("overrun: %s is not finish or give-back", Quote(d.Overrun))
	}
	if !slices.Contains([]string{"", DutyWork, DutyFinish, DutyGiveBack}, d.AtDesk) {
		return fmt.Errorf("at_desk: %s is not work, finish or give-back", Quote(d.AtDesk))
	}
	return nil
}

// Over lays d over what is said elsewhere: its fields count where they are set.
func (d Duty) Over(base Duty) Duty {
	if len(d.Hours) == 0 {
		d.Hours = base.Hours
	}
	d.Overrun, d.AtDesk = cmp.Or(d.Overrun, base.Overrun), cmp.Or(d.AtDesk, base.AtDesk)
	d.DeskIdle = cmp.Or(d.DeskIdle, base.DeskIdle)
	return d
}

// Hours is when a worker works, by its own machine's clock. None is always.
type Hours []span

// span is a stretch of some days. One that ends before it begins goes on on the next day.
type span struct {
	days     [7]bool // by time.Weekday, on which it begins
	from, to int     // minutes of the day
}

const day = 24 * 60

var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseHours reads hours as people write them.
func ParseHours(lines []string) (Hours, error) {
	if len(lines) > 64 {
		return nil, fmt.Errorf("%d of them", len(lines))
	}
	var h Hours
	for _, line := range lines {
		words := strings.Fields(strings.ToLower(line))
		s := span{to: day}
		for i := range s.days {
			s.days[i] = true
		}
		if len(words) == 0 || len(words) > 2 {
			return nil, badHours(line)
		}
		if w := words[0]; w[0] < '0' || w[0] > '9' {
			days, ok := parseDays(w)
			if !ok {
				return nil, badHours(line)
			}
			s.days, words = days, words[1:]
		} else if len(words) > 1 {
			return nil, badHours(line)
		}
		if len(words) == 1 {
			a, b, _ := strings.Cut(words[0], "-")
			var okA, okB bool
			if s.from, okA = parseClock(a); !okA || s.from == day {
				return nil, badHours(line)
			}
			if s.to, okB = parseClock(b); !okB || s.to == s.from {
				return nil, badHours(line)
			}
		}
		h = append(h, s)
	}
	return h, nil
}

func badHours(line string) error {
	return fmt.Errorf("%s is not like 19:00-08:00, mon-fri 19:00-08:00, or sat,sun", Quote(line))
}

func parseDays(w string) (days [7]bool, ok bool) {
	for _, part := range strings.Split(w, ",") {
		first, last, isRange := strings.Cut(part, "-")
		a := slices.Index(weekdays[:], first)
		b := a
		if isRange {
			b = slices.Index(weekdays[:], last)
		}
		if a < 0 || b < 0 {
			return days, false
		}
		for i := a; ; i = (i + 1) % 7 {
			days[i] = true
			if i == b {
				break
			}
		}
	}
	return days, true
}

func parseClock(s string) (minutes int, ok bool) {
	if s == "24:00" {
		return day, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil
}

// Open reports whether a worker works at an instant, by the clock that t shows.
func (h Hours) Open(t time.Time) bool {
	if len(h) == 0 {
		return true
	}
	today, now := int(t.Weekday()), t.Hour()*60+t.Minute()
	for _, s := range h {
		switch {
		case s.from < s.to:
			if s.days[today] && now >= s.from && now < s.to {
				return true
			}
		case s.days[today] && now >= s.from, s.days[(today+6)%7] && now < s.to:
			return true
		}
	}
	return false
}

// Next is when they open after t, to the minute; zero if they do not within eight days.
func (h Hours) Next(t time.Time) time.Time {
	at := t.Truncate(time.Minute)
	for range 8 * day {
		at = at.Add(time.Minute)
		if h.Open(at) {
			return at
		}
	}
	return time.Time{}
}
