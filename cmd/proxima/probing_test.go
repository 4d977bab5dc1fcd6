package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// What a share shows of a file's time after it was written, each second.
func TestAFileWrittenAMomentAgoIsQueuedWithTheTimeThatItKeeps(t *testing.T) {
	const second = time.Second
	for name, c := range map[string]struct {
		share bool
		shows []time.Duration // before now, second by second; then the last
		grows bool
		want  time.Duration
		took  time.Duration
	}{
		"written long ago":                  {share: true, shows: []time.Duration{20 * second}, want: 20 * second},
		"a moment ago, on a disk":           {shows: []time.Duration{0}},
		"a moment ago, on a disk, and anew": {shows: []time.Duration{0, -second}, grows: true},
		"a moment ago":                      {share: true, shows: []time.Duration{0}, took: 3 * second},
		"the server's time comes late":      {share: true, shows: []time.Duration{0, 0, 8 * second}, want: 8 * second, took: 6 * second},
		"a time for a moment":               {share: true, shows: []time.Duration{0, 60 * second}, want: 60 * second, took: 5 * second},
		"it never stays":                    {share: true, shows: []time.Duration{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, grows: true},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.mov")
			synctest.Test(t, func(t *testing.T) {
				if err := os.WriteFile(path, []byte("clip"), 0o644); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				ctx, cancel := context.WithCancel(t.Context())
				show := func(ago time.Duration) {
					if ago < 12 && ago > 0 { // of those that only differ
						ago *= second
					}
					if err := os.Chtimes(path, time.Time{}, began.Add(-ago)); err != nil {
						t.Error(err)
					}
				}
				show(c.shows[0])
				before, err := os.Stat(path)
				if err != nil {
					t.Fatal(err)
				}
				go func() {
					for _, ago := range c.shows[1:] {
						if c.share {
							select {
							case <-ctx.Done():
								return
							case <-time.After(second - time.Millisecond):
							}
						}
						show(ago)
					}
				}()
				if !c.share {
					synctest.Wait()
				}
				st, err := settled(ctx, path, before, c.share)
				cancel()
				switch {
				case c.grows && !errors.Is(err, errGrows):
					t.Errorf("not seen to change: %v", err)
				case !c.grows && err != nil:
					t.Error(err)
				case !c.grows && !st.ModTime().Equal(began.Add(-c.want)):
					t.Errorf("of %s before now, not %s", began.Sub(st.ModTime()), c.want)
				case !c.grows && time.Since(began).Round(second) != c.took:
					t.Errorf("took %s, not %s", time.Since(began), c.took)
				}
			})
		})
	}
	t.Run("it becomes larger", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.mov")
		synctest.Test(t, func(t *testing.T) {
			if err := os.WriteFile(path, []byte("clip"), 0o644); err != nil {
				t.Fatal(err)
			}
			before, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("a longer clip"), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := settled(t.Context(), path, before, true); !errors.Is(err, errGrows) {
				t.Error(err)
			}
		})
	})
}
