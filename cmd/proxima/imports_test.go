package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The star: cmd wires, siblings do not know each other, everybody may use jobfile. And the
// packages of other people each have one home.
func TestImportsFormAStar(t *testing.T) {
	may := map[string][]string{
		"proxima/jobfile/sharefs":   {},
		"proxima/jobfile":           {"proxima/jobfile/sharefs"},
		"proxima/presets":           {"proxima/jobfile"},
		"proxima/encode":            {"proxima/jobfile", "proxima/encode/quicktime"},
		"proxima/encode/quicktime":  {},
		"proxima/watcher":           {"proxima/jobfile"},
		"proxima/timeline":          {"proxima/jobfile"},
		"proxima/gather":            {"proxima/jobfile"},
		"proxima/resolve":           {"proxima/jobfile"},
		"proxima/monitor":           {"proxima/jobfile"},
		"proxima/service":           {},
		"proxima/packaging/dist":    {},
		"proxima/internal/awake":    {},
		"proxima/internal/load":     {},
		"proxima/internal/corpus":   {},
		"proxima/internal/testprog": {},
		// Only tests may import it, as any other would have to be named here.
		"proxima/internal/faultfs": {"proxima/jobfile/sharefs"},
		// Nobody imports it but its own command.
		"proxima/internal/sim":       {"proxima/jobfile", "proxima/watcher"},
		"proxima/internal/sim/plots": {"proxima/internal/sim"},
		"proxima/cmd/proxima":        {"proxima/jobfile", "proxima/jobfile/sharefs", "proxima/presets", "proxima/encode", "proxima/watcher", "proxima/timeline", "proxima/gather", "proxima/resolve", "proxima/monitor", "proxima/service", "proxima/internal/awake", "proxima/internal/load"},
	}
	home := map[string]string{
		"github.com/fsnotify/fsnotify":     "proxima/watcher",
		"github.com/gofrs/flock":           "proxima/jobfile",
		"github.com/goccy/go-yaml":         "proxima/jobfile",
		"github.com/godbus/dbus/v5":        "proxima/internal/awake",
		"github.com/bmatcuk/doublestar/v4": "proxima/jobfile",
		"github.com/dustin/go-humanize":    "proxima/cmd/proxima",
		"github.com/kardianos/service":     "proxima/service",
		"github.com/spf13/cobra":           "proxima/cmd/proxima",
		"charm.land/bubbletea/v2":          "proxima/cmd/proxima",
		"github.com/charmbracelet/x/ansi":  "proxima/cmd/proxima",
		"github.com/gen2brain/beeep":       "proxima/cmd/proxima",
		"github.com/muesli/cancelreader":   "proxima/cmd/proxima",
		"github.com/maruel/natural":        "proxima/timeline",
		"golang.org/x/net":                 "proxima/monitor",
	}
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "proxima/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); seen++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		allowed, known := may[p.ImportPath]
		if !known {
			t.Errorf("%s is new: say here what it may import, and in docs/architecture.md why it is there", p.ImportPath)
		}
		for _, i := range p.Imports {
			if strings.HasPrefix(i, "proxima/") && !slices.Contains(allowed, i) {
				t.Errorf("%s imports %s", p.ImportPath, i)
			}
			for lib, at := range home {
				if (i == lib || strings.HasPrefix(i, lib+"/")) && p.ImportPath != at {
					t.Errorf("%s imports %s, whose home is %s", p.ImportPath, i, at)
				}
			}
		}
	}
	if seen != len(may) {
		t.Errorf("%d packages, expected %d", seen, len(may))
	}
}
