package encode

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"proxima/encode/quicktime"
	"proxima/jobfile"
)

// evidence is how the packets of a finished file are known.
type evidence interface {
	// picture hands over the packets of the picture, in file order.
	picture(ctx context.Context, stream int, each func(packet)) error
	// sound returns the md5 sum of the bytes of each stream of sound.
	sound(ctx context.Context) ([]string, error)
	// how says in words what was done.
	how() string
}

// readBack reads the file again, all of it.
type readBack struct {
	t   *Tools
	url string
}

func (r readBack) picture(ctx context.Context, stream int, each func(packet)) error {
	if _, _, err := r.t.eachPacket(ctx, r.url, stream, "", false, each, hashEntries...); err != nil {
		return unreadable(err)
	}
	return nil
}

func (r readBack) sound(ctx context.Context) ([]string, error) {
	sums, err := r.t.streamHashes(ctx, r.url)
	if err != nil {
		return nil, unreadable(err)
	}
	return sums, nil
}

func (r readBack) how() string { return "read from the file" }

// joined knows a file by the run of ffmpeg that has just joined it: the hash of each packet as
// it was handed to the file, and the file's own index, which says where each lies, how long it is
// and when it is shown. A join moves gigabytes over a network; to read them all once more would
// find them in this machine's memory, or else take as long again. The first and the last frame
// of each part are read back.
type joined struct {
	task    StitchTask
	sums    joinSums
	file    *os.File
	index   *quicktime.Index
	ofSound *quicktime.Index // of the sound part; nil where there is none
}

// joinSums are the files to which ffmpeg writes the hashes of what it joins, in a temporary folder.
type joinSums struct{ pictures, sound string }

func sumsIn(dir string) joinSums {
	return joinSums{filepath.Join(dir, "pictures.framehash"), filepath.Join(dir, "sound.streamhash")}
}

// indexed reports whether files of the recipe's kind have an index that tells it all.
func indexed(r *jobfile.Recipe) bool { return r.Container == "mov" || r.Container == "mp4" }

// hashOutputs are outputs of the run that joins, besides the file.
func hashOutputs(task StitchTask, sums joinSums) []string {
	a := append([]string{"-map", "0:v:0", "-c", "copy"}, joinFilter(&task.Job.Recipe)...)
	a = append(a, "-f", "framehash", "-hash", packetHash, sums.pictures)
	if task.Sound != nil {
		a = append(a, "-map", "1:a", "-c", "copy", "-f", "streamhash", "-hash", "md5", sums.sound)
	}
	return a
}

// newJoined opens the file and reads its index. The caller closes the file.
func newJoined(task StitchTask, sums joinSums) (*joined, error) {
	j := &joined{task: task, sums: sums}
	f, err := os.Open(task.Target)
	if err != nil {
		return nil, unseen("the stitched file is wrong: it is not there", err)
	}
	j.file = f
	j.index, err = indexOf(task.Target)
	if err == nil && task.Sound != nil {
		j.ofSound, err = indexOf(task.Sound.Path)
	}
	if err != nil {
		_ = f.Close()
		return nil, indexFault(err)
	}
	return j, nil
}

func indexOf(path string) (*quicktime.Index, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return quicktime.Read(f, st.Size())
}

// indexFault tells a file that is wrong from one that this machine cannot read.
func indexFault(err error) error {
	if errors.Is(err, quicktime.ErrIndex) {
		return finalFault("%v", err)
	}
	return unseen("the stitched file is wrong: it is not there", err)
}

func (j *joined) how() string {
	return "content as it was joined, times and sizes as the file's index has them, the first and the last of each part read back"
}

// picture goes through the index and the hashes side by side.
func (j *joined) picture(_ context.Context, _ int, each func(packet)) error {
	tracks := j.index.Tracks("vide")
	if len(tracks) != 1 {
		return finalFault("it has %d tracks of picture", len(tracks))
	}
	t := tracks[0]
	if t.Scale() <= 0 {
		return finalFault("its picture has no time scale")
	}
	stage, err := t.Stage()
	if err != nil {
		return indexFault(err)
	}
	hashes, err := openHashes(j.sums.pictures)
	if err != nil {
		return err
	}
	defer hashes.close()
	ends, err := j.ends()
	if err != nil {
		return err
	}
	n, free := int64(0), int64(0)
	var bad error
	err = t.Each(func(s quicktime.Sample) bool {
		h, ok := hashes.next()
		switch {
		case !ok:
			bad = finalFault("it holds more frames than were joined")
		case h.size != s.Size:
			bad = finalFault("frame %d has %d bytes instead of %d", n, s.Size, h.size)
		case s.Offset < free || !j.index.Holds(s):
			bad = finalFault("frame %d does not lie where frames lie", n)
		default:
			if e, ok := ends[n]; ok {
				bad = j.same(s, e, n)
			}
		}
		if bad != nil {
			return false
		}
		each(packet{pts: stage.PTS(s), hasPTS: true, size: s.Size, hidden: stage.Hides(s), hash: h.hash})
		n, free = n+1, s.Offset+s.Size
		return true
	})
	if err == nil {
		err = bad
	}
	if err == nil {
		err = hashes.err()
	}
	if err == nil && hashes.more() {
		err = finalFault("it holds %d frames, more were joined", n)
	}
	if err == nil {
		err = j.index.Filled()
	}
	if errors.Is(err, quicktime.ErrIndex) {
		err = indexFault(err)
	}
	return err
}

