package encode

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// digester makes the digest of a run of packets: sha256 over "relpts size hash\n" in file
// order, where relpts is ticks from the run's first shown frame. Packets are held back until
// that is known: it is the smallest timestamp, and with B-frames not the first in the file.
type digester struct {
	packets []packet
}

func (d *digester) add(p packet) { d.packets = append(d.packets, p) }

// first returns the smallest and largest timestamp and the duration of the latter's packet.
func (d *digester) ends() (first, last, lastTicks int64) {
	for i, p := range d.packets {
		if i == 0 || p.pts < first {
			first = p.pts
		}
		if i == 0 || p.pts > last {
			last, lastTicks = p.pts, p.duration
		}
	}
	return first, last, lastTicks
}

// sum is the digest, with timestamps counted from first.
func (d *digester) sum(first int64) string {
	h := sha256.New()
	for _, p := range d.packets {
		digestLine(h, p.pts-first, p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func digestLine(h hash.Hash, rel int64, p packet) {
	fmt.Fprintf(h, "%d %d %s\n", rel, p.size, p.hash)
}

// packetHash is what packets are hashed with: 128 bits, in a fifth of MD5's time, which was the
// most of what a check took. It finds accidents; it keeps out nobody who forges parts.
const packetHash = "murmur3"

// hashEntries is what ffprobe is asked for to make digests.
var hashEntries = []string{"-show_data_hash", packetHash, "-show_entries", packetEntries + ",data_hash"}

// inspected is a part as it lies on disk.
type inspected struct {
	size   int64
	facts  jobfile.StreamFacts
	digest digester
}

// inspectPicture reads a whole picture part: header, every packet's time, size and hash.
func (t *Tools) inspectPicture(ctx context.Context, path string) (*inspected, error) {
	url, err := fileURL(path)
	if err != nil {
		return nil, err
	}
	st, err := os.Stat(path)
	if err != nil {
		return nil, unseen("ffmpeg wrote no file", err)
	}
	in := &inspected{size: st.Size()}
	var bad error
	doc, err := t.headerAndPackets(ctx, url, func(p packet) {
		switch {
		case !p.hasPTS:
			bad = fmt.Errorf("a packet without a timestamp")
		case p.size == 0:
			bad = fmt.Errorf("an empty packet at tick %d", p.pts)
		}
		in.digest.add(p)
	})
	if err == nil && doc.picture() != nil {
		err = bad
	}
	if err != nil {
		return nil, partFault(err)
	}
	v := doc.picture()
	if v == nil {
		return nil, &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "ffmpeg wrote a file without a picture", Next: "see the attempt's log"}
	}
	in.facts = streamFacts(v)
	return in, nil
}

// unseen is the fault of a file of our own that cannot be looked at. Only where it is known not
// to be there, ffmpeg did not write it; a share that does not answer says nothing.
func unseen(reason string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: reason, Next: "see the attempt's log", Err: err}
	}
	return &jobfile.Fault{
		Kind: jobfile.FaultMachine, Reason: "what was encoded cannot be looked at here", Err: err,
		Next: "see whether the disks and shares answer on this machine",
	}
}

// partFault wraps what went wrong with a file of our own.
func partFault(err error) error {
	if isCtx(err) {
		return err
	}
	if f := machines(err); f != nil {
		return f
	}
	return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "the encoded file cannot be read back: " + err.Error(), Next: "see the attempt's log", Err: err}
}

// streamFacts picks what parts must share.
func streamFacts(v *probeStream) jobfile.StreamFacts {
	return jobfile.StreamFacts{
		Codec: v.Codec, Tag: v.Tag, Profile: v.Profile, Width: v.Width, Height: v.Height, PixelFormat: v.PixelFormat,
		TimeBase: ratio(v.TimeBase), Extradata: v.Extradata,
		Range: known(v.Range), Primaries: known(v.Primaries), Transfer: known(v.Transfer), Matrix: known(v.Matrix),
		Rotation: v.rotation(),
	}
}

// ticker converts between a source's ticks and a part's.
type ticker struct{ num int64 } // part ticks per source tick

// newTicker holds for parts of timescale(tb).
func newTicker(tb jobfile.Rational) ticker {
	return ticker{tb.Num * (timescale(tb) / tb.Den)}
}

func (k ticker) part(source int64) int64 { return source * k.num }

// source is exact or an error: a timestamp between two ticks was changed on its way.
func (k ticker) source(part int64) (int64, error) {
	if k.num <= 0 || part%k.num != 0 {
		return 0, fmt.Errorf("tick %d is none of the source's", part)
	}
	return part / k.num, nil
}

// soundFacts reads a sound part: header and a hash of each stream's bytes.
func (t *Tools) soundFacts(ctx context.Context, path string) (*jobfile.SoundPart, error) {
	url, err := fileURL(path)
	if err != nil {
		return nil, err
	}
	st, err := os.Stat(path)
	if err != nil {
		return nil, unseen("ffmpeg wrote no sound file", err)
	}
	doc, _, err := t.header(ctx, url, "error", nil)
	if err != nil {
		return nil, partFault(err)
	}
	hashes, err := t.streamHashes(ctx, url)
	if err != nil {
		return nil, partFault(err)
	}
	streams := soundStreams(doc)
	if len(streams) != len(hashes) {
		return nil, partFault(fmt.Errorf("%d streams of sound, %d hashes", len(streams), len(hashes)))
	}
	for i := range streams {
		streams[i].Digest = hashes[i]
	}
	return &jobfile.SoundPart{Size: st.Size(), StartUS: micros(doc.Format.StartTime), Streams: streams}, nil
}

// soundStreams are a file's streams of sound, in order, without digests.
func soundStreams(doc *probeDoc) (streams []jobfile.SoundFacts) {
	for _, s := range doc.Streams {
		if s.Type == "audio" {
			rate, _ := strconv.Atoi(s.SampleRate)
			streams = append(streams, jobfile.SoundFacts{Codec: s.Codec, Channels: s.Channels, SampleRate: rate, DurationUS: micros(s.Duration)})
		}
	}
	return streams
}

var reStreamHash = regexp.MustCompile(`^[0-9]+,[a-z],MD5=([0-9a-f]{32})$`)

// streamHashes are md5 sums over the bytes of each stream of sound, in order. They do not
// depend on how a muxer cuts PCM into packets.
func (t *Tools) streamHashes(ctx context.Context, url string) ([]string, error) {
	var hashes []string
	args := append([]string{"-nostdin", "-hide_banner", "-v", "level+error"}, inputOptions()...)
	args = append(args, "-i", url, "-map", "0:a", "-c", "copy", "-f", "streamhash", "-hash", "md5", "-flush_packets", "1", "-")
	args = append(args, "-progress", "pipe:1", "-stats_period", "5")
	_, err := t.run(ctx, command{prog: t.ffmpeg, args: args, stall: t.StallAfter, stdout: func(l []byte) bool {
		if m := reStreamHash.FindStringSubmatch(strings.TrimSpace(string(l))); m != nil {
			hashes = append(hashes, m[1])
		}
		return true
	}})
	return hashes, err
}
