package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"proxima/encode"
	"proxima/jobfile"
	"proxima/resolve"
)

// proxyFacts are the three that a proxy shares with its source, or Resolve refuses it.
type proxyFacts struct {
	frames   int64
	exact    bool // frames is a count, not an estimate
	rate     jobfile.Rational
	timecode string // "" for none; ";" before the frames where they are counted drop-frame
}

func factsOf(p *encode.Probed) *proxyFacts {
	frames, exact := frameCount(p)
	return &proxyFacts{frames, exact, p.Media.Video.FrameRate, p.Media.Timecode}
}

func timecodeWords(tc string) string {
	if tc == "" {
		return "no start timecode"
	}
	return "the start timecode " + tc
}

// differsFromResolve holds a proxy against what Resolve tells of its clip: rates are rounded
// there, and the mark of drop frame is not reliable. It is the last word where a source cannot
// be read here, and says what may have been refused where it can.
func (proxy *proxyFacts) differsFromResolve(it *resolve.Item) string {
	fps, err := strconv.ParseFloat(strings.Replace(it.FPS, ",", ".", 1), 64)
	digits := strings.NewReplacer(";", ":", ".", ":", ",", ":")
	const none = "00:00:00:00"
	tc := digits.Replace(proxy.timecode)
	if tc == "" {
		tc = none
	}
	want := digits.Replace(strings.TrimSpace(it.StartTC))
	switch {
	case err == nil && fps > 0 && proxy.rate.Valid() && (proxy.rate.Float()-fps > 0.02 || fps-proxy.rate.Float() > 0.02):
		return fmt.Sprintf("the proxy has %s, the clip in Resolve %s", rateText(proxy.rate.String()), jobfile.Printable(it.FPS))
	case want != "" && want != tc:
		return fmt.Sprintf("the proxy has %s, the clip in Resolve %s", timecodeWords(proxy.timecode), jobfile.Printable(it.StartTC))
	case it.Frames > 0 && it.Frames != proxy.frames && (proxy.exact || abs(it.Frames-proxy.frames) > 2):
		return fmt.Sprintf("the proxy has %d frames, the clip in Resolve %d", proxy.frames, it.Frames)
	}
	return ""
}

// refusal explains a refusal, for which Resolve gives no reason.
func refusal(it *resolve.Item, proxy *proxyFacts, o resolve.Outcome) (reason, next string) {
	if o.Why != "" {
		return "Resolve failed: " + o.Why, "say this again; if it stays so, link this clip by hand"
	}
	if d := proxy.differsFromResolve(it); d != "" {
		return "Resolve refused it: " + d, "see the clip's attributes in Resolve: a start timecode or frame rate that was set there is not its file's"
	}
	return "Resolve refused it, though frames, frame rate and start timecode agree",
		"it does so while a window of it is open or it is busy: close the Project Manager, settings and messages, and say this again"
}

// checkProxies chooses the first proxy of each medium that fits it. Sources and proxies are
// probed several at once, since most of a probe is waiting for the share.
func (a *app) checkProxies(ctx context.Context, t *encode.Tools, p *resolve.Project, open []*linked, o linkOptions) error {
	var step func()
	stop := func() {}
	if len(open) >= barFrom && !o.json {
		step, stop = a.countBar("checking", len(open))
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce())
	for _, m := range open {
		g.Go(func() error {
			m.check(gctx, t, p, o.replace)
			if step != nil {
				step()
			}
			return gctx.Err()
		})
	}
	err := g.Wait()
	stop()
	if ctx.Err() != nil {
		return errInterrupted
	}
	return err
}

// check chooses the proxy. What is linked to it already needs no linking, unless it is to be
// linked again.
func (m *linked) check(ctx context.Context, t *encode.Tools, p *resolve.Project, again bool) {
	it := &p.Items[m.items[0]]
	source, _ := t.Probe(ctx, m.local) // one that cannot be read here is known by what Resolve tells
	for _, f := range m.found {
		if samePath(f.path, m.local) {
			continue
		}
		why, next := "", "make it again: proxima queue with --existing overwrite, or move it away"
		probed, err := t.Probe(ctx, f.path)
		switch {
		case err != nil:
			why = "the proxy cannot be used: " + err.Error()
		default:
			m.facts = factsOf(probed)
			if source != nil {
				if why = probed.Unfit(source); why != "" {
					why = "the proxy does not fit: " + why
				}
			} else {
				why = m.facts.differsFromResolve(it)
			}
		}
		if ctx.Err() != nil {
			return
		}
		if why == "" {
			m.Proxy, m.Job, m.Status, m.Reason, m.Next = f.path, f.job, "", "", ""
			m.items = slices.DeleteFunc(m.items, func(i int) bool {
				return !again && !f.fresh && p.Items[i].Proxy == resolve.ProxyLive && samePath(p.Items[i].ProxyPath, f.path)
			})
			if len(m.items) == 0 {
				m.Status, m.Reason = linkLive, alreadyLinked
			}
			return
		}
		if m.Status == "" { // of several the first is the one to speak of
			if ours, err := t.Ours(ctx, f.path); err == nil && !ours {
				next = notOurs
			}
			m.Proxy, m.Job, m.Status, m.Reason, m.Next = f.path, f.job, linkDiffers, why, next
		}
	}
	if m.Status == "" {
		m.Status, m.Reason = linkNone, "no proxy was found"
	}
}
