package jobfile

import (
	"bytes"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// fuzzDocument feeds a kind of document everything, beginning with each prefix of valid ones.
// Whatever is refused has a place and is fit for a terminal; whatever is accepted is written so
// that it reads back, to the same bytes.
func fuzzDocument[T any](f *testing.F, fresh func() *T, valid ...any) {
	for _, v := range valid {
		data, ok := v.([]byte)
		if !ok {
			var err error
			if data, err = Encode("A document.", v); err != nil {
				f.Fatal(err)
			}
		}
		if err := Decode("x.yaml", data, fresh()); err != nil {
			f.Fatalf("not valid: %v\n%s", err, data)
		}
		for i := range data {
			f.Add(data[:i])
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		v := fresh()
		if err := Decode("x.yaml", in, v); err != nil {
			var de *DecodeError
			if !errors.As(err, &de) || de.Line < 1 || de.Column < 1 || de.Reason == "" {
				t.Fatalf("no place: %v", err)
			}
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return !Shows(r) }) {
				t.Fatalf("not fit for a terminal: %q", err)
			}
			return
		}
		once, err := Encode("", v)
		if err != nil {
			t.Fatal(err)
		}
		again := fresh()
		if err := Decode("x.yaml", once, again); err != nil {
			t.Fatalf("what was accepted is refused when written again: %v\n%s", err, once)
		}
		if twice, err := Encode("", again); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%v\n%s\nthen\n%s", err, once, twice)
		}
	})
}

func FuzzDecodeJob(f *testing.F) { fuzzDocument(f, func() *Job { return &Job{} }, testJob()) }

func FuzzDecodeUnit(f *testing.F) {
	u := testJob().Unit(testJob().Plan.Units[0])
	u.Failures = []Failure{{Worker: "w", Kind: FaultUnit, Reason: "it's \x1b[31mred", Next: "a\nb", Log: "0000.a1.w-1.log", Attempt: 1, Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}}
	fuzzDocument(f, func() *Unit { return &Unit{} }, u)
}

func FuzzDecodeResult(f *testing.F) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	fuzzDocument(f, func() *Result { return &Result{} }, &Result{
		Format: Format, Job: testJob().ID, Unit: "0000", Attempt: 1, Worker: "w-1", Host: "h", Started: at, Finished: at, Encoder: "ffmpeg 5",
		Video:    &VideoPart{File: "0000.a1.w-1.mov", Size: 9, Frames: 2, LastPTS: 1, Digest: "ab", Stream: StreamFacts{Codec: "dnxhd", TimeBase: Rational{1, 25}}},
		Sound:    &SoundPart{File: "0000.a1.w-1.audio.mov", Size: 9, Streams: []SoundFacts{{Codec: "aac", Channels: 2, SampleRate: 48000, Digest: "ab"}}},
		Warnings: []string{"odd"},
	})
}

func FuzzDecodeMarker(f *testing.F) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	fuzzDocument(f, func() *Marker { return &Marker{} },
		&Marker{Format: Format, Job: testJob().ID, Finished: at, Output: Path{"footage", "a.mov"}, Worker: "w-1", Workers: []string{"w-1"}, Units: 2, Final: &Final{Size: 9, Frames: 2, Digest: "ab", Checks: []string{"all"}}},
		&Marker{Format: Format, Job: testJob().ID, Finished: at, Worker: "w-1", Error: "why", Next: "what"},
	)
}

func FuzzDecodeWorker(f *testing.F) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	fuzzDocument(f, func() *Worker { return &Worker{} }, &Worker{
		Format: Format, ID: "w-1", Name: "w", Host: "h", PID: 7, Version: "1", Encoder: "ffmpeg 5", System: "linux/amd64", Started: at, Updated: at,
		Slots: 2, AutoSlots: true, Cores: 4, State: "working", Reason: "tired", Busy: []Busy{{Job: testJob().ID, Unit: "0000", Attempt: 1, Frames: 1, Of: 2, FPS: 24.5}},
	})
}

func FuzzDecodeSettled(f *testing.F) {
	fuzzDocument(f, func() *Settled { return &Settled{} }, &Settled{Format: Format, Job: testJob().ID, Worker: "w-1", Why: "vertical_res: 720", Recipe: testJob().Recipe})
}

func FuzzDecodeFarm(f *testing.F) {
	fuzzDocument(f, NewFarm, farmTemplate, []byte("format: 1\nrules:\n- when: {path: '**/a*', frame_rate: [25, 24000/1001], longer_than: 2m}\n  presets: [a, b]\nfilters: {extensions: mov}\n"), []byte("format: 1\ndefaults: {lease: 2m, keep_free: 0}\nroots:\n  footage: {linux: /mnt/x, windows: 'R:\\', \"host:a\": /y}\n"))
}

