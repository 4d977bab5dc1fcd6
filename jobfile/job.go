package jobfile

import (
	"fmt"
	"strings"
	"time"
)

// Job is job.yaml: one source, one recipe, one output. It is written once, at the job's
// birth, and changed by people only.
type Job struct {
	Format  int       `yaml:"format"`
	ID      string    `yaml:"id"` // the job folder's name
	Created time.Time `yaml:"created"`
	By      string    `yaml:"by"` // user@host, for people
	Version string    `yaml:"version"`
	Source  Source    `yaml:"source"`
	Output  Output    `yaml:"output"`
	Recipe  Recipe    `yaml:"recipe"`
	// Others are the recipes of the same preset with other encoders, for workers that cannot do
	// Recipe, the one to try first first.
	Others []Recipe `yaml:"others,omitempty"`
	// Preset is what the recipes were made from, by field: a worker lays its overrides over it.
	Preset map[string]Words `yaml:"preset,omitempty"`
	// PresetSum tells whether somebody edited the preset's name or its fields, where that would change
	// nothing: what is made is what the recipe says. "" in jobs that say nothing of it.
	PresetSum string `yaml:"preset_sum,omitempty"`
	Media     Media  `yaml:"media"`
	Plan      Plan   `yaml:"plan"`
}

// Source names the camera file and how to notice that it is no longer the one that was
// planned (changed, replaced, still being copied).
type Source struct {
	Path     Path      `yaml:"path"`
	Size     int64     `yaml:"size"`     // bytes
	Modified time.Time `yaml:"modified"` // compared with two seconds' slack: file systems round
}

// Existing says what to do with a file that stands where the proxy should go.
type Existing string

const (
	ExistingSkip      Existing = "skip"
	ExistingOverwrite Existing = "overwrite"
	ExistingKeepBoth  Existing = "keep-both"
)

// Output names the finished file.
type Output struct {
	Path     Path     `yaml:"path"`
	Base     Path     `yaml:"base"` // a folder that existed when the job was queued; workers make folders below it only, so that a missing mount is noticed and not filled
	Existing Existing `yaml:"existing"`
}

// Plan divides the source into units. Its ranges are a partition by construction: each
// starts where the one before ends, so no frame can be made twice or fall between.
type Plan struct {
	Frames      int64     `yaml:"frames"`             // shown frames; see Exact
	Exact       bool      `yaml:"exact"`              // Frames is the container's own count, not an estimate from its duration
	FirstPTS    int64     `yaml:"first_pts"`          // of the first shown frame, ticks of media.video.time_base
	LastPTS     *int64    `yaml:"last_pts,omitempty"` // of the last shown frame, as read at the file's end
	ChunkTarget Duration  `yaml:"chunk_target"`       // the length aimed at; cuts then snap to keyframes
	BytesRead   int64     `yaml:"bytes_read"`         // of the source, to probe and plan it
	Units       []Planned `yaml:"units"`
}

// Planned is one unit of the plan.
type Planned struct {
	ID     UnitID `yaml:"id"`
	Range  *Range `yaml:"range,omitempty"`  // of video units
	Frames int64  `yaml:"frames,omitempty"` // about how many; the worker counts
}

// Range is a half-open stretch of the source, [Start, End), in presentation timestamps:
// integer ticks of the video stream's time base. Seconds or frame numbers would round.
type Range struct {
	Start int64  `yaml:"start_pts"`         // of a keyframe, except in the first unit
	End   *int64 `yaml:"end_pts,omitempty"` // of the next unit's keyframe; none in the last
}

// Unit is the file that travels through todo/, doing/ and failed/: one piece of work. It
// repeats what a person wants to see; what is encoded is what the plan in job.yaml says, and
// attempt and holder are what the file's name says (see Ticket).
type Unit struct {
	Format   int       `yaml:"format"`
	Job      string    `yaml:"job"`
	ID       UnitID    `yaml:"unit"`
	Range    *Range    `yaml:"range,omitempty"`
	Frames   int64     `yaml:"frames,omitempty"`
	Failures []Failure `yaml:"failures,omitempty"` // attempts that were charged to this unit
	GivenUp  []Failure `yaml:"given_up,omitempty"` // those for which it was given up; they no longer count, so that dragging it back is a retry
}

