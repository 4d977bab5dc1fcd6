// Package sim plays rooms that nobody has: up to a thousand workers of mixed speed that die, sleep
// and return, on a share with a latency and a number of operations per second. It is a simulation
// by events, and the same seed gives the same history.
//
// What plans, orders and decides is the real code: jobfile.Policy and PlanUnits, Fold, Decide,
// Listing.Holds, Roll, and watcher's choice of how far to look, what there is
// room for and when to look again. What is played is the rest: a job's folder is a Listing in memory,
// an operation of the share is time, and a unit is so many core seconds.
//
// Not in it: stale listings, lost replies and failing units, which the model in jobfile and
// the chaos run are for; requests of people, so that jobs stand in the order of their names; events of the file system, as on shares there are none; reading the footage. All
// workers see the beats with one Roll, which looks at each poll, and not each with its own.
package sim

import (
	"time"

	"proxima/jobfile"
	"proxima/watcher"
)

// Room is what is played.
type Room struct {
	Seed     uint64
	Machines []Machine
	Clips    []Clip
	Share    Share
	Policy   jobfile.Policy // Slots and Waiting are what the room has
	Lease    time.Duration
	Copies   bool          // at the end idle workers begin units a second time
	Dies     float64       // chance of a machine to die within a day; it comes back after some minutes or hours
	Sleeps   float64       // chance to sleep, for as long
	Until    time.Duration // end of the play, if the work does not end before; 0: 90 days
}

// Machine is one worker.
type Machine struct {
	Cores int
	Speed float64 // work that a core does, in core seconds of a core of speed 1 per second
}

// Clip is one source to make a proxy of.
type Clip struct {
	Length   time.Duration
	Cost     float64       // core seconds for a second of it
	Queued   time.Duration // from the beginning
	Priority int
}

// Share is what carries the farm.
type Share struct {
	Latency time.Duration // of one operation
	Rate    float64       // operations per second that the server does; 0: any number
}

// NewRoom is a room with the settings of a fresh farm, on a share like a small server over a local network.
func NewRoom(seed uint64, ms []Machine, cs []Clip) Room {
	d := jobfile.NewFarm().Defaults
	return Room{
		Seed: seed, Machines: ms, Clips: cs, Share: Share{Latency: time.Millisecond, Rate: 10_000},
		Policy: jobfile.Policy{ChunkOver: d.DurationWorthChunking.D(), ChunkLength: d.ChunkLength.D()},
		Lease:  d.Lease.D(), Copies: d.BackupCopies,
	}
}

// What is known of a unit besides its work, measured with the program.
const (
	startWork  = 250 * time.Millisecond // core time to start ffmpeg and find the place
	soundWork  = 20 * time.Millisecond  // core time for a second of sound
	stitchWork = 10 * time.Millisecond  // core time for a second of a clip that is joined and verified
	lineEvery  = 100                    // names of a folder that one answer of a server carries
)

// Operations of the share, as watcher/ops_test.go counts them.
const (
	opsLook   = 4 // farm.yaml, control/, workers/, jobs/
	opsVisit  = 5 // the folders of a job
	opsTry    = 1 // a claim up to its rename
	opsWon    = 3 // the look after it
	opsBegin  = 2
	opsCommit = 12
	opsSweep  = 88 // of a worker in each lease: what was left behind, in eight jobs
	opsLost   = 2
	opsRetire = 12
	opsReport = 2
	opsGuard  = 7.0 / 3 // each third lists a folder more
)

func (r *Room) poll() time.Duration { return watcher.PollEvery(r.Lease) }

var (
	timeBase = jobfile.Rational{Num: 1, Den: 25}
	media    = jobfile.Media{
		Video: jobfile.VideoStream{Width: 3840, Height: 2160, TimeBase: timeBase, FrameRate: jobfile.Rational{Num: 25, Den: 1}},
		Sound: []jobfile.SoundStream{{Index: 1, Channels: 2, SampleRate: 48000}},
	}
	recipe = jobfile.Recipe{Threads: 2, Sound: jobfile.SoundRecipe{Encoder: "pcm_s16le"}}
)
