package jobfile

import (
	"math"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Bytes is a size that people write: 2GiB, 500MB, 0.
type Bytes uint64

var byteUnits = []struct {
	name string
	size uint64
}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1}}

// String writes the size with one decimal, in binary units.
func (b Bytes) String() string {
	for _, u := range byteUnits[:4] {
		if uint64(b) >= u.size {
			return strings.TrimSuffix(strconv.FormatFloat(float64(b)/float64(u.size), 'f', 1, 64), ".0") + u.name
		}
	}
	return strconv.FormatUint(uint64(b), 10) + "B"
}

// MarshalYAML writes "2GiB".
func (b Bytes) MarshalYAML() (any, error) { return b.String(), nil }

// UnmarshalYAML reads "2GiB", "500 MB"; a bare number other than 0 is an error, since nobody
// knows its unit.
func (b *Bytes) UnmarshalYAML(from ast.Node) error {
	var node Node
	if err := node.UnmarshalYAML(from); err != nil {
		return err
	}
	text := strings.TrimSpace(node.Word)
	if text == "0" {
		*b = 0
		return nil
	}
	for _, u := range byteUnits {
		number, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(n >= 0 && n*float64(u.size) < math.MaxInt64) {
			break
		}
		*b = Bytes(n * float64(u.size))
		return nil
	}
	return node.Wrong("", "%s is not a size like 2GiB or 500MB", Quote(node.Word))
}
