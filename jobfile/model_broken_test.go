package jobfile

import "testing"

// flaw is a protocol that somebody might write in this one's place. The model's programs
// carry them, so that it can be seen that the checker sees them.
type flaw uint8

const (
	sound flaw = iota
	claimWithoutLook
	commitWithoutLook
	placeWithoutLook
	finishWithoutOutput
	tidyWithoutLook
	retireBeforeDone
	resultBeforePart
	placeBeforeVerify
	placeOverOthers
	takeoverKeepsAttempt
	restoreAtOne
	resultsGoFirst
	doingGoesFirst
	occupiedIsFinal
	tempsOfOthersGo
	chargedForTheShare // its history is in TestHistoriesThatOnceBrokeAPromise
	remakeWhenDone
	cancelledWaits
	agreedUnseen
	joinsAnything
	settledForGood
	strandedAmongOthers
	stitchNeedsEncoder
	waitsForAnyone
	unableRemember
	remadeIsLitter
	settledByTheLast
	holdersWait // as chargedForTheShare
	everybodyDrops
	firstDrops
	copyBeforeSettled
)

// A checker that never fails proves nothing: each of these protocols breaks a promise, and
// the model must find it.
func TestTheModelSeesBrokenProtocols(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine a scenario: explored without the race detector")
	}
	for _, c := range []struct {
		name  string
		flaw  flaw
		fault []how
		with  func(*scenario)
	}{
		{"a claim is believed without a look", claimWithoutLook, nil, nil},
		{"a commit without a look", commitWithoutLook, []how{misjudges}, nil},
		{"an output placed without a look", placeWithoutLook, []how{misjudges}, nil},
		{"DONE.yaml without a look at the output", finishWithoutOutput, []how{losesOutput}, nil},
		{"tidying up without a look at the output", tidyWithoutLook, []how{losesOutput}, nil},
		{"parts removed before DONE.yaml", retireBeforeDone, nil, func(s *scenario) { s.settles = false }},
		{"a result before its part", resultBeforePart, nil, nil},
		{"an output placed before it is verified", placeBeforeVerify, nil, nil},
		{"an output placed over another's file", placeOverOthers, nil, func(s *scenario) { s.moves = 1; s.hows = []how{occupies} }},
		{"a takeover at the same attempt", takeoverKeepsAttempt, []how{misjudges}, nil},
		{"a unit restored at attempt 1", restoreAtOne, nil, func(s *scenario) { s.moves, s.faults = 1, 1; s.hows = []how{deletes, misjudges} }},
		{"a bad result removed before its unit is in todo", resultsGoFirst, []how{losesPart}, nil},
		{"a failed unit leaves doing before it is in todo", doingGoesFirst, nil, func(s *scenario) { s.fails = 1; s.hows = []how{fails} }},
		{"a file at the output is an end, whoever placed it", occupiedIsFinal, []how{twin}, nil},
		{"a stitcher removes what others write", tempsOfOthersGo, []how{misjudges}, nil},
		{"who ends for a cancelled job leaves its file in doing", cancelledWaits, nil, func(s *scenario) {
			s.units, s.faults, s.moves, s.hows = []UnitID{"0000", UnitSound}, 0, 1, []how{cancels}
		}},
		{"the first holder goes as a copy does", everybodyDrops, []how{unable}, func(s *scenario) { s.copies, s.faults = true, 2 }},
		{"a copy goes though it is the first by name", firstDrops, []how{refused, fails}, func(s *scenario) { s.copies, s.faults, s.fails, s.settles, s.limit = true, 2, 1, false, 1_000_000 }},
		{"results of a finished job are taken back", remakeWhenDone, []how{misjudges}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scenario{units: []UnitID{UnitWhole}, workers: 2, faults: 1, hows: c.fault, settles: true, sameBytes: true, flaw: c.flaw, limit: 400_000}
			if c.with != nil {
				c.with(&s)
			}
			s.mustBreak(t)
		})
	}
}

// mustBreak explores a scenario with its flaw, which must break a promise, and without.
func (s scenario) mustBreak(t *testing.T) {
	t.Helper()
	m := newModel(s)
	x := m.explore()
	if x.broken == nil {
		t.Fatalf("not seen in %d worlds", x.worlds)
	}
	t.Logf("seen after %d worlds: %s", x.worlds, m.report(x.broken))
	s.flaw = sound
	if x := newModel(s).explore(); x.broken != nil || x.cut {
		t.Fatalf("the sound one breaks it too, or has no end: %v", x.broken)
	}
}
