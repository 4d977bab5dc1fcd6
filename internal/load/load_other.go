//go:build !linux && !darwin && !windows

package load

import "errors"

func reader() func() (float64, error) {
	return func() (float64, error) { return 0, errors.ErrUnsupported }
}