// giveUp sets the failures aside: whoever puts the unit back begins anew.
func (u *Unit) giveUp() {
	u.GivenUp, u.Failures = append(u.GivenUp, u.Failures...), nil
}

// Failure is one charged attempt.
type Failure struct {
	Worker  string    `yaml:"worker"` // the worker's name, the same after a restart
	Kind    FaultKind `yaml:"kind"`
	Reason  string    `yaml:"reason"`
	Next    string    `yaml:"next,omitempty"`
	Log     string    `yaml:"log,omitempty"` // in the job's log/
	Attempt int       `yaml:"attempt"`
	Time    time.Time `yaml:"time"`
}

// Bounds on what a job says of its preset.
const (
	maxOthers = 16
	maxFields = 100
)

// Suits refuses a recipe that the job was not planned for: its file would not go by the name
// that the job gives it, there would be a unit of sound too many or too few, or the picture would
// not be as the editor has set it.
func (j *Job) Suits(r *Recipe) error {
	switch {
	case r.Ext != j.Recipe.Ext || r.Container != j.Recipe.Container:
		return fmt.Errorf("recipe.ext: %s in a job that makes a %s file", Quote(r.Ext), j.Recipe.Ext)
	case r.Sound.Of(&j.Media) != j.Recipe.Sound.Of(&j.Media):
		return fmt.Errorf("recipe.sound: %s in a job that was planned %s", withSound(r.Sound.Of(&j.Media)), withSound(!r.Sound.Of(&j.Media)))
	case r.Video.DataLevel != j.Recipe.Video.DataLevel || r.Video.Flip != j.Recipe.Video.Flip:
		return fmt.Errorf("recipe.video: another data level or flip than the editor has set for the clip")
	}
	return nil
}

func withSound(yes bool) string {
	if yes {
		return "with sound"
	}
	return "without sound"
}

// maxUnits bounds a job: at one chunk a second a day still fits.
const maxUnits = 100_000

