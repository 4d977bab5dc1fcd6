package encode

import (
	"context"
	"sync"
)

// proofs are what this machine's decoders in hardware have shown, by job and way. Chunks of a clip begin
// together: one of them proves, the others wait for it.
type proofs struct {
	mu sync.Mutex
	of map[proofOf]*trial
}

type proofOf struct{ job, how string }

// trust is whether a way of decoding is used. If not, refused says why, where that is for people to know.
type trust struct {
	ok      bool
	refused string
}

// trial is a proof, under way until done is closed.
type trial struct {
	key   proofOf
	done  chan struct{}
	kept  bool // whether the verdict is for others, too
	trust trust
}

// maxProofs are remembered; a daemon runs for months.
const maxProofs = 1000

// begin returns what is known, or a trial of the caller's own (mine), who ends it. Its error is ctx's.
func (p *proofs) begin(ctx context.Context, k proofOf) (tr *trial, mine bool, err error) {
	for {
		p.mu.Lock()
		tr = p.of[k]
		if tr == nil {
			tr = &trial{key: k, done: make(chan struct{})}
			p.set(k, tr)
			p.mu.Unlock()
			return tr, true, nil
		}
		p.mu.Unlock()
		select {
		case <-tr.done:
		case <-ctx.Done():
			return &trial{}, false, ctx.Err()
		}
		if tr.kept {
			return tr, false, nil
		}
	}
}

func (p *proofs) end(tr *trial, v trust, kept bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	tr.trust, tr.kept = v, kept
	if !kept && p.of[tr.key] == tr {
		delete(p.of, tr.key)
	}
	close(tr.done)
}

// refuse takes a way back that was used and failed.
func (p *proofs) refuse(k proofOf, why string) {
	tr := &trial{key: k, done: make(chan struct{}), kept: true, trust: trust{refused: why}}
	close(tr.done)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.set(k, tr)
}

// set forgets all where that is too much; trials under way end by themselves.
func (p *proofs) set(k proofOf, tr *trial) {
	if p.of == nil || len(p.of) >= maxProofs {
		p.of = map[proofOf]*trial{}
	}
	p.of[k] = tr
}
