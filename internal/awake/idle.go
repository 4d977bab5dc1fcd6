package awake

import (
	"context"
	"time"
)

// Idle tells for how long nobody has touched this machine: its keyboard and mouse, or as the desktop
// tells the system. Hours where nobody is signed in. An error says why the system does not tell.
func Idle(ctx context.Context) (time.Duration, error) { return idle(ctx) }

// nobody is what is told where nobody is signed in.
const nobody = 1000 * time.Hour
