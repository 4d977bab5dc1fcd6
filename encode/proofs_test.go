package encode

import (
	"context"
	"errors"
	"strconv"
	"testing"
)

func TestProofsAreByJobAndWay(t *testing.T) {
	var p proofs
	k := proofOf{"a", "vaapi"}
	known := func(k proofOf) (trust, bool) {
		t.Helper()
		tr, mine, err := p.begin(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		if mine {
			p.end(tr, trust{}, false)
		}
		return tr.trust, !mine
	}
	tr, mine, err := p.begin(t.Context(), k)
	if err != nil || !mine {
		t.Fatal(mine, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := p.begin(ctx, k); !errors.Is(err, context.Canceled) {
		t.Error("who waits for a proof does not end:", err)
	}
	p.end(tr, trust{ok: true}, true)
	if v, ok := known(k); !ok || !v.ok {
		t.Error("forgotten:", v, ok)
	}
	for _, other := range []proofOf{{"a", "cuda"}, {"b", "vaapi"}} {
		if _, ok := known(other); ok {
			t.Error("known without a proof:", other)
		}
	}
	p.refuse(k, "why")
	if v, ok := known(k); !ok || v.ok || v.refused != "why" {
		t.Error("not refused:", v, ok)
	}
	under, _, err := p.begin(t.Context(), proofOf{"under way", ""})
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxProofs {
		p.refuse(proofOf{strconv.Itoa(i), ""}, "")
	}
	if n := len(p.of); n > maxProofs {
		t.Errorf("%d are remembered", n)
	}
	p.end(under, trust{}, false)
}