// end is the first or the last frame of a part, as the part has it.
type end struct {
	path   string
	sample quicktime.Sample
}

// ends finds them by the parts' own indexes, by their number in the joined file.
func (j *joined) ends() (map[int64]end, error) {
	ends, at := map[int64]end{}, int64(0)
	for k, v := range j.task.Video {
		index, err := indexOf(v.Path)
		if err != nil {
			return nil, indexFault(err)
		}
		tracks := index.Tracks("vide")
		if len(tracks) != 1 || tracks[0].Samples() != v.Part.Frames {
			return nil, finalFault("part %d has changed since it was encoded", k)
		}
		n := int64(0)
		err = tracks[0].Each(func(s quicktime.Sample) bool {
			if n == 0 || n == v.Part.Frames-1 {
				ends[at+n] = end{v.Path, s}
			}
			n++
			return true
		})
		if err != nil {
			return nil, indexFault(err)
		}
		at += n
	}
	return ends, nil
}

// same reads a frame back, and that of the part.
func (j *joined) same(s quicktime.Sample, e end, n int64) error {
	part, err := os.Open(e.path)
	if err != nil {
		return unseen("part "+jobfile.Quote(filepath.Base(e.path))+" is not there", err)
	}
	defer part.Close()
	if s.Size != e.sample.Size {
		return finalFault("frame %d has %d bytes instead of %d", n, s.Size, e.sample.Size)
	}
	got, want := make([]byte, s.Size), make([]byte, s.Size)
	_, err = j.file.ReadAt(got, s.Offset)
	if err == nil {
		_, err = part.ReadAt(want, e.sample.Offset)
	}
	if err != nil {
		return unseen("the stitched file is wrong: it is not there", err)
	}
	if !bytes.Equal(got, want) {
		return finalFault("frame %d is not what was joined", n)
	}
	return nil
}

// sound takes the hashes of what was joined, if the file has as many bytes of each.
func (j *joined) sound(context.Context) ([]string, error) {
	data, err := os.ReadFile(j.sums.sound)
	if err != nil {
		return nil, sumsFault(unread, err)
	}
	var sums []string
	for line := range bytes.Lines(data) {
		if m := reStreamHash.FindSubmatch(bytes.TrimSpace(line)); m != nil {
			sums = append(sums, string(m[1]))
		}
	}
	in, out := j.ofSound.Tracks("soun"), j.index.Tracks("soun")
	if len(in) != len(out) {
		return nil, finalFault("it has %d tracks of sound instead of %d", len(out), len(in))
	}
	for i := range in {
		if a, b := in[i].Bytes(), out[i].Bytes(); a != b {
			return nil, finalFault("track %d of its sound has %d bytes instead of %d", i, b, a)
		}
		if !out[i].Carries(in[i]) {
			return nil, finalFault("track %d of its sound is longer or shorter than it was", i)
		}
	}
	return sums, nil
}

// hashLines reads what the framehash muxer writes: "stream, dts, pts, duration, size, hash", numbers
// padded with blanks, and side data's behind; comments begin with #.
type hashLines struct {
	f    *os.File
	scan *bufio.Scanner
	bad  error
}

func openHashes(path string) (*hashLines, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, sumsFault(unread, err)
	}
	return &hashLines{f: f, scan: bufio.NewScanner(f)}, nil
}

func sumsFault(reason string, err error) error {
	return &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: reason, Next: "make room on its system disk", Err: err}
}

const unread = "what ffmpeg noted of the join cannot be read on this machine"

// next returns the next packet's size and hash.
func (h *hashLines) next() (p packet, ok bool) {
	for h.bad == nil && h.scan.Scan() {
		line := bytes.TrimSpace(h.scan.Bytes())
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		fields := bytes.Split(line, []byte(","))
		if len(fields) < 6 {
			h.bad = sumsFault(unread, fmt.Errorf("line %s", jobfile.Quote(string(line))))
			break
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(fields[4])), 10, 64)
		if err != nil {
			h.bad = sumsFault(unread, err)
			break
		}
		return packet{size: size, hash: packetHash + ":" + string(bytes.TrimSpace(fields[5]))}, true
	}
	return packet{}, false
}

func (h *hashLines) more() bool {
	_, ok := h.next()
	return ok
}

func (h *hashLines) err() error {
	if h.bad == nil && h.scan.Err() != nil {
		return sumsFault(unread, h.scan.Err())
	}
	return h.bad
}

func (h *hashLines) close() { _ = h.f.Close() }
