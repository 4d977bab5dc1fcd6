package quicktime

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// Where a decoder can begin is seen by a frame's units: those before its first slice may be many, and the slice
// itself may be large.
func TestAKeyframeIsSeenByItsUnits(t *testing.T) {
	t.Parallel()
	unit := func(body string) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)))) + body
	}
	const (
		aud, sps, idr, slice = "\x09\xf0", "\x67\x64\x00\x28", "\x65\x88", "\x41\x9a"
		recovery, hidden     = "\x06\x06\x01\x84\x80", "\x06\x05\x03\x00\x00\x03\x01\x06\x01\x84\x80" // behind a message with a byte that does not count
		other                = "\x06\x05\xff\x01"
	)
	large := strings.Repeat("x", 4*maxAhead)
	for what, c := range map[string]struct {
		units []string
		hevc  bool
		want  string
	}{
		"IDR":                              {units: []string{aud, sps, idr + large}, want: "yes"},
		"a slice":                          {units: []string{aud, slice + large}, want: "no"},
		"a slice behind a recovery point":  {units: []string{aud, sps, recovery, slice}, want: "becomes whole"},
		"one behind another message":       {units: []string{hidden, slice}, want: "becomes whole"},
		"another message, which is long":   {units: []string{other + large[:256], slice}, want: "no"},
		"one that ends early":              {units: []string{"\x06\x05\xff", slice}, want: "no"},
		"an IDR picture after a slice":     {units: []string{slice, idr}, want: "no"},
		"HEVC: IDR":                        {units: []string{"\x40\x01", "\x4e\x01", "\x26\x01" + large}, hevc: true, want: "yes"},
		"HEVC: clean random access":        {units: []string{"\x2a\x01"}, hevc: true, want: "yes"},
		"HEVC: a slice":                    {units: []string{"\x46\x01", "\x02\x01"}, hevc: true, want: "no"},
		"too much before":                  {units: []string{"\x0c" + large, idr}},
		"too many before":                  {units: append(strings.Split(strings.Repeat(aud+" ", maxUnits), " "), idr)},
		"nothing":                          {},
		"a unit of no bytes":               {units: []string{"", idr}},
		"no slice":                         {units: []string{aud, sps}},
		"a unit that ends behind the file": {units: []string{aud[:1] + strings.Repeat("y", 10)}},
	} {
		s := ""
		for _, u := range c.units {
			s += unit(u)
		}
		if strings.HasPrefix(what, "a unit that ends") {
			s = s[:len(s)-1]
		}
		found, err := entryOf(strings.NewReader(s), 4, c.hevc)
		got := map[entry]string{enters: "yes", recovers: "becomes whole", needsEarlier: "no"}[found]
		if err != nil {
			got = ""
		}
		if got != c.want || err != nil && !errors.Is(err, ErrIndex) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
	if found, err := entryOf(strings.NewReader("\x00\x02\x09\xf0\x00\x02\x65\x88"), 2, false); found != enters || err != nil {
		t.Errorf("with lengths of two bytes: %v, %v", found, err)
	}
}
