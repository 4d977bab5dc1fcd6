package encode

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"proxima/jobfile"
)

// leaving is a file on which somebody gives up at a read, counted from 1.
type leaving struct {
	file  *bytes.Reader
	at    int
	leave context.CancelFunc
	reads int
}

func (l *leaving) ReadAt(b []byte, at int64) (int, error) {
	if l.reads++; l.reads == l.at {
		l.leave()
	}
	return l.file.ReadAt(b, at)
}

// A worker that is told to leave does not read on in an index, wherever in it that happens.
func TestAnIndexIsNotReadOnWhereNobodyWaits(t *testing.T) {
	t.Parallel()
	path := kinds[0].make(t, t.TempDir())
	b := fileBytes(t, path)
	p, err := tools(t).Probe(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 1; ; at++ {
		ctx, leave := context.WithCancel(t.Context())
		l := &leaving{file: bytes.NewReader(b), at: at, leave: leave}
		play, err := playingOf(ctx, l, int64(len(b)), &p.Media)
		if err == nil {
			_, err = play.KeysAt([]int64{2_000_000})
		}
		leave()
		if l.reads < at {
			if err != nil || at < 5 {
				t.Fatalf("%d reads in all, %v", l.reads, err)
			}
			break
		}
		// Who gives up during the last read has it all.
		if l.reads > at || err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("given up at read %d of %d: %v", at, l.reads, err)
		}
	}

	ctx, leave := context.WithCancel(t.Context())
	leave()
	job := &jobfile.Job{Media: p.Media, Plan: jobfile.Plan{FirstPTS: p.FirstPTS, LastPTS: p.LastPTS, Units: planUnits(p.FirstPTS, nil, false)}}
	task := Task{Job: job, Unit: job.Plan.Units[0], Source: path, Threads: 1}
	if told, sure := toldOf(ctx, task, seek{}); told != nil || sure {
		t.Errorf("%+v, %v", told, sure)
	}
	if told, _ := toldOf(t.Context(), task, seek{}); told == nil {
		t.Error("the index tells nothing at all")
	}
}

// A large read is given up within.
func TestALargeReadIsGivenUpWithin(t *testing.T) {
	t.Parallel()
	b := bytes.Repeat([]byte("abc"), pieceRead)
	for at, want := range map[int]int{1: pieceRead, 2: 2 * pieceRead, 9: 3*pieceRead - 2} {
		ctx, leave := context.WithCancel(t.Context())
		got := make([]byte, 3*pieceRead-2)
		n, err := heeding{ctx, &leaving{file: bytes.NewReader(b), at: at, leave: leave}}.ReadAt(got, 2)
		leave()
		if n != want || !bytes.Equal(got[:n], b[2:2+n]) || (err == nil) != (at == 9) {
			t.Errorf("given up at %d: %d bytes, %v", at, n, err)
		}
	}
}
