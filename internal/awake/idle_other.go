//go:build !linux && !darwin && !windows

package awake

import (
	"context"
	"errors"
	"time"
)

func idle(context.Context) (time.Duration, error) { return 0, errors.ErrUnsupported }
