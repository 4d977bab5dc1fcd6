package quicktime

import "fmt"

// LastFrom returns Last, the last timestamp that is shown, as somebody sees it who seeks to seekUS, microseconds, and reads
// on from there. It fails (ErrIndex) where ffprobe, which does so, would not have seen it.
func (p *Playing) LastFrom(seekUS int64) (int64, error) {
	var tail *int64
	target, err := p.target(seekUS)
	if err != nil {
		return 0, err
	}
	landed := false
	p.Each(func(f Frame) bool {
		// Backward from a time after 0, forward from one before: so ffprobe seeks.
		if f.Key && (seekUS > 0 && f.seek <= target || seekUS <= 0 && f.seek >= target && !landed) {
			landed, tail = true, nil
		}
		if landed && !f.Hidden && (tail == nil || f.PTS > *tail) {
			tail = &f.PTS
		}
		return true
	})
	if !landed || tail != nil && *tail != p.Last {
		return 0, fmt.Errorf("%w: its last frame is not near the end", ErrIndex)
	}
	return p.Last, nil
}

// KeysAt returns the keyframes on which seeks to these times land, microseconds and ascending: each once, in the order in
// which they are decoded. Of H.264 and HEVC each has been looked at, and a decoder can begin there. It fails (ErrIndex)
// where the index does not tell, or tells of a keyframe that is none; other errors are the reader's.
func (p *Playing) KeysAt(us []int64) ([]Frame, error) {
	keys, err := p.landings(us)
	if err != nil {
		return nil, err
	}
	switch codec := p.stream.Codec; {
	case codec == "h264" || codec == "hevc":
		var numbers []int64
		for _, k := range keys {
			numbers = append(numbers, k.number)
		}
		err = p.t.startsHere(p.r, numbers, recovers)
	case !p.t.keyed && !p.stream.Intra:
		// ffmpeg's reader looks into the frames then.
		err = fmt.Errorf("%w: it does not say which its keyframes are", ErrIndex)
	}
	if err != nil {
		return nil, err
	}
	return keys, nil
}

// EntersAt reports whether a seek to us, microseconds, in a source of H.264 or HEVC lands on a frame of that timestamp, and a
// decoder can begin there. No is also "the index does not tell", or that the file could not be read.
func (p *Playing) EntersAt(us, pts int64) bool {
	keys, err := p.landings([]int64{us})
	return err == nil && len(keys) == 1 && keys[0].PTS == pts && !keys[0].Hidden &&
		p.t.startsHere(p.r, []int64{keys[0].number}, enters) == nil
}

// landings returns the keyframes on which seeks to these times land, whatever lies there.
func (p *Playing) landings(targets []int64) (keys []Frame, err error) {
	if p.t.openGOP {
		return nil, fmt.Errorf("%w: its groups of pictures are open", ErrIndex)
	}
	ticks := make([]int64, len(targets))
	for i, us := range targets {
		if ticks[i], err = p.target(us); err != nil || us <= 0 {
			return nil, fmt.Errorf("%w: a cut at %d", ErrIndex, us)
		}
	}
	var landed *Frame // the last keyframe so far
	reach := func(seek int64) {
		for ; len(ticks) > 0 && ticks[0] < seek; ticks = ticks[1:] {
			switch {
			case landed == nil:
				err = fmt.Errorf("%w: no keyframe before a cut", ErrIndex)
			case len(keys) == 0 || keys[len(keys)-1].number != landed.number:
				keys = append(keys, *landed)
			}
		}
	}
	p.Each(func(f Frame) bool {
		if f.Key {
			reach(f.seek)
			landed = &f
		}
		return len(ticks) > 0
	})
	reach(1<<63 - 1)
	return keys, err
}

// target is a time as a seek compares it, in ticks.
func (p *Playing) target(us int64) (ticks int64, err error) {
	if us < 0 {
		ticks, err = rescale(-us, p.t.scale, 1_000_000)
		return -ticks, err
	}
	return rescale(us, p.t.scale, 1_000_000)
}
