package resolve

import (
	"errors"
	"testing"
)

func TestGreet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		world string
		want  Greeting
		kind  ProblemKind
	}{
		{`{ name = "Film", product = "DaVinci Resolve Studio", version = "19.1.3.7" }`, Greeting{"DaVinci Resolve Studio", "19.1.3.7", "Film"}, ""},
		{`{ product = "DaVinci Resolve Studio", version = "19.1.3.7" }`, Greeting{"DaVinci Resolve Studio", "19.1.3.7", ""}, NoProject},
		{`{ absent = true }`, Greeting{}, NotRunning},
		{`{ name = "Film", noise = "proxima\tmystery\n" }`, Greeting{}, Garbled},
	} {
		b := fake(t, c.world)
		got, err := b.Greet(t.Context())
		var p *Problem
		if errors.As(err, &p); (err == nil) != (c.kind == "") || err != nil && (p == nil || p.Kind != c.kind) || got != c.want {
			t.Errorf("%s: %+v, %v", c.world, got, err)
		}
	}
}
