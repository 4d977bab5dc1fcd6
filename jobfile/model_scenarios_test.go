package jobfile

import (
	"slices"
	"testing"
)

// everything is what may go wrong with machines and shares in one step.
var everything = []how{
	refused, unheard, denied, stale, torn1, torn2, torn3, torn4, twin, snatch, unable, crashes, returns,
	remembers, misjudges, losesPart,
}

// settling is what a share may do besides whose server forgets; a minute passes there before
// the parts go.
var settling = append(slices.Clone(everything), forgets, losesOutput)

// persons is what people may do.
var persons = []how{drags, deletes, condemns, occupies, fails}

func one(units ...UnitID) scenario {
	return scenario{units: units, workers: 2, faults: 1, sameBytes: true, limit: 1_000_000}
}

func (s scenario) called(name string, faults []how, change func(*scenario)) scenario {
	s.name, s.hows = name, faults
	if change != nil {
		change(&s)
	}
	return s
}

// TestTheProtocolKeepsItsPromises goes through every interleaving of small rooms, with every
// fault once, and with some twice. What the promises are stands in model_promises_test.go.
func TestTheProtocolKeepsItsPromises(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine a scenario: explored without the race detector")
	}
	whole := one(UnitWhole)
	for _, s := range []scenario{
		whole.called("any fault, on a local folder or NFS", everything, nil),
		whole.called("any fault, where servers forget", settling, func(s *scenario) { s.settles = true }),
		whole.called("any fault, and what is there is replaced", everything, func(s *scenario) { s.overwrite = true }),
		whole.called("any fault, without hard links", everything, func(s *scenario) { s.noLinks = true }),
		whole.called("any fault, and no two machines make the same bytes", everything, func(s *scenario) { s.sameBytes = false }),
		whole.called("slow workers, twice", []how{misjudges, remembers, stale}, func(s *scenario) { s.faults = 2 }),
		whole.called("lost replies, twice", []how{refused, unheard, denied}, func(s *scenario) { s.faults = 2 }),
		whole.called("two winners and two dead", []how{twin, snatch, crashes}, func(s *scenario) { s.faults = 2 }),
		whole.called("units that fail", []how{fails, crashes, misjudges, refused, unheard}, func(s *scenario) { s.fails = 3 }),
		whole.called("people", persons, func(s *scenario) { s.faults, s.fails, s.moves = 0, 1, 2 }),
		whole.called("a job that is cancelled", []how{cancels, crashes, misjudges, twin, refused, unheard}, func(s *scenario) { s.moves = 1 }),
		whole.called("a job that is cancelled, where servers forget", []how{cancels, forgets, losesOutput}, func(s *scenario) { s.moves, s.settles = 1, true }),
		whole.called("retried, cancelled and purged", []how{retries, unmarks, cancels, purges, fails, condemns, misjudges}, func(s *scenario) { s.fails, s.moves = 1, 2 }),
		whole.called("copies, and any fault", everything, func(s *scenario) { s.copies = true }),
		whole.called("copies that fail", []how{fails, unable, crashes, misjudges, refused, unheard}, func(s *scenario) { s.copies, s.fails = true, 1 }),
		whole.called("copies, cancelled", []how{cancels, crashes, misjudges, refused}, func(s *scenario) { s.copies, s.moves = true, 1 }),
		whole.called("copies, and people", append(slices.Clone(persons), retries), func(s *scenario) { s.copies, s.faults, s.fails, s.moves = true, 0, 1, 1 }),
		whole.called("copies, three workers", nil, func(s *scenario) { s.copies, s.workers, s.faults = true, 3, 0 }),
		one("0000", UnitSound).called("a divided clip that is cancelled", []how{cancels}, func(s *scenario) { s.faults, s.moves = 0, 1 }),
		one("0000", UnitSound).called("three workers", nil, func(s *scenario) { s.workers, s.faults, s.settles = 3, 0, true }),
		one("0000", UnitSound).called("a divided clip", []how{misjudges, twin, crashes, losesPart}, nil),
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.run(t)
		})
	}
}
