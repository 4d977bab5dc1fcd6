package watcher

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"proxima/jobfile"
)

// twin encodes nothing to speak of; while it stitches, other puts a file at the output.
type twin struct{ other func() }

func (twin) Version() string                             { return "twin" }
func (twin) Able(context.Context, *jobfile.Recipe) error { return nil }

func (twin) Encode(_ context.Context, w Work) (*jobfile.Result, error) {
	for _, f := range []string{w.Staging.Video, w.Staging.Sound} {
		if err := os.WriteFile(f, []byte("part"), 0o644); err != nil {
			return nil, err
		}
	}
	return &jobfile.Result{
		Video: &jobfile.VideoPart{Size: 4, Frames: 25, LastPTS: 24, Digest: "x"},
		Sound: &jobfile.SoundPart{Size: 4, Streams: []jobfile.SoundFacts{{Codec: "pcm_s16le", Channels: 2}}},
	}, nil
}

func (t twin) Stitch(ctx context.Context, j Join) (*jobfile.Final, error) {
	t.other()
	if err := os.WriteFile(j.Target, []byte("whole"), 0o644); err != nil {
		return nil, err
	}
	return t.Verify(ctx, j.Target, j)
}

func (twin) Verify(_ context.Context, file string, _ Join) (*jobfile.Final, error) {
	if b, err := os.ReadFile(file); err != nil || string(b) != "whole" {
		return nil, errors.New("it is another file")
	}
	return &jobfile.Final{Size: 5}, nil
}

// Two may stitch: both were told that they won, or one slept and was taken over. Whoever comes
// second finds the first one's file at the output, which is what it wanted to put there.
func TestTheSecondStitcherAdoptsWhatTheFirstPlaced(t *testing.T) {
	for text, want := range map[string]jobfile.State{"whole": jobfile.Done, "somebody's holiday": jobfile.Failed} {
		t.Run(text, func(t *testing.T) {
			dir := t.TempDir()
			farm, media := filepath.Join(dir, "farm"), filepath.Join(dir, "media")
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			must(os.Mkdir(media, 0o755))
			_, err := jobfile.Init(farm)
			must(err)
			s, _, err := jobfile.Open(farm)
			must(err)
			must(os.WriteFile(filepath.Join(media, "A001.mov"), []byte("source"), 0o644))
			j := &jobfile.Job{
				Format: jobfile.Format, ID: jobfile.NewJobID(50, time.Now(), "A001.mov"), Created: time.Now().UTC(), By: "ana@edit7", Version: "1",
				Source: jobfile.Source{Path: jobfile.Path{Root: "media", Rel: "A001.mov"}, Size: 6, Modified: time.Now().UTC()},
				Output: jobfile.Output{
					Path: jobfile.Path{Root: "media", Rel: "Proxy/A001.mov"}, Base: jobfile.Path{Root: "root", Rel: "media"}, Existing: jobfile.ExistingSkip,
				},
				Recipe: jobfile.Recipe{
					Preset: "edit_proxy", Container: "mov", Ext: ".mov", Threads: 1, LogLevel: "warning",
					Video: jobfile.VideoRecipe{Encoder: "libx264", PixelFormat: "yuv420p", ScaleFlags: "bicubic"},
					Sound: jobfile.SoundRecipe{Encoder: "pcm_s16le"},
				},
				Media: jobfile.Media{
					Video: jobfile.VideoStream{Width: 1920, Height: 1080, TimeBase: jobfile.Rational{Num: 1, Den: 25}, FrameRate: jobfile.Rational{Num: 25, Den: 1}},
					Sound: []jobfile.SoundStream{{Index: 1, Channels: 2, SampleRate: 48000}},
				},
				Plan: jobfile.Plan{Frames: 25, ChunkTarget: jobfile.Duration(time.Second)},
			}
			j.Plan.Units = jobfile.PlanUnits(&j.Media, &j.Recipe, 0, nil, j.Plan.Frames)
			must(s.Create(j))
			output := filepath.Join(media, "Proxy", "A001.mov")
			w := New(Config{
				Store: s, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Name: "w", Version: "1", System: "test",
				Encoder: twin{func() { must(os.WriteFile(output, []byte(text), 0o644)) }},
				Slots:   1, Lease: 10 * time.Second, Poll: 20 * time.Millisecond, UntilIdle: true,
				Roots: jobfile.Roots{"media": media, "root": dir},
			})
			must(w.Run(t.Context(), nil))
			m, state, err := s.Marker(j.ID)
			if err != nil || m == nil || state != want {
				t.Fatalf("%v, want %v: %+v, %v", state, want, m, err)
			}
			if b, err := os.ReadFile(output); err != nil || string(b) != text {
				t.Errorf("the output is %q, %v", b, err)
			}
		})
	}
}
