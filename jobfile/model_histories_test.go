package jobfile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// replay makes the steps of a history, as report writes it: "a*3" is three steps of worker a's
// loop, "A" one of its unit, "b.twin" a step and what becomes of it. Steps that a program does
// not come to any more are left out. It answers the first promise that is not kept.
func (m *model) replay(history string) (last world, err error) {
	w := m.birth()
	for _, word := range strings.Fields(history) {
		word, times, _ := strings.Cut(word, "*")
		n, _ := strconv.Atoi(times)
		for range max(n, 1) {
			var made *step
			var then world
			m.next(&w, func(s step, after world) {
				if made == nil && m.write(s) == word {
					made, then = &s, after
				}
			})
			if made == nil {
				continue
			}
			if err := errors.Join(m.checkStep(&w, *made, &then), m.checked(then.folder), m.ends(then.folder)); err != nil {
				return then, fmt.Errorf("after %s: %w", word, err)
			}
			w = then
		}
	}
	return w, m.waits(&w)
}

// waits judges a world in which nobody can make a step.
func (m *model) waits(w *world) error {
	moves := false
	m.next(w, func(s step, _ world) { moves = moves || s.how == plainly })
	if moves || !w.anybody() {
		return nil
	}
	if err := m.ended(m.folders.files[w.folder]); err != nil {
		return fmt.Errorf("everybody waits for another: %w", err)
	}
	return nil
}

// Histories that the model found, in the protocol as it was. Each must break the promise where
// its flaw is put back, and keep all of them without.
func TestHistoriesThatOnceBrokeAPromise(t *testing.T) {
	for _, h := range []struct {
		name    string
		flaw    flaw
		faults  []how
		history string
	}{
		{
			"of two stitchers the second finds the first one's file, and gives the job up",
			occupiedIsFinal,
			[]how{twin},
			"a*3 A*6 a b a*2 A*8 b.twin b B*5 A B*7",
		},
		{
			"a stitcher that slept removes what the one writes that took over",
			tempsOfOthersGo,
			[]how{misjudges},
			"a*3 A*6 a*3 A*3 b.misjudges.a b*5 B*6 A",
		},
		{
			"a stitch is given up for one lost part and a share that failed for a moment",
			chargedForTheShare,
			[]how{losesPart, refused},
			"a*3 A*6 a*3 A*5 losesPart:parts/whole.a1.a-1 A*5 b*3 B*3 B.refused B*2",
		},
		{
			"a stitcher that slept finds no parts, and takes back the results of a finished job",
			remakeWhenDone,
			[]how{misjudges},
			"a*3 A*6 a*3 A*12 b.misjudges.a b*5 A a*3 B*7",
		},
		{
			"two stitchers, of whom neither works on it any more, wait for each other",
			holdersWait,
			[]how{twin, forgets},
			"a*3 A*6 a b a*2 A*12 b.twin A b forgets",
		},
	} {
		t.Run(h.name, func(t *testing.T) {
			s := one(UnitWhole).called(h.name, h.faults, func(s *scenario) { s.settles, s.faults, s.moves = true, 3, 1 })
			if w, err := newModel(s).replay(h.history); err != nil {
				t.Errorf("%v: %v", err, w)
			}
			s.flaw = h.flaw
			if _, err := newModel(s).replay(h.history); err == nil {
				t.Error("the history does not lead there any more")
			}
		})
	}
}

// What docs/protocol.md says is not promised, as histories: they end in what it says there, and
// in nothing worse.
func TestWhatIsNotPromised(t *testing.T) {
	for _, h := range []struct {
		name    string
		differ  bool // no two machines make the same bytes
		faults  []how
		history string
		want    kind
	}{
		{
			"two find the output gone, and one sleeps", false,
			[]how{losesOutput},
			"a*3 A*6 a*3 A*13 a b losesOutput a b a*7 A*13 a*3 b a*9", kindUndone,
		},
		{
			"a stitcher dies, a part is lost, and the next makes other bytes", true,
			[]how{losesPart, crashes},
			"a*3 A*6 a*3 A*9 losesPart:parts/whole.a1.a-1 a.crashes " + strings.Repeat("b*9 B*30 ", 6), kindStranger,
		},
	} {
		t.Run(h.name, func(t *testing.T) {
			m := newModel(one(UnitWhole).called(h.name, h.faults, func(s *scenario) { s.settles, s.faults, s.sameBytes = true, 2, !h.differ }))
			w, err := m.replay(h.history)
			if err != nil {
				t.Fatal(err)
			}
			e := edit{m.folders.files[w.folder]}
			if out, ok := e.first(kindOutput); !e.has(h.want) || !ok || !m.whole(out.holds()) {
				t.Errorf("it ends in %s", m.names(e.files))
			}
		})
	}
}
