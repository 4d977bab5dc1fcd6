package resolve

import (
	"context"
	_ "embed"
	"errors"
)

//go:embed lua/greet.lua
var greetScript string

// Greeting is who answers.
type Greeting struct {
	Product, Version string // "DaVinci Resolve Studio", "19.1.3.7"; "" where it was not told
	Project          string // the open one's name
}

// Greet asks for nothing but a sign of life: a check of the bridge. What was told before a
// problem is in the greeting: which Resolve it is that has no project open. Errors: *Problem,
// or ctx's.
func (b *Bridge) Greet(ctx context.Context) (Greeting, error) {
	var g Greeting
	records, err := b.run(ctx, "greet.lua", commonScript+greetScript, nil)
	begun := false
	for _, r := range records {
		switch r.kind {
		case "begin":
			begun = r.fields["format"] == "1"
		case "app":
			g.Product, g.Version = r.fields["product"], r.fields["version"]
		case "project":
			g.Project = r.fields["name"]
		}
	}
	if err != nil {
		return g, err
	}
	if problem := b.problemIn(records, ""); problem != nil {
		return g, problem
	}
	if !begun {
		return g, garbled(errors.New("it is of another format"))
	}
	return g, nil
}
