package resolve

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"proxima/jobfile"
)

//go:embed lua/common.lua
var commonScript string

//go:embed lua/list.lua
var listScript string

// List tells what the open project holds. Errors: *Problem, or ctx's.
func (b *Bridge) List(ctx context.Context) (*Project, error) {
	records, err := b.run(ctx, "list.lua", commonScript+listScript, nil)
	if err != nil {
		return nil, err
	}
	if problem := b.problemIn(records, ""); problem != nil {
		return nil, problem
	}
	p, err := build(records)
	if err != nil {
		return nil, garbled(err)
	}
	return p, nil
}

// itemKey is an item as a use names it.
type itemKey struct{ media, id, path string }

// builder puts a project together from records.
type builder struct {
	p       *Project
	byID    map[string]int
	byMedia map[string]int
	byPath  map[string]int
	byIndex map[string]int // timelines, by the number that the script gives them
	strange strangers
}

func build(records []record) (*Project, error) {
	b := &builder{
		p: &Project{}, byID: map[string]int{}, byMedia: map[string]int{}, byPath: map[string]int{}, byIndex: map[string]int{},
		strange: strangers{},
	}
	seen := map[string]bool{}
	for i, r := range records {
		seen[r.kind] = true
		if err := b.add(r); err != nil {
			return nil, fmt.Errorf("record %d: %w", i+1, err)
		}
	}
	if !seen["begin"] || !seen["project"] {
		return nil, fmt.Errorf("it names no project")
	}
	b.nest()
	for i, t := range b.p.Timelines {
		if t.Active {
			b.p.Timelines = slices.Insert(slices.Delete(b.p.Timelines, i, i+1), 0, t)
			break
		}
	}
	b.p.Notes = append(b.p.Notes, b.strange.notes()...)
	return b.p, nil
}

func (b *builder) add(r record) error {
	f := r.fields
	switch r.kind {
	case "begin":
		if f["format"] != "1" {
			return fmt.Errorf("format %s", jobfile.Quote(f["format"]))
		}
	case "app":
		b.p.Product, b.p.Version = f["product"], f["version"]
	case "project":
		b.p.Name, b.p.ID = f["name"], f["id"]
	case "note":
		b.p.Notes = append(b.p.Notes, jobfile.OneLine(f["text"]))
	case "item":
		b.item(f)
	case "timeline":
		b.timeline(f)
	case "use", "blank":
		return b.use(r)
	default:
		return fmt.Errorf("a record %s in a list", r.kind)
	}
	return nil
}

func (b *builder) item(f map[string]string) {
	it := Item{
		Name: f["name"], Bin: strings.TrimPrefix(f["bin"], "/"), MediaID: f["media"], ID: f["id"], Path: f["path"],
		StartTC: f["start"], FPS: f["fps"], Frames: count(f["frames"]), Resolution: f["resolution"],
		Type: f["type"], Reel: f["reel"], HFlip: flipOf(f["hflip"]), VFlip: flipOf(f["vflip"]),
		Proxy: proxyState(f["proxy"], f["proxypath"]), ProxyPath: f["proxypath"],
	}
	if drop := onOff(f["drop"]); drop != nil {
		it.Drop = *drop
	}
	for _, name := range []string{f["clip"], f["file"]} {
		if it.Name == "" {
			it.Name = name
		}
	}
	level, known := levelOf(f["level"])
	if it.Level = level; !known {
		b.strange.add("Data Level", f["level"])
	}
	for _, flip := range []struct{ property, word string }{{"H-FLIP", f["hflip"]}, {"V-FLIP", f["vflip"]}} {
		if flipOf(flip.word) == FlipUnknown {
			b.strange.add(flip.property, flip.word)
		}
	}
	n := len(b.p.Items)
	b.p.Items = append(b.p.Items, it)
	// Of two that share a key the first stands for both: they are one medium.
	for _, k := range []struct {
		key string
		to  map[string]int
	}{{it.ID, b.byID}, {it.MediaID, b.byMedia}, {it.Path, b.byPath}} {
		if _, taken := k.to[k.key]; k.key != "" && !taken {
			k.to[k.key] = n
		}
	}
}

func (b *builder) timeline(f map[string]string) {
	fps, drop := rateWord(f["fps"])
	t := Timeline{
		Name: f["name"], ID: f["id"], FPS: fps, Drop: onOff(f["drop"]), First: frame(f["first"]), Start: f["start"],
		Active: f["active"] == "true", pool: itemKey{media: f["poolmedia"], id: f["poolid"]},
	}
	if drop {
		t.Drop = &drop
	}
	if last := frame(f["last"]); t.First != nil && last != nil && *last > *t.First {
		t.Duration = *last - *t.First
	}
	b.byIndex[f["index"]] = len(b.p.Timelines)
	b.p.Timelines = append(b.p.Timelines, t)
}

func (b *builder) use(r record) error {
	f := r.fields
	at, ok := b.byIndex[f["timeline"]]
	if !ok {
		return fmt.Errorf("a record %s of a timeline that was not told", r.kind)
	}
	t := &b.p.Timelines[at]
	video := f["kind"] == "video"
	if r.kind == "blank" {
		if video {
			t.Blank += int(count(f["count"]))
		}
		return nil
	}
	n, ok := b.find(itemKey{f["media"], f["id"], f["path"]})
	if !ok {
		return fmt.Errorf("a use of a clip that was not told")
	}
	t.Uses = append(t.Uses, Use{Item: n, Video: video, Enabled: f["enabled"] != "false", Count: int(count(f["count"]))})
	return nil
}

func (b *builder) find(k itemKey) (int, bool) {
	if n, ok := b.byID[k.id]; ok && k.id != "" {
		return n, true
	}
	if n, ok := b.byMedia[k.media]; ok && k.media != "" {
		return n, true
	}
	n, ok := b.byPath[k.path]
	return n, ok && k.path != ""
}
