package jobfile

import (
	"errors"
	"syscall"
	"testing"

	"proxima/internal/faultfs"
)

// A holder repeats a commit while the share has a bad moment. Wherever the first try failed,
// and whether or not that step was done, the second one is good.
func TestACommitThatFailedAnywhereCanBeRepeated(t *testing.T) {
	t.Parallel()
	for _, mode := range []faultfs.Mode{faultfs.Before, faultfs.After} {
		for at := 1; ; at++ {
			clean := unsynced(t)
			j := withJob(t, clean)
			share := faultfs.New(clean.fs)
			s := NewStore(share, clean.dir)
			k := claim(t, s, j, "0000", 1, "w-1")
			r := stage(t, s, j, k, "picture")
			share.Inject(faultfs.Fault{At: at, Mode: mode, Err: syscall.EIO})
			first := s.Commit(j.ID, k, r)
			if len(share.Hits()) == 0 {
				if at < 10 {
					t.Fatalf("only %d operations", at)
				}
				break
			}
			// A result that stands is a commit, whatever the caller was told.
			if err := s.Commit(j.ID, k, r); err != nil && (first != nil || !errors.Is(err, ErrLost)) {
				t.Errorf("operation %d failed %v: %v, then %v", at, mode, first, err)
			}
			u := look(t, s, j).Unit("0000")
			if u.State != Done || u.Ticket != k {
				t.Errorf("operation %d failed %v: %+v", at, mode, u)
			}
			got, err := s.ReadResult(j.ID, u.Ticket)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := s.PartSize(j.ID, got.Video.File); err != nil || n != r.Video.Size {
				t.Errorf("operation %d failed %v: a part of %d bytes, %v", at, mode, n, err)
			}
		}
	}
}
