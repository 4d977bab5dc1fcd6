package main

import (
	"errors"
	"strings"
	"testing"

	"proxima/jobfile"
)

// A person's own settings are read with the farm's reader.
func FuzzUserConfig(f *testing.F) {
	valid := "farm: /mnt/farm\nname: edit7\nslots: 2\nffmpeg: /opt/ffmpeg\nffprobe: /opt/ffprobe\nallow: [/mnt/footage, 'R:\\x']\nmay_sleep: true\n"
	for i := range valid {
		f.Add([]byte(valid[:i]))
	}
	f.Add([]byte(valid))
	f.Fuzz(func(t *testing.T, in []byte) {
		var c userConfig
		err := jobfile.Decode("config.yaml", in, &c)
		var de *jobfile.DecodeError
		if err != nil && (!errors.As(err, &de) || de.Line < 1 || de.Column < 1 || strings.ContainsFunc(err.Error(), func(r rune) bool { return !jobfile.Shows(r) })) {
			t.Fatalf("no place, or not fit for a terminal: %q", err)
		}
	})
}
