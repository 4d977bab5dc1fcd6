package load

import (
	"errors"
	"runtime"
	"testing"
	"time"
)

func TestSince(t *testing.T) {
	t.Parallel()
	type clocks struct {
		busy, all time.Duration
		err       error
	}
	away := errors.New("away")
	s := time.Second
	for _, c := range []struct {
		name string
		told []clocks
		want []float64 // -1: not known
	}{
		{"half of it", []clocks{{5 * s, 100 * s, nil}, {10 * s, 110 * s, nil}, {10 * s, 120 * s, nil}, {20 * s, 130 * s, nil}}, []float64{0.5, 0, 1}},
		{"asked twice in a moment", []clocks{{0, 0, nil}, {1 * s, 4 * s, nil}, {1 * s, 4 * s, nil}, {1*s + 250*time.Millisecond, 4*s + 250*time.Millisecond, nil}, {3 * s, 6 * s, nil}}, []float64{0.25, 0.25, 0.25, 1}},
		{"at once", []clocks{{1 * s, 4 * s, nil}, {1 * s, 4 * s, nil}}, []float64{-1}},
		{"not at the beginning", []clocks{{err: away}, {1 * s, 4 * s, nil}, {2 * s, 8 * s, nil}}, []float64{-1, 0.25}},
		{"not for a while", []clocks{{0, 0, nil}, {err: away}, {2 * s, 4 * s, nil}}, []float64{-1, 0.5}},
		{"another machine", []clocks{{0, 0, nil}, {3 * s, 4 * s, nil}, {1 * s, 2 * s, nil}, {1 * s, 4 * s, nil}}, []float64{0.75, -1, 0}},
		{"backwards by a little", []clocks{{10 * s, 20 * s, nil}, {9 * s, 24 * s, nil}}, []float64{0}},
		{"more than there is", []clocks{{10 * s, 20 * s, nil}, {30 * s, 24 * s, nil}}, []float64{1}},
	} {
		i := 0
		ask := since(func() (time.Duration, time.Duration, error) {
			c := c.told[i]
			i++
			return c.busy, c.all, c.err
		})
		for n, want := range c.want {
			got, err := ask()
			if (err != nil) != (want < 0) || err == nil && got != want {
				t.Errorf("%s, %d: %v, %v, not %v", c.name, n, got, err, want)
			}
		}
	}
}

func TestParseStat(t *testing.T) {
	t.Parallel()
	busy, all, err := parseStat("cpu  100 20 30 400 50 6 7 8 90 10\ncpu0 1 1 1 1\n")
	if busy != 1710*time.Millisecond || all != 6210*time.Millisecond || err != nil {
		t.Error(busy, all, err)
	}
	if busy, all, err := parseStat("cpu 1 2 3 4"); busy != 60*time.Millisecond || all != 100*time.Millisecond || err != nil {
		t.Error(busy, all, err)
	}
	for _, bad := range []string{"", "cpu0 1 2 3 4 5", "cpu 1 2 3", "cpu 1 2 3 x 5", "cpu 1 2 3 99999999999999999999"} {
		if _, _, err := parseStat(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// struct loadavg of macOS' sys/resource.h: three numbers of 32 bits, here 2.5, 1.9 and 1.7, and their scale, 2048.
func TestAveraged(t *testing.T) {
	t.Parallel()
	raw := []byte{0, 20, 0, 0, 51, 15, 0, 0, 153, 13, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0}
	if part, err := averaged(raw, 8); part != 2.5/8 || err != nil {
		t.Error(part, err)
	}
	if part, err := averaged(raw, 2); part != 1 || err != nil {
		t.Error(part, err)
	}
	for _, bad := range [][]byte{nil, raw[:23], make([]byte, 24)} {
		if _, err := averaged(bad, 8); err == nil {
			t.Errorf("%v was read", bad)
		}
	}
}

// This machine answers, and a processor that is kept busy shows.
func TestReader(t *testing.T) {
	ask := Reader()
	part, err := ask()
	for until := time.Now().Add(5 * time.Second); errors.Is(err, errTooSoon) && time.Now().Before(until); {
		for again := time.Now().Add(50 * time.Millisecond); time.Now().Before(again); {
		}
		part, err = ask()
	}
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" && runtime.GOOS != "windows" {
		if err == nil {
			t.Errorf("it knows %v", part)
		}
		return
	}
	if err != nil || part < 0 || part > 1 || runtime.GOOS != "darwin" && part < 0.5/float64(runtime.NumCPU()) {
		t.Errorf("%v, %v", part, err)
	}
}