// Validate checks everything that the rest of the program relies on without looking again.
func (j *Job) Validate() error {
	if err := checkFormat(j.Format); err != nil {
		return err
	}
	if !ValidJobID(j.ID) {
		return fmt.Errorf("id: %s is not a job name", Quote(j.ID))
	}
	if err := j.Source.Path.Validate(); err != nil {
		return fmt.Errorf("source.path: %w", err)
	}
	if err := j.Output.Path.Validate(); err != nil {
		return fmt.Errorf("output.path: %w", err)
	}
	// Whatever else a document may name, what is written is a film.
	name := j.Output.Path.Rel[strings.LastIndexAny(j.Output.Path.Rel, `/\`)+1:]
	if !strings.HasSuffix(name, j.Recipe.Ext) || strings.HasPrefix(name, ".") {
		return fmt.Errorf("output.path: %s is not a name for a %s file", Quote(name), j.Recipe.Ext)
	}
	if err := j.Output.Base.Validate(); err != nil {
		return fmt.Errorf("output.base: %w", err)
	}
	if j.Source.Size <= 0 {
		return fmt.Errorf("source.size: %d bytes", j.Source.Size)
	}
	switch j.Output.Existing {
	case ExistingSkip, ExistingOverwrite, ExistingKeepBoth:
	default:
		return fmt.Errorf("output.existing: %s is not skip, overwrite or keep-both", Quote(string(j.Output.Existing)))
	}
	if err := j.Recipe.Validate(); err != nil {
		return err
	}
	if j.PresetSum != "" && j.PresetSum != j.presetSum() {
		return fmt.Errorf("preset_sum: somebody edited the preset's name or fields, and what counts is the recipe: " +
			"put them back and edit the fields of recipe, or cancel the job and queue the clip with another preset")
	}
	if len(j.Others) > maxOthers || len(j.Preset) > maxFields {
		return fmt.Errorf("others: %d recipes, of a preset with %d fields", len(j.Others), len(j.Preset))
	}
	for i := range j.Others {
		if err := j.Others[i].Validate(); err != nil {
			return fmt.Errorf("others[%d].%w", i, err)
		}
		if err := j.Suits(&j.Others[i]); err != nil {
			return fmt.Errorf("others[%d].%w", i, err)
		}
	}
	if err := j.Media.Validate(); err != nil {
		return err
	}
	return j.Plan.validate()
}

// validate proves that the plan is a partition: consecutive ranges that touch, open at the
// end, one stitch, at most one sound unit.
func (p *Plan) validate() error {
	if len(p.Units) == 0 || len(p.Units) > maxUnits {
		return fmt.Errorf("plan.units: %d units", len(p.Units))
	}
	if p.Frames < 0 {
		return fmt.Errorf("plan.frames: %d", p.Frames)
	}
	seen := map[UnitID]bool{}
	var video []Planned
	for i, u := range p.Units {
		if !u.ID.Valid() || seen[u.ID] {
			return fmt.Errorf("plan.units[%d].id: %s is no unit's name or stands twice", i, Quote(string(u.ID)))
		}
		seen[u.ID] = true
		if u.ID.HasVideo() != (u.Range != nil) {
			return fmt.Errorf("plan.units[%d]: unit %s and its range do not go together", i, u.ID)
		}
		if u.Range != nil {
			video = append(video, u)
		}
	}
	if !seen[UnitStitch] {
		return fmt.Errorf("plan.units: no stitch")
	}
	if seen[UnitWhole] && (len(video) != 1 || seen[UnitSound]) {
		return fmt.Errorf("plan.units: a whole stands beside other units")
	}
	if len(video) == 0 {
		return fmt.Errorf("plan.units: no picture")
	}
	for i, u := range video {
		last := i == len(video)-1
		if u.ID != UnitWhole && u.ID != ChunkID(i) {
			return fmt.Errorf("plan.units: chunk %s where %s should be", u.ID, ChunkID(i))
		}
		if i == 0 && u.Range.Start != p.FirstPTS {
			return fmt.Errorf("plan.units: the first starts at %d, not at first_pts %d", u.Range.Start, p.FirstPTS)
		}
		if last != (u.Range.End == nil) {
			return fmt.Errorf("plan.units: only the last range is open (unit %s)", u.ID)
		}
		if !last && (*u.Range.End <= u.Range.Start || video[i+1].Range.Start != *u.Range.End) {
			return fmt.Errorf("plan.units: unit %s does not end where the next starts", u.ID)
		}
	}
	return nil
}

// Unit returns the document of a planned unit that nobody has tried yet.
func (j *Job) Unit(p Planned) *Unit {
	return &Unit{Format: Format, Job: j.ID, ID: p.ID, Range: p.Range, Frames: p.Frames}
}

// Planned returns the plan's entry for id.
func (p *Plan) Planned(id UnitID) (Planned, bool) {
	for _, u := range p.Units {
		if u.ID == id {
			return u, true
		}
	}
	return Planned{}, false
}

// VideoUnits returns the units that make picture, in order.
func (p *Plan) VideoUnits() []Planned {
	var v []Planned
	for _, u := range p.Units {
		if u.ID.HasVideo() {
			v = append(v, u)
		}
	}
	return v
}

// Validate checks a unit document.
func (u *Unit) Validate() error {
	if err := checkFormat(u.Format); err != nil {
		return err
	}
	switch {
	case !u.ID.Valid():
		return fmt.Errorf("unit: %s is no unit's name", Quote(string(u.ID)))
	case !ValidJobID(u.Job):
		return fmt.Errorf("job: %s is not a job name", Quote(u.Job))
	case len(u.Failures) > maxAttempt || len(u.GivenUp) > maxAttempt:
		return fmt.Errorf("failures: %d of them", len(u.Failures))
	}
	return nil
}

// Marker is DONE.yaml: only it means finished. FAILED.yaml and CANCELLED.yaml have the same
// shape with an error in place of a file.
type Marker struct {
	Format   int       `yaml:"format"`
	Job      string    `yaml:"job"`
	Finished time.Time `yaml:"finished"`
	Output   Path      `yaml:"output"`
	Final    *Final    `yaml:"file,omitempty"`
	Worker   string    `yaml:"worker"`  // who stitched, or who saw that the job failed
	Workers  []string  `yaml:"workers"` // who made parts
	Units    int       `yaml:"units"`
	Recipe   string    `yaml:"recipe,omitempty"` // whose recipe it was made with and why, where not job.yaml's
	Error    string    `yaml:"error,omitempty"`
	Next     string    `yaml:"next,omitempty"`
}

// Validate checks a marker.
func (d *Marker) Validate() error { return checkFormat(d.Format) }
