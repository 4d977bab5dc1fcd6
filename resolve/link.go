package resolve

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"proxima/jobfile"
)

//go:embed lua/link.lua
var linkScript string

// Link has Resolve link proxies to items of a project that List told of, each by its own ID;
// where it has none, every item of its medium is linked. After an error the outcomes are those that were told before it.
// Errors: *Problem, or ctx's.
func (b *Bridge) Link(ctx context.Context, p *Project, pairs []Pair) ([]Outcome, error) {
	if len(pairs) == 0 {
		return nil, nil
	}
	records, err := b.run(ctx, "link.lua", commonScript+linkScript, requests(p, pairs))
	if err == nil {
		if problem := b.problemIn(records, p.Name); problem != nil {
			err = problem
		}
	}
	outcomes, oerr := outcomesOf(records, len(pairs))
	if err == nil && oerr != nil {
		err = garbled(oerr)
	}
	return outcomes, err
}

// requests writes the file that link.lua reads.
func requests(p *Project, pairs []Pair) []byte {
	var b strings.Builder
	line := func(fields ...string) {
		for i, f := range fields {
			fields[i] = escape(f)
		}
		b.WriteString(strings.Join(fields, "\t") + "\n")
	}
	line("project", p.Name, p.ID)
	for i, pair := range pairs {
		line(strconv.Itoa(i), pair.MediaID, pair.ID, pair.Path)
	}
	line("end")
	return []byte(b.String())
}

// outcomesOf reads the records of link.lua.
func outcomesOf(records []record, pairs int) ([]Outcome, error) {
	var out []Outcome
	for _, r := range records {
		f := r.fields
		switch r.kind {
		case "linked":
			n, err := strconv.Atoi(f["index"])
			if err != nil || n < 0 || n >= pairs {
				return out, fmt.Errorf("it tells of a request %s that was not made", jobfile.Quote(f["index"]))
			}
			out = append(out, Outcome{
				Pair: n, Name: f["name"], Bin: strings.TrimPrefix(f["bin"], "/"), MediaID: f["media"], ID: f["id"],
				Linked: f["ok"] == "true", Why: f["why"], Proxy: proxyState(f["proxy"], f["proxypath"]), ProxyPath: f["proxypath"],
			})
		case "begin":
			if f["format"] != "1" {
				return out, errors.New("it is of another format")
			}
		}
	}
	return out, nil
}
