//go:build unix

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Each message is there once and in its order, those that stood below the lines at the end too; and
// of the lines nothing is left.
func TestInlineLosesNoMessage(t *testing.T) {
	for _, below := range []int{0, 3} {
		s := sitBefore(t, 60, 30, func(s *sitting, tty *os.File) {
			n := startInline(tty, below, func(columns, _ int) []string { return []string{"the line", gauge(1, 2, columns-2)} })
			for i := range 20 {
				fmt.Fprintf(n, "message %02d\n", i)
			}
			n.close()
			n.say("after the end")
		})
		s.sees("after the end")
		var got []string
		for _, l := range strings.Split(s.text(), "\n") {
			if l = strings.TrimSpace(l); l != "" {
				got = append(got, l)
			}
		}
		var want []string
		for i := range 20 {
			want = append(want, fmt.Sprintf("message %02d", i))
		}
		want = append(want, "after the end")
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("with %d below:\n%s", below, strings.Join(got, "\n"))
		}
	}
}
