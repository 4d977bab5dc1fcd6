//go:build !race

package jobfile

const underRace = false
