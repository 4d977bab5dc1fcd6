//go:build !linux && !darwin && !windows

package awake

import (
	"context"
	"errors"
)

func keep(context.Context) (func(), error) { return nil, errors.ErrUnsupported }
