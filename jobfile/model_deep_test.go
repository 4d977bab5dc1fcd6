//go:build deep

package jobfile

import (
	"slices"
	"testing"
)

// TestTheProtocolKeepsItsPromisesForLong is TestTheProtocolKeepsItsPromises with more that
// goes wrong in one history, and more workers.
func TestTheProtocolKeepsItsPromisesForLong(t *testing.T) {
	whole := one(UnitWhole)
	for _, s := range []scenario{
		whole.called("any two faults, on a local folder or NFS", everything, func(s *scenario) { s.faults = 2 }),
		whole.called("a person and a fault", slices.Concat(persons, []how{crashes, misjudges, twin, refused, unheard, losesPart}), func(s *scenario) { s.fails, s.moves = 1, 1 }),
		whole.called("a server that forgets, twice", []how{forgets, losesOutput, crashes, misjudges}, func(s *scenario) { s.faults, s.settles = 2, true }),
		whole.called("two winners, and no two machines make the same bytes", []how{twin, snatch, crashes, returns, misjudges, losesPart}, func(s *scenario) { s.faults, s.sameBytes = 2, false }),
		whole.called("retried, cancelled and purged", []how{retries, unmarks, cancels, purges, fails, condemns, misjudges, crashes}, func(s *scenario) { s.fails, s.moves = 1, 3 }),
		whole.called("cancelled while anything goes wrong", append(slices.Clone(settling), cancels), func(s *scenario) { s.moves, s.settles = 1, true }),
		whole.called("workers that look while they encode", everything, func(s *scenario) { s.beside = true }),
		whole.called("three workers, one of them slow", []how{misjudges}, func(s *scenario) { s.workers = 3 }),
		whole.called("dragged, cancelled and purged", []how{drags, condemns, fails, retries, unmarks, cancels, purges}, func(s *scenario) { s.faults, s.fails, s.moves = 0, 1, 3 }),
		whole.called("dragged, cancelled and purged, and a fault", []how{drags, cancels, purges, fails, condemns, misjudges, crashes, twin}, func(s *scenario) { s.fails, s.moves = 1, 3 }),
		whole.called("copies, and two faults", []how{refused, unheard, denied, unable, crashes, returns, misjudges, twin, snatch, losesPart}, func(s *scenario) { s.copies, s.faults = true, 2 }),
		whole.called("copies, where servers forget", settling, func(s *scenario) { s.copies, s.settles = true, true }),
		whole.called("copies, and no two machines make the same bytes", everything, func(s *scenario) { s.copies, s.sameBytes = true, false }),
		one("0000", UnitSound).called("a divided clip", settling, func(s *scenario) { s.settles = true }),
	} {
		t.Run(s.name, func(t *testing.T) {
			s.limit = 8_000_000
			s.run(t) // one after the other: a large one needs a gigabyte
		})
	}
}

// TestAJobIsMadeWithOneRecipeForLong is TestAJobIsMadeWithOneRecipe with more that goes wrong.
func TestAJobIsMadeWithOneRecipeForLong(t *testing.T) {
	clip, whole := one("0000", UnitSound), one(UnitWhole)
	for _, s := range []scenario{
		clip.in(plain, overriding).with(0, 0, 1, edits).named("a divided clip is edited"),
		clip.in(lacksFirst, lacksSecond).with(1, 0, 1, edits, crashes).named("it is edited, one dies, and each has one encoder"),
		clip.in(lacksSecond, lacksFirst).with(1, 0, 0, misjudges, twin, snatch, crashes, refused).named("slow workers, and each has one encoder"),
		whole.in(plain, overriding).with(0, 0, 2, edits).named("edited twice"),
		whole.in(plain, overriding).with(1, 0, 1, edits, misjudges, crashes).named("edited under a slow worker"),
		whole.in(overriding, plain).with(2, 0, 0, misjudges, twin, crashes, losesPart, forgets).named("two faults"),
		whole.in(lacksSecond, lacksFirst).with(0, 1, 2, edits, cancels, condemns, retries, unmarks, fails).named("edited, failed and cancelled"),
		clip.in(lacksSecond, lacksFirst, overriding).named("of three, on a divided clip"),
		whole.in(lacksSecond, lacksFirst, overriding).copying().named("copies, of three"),
		clip.in(plain, overriding).with(1, 0, 0, misjudges, crashes, unable).copying().named("copies of a divided clip, one has overrides, and a fault"),
		whole.in(plain, overriding).with(2, 0, 0, refused, unable, misjudges, crashes, twin).copying().named("copies, and two faults"),
		whole.in(lacksFirst, plain).with(1, 0, 1, edits, unable, crashes).copying().named("copies, edited, and one lacks an encoder"),
	} {
		t.Run(s.name, func(t *testing.T) {
			s.limit = 8_000_000
			s.run(t)
		})
	}
}
