package resolve

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Bridge reaches the Resolve of this machine.
type Bridge struct {
	Fuscript string // path of Resolve's fuscript

	// Stall is how long fuscript may print nothing before it is held for hung. Find sets a
	// minute: each clip is one line, and tells that it lives.
	Stall time.Duration

	// running tells whether a Resolve runs here; a field for tests.
	running func() process
}

// DefaultStall is the usual [Bridge.Stall].
const DefaultStall = time.Minute

// places are where Resolve's installers put fuscript. A star is for the editions' folders.
var places = map[string][]string{
	"darwin": {
		"/Applications/DaVinci Resolve/DaVinci Resolve.app/Contents/Libraries/Fusion/fuscript",
		"/Applications/DaVinci Resolve Studio.app/Contents/Libraries/Fusion/fuscript",
		"/Applications/DaVinci Resolve.app/Contents/Libraries/Fusion/fuscript",
		"/Applications/DaVinci Resolve*/*.app/Contents/Libraries/Fusion/fuscript",
	},
	"windows": {
		`C:\Program Files\Blackmagic Design\DaVinci Resolve\fuscript.exe`,
	},
	"linux": {
		"/opt/resolve/libs/Fusion/fuscript",
		"/opt/resolve/bin/fuscript",
		"/home/resolve/libs/Fusion/fuscript",
	},
}

// Find looks for fuscript at the path given, or where Resolve's installers put it if that is
// "". The error is a *Problem.
func Find(given string) (*Bridge, error) { return find(given, places[runtime.GOOS]) }

func find(given string, places []string) (*Bridge, error) {
	made := func(path string) (*Bridge, error) {
		return &Bridge{Fuscript: path, Stall: DefaultStall, running: running}, nil
	}
	if given != "" {
		st, err := os.Stat(given)
		switch {
		case err != nil:
			return nil, wrongPath(given, err)
		case st.IsDir():
			return nil, wrongPath(given, errors.New("a folder"))
		}
		return made(given)
	}
	var denied error
	for _, place := range places {
		found, _ := filepath.Glob(place) // the patterns are ours, and valid
		if len(found) == 0 {
			if _, err := os.Stat(place); errors.Is(err, fs.ErrPermission) {
				denied = err
			}
		}
		for _, path := range found {
			if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
				return made(path)
			}
		}
	}
	if denied != nil {
		return nil, forbidden(denied)
	}
	return nil, notInstalled(places)
}
