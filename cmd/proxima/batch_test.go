package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"proxima/internal/faultfs"
	"proxima/jobfile"
	"proxima/jobfile/sharefs"
)

// Jobs are put into the farm several at once. Where that ends early, what stands there is whole, and what
// does not is not there at all.
func TestWhatEndsAQueueEarlyLeavesWholeJobsOrNone(t *testing.T) {
	t.Parallel()
	const clips, at = 40, 7
	birth := func(op faultfs.Op) bool { return op.Kind == "Rename" && strings.Contains(op.Name, "/.new-") }
	for what, c := range map[string]struct {
		fault func(cancel context.CancelFunc) faultfs.Fault
		says  func(error) bool
		most  int // jobs that may stand
	}{
		"a full share": {
			func(context.CancelFunc) faultfs.Fault {
				return faultfs.Fault{At: at, Times: clips, Err: syscall.ENOSPC, Only: birth}
			},
			func(err error) bool {
				var h *hinted
				return errors.As(err, &h) && errors.Is(err, syscall.ENOSPC) && strings.Contains(h.next, "what was queued stays")
			},
			at - 1,
		},
		"Ctrl-C": {
			func(cancel context.CancelFunc) faultfs.Fault {
				return faultfs.Fault{At: clips + 1, Only: func(op faultfs.Op) bool {
					if birth(op) {
						cancel()
					}
					return birth(op)
				}}
			},
			func(err error) bool { return errors.Is(err, errInterrupted) },
			atOnce() + 1, // those that had begun
		},
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			if _, err := jobfile.Init(dir); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			share := faultfs.New(sharefs.NewOS(dir))
			q := &queuing{store: jobfile.NewStore(share, dir), farm: &jobfile.Farm{}}
			all := make([]clip, clips)
			for i := range all {
				all[i] = clip{Source: fmt.Sprintf("/media/c%02d.mov", i), Output: filepath.Join(dir, "Proxy", "a.mov"), job: crowdJob()}
				all[i].job.ID = fmt.Sprintf("40_20260304-050607_c%02d_abcde", i)
			}
			share.Inject(c.fault(cancel))
			if err := q.create(ctx, all); !c.says(err) {
				t.Errorf("%v", err)
			}
			es, err := os.ReadDir(filepath.Join(dir, "jobs"))
			if err != nil {
				t.Fatal(err)
			}
			if len(es) == 0 || len(es) > c.most {
				t.Errorf("%d jobs stand", len(es))
			}
			for _, e := range es {
				if _, err := jobfile.NewStore(sharefs.NewOS(dir), dir).Job(e.Name()); err != nil {
					t.Errorf("%s: %v", e.Name(), err)
				}
			}
		})
	}
}
