package jobfile

import (
	"strconv"
	"testing"
)

func TestSizesAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]Bytes{
		"2GiB": 2 << 30, "500MB": 500_000_000, "1.5 GiB": 3 << 29, "0": 0, "512B": 512,
	} {
		var got Bytes
		if err := Decode("b.yaml", []byte(strconv.Quote(text)), &got); err != nil || got != want {
			t.Errorf("%q is %d: %v", text, got, err)
		}
	}
	for _, text := range []string{"", "2", "2GiBs", "-1GiB", "GiB", "99999999TiB", "NaNGiB"} {
		var got Bytes
		if err := Decode("b.yaml", []byte(strconv.Quote(text)), &got); err == nil {
			t.Errorf("%q was taken for %d", text, got)
		}
	}
	for size, want := range map[Bytes]string{2 << 30: "2GiB", 3 << 29: "1.5GiB", 1023: "1023B", 0: "0B"} {
		if got := size.String(); got != want {
			t.Errorf("%d is written %s", size, got)
		}
	}
}