// Names of files come from the folder: one that is understood is written as it was read, and is
// one name everywhere.
func FuzzNames(f *testing.F) {
	for _, s := range []string{
		"0007.a1.yaml", "audio.a2.w-1.yaml", "stitch.a1.yaml", "0007.a01.yaml", "a.b.c.d", "49_20260304-050607_A001_abcde", "50_20260304-050607_漢字_abcde",
		".0000.a1.w-1.mov.partial", ".0000.a1.w-1.audio.mov.partial", "0000.a1.w-1.mov", "0000.a1.w-1.audio.mov", "recipe.1.w-1.yaml", ".new-49_20260304-050607_A001_abcde", "editpc7-k3f9",
	} {
		for i := range s {
			f.Add(s[:i])
		}
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, ok := ParseTicket(s)
		if n, ok := parseSettlement(s); ok && n.File() != s {
			t.Fatalf("%q reads as %v, which is written %q", s, n, n.File())
		}
		if ok && k.File() != s {
			t.Fatalf("%q reads as %v, which is written %q", s, k, k.File())
		}
		_, staged := stagedTicket(s)
		if !ok && !staged && !ValidJobID(s) && !ValidWorkerID(s) && checkPartName(s) != nil {
			return
		}
		if windowsMeans(s) != "" && !ValidWorkerID(s) || s != filepath.Base(s) || strings.ContainsFunc(s, func(r rune) bool { return !Shows(r) }) || len(s) > 255 {
			t.Fatalf("%q is no plain name", s)
		}
	})
}

// A path that is located lies below its root, or is the absolute path that the document names.
func FuzzPath(f *testing.F) {
	for _, p := range []Path{
		{"footage", "day1/A001.mov"},
		{"footage", "../x"},
		{"", "/mnt/a:b.mov"},
		{"", `C:\a\b.mov`},
		{"", `\\nas\media\a.mov`},
		{"", `\\?\C:\a`},
		{"footage", "a.mov:stream"},
		{"footage", "NUL.mov"},
	} {
		f.Add(p.Root, p.Rel)
	}
	base := filepath.Join(f.TempDir(), "base")
	f.Fuzz(func(t *testing.T, root, rel string) {
		p := Path{root, rel}
		got, err := (Roots{"footage": base}).Locate(p)
		if err != nil {
			return
		}
		if !filepath.IsAbs(got) || strings.ContainsRune(got, 0) {
			t.Fatalf("%v was located at %q", p, got)
		}
		in, err := filepath.Rel(base, got)
		if root != "" && (err != nil || !filepath.IsLocal(in) || in == ".") {
			t.Fatalf("%v was located at %q, outside of its root", p, got)
		}
		if root == "" && runtime.GOOS != "windows" && strings.TrimSuffix(rel, "/") != strings.TrimSuffix(got, "/") {
			t.Fatalf("%v was located at %q", p, got)
		}
		for _, c := range strings.Split(rel, "/") {
			if c == ".." {
				t.Fatalf("%v climbs", p)
			}
		}
		if back := (Roots{"footage": base}).Name(got); root != "" && back != p {
			t.Fatalf("%v was located at %q, which is named %v", p, got, back)
		}
	})
}

// What passes the gate is options and plain values: nothing that names another file.
func FuzzEncoderArgs(f *testing.F) {
	for _, s := range []string{"-bf 2", "-x264-params keyint=50:open-gop=0", "-flags +cgop", "-stats", "-x265-params film-grain=a", "-i /etc/passwd", "-flags 512"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		args := strings.Split(s, " ")
		if CheckEncoderArgs(args) != nil {
			return
		}
		for _, a := range args {
			if strings.ContainsAny(a, "/\\'\"`$;|<>&()[]{}*?~#%\x00\n") || strings.Contains(a, "pass") || strings.Contains(a, "film-grain") && !strings.Contains(s, "svtav1") {
				t.Fatalf("%q passes", args)
			}
		}
	})
}

// Text from outside is shown whole or cut, and always harmless; what is harmless is left alone.
func FuzzPrintable(f *testing.F) {
	for _, s := range []string{"a\x1b[31mb", "x\u202egpj.mov", "a\nb\tc", "\xff", "ü 漢 🎬", "\u009b", "\ufffd", "\U000e0041", "a\\x1b", "...", "--- a", "---", "-", "? a", "!x", "%a", "@a", "`a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, shown := range []string{Printable(s), OneLine(s)} {
			if strings.ContainsFunc(shown, func(r rune) bool { return !Shows(r) }) {
				t.Fatalf("%q shows as %q", s, shown)
			}
		}
		if OneLine(OneLine(s)) != OneLine(s) {
			t.Fatalf("%q is escaped twice", s)
		}
		type words struct {
			A string
			L []string
			F []Failure
		}
		var got words
		data, err := Encode("", words{s, []string{s, s}, []Failure{{Reason: s, Next: s}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := Decode("x.yaml", data, &got); utf8.ValidString(s) && (err != nil || got.A != s || got.L[1] != s || got.F[0].Reason != s || got.F[0].Next != s) {
			t.Fatalf("%q is written %q and reads %+v, %v", s, data, got, err)
		}
	})
}
