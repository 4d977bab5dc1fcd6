//go:build race

package jobfile

// The model is one goroutine a scenario: the race detector finds nothing in it and makes it
// ten times as slow.
const underRace = true
