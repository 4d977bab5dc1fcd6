package encode

import (
	"context"
	"strconv"
	"strings"
)

// packetRun is what one listing of packets gave.
type packetRun struct {
	list    []packet
	read    int64 // bytes
	partial bool  // the file ends inside a sample
}

// listPackets lists packets of one stream, in file order, of ffprobe's -read_intervals
// ("" for all). Times in intervals are absolute, not from the container's start. With
// counting the bytes read are told.
func (t *Tools) listPackets(ctx context.Context, url string, stream int, intervals string, counting bool) (*packetRun, error) {
	r := &packetRun{}
	read, partial, err := t.eachPacket(ctx, url, stream, intervals, counting, func(p packet) { r.list = append(r.list, p) })
	r.read, r.partial = read, partial
	return r, err
}

// eachPacket is listPackets for lists that need not be kept.
func (t *Tools) eachPacket(ctx context.Context, url string, stream int, intervals string, counting bool, f func(packet), extra ...string) (read int64, partial bool, err error) {
	level := "level+error"
	if counting {
		level = "level+verbose"
	}
	args := []string{"-hide_banner", "-v", level}
	args = append(args, inputOptions()...)
	args = append(args, "-select_streams", strconv.Itoa(stream), "-of", "compact=p=0")
	if intervals != "" {
		args = append(args, "-read_intervals", intervals)
	}
	if len(extra) == 0 {
		extra = []string{"-show_entries", packetEntries}
	}
	args = append(append(args, extra...), url)
	msgs, err := t.run(ctx, command{prog: t.ffprobe, args: args, stall: t.StallAfter, stdout: func(l []byte) bool {
		if p, ok := parsePacket(l); ok {
			f(p)
		}
		return true
	}})
	if msgs != nil {
		read, partial = msgs.bytesRead, msgs.partial
	}
	if err != nil && !isCtx(err) {
		err = classify(err, url)
	}
	return read, partial, err
}

// headerAndPackets lists the packets of a file's picture, hashed, and reads its header, in one
// run of ffprobe: to start a program costs more than to read a part.
func (t *Tools) headerAndPackets(ctx context.Context, url string, f func(packet)) (*probeDoc, error) {
	out := &packetsFirst{each: f, header: collector{limit: maxHeader}}
	args := []string{"-hide_banner", "-v", "level+error"}
	args = append(args, inputOptions()...)
	args = append(args, "-select_streams", "V:0", "-show_format", "-show_streams", "-of", "json=compact=1")
	args = append(append(args, hashEntries...), url)
	if _, err := t.run(ctx, command{prog: t.ffprobe, args: args, stdout: out.line, stall: t.StallAfter}); err != nil {
		return nil, err
	}
	return out.end()
}

func joinIntervals(times []int64, count int) string {
	var b strings.Builder
	for i, us := range times {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(seconds(us) + "%+#" + strconv.Itoa(count))
	}
	return b.String()
}
