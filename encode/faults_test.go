package encode

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"proxima/jobfile"
)

func TestASourceHasChangedIfItStaysOtherThanItWas(t *testing.T) {
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		was, shown time.Duration // before now: when it was queued, and at first
		later      time.Duration // a second later
		grown      bool
		ends       bool // the context, meanwhile
		kind       jobfile.FaultKind
		took       time.Duration
	}{
		"as it was":                  {was: day, shown: day, later: day},
		"rounded to two seconds":     {was: day, shown: day + 2*time.Second, later: day},
		"another time":               {was: day, shown: time.Minute, later: time.Minute, kind: jobfile.FaultSource, took: mtimeSettles},
		"another time, for a moment": {was: day, shown: 0, later: day, took: time.Second},
		"other times":                {was: day, shown: 0, later: time.Hour, kind: jobfile.FaultSource, took: mtimeSettles},
		"larger":                     {was: day, shown: day, later: day, grown: true, kind: jobfile.FaultSource},
		"while all ends":             {was: day, shown: 0, later: 0, ends: true, took: 0},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.mov")
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				show := func(ago time.Duration) {
					if err := os.Chtimes(path, time.Time{}, began.Add(-ago)); err != nil {
						t.Error(err)
					}
				}
				if err := os.WriteFile(path, []byte("clip"), 0o644); err != nil {
					t.Fatal(err)
				}
				want := jobfile.Source{Size: 4, Modified: began.Add(-c.was)}
				if c.grown {
					want.Size = 3
				}
				show(c.shown)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.ends {
					cancel()
				}
				go func() {
					select {
					case <-ctx.Done():
					case <-time.After(time.Second - time.Millisecond):
						show(c.later)
					}
				}()
				err := unchanged(ctx, path, want)
				var fault *jobfile.Fault
				switch {
				case c.ends && !errors.Is(err, context.Canceled):
					t.Errorf("the end is not heard: %v", err)
				case !c.ends && c.kind == "" && err != nil:
					t.Error(err)
				case c.kind != "" && (!errors.As(err, &fault) || fault.Kind != c.kind):
					t.Errorf("taken for the same: %v", err)
				}
				if took := time.Since(began); took < c.took || took > c.took+mtimeSettles/4 {
					t.Errorf("took %s, not %s", took, c.took)
				}
			})
		})
	}
}
