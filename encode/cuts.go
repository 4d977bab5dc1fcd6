package encode

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sort"
	"time"

	"proxima/jobfile"
)

// windowBytes bounds what one cut may cost where a seek does not land on a keyframe, bytes.
const windowBytes = 6 << 20

// intervalsPerRun bounds a command line: Windows ends it at 32 KB.
const intervalsPerRun = 300

// Cuts finds keyframes of a source that p was probed from, about target apart, in its index or by local
// seeks: the headers are read once per few hundred cuts and some packets at each. It returns
// their timestamps in ticks, ascending, all above p.FirstPTS; fewer than expected, or none,
// where the source has fewer keyframes, or none that can be found safely. No chunk becomes
// shorter than half of target. bytesRead is of the source. Errors are ctx's, or those of
// reading the source.
func (t *Tools) Cuts(ctx context.Context, path string, p *Probed, target time.Duration) (cuts []int64, bytesRead int64, err error) {
	m := &p.Media
	if !isFormat(m.Container, seekable...) || target < time.Millisecond || !m.Video.TimeBase.Valid() {
		return nil, 0, nil
	}
	url, err := fileURL(path)
	if err != nil {
		return nil, 0, err
	}
	st, err := os.Stat(path)
	if err != nil {
		return nil, 0, missingFault(path, err)
	}
	from, to := span(p)
	targets := cutTargets(from, to, target.Microseconds())
	if len(targets) == 0 {
		return nil, 0, nil
	}
	keys, bytesRead, err := keySamples(ctx, path, st.Size(), p, targets)
	if err != nil {
		var read int64
		keys, read, err = t.keyPackets(ctx, url, st.Size(), p, targets, target)
		bytesRead += read
	}
	if err != nil {
		return nil, bytesRead, err
	}
	return chooseCuts(keys, targets, to, m.Video.TimeBase, target.Microseconds()), bytesRead, nil
}

// keyPackets finds keyframes near to times, microseconds, by having ffprobe go there. They are ascending.
func (t *Tools) keyPackets(ctx context.Context, url string, size int64, p *Probed, targets []int64, target time.Duration) (keys []int64, bytesRead int64, err error) {
	m := &p.Media
	// A first packet is enough where seeks land on keyframes. Transport streams are seeked
	// by position, so there it takes a window that holds the next keyframe.
	perSecond := max(1, m.Video.FrameRate.Float())
	limit := packetsWithin(windowBytes, m, size)
	windows := []int{1, min(limit, int(12*perSecond))}
	if isFormat(m.Container, "mpegts") {
		windows = []int{min(limit, int(0.7*perSecond)*2), min(limit, int(12*perSecond))}
	}
	open := targets
	for _, n := range windows {
		landed := true // every seek so far on a keyframe, so a wider window finds no nearer one
		for batch := range slices.Chunk(open, intervalsPerRun) {
			l, err := t.listPackets(ctx, url, m.Video.Index, joinIntervals(batch, n), true)
			bytesRead += l.read
			if err != nil {
				return nil, bytesRead, err
			}
			keys = append(keys, usableKeys(l.list, p.FirstPTS)...)
			landed = landed && n == 1 && !slices.ContainsFunc(l.list, func(p packet) bool { return !p.key })
		}
		slices.Sort(keys)
		keys = slices.Compact(keys)
		open = unserved(open, keys, m.Video.TimeBase, target.Microseconds()/2)
		if len(open) == 0 || landed {
			break
		}
	}
	return keys, bytesRead, nil
}

// span is the source's shown length, microseconds on its own clock.
func span(p *Probed) (from, to int64) {
	tb := p.Media.Video.TimeBase
	from = tb.Micros(p.FirstPTS)
	to = p.Media.OriginUS + p.Media.DurationUS
	if p.LastPTS != nil {
		to = tb.Micros(*p.LastPTS)
	}
	return from, to
}

// cutTargets are the times to look for keyframes at, microseconds; the last chunk keeps at
// least half a target.
func cutTargets(from, to, target int64) (us []int64) {
	for at := from + target; at <= to-target/2; at += target {
		us = append(us, at)
	}
	return us
}

// usableKeys keeps what may be cut at: shown keyframes with a timestamp after the first.
func usableKeys(list []packet, first int64) (keys []int64) {
	for _, p := range list {
		if p.key && p.hasPTS && !p.hidden && p.pts > first {
			keys = append(keys, p.pts)
		}
	}
	return keys
}

// unserved returns the targets that have no key within reach, microseconds.
func unserved(targets, keys []int64, tb jobfile.Rational, reach int64) (open []int64) {
	for _, t := range targets {
		if k, ok := nearest(keys, t, tb); !ok || abs(tb.Micros(k)-t) > reach {
			open = append(open, t)
		}
	}
	return open
}

// chooseCuts takes the nearest key to each target, as long as no chunk gets shorter than
// half a target.
func chooseCuts(keys, targets []int64, to int64, tb jobfile.Rational, target int64) (cuts []int64) {
	prev := int64(0)
	if len(targets) > 0 {
		prev = targets[0] - target
	}
	for _, t := range targets {
		k, ok := nearest(keys, t, tb)
		if !ok {
			continue
		}
		at := tb.Micros(k)
		if at-prev < target/2 || to-at < target/2 {
			continue
		}
		cuts, prev = append(cuts, k), at
	}
	return cuts
}

// nearest finds the key that is nearest to a time; keys are ascending.
func nearest(keys []int64, us int64, tb jobfile.Rational) (int64, bool) {
	if len(keys) == 0 {
		return 0, false
	}
	i := sort.Search(len(keys), func(i int) bool { return tb.Micros(keys[i]) >= us })
	switch {
	case i == 0:
		return keys[0], true
	case i == len(keys):
		return keys[i-1], true
	case us-tb.Micros(keys[i-1]) <= tb.Micros(keys[i])-us:
		return keys[i-1], true
	}
	return keys[i], true
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// hms writes a time of the source for people: "01:02:03.400".
func hms(us int64) string {
	sign := ""
	if us < 0 {
		sign, us = "-", -us
	}
	s := us / 1_000_000
	return fmt.Sprintf("%s%02d:%02d:%02d.%03d", sign, s/3600, s/60%60, s%60, us/1000%1000)
}
