package encode

import (
	"encoding/binary"
	"io"
)

// declaredSize returns how many bytes a file should have according to its own headers, 0
// where they do not say. It reads some dozens of bytes per top-level element: enough to
// notice a copy that broke off, whatever the demuxer would make of it.
func declaredSize(r io.ReaderAt, size int64) int64 {
	var head [16]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return 0
	}
	switch {
	case string(head[4:8]) == "ftyp" || string(head[4:8]) == "wide" || string(head[4:8]) == "mdat" || string(head[4:8]) == "moov" || string(head[4:8]) == "skip" || string(head[4:8]) == "free":
		return declaredMov(r, size)
	case string(head[:4]) == "RIFF":
		return declaredRIFF(r, size)
	case string(head[:4]) == "\x1a\x45\xdf\xa3":
		return declaredMatroska(r)
	case string(head[:4]) == "\x06\x0e\x2b\x34":
		return declaredMXF(r)
	}
	return 0
}

// declaredMov walks the top-level atoms (ISO 14496-12, 4.2): 32-bit size and type, a size
// of 1 announces a 64-bit one, 0 is "to the end".
func declaredMov(r io.ReaderAt, size int64) int64 {
	pos := int64(0)
	for n := 0; n < 100_000 && pos+8 <= size; n++ {
		var b [16]byte
		if k, _ := r.ReadAt(b[:], pos); k < 8 {
			return 0
		}
		for _, c := range b[4:8] {
			if c < 0x20 && c != 0 || c == 0x7f {
				return 0 // padding or rubbish: no claim
			}
		}
		l := int64(binary.BigEndian.Uint32(b[:4]))
		switch {
		case l == 0:
			return 0
		case l == 1:
			l = int64(binary.BigEndian.Uint64(b[8:16]))
			if l < 16 {
				return 0
			}
		case l < 8:
			return 0
		}
		if l > 1<<60 {
			return 0
		}
		pos += l
	}
	return pos
}

// declaredRIFF adds up the RIFF chunks of an AVI: one for the first gigabyte, then "AVIX".
// Camera files that were never closed claim 0.
func declaredRIFF(r io.ReaderAt, size int64) int64 {
	pos := int64(0)
	for n := 0; n < 100_000 && pos+8 <= size; n++ {
		var b [8]byte
		if _, err := r.ReadAt(b[:], pos); err != nil || string(b[:4]) != "RIFF" {
			break
		}
		l := int64(binary.LittleEndian.Uint32(b[4:]))
		if l == 0 || l == 0xffffffff {
			return 0
		}
		pos += 8 + l + l%2
	}
	return pos
}

// declaredMatroska is the end of the first segment (RFC 8794, EBML variable-size integers;
// all ones is "unknown").
func declaredMatroska(r io.ReaderAt) int64 {
	var b [64]byte
	n, _ := r.ReadAt(b[:], 0)
	l, w, ok := ebmlSize(b[4:n])
	if !ok || l > 1<<16 {
		return 0
	}
	pos := 4 + w + l
	k, _ := r.ReadAt(b[:12], pos)
	if k < 5 || string(b[:4]) != "\x18\x53\x80\x67" {
		return 0
	}
	l, w, ok = ebmlSize(b[4:k])
	if !ok || l > 1<<60 {
		return 0
	}
	return pos + 4 + w + l
}

func ebmlSize(b []byte) (value, width int64, ok bool) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0, false
	}
	w := 1
	for m := byte(0x80); b[0]&m == 0; m >>= 1 {
		w++
	}
	if len(b) < w {
		return 0, 0, false
	}
	v := int64(b[0]) & (1<<(8-w) - 1)
	ones := v == 1<<(8-w)-1
	for _, c := range b[1:w] {
		v = v<<8 | int64(c)
		ones = ones && c == 0xff
	}
	return v, int64(w), !ones
}

// declaredMXF is where a closed header partition says that the footer starts (SMPTE ST
// 377-1, 7.1); the file is longer than that.
func declaredMXF(r io.ReaderAt) int64 {
	var b [64]byte
	n, _ := r.ReadAt(b[:], 0)
	if n < len(b) || b[13] != 2 {
		return 0
	}
	v := 17 // after the key comes a BER length
	if b[16]&0x80 != 0 {
		v += int(b[16] & 0x7f)
	}
	at := v + 2 + 2 + 4 + 8 + 8 // versions, KAG, this and previous partition
	if at+8 > len(b) {
		return 0
	}
	footer := binary.BigEndian.Uint64(b[at : at+8])
	if footer == 0 || footer > 1<<60 {
		return 0
	}
	return int64(footer)
}
