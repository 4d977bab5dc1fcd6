//go:build e2e

package encode

import "testing"

func TestFlipAndLevelOfOtherCodecs(t *testing.T) {
	for _, c := range clipCases[1:] {
		t.Run(c.name, func(t *testing.T) { clipCase(t, c) })
	}
}
