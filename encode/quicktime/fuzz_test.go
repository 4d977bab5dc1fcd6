package quicktime

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// whole is a small file as we write them: one frame of four bytes, at its front.
func whole() string {
	stbl := atom("stbl", atom("stts", zero(4)+one+one+one)+atom("ctts", zero(4)+one+one+one)+atom("stsz", zero(8)+one+"\x00\x00\x00\x04")+atom("stsc", zero(4)+one+one+one+one)+atom("stco", zero(4)+one+"\x00\x00\x00\x08"))
	trak := atom("trak", atom("edts", atom("elst", zero(4)+one+one+zero(4)+one))+atom("mdia", atom("mdhd", zero(12)+one+zero(8))+atom("hdlr", zero(8)+"vide")+atom("minf", stbl)))
	return atom("mdat", "abcd") + atom("moov", atom("mvhd", zero(12)+one)+trak)
}

// source is one of two samples of H.264, which begin with a key frame, in a file that says that they are in it.
func source() string {
	avc := zero(2) + "\x00\x01" + zero(70) + atom("avcC", zero(4)+"\x03")
	stbl := atom("stbl", atom("stsd", zero(4)+one+atom("avc1", zero(4)+avc))+atom("stts", zero(4)+one+two+one)+atom("ctts", zero(4)+one+two+one)+atom("stss", zero(4)+one+one)+
		atom("stsz", zero(8)+two+"\x00\x00\x00\x05\x00\x00\x00\x05")+atom("stsc", zero(4)+one+one+two+one)+atom("stco", zero(4)+one+"\x00\x00\x00\x08"))
	dref := atom("dinf", atom("dref", zero(4)+one+atom("url ", "\x00\x00\x00\x01")))
	trak := atom("trak", atom("edts", atom("elst", zero(4)+one+two+one+"\x00\x01\x00\x00"))+atom("mdia", atom("mdhd", zero(12)+one+zero(8))+atom("hdlr", zero(8)+"vide")+atom("minf", dref+stbl)))
	return atom("mdat", "\x00\x00\x00\x01\x65\x00\x00\x00\x01\x41") + atom("moov", atom("mvhd", zero(12)+one)+trak)
}

const one, two = "\x00\x00\x00\x01", "\x00\x00\x00\x02"

func zero(n int) string { return strings.Repeat("\x00", n) }

func atom(kind, body string) string {
	n := len(body) + 8
	return string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}) + kind + body
}

// An index is read from a folder that others write to.
func FuzzIndex(f *testing.F) {
	whole, source := whole(), source()
	if index, err := readIndex(strings.NewReader(source), int64(len(source)), 1<<20, every); err != nil {
		f.Fatal(err)
	} else if track, err := index.source(0); err != nil {
		f.Fatal(err)
	} else if _, err := track.playing(); err != nil {
		f.Fatal(err)
	} else if err := track.startsHere(strings.NewReader(source), []int64{0}, enters); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(source))
	f.Add([]byte(strings.Replace(source, "\x65", "\x06", 1)))
	for i := range len(whole) {
		f.Add([]byte(whole[:i]))
	}
	f.Add([]byte(whole))
	f.Add([]byte(strings.Replace(whole, "stco", "co64", 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		playsInBounds(t, b)
		index, err := Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		_ = index.Filled()
		for _, track := range index.Tracks("vide") {
			_, _ = track.Stage()
			track.Bytes()
			track.ticks()
			n := 0
			_ = track.Each(func(s Sample) bool {
				if index.Holds(s) {
					_, _ = io.CopyN(io.Discard, io.NewSectionReader(bytes.NewReader(b), s.Offset, s.Size), s.Size)
				}
				n++
				return n < 1000
			})
		}
	})
}

func every(string, string) bool { return true }

// playsInBounds looks at an index as at a source's.
func playsInBounds(t *testing.T, b []byte) {
	index, err := readIndex(bytes.NewReader(b), int64(len(b)), 1<<20, every)
	if err != nil {
		return
	}
	track, err := index.source(0)
	if err != nil {
		return
	}
	play, err := track.playing()
	if err != nil {
		return
	}
	if track.lies(int64(len(b))) == nil && track.startsHere(bytes.NewReader(b), []int64{0, track.samples - 1}, recovers) == nil {
		track.unitLength()
	}
	for _, at := range []int64{-1, 0, 1, 1_000_000, 1 << 62} {
		if last, err := play.LastFrom(at); err == nil && (last != play.Last || last < play.First) {
			t.Errorf("shown from %d to %d, and the last at %d", play.First, play.Last, last)
		}
		if keys, err := play.landings([]int64{at, at + 1}); err == nil && len(keys) > 2 {
			t.Errorf("%d keyframes for two cuts", len(keys))
		}
	}
}
