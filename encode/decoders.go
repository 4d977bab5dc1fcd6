package encode

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"proxima/jobfile"
)

// decoders are those of this ffmpeg, once it was asked.
type decoders struct {
	mu    sync.Mutex
	names map[string]bool
}

// maxDecoders is the longest list of them that is read, bytes.
const maxDecoders = 1 << 20

// decodes fails unless this ffmpeg has its own decoder of a codec. Some builds leave out those of H.264 and HEVC and
// have wrappers of other libraries or of chips, which are known by longer names and may not
// work here.
func (t *Tools) decodes(ctx context.Context, codec string) error {
	t.decoders.mu.Lock()
	defer t.decoders.mu.Unlock()
	if t.decoders.names == nil {
		out := &collector{limit: maxDecoders}
		if _, err := t.run(ctx, command{prog: t.ffmpeg, args: []string{"-hide_banner", "-decoders"}, awaited: true, stdout: out.line, stall: time.Minute}); err != nil {
			if ctx.Err() == nil {
				t.decoders.names = map[string]bool{} // not asked again: each clip would wait for it
			}
			return err
		}
		t.decoders.names = videoDecoders(out.buf.Bytes())
	}
	if !t.decoders.names[codec] {
		return fmt.Errorf("this ffmpeg has no decoder %s", jobfile.Printable(codec))
	}
	return nil
}

// videoDecoders reads what "ffmpeg -decoders" prints: below a legend six flags, of which the first is the kind, a
// name, and what it is.
func videoDecoders(text []byte) map[string]bool {
	names := map[string]bool{}
	for line := range bytes.Lines(text) {
		if f := bytes.Fields(line); len(f) > 2 && len(f[0]) == 6 && f[0][0] == 'V' && string(f[1]) != "=" {
			names[string(f[1])] = true
		}
	}
	return names
}
