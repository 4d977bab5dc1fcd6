//go:build deep

package watcher

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"proxima/internal/faultfs"
)

// Every operation, those that only read too, in a room of one and of two; every change with
// every error.
func TestAnyFaultAtAnyOperation(t *testing.T) {
	for workers := 1; workers <= 2; workers++ {
		x := trial{workers: workers, chunks: 2}
		for _, mode := range []faultfs.Mode{faultfs.Before, faultfs.Dies, faultfs.DiesHalfway} {
			x.fault = faultfs.Fault{Mode: mode}
			t.Run(fmt.Sprintf("%d workers, %v", workers, mode), func(t *testing.T) { x.sweep(t, allErrors...) })
		}
		for _, mode := range []faultfs.Mode{faultfs.Before, faultfs.After} {
			for _, err := range allErrors {
				x.fault = faultfs.Fault{Mode: mode, Only: changes}
				t.Run(fmt.Sprintf("%d workers, %v, %v", workers, mode, err), func(t *testing.T) { x.sweep(t, err) })
			}
		}
	}
}

// Several operations in a row fail: the one, and those that would clean up after it.
func TestFaultsInARow(t *testing.T) {
	for _, times := range []int{2, 8} {
		t.Run(fmt.Sprintf("%d before", times), func(t *testing.T) {
			trial{workers: 1, chunks: 2, fault: faultfs.Fault{Times: times}}.sweep(t, allErrors...)
		})
		t.Run(fmt.Sprintf("%d after", times), func(t *testing.T) {
			trial{workers: 2, chunks: 2, fault: faultfs.Fault{Mode: faultfs.After, Only: changes, Times: times}}.sweep(t, allErrors...)
		})
	}
}

// The share comes back before a holder gives up publishing, or after.
func TestAFaultThatLastsFromAnyOperationOn(t *testing.T) {
	for workers := 1; workers <= 2; workers++ {
		for _, leases := range []int{1, 4} {
			t.Run(fmt.Sprintf("%d workers, %d leases", workers, leases), func(t *testing.T) {
				x := trial{workers: workers, chunks: 2}
				x.fault = lasting(time.Duration(leases)*lease, nil)
				t.Run("away", func(t *testing.T) { x.sweepEvery(t, 3, syscall.EIO) })
				x.fault = lasting(time.Duration(leases)*lease, grows)
				t.Run("full", func(t *testing.T) { x.sweep(t, syscall.ENOSPC) })
			})
		}
	}
}

func TestAnyFaultWhileAFailureIsNoted(t *testing.T) {
	for _, flaws := range []int{1, doomed} {
		for _, mode := range []faultfs.Mode{faultfs.Before, faultfs.After, faultfs.DiesHalfway} {
			for workers := 1; workers <= 2; workers++ {
				t.Run(fmt.Sprintf("%d flaws, %d workers, %v", flaws, workers, mode), func(t *testing.T) {
					trial{workers: workers, chunks: 2, flaws: flaws, fault: faultfs.Fault{Mode: mode, Only: changes}}.sweep(t, allErrors...)
				})
			}
		}
	}
}

func TestAnyFaultWhileAJobIsCancelled(t *testing.T) {
	for at := 500 * time.Millisecond; at < 12*time.Second; at += 1500 * time.Millisecond {
		for _, mode := range []faultfs.Mode{faultfs.Before, faultfs.After, faultfs.Dies, faultfs.DiesHalfway} {
			t.Run(fmt.Sprintf("%v, %v", at, mode), func(t *testing.T) {
				trial{workers: 2, chunks: 2, cancel: at, fault: faultfs.Fault{Mode: mode, Only: changes}}.sweepEvery(t, 2, allErrors...)
			})
		}
	}
}

func TestLateListingsAndAFault(t *testing.T) {
	for n := 1; n <= 3; n++ {
		for _, mode := range []faultfs.Mode{faultfs.After, faultfs.Dies} {
			t.Run(fmt.Sprintf("%d, %v", n, mode), func(t *testing.T) {
				trial{workers: 2, chunks: 2, stale: n, fault: faultfs.Fault{Mode: mode, Only: changes}}.sweep(t, allErrors...)
			})
		}
	}
}
