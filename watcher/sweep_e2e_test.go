//go:build e2e

package watcher

import (
	"fmt"
	"testing"
	"time"

	"proxima/internal/faultfs"
)

// All modes at all operations, those that only read too, with all errors.
func TestAnyFaultAtAnyOperation(t *testing.T) {
	for workers := 1; workers <= 2; workers++ {
		for _, f := range []faultfs.Fault{{Mode: faultfs.Before}, {Mode: faultfs.After}} {
			for _, err := range allErrors {
				t.Run(fmt.Sprintf("%d workers, %v, %v", workers, f.Mode, err), func(t *testing.T) {
					trial{workers: workers, chunks: 2, fault: f}.sweep(t, err)
				})
			}
		}
		t.Run(fmt.Sprintf("%d workers, a death", workers), func(t *testing.T) {
			trial{workers: workers, chunks: 2, fault: faultfs.Fault{Mode: faultfs.DiesHalfway}}.sweep(t, nil)
		})
	}
}

// Several operations in a row fail: the one and those that would clean up after it.
func TestFaultsInARow(t *testing.T) {
	for _, times := range []int{2, 3, 8} {
		for _, mode := range []faultfs.Mode{faultfs.Before, faultfs.After} {
			t.Run(fmt.Sprintf("%d, %v", times, mode), func(t *testing.T) {
				trial{workers: 2, chunks: 2, fault: faultfs.Fault{Mode: mode, Times: times}}.sweep(t, allErrors...)
			})
		}
	}
}

func TestAFaultThatLastsFromAnyOperationOn(t *testing.T) {
	for _, workers := range []int{1, 2} {
		for _, part := range []int{2, 8} { // of two leases, which is how long a holder insists
			for _, err := range allErrors {
				t.Run(fmt.Sprintf("%d workers, %d halves of a lease, %v", workers, part, err), func(t *testing.T) {
					f := lasting(lease*time.Duration(part)/2, nil)
					if err == allErrors[1] {
						f.Only = grows
					}
					trial{workers: workers, chunks: 2, fault: f}.sweepEvery(t, 3, err)
				})
			}
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
