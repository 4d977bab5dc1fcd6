package jobfile

import (
	"fmt"
	"strings"
	"testing"
)

// The machines of a room. A recipe's first variant is job.yaml's, the second that of its others, and
// of overrides.
var (
	plain       = maker{wants: []uint8{0, 1}}
	overriding  = maker{wants: []uint8{1}}
	lacksFirst  = maker{wants: []uint8{0, 1}, lacks: 1 << 0}
	lacksSecond = maker{wants: []uint8{0, 1}, lacks: 1 << 1}
)

// in gives a scenario its machines. A minute passes before the parts go.
func (s scenario) in(makers ...maker) scenario {
	s.makers, s.workers, s.settles, s.faults = makers, len(makers), true, 0
	return s
}

// with has n of each of what may happen.
func (s scenario) with(faults, fails, moves uint8, hows ...how) scenario {
	s.faults, s.fails, s.moves, s.hows = faults, fails, moves, hows
	return s
}

// copying has workers begin what others have in work a second time.
func (s scenario) copying() scenario {
	s.copies = true
	return s
}

func (s scenario) named(name string) scenario {
	s.name = name
	return s
}

// TestAJobIsMadeWithOneRecipe goes through rooms whose machines would make a job otherwise each (P13).
func TestAJobIsMadeWithOneRecipe(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine a scenario: explored without the race detector")
	}
	clip, whole := one("0000", UnitSound), one(UnitWhole)
	for name, s := range map[string]scenario{
		"one has overrides":                   clip.in(plain, overriding),
		"both have, and the last is first":    clip.in(overriding, plain),
		"of two, each has one encoder":        clip.in(lacksSecond, lacksFirst).with(1, 0, 0, crashes),
		"and a unit fails":                    clip.in(lacksSecond, lacksFirst).with(0, 1, 0, fails),
		"of three":                            whole.in(lacksSecond, lacksFirst, overriding),
		"a recipe is edited":                  whole.in(plain, overriding).with(0, 0, 1, edits),
		"edited, and each has one encoder":    whole.in(lacksSecond, lacksFirst).with(1, 0, 1, edits, crashes),
		"any fault, and one has overrides":    whole.in(plain, overriding).with(1, 0, 0, settling...),
		"any fault, and each has one encoder": whole.in(lacksSecond, lacksFirst).with(1, 0, 0, settling...),
		"cancelled, and each has one encoder": clip.in(lacksFirst, lacksSecond).with(0, 0, 1, cancels),
		"copies, and one has overrides":       clip.in(plain, overriding).copying(),
		"copies of a recipe that is edited":   whole.in(plain, overriding).with(0, 0, 1, edits).copying(),
		"copies, and each has one encoder":    whole.in(lacksSecond, lacksFirst).with(1, 1, 0, crashes, misjudges, unable, fails).copying(),
		"copies, any fault and overrides":     whole.in(plain, overriding).with(1, 0, 0, settling...).copying(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.run(t)
		})
	}
}

func TestTheModelSeesBrokenRecipes(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine a scenario: explored without the race detector")
	}
	clip, whole := one("0000", UnitSound), one(UnitWhole)
	for _, c := range []struct {
		name string
		flaw flaw
		in   scenario
	}{
		{"a stitch joins whatever stands", joinsAnything, clip.in(plain, overriding)},
		{"nobody looks whether its recipe counts", agreedUnseen, whole.in(plain, overriding).with(0, 0, 1, edits)},
		{"what is settled outlives an edit", settledForGood, whole.in(plain, overriding).with(0, 0, 1, edits)},
		{"who cannot do a job remembers it as it was", unableRemember, whole.in(lacksSecond, lacksFirst).with(0, 0, 1, edits)},
		{"a job is stranded while another could go on", strandedAmongOthers, clip.in(lacksSecond, lacksFirst)},
		{"to join parts takes their encoder", stitchNeedsEncoder, clip.in(lacksSecond, lacksFirst)},
		{"a failure waits for who cannot go on", waitsForAnyone, clip.in(lacksSecond, lacksFirst).with(0, 1, 0, fails)},
		{"what is made again is litter while the bad result stands", remadeIsLitter, whole.in(plain, plain).with(0, 0, 1, edits)},
		{"a unit is copied whose holder may settle yet", copyBeforeSettled, clip.in(plain, overriding).copying()},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.in.flaw, c.in.limit = c.flaw, 400_000
			c.in.mustBreak(t)
		})
	}
}

// Histories of recipes that the model found, in the protocol as it was.
func TestHistoriesThatOnceMixedUpRecipes(t *testing.T) {
	clip, whole := one("0000", UnitSound), one(UnitWhole)
	for _, h := range []struct {
		name    string
		flaw    flaw
		in      scenario
		history string
	}{
		{
			"an edit is not heeded once somebody with overrides has begun",
			settledForGood, whole.in(plain, overriding).with(0, 0, 1, edits), "b*3 B*6 edits B*4",
		},
		{
			"who could do the job once it was edited remembers it as it was, and all wait",
			unableRemember, whole.in(lacksSecond, lacksFirst).with(0, 0, 1, edits), "b*2 a b B*11 b*3 B edits B*3",
		},
		{
			"a stitcher dies before DONE.yaml, and the next has all parts made otherwise and does not know the file",
			stitchNeedsEncoder, clip.in(lacksSecond, lacksFirst), "a*3 A*8 a*3 A*8 a*3 A*10",
		},
		{
			"who failed once waits for one who cannot go on with what is begun",
			waitsForAnyone, clip.in(lacksSecond, lacksFirst).with(0, 1, 0, fails), "a*3 A*8 a*3 A*2 A.fails A*4 b",
		},
		{
			"each who begins anew settles what it likes best, and each part that comes late is of the recipe before",
			settledByTheLast, whole.in(plain, overriding).with(1, 0, 0, twin),
			"a b a*2 A*6 b.twin b B*8 A*2 " + strings.Repeat("a*4 A*9 a*3 A*9 B*3 b*4 B*9 b*3 B*8 A*2 ", 8),
		},
	} {
		t.Run(h.name, func(t *testing.T) {
			if w, err := newModel(h.in).replay(h.history); err != nil {
				t.Errorf("%v: %v", err, w)
			}
			h.in.flaw = h.flaw
			if _, err := newModel(h.in).replay(h.history); err == nil {
				t.Error("the history does not lead there any more")
			} else {
				t.Log(err)
			}
		})
	}
}

// checkRecipe judges what is published by what counted since its holder looked.
func (m *model) checkRecipe(was *proc, before, after edit) error {
	if !m.recipes() || m.lags {
		return nil
	}
	made := was.recipe
	switch {
	case was.pc == pcResult:
	case was.pc == pcFinish && !before.has(kindDone) && after.has(kindDone):
		made = uint8(m.unlist(was.list)[0].holds())
	default:
		return nil
	}
	if was.since>>made&1 == 0 {
		return fmt.Errorf("%v publishes what is made %s, and it was to be made otherwise ever since it looked", m.mine(was), recipeName(made))
	}
	return nil
}
