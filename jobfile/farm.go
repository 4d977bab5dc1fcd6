package jobfile

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Farm is farm.yaml: the sentinel that makes a folder a farm, and what holds for everybody.
type Farm struct {
	Format   int                          `yaml:"format"`
	Defaults Defaults                     `yaml:"defaults"`
	Keep     Keep                         `yaml:"keep"`
	Roots    map[string]map[string]string `yaml:"roots,omitempty"` // root name -> platform or "host:NAME" -> path
	Rules    Rules                        `yaml:"rules,omitempty"` // which presets where none is named
	Filters  Filters                      `yaml:"filters,omitempty"`

	// Workers is what workers do otherwise, by their name or tag. Package presets reads it.
	Workers *Node `yaml:"workers,omitempty"`
}

// Defaults are farm-wide settings; flags overrule them.
type Defaults struct {
	Preset                string   `yaml:"preset"`
	DurationWorthChunking Duration `yaml:"duration_worth_chunking"`
	ChunkLength           Duration `yaml:"chunk_length"`
	Lease                 Duration `yaml:"lease"`
	KeepFree              Bytes    `yaml:"keep_free"`
	BackupCopies          bool     `yaml:"backup_copies"` // at the end of the queue, idle workers begin units of slow ones a second time
}

// NewFarm returns the settings of a fresh farm.
func NewFarm() *Farm {
	return &Farm{Format: Format, Defaults: Defaults{
		Preset:                "edit_proxy",
		DurationWorthChunking: Duration(45 * time.Second),
		// About a minute keeps what splitting costs (a process start and a seek per
		// chunk) near 2 % of the encoding.
		ChunkLength: Duration(60 * time.Second),
		// The longest stall of a living client that was measured is 118 s, an NFS
		// server's grace period.
		Lease:    Duration(180 * time.Second),
		KeepFree: 2 << 30, BackupCopies: true,
	}, Keep: Keep{Finished: Duration(90 * 24 * time.Hour), FailedParts: Duration(7 * 24 * time.Hour)}}
}

// ReadFarm reads farm.yaml. The error is a *DecodeError.
func ReadFarm(file string, data []byte) (*Farm, error) {
	f := NewFarm()
	if err := DecodeByHand(file, data, f); err != nil {
		return nil, err
	}
	return f, nil
}

var reRootName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$`)

// Validate checks farm.yaml.
func (f *Farm) Validate() error {
	if err := checkFormat(f.Format); err != nil {
		return err
	}
	d := f.Defaults
	switch {
	case d.Lease.D() < time.Second:
		return fmt.Errorf("defaults.lease: %s is shorter than a second", d.Lease)
	case d.ChunkLength.D() < time.Second:
		return fmt.Errorf("defaults.chunk_length: %s is shorter than a second", d.ChunkLength)
	}
	if err := f.Rules.Validate(); err != nil {
		return err
	}
	if err := f.Filters.Validate(); err != nil {
		return err
	}
	for name, places := range f.Roots {
		if !reRootName.MatchString(name) {
			return fmt.Errorf("roots: %s is not a name (letters, digits, - and _)", Quote(name))
		}
		for where, path := range places {
			if !strings.HasPrefix(where, "host:") && where != "linux" && where != "darwin" && where != "windows" {
				return fmt.Errorf("roots.%s: %s is not linux, darwin, windows or host:NAME", name, Quote(where))
			}
			unix := strings.HasPrefix(path, "/")
			if !unix && !windowsPath(path) || where == "windows" && unix || (where == "linux" || where == "darwin") && !unix {
				return fmt.Errorf("roots.%s.%s: %s is not an absolute path", name, Printable(where), Quote(path))
			}
		}
	}
	return nil
}

// RootsFor returns where the roots lie on a machine: its own line (host:NAME, case-blind)
// before its platform's (a GOOS value).
func (f *Farm) RootsFor(goos, host string) Roots {
	r := Roots{}
	for name, places := range f.Roots {
		if p, ok := places[goos]; ok {
			r[name] = p
		}
		for where, p := range places {
			if h, ok := strings.CutPrefix(where, "host:"); ok && strings.EqualFold(h, host) {
				r[name] = p
			}
		}
	}
	return r
}
