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
		one("0000", UnitSound).called("a divided clip", settling, func(s *scenario) { s.settles = true }),
	} {
		t.Run(s.name, func(t *testing.T) {
			s.limit = 8_000_000
			s.run(t) // one after the other: a large one needs a gigabyte
		})
	}
}
