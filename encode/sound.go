package encode

import (
	"fmt"
	"slices"

	"proxima/jobfile"
)

// chosenSound are the streams of sound that go into the proxy: all of the source's, or those
// that the recipe names, in its order. missing are those it names that the source lacks.
func chosenSound(job *jobfile.Job) (streams []jobfile.SoundStream, missing []int) {
	all, s := job.Media.Sound, &job.Recipe.Sound
	switch {
	case s.Encoder == "":
		return nil, nil
	case len(s.Tracks) == 0:
		return all, nil
	}
	for i, n := range s.Tracks {
		switch {
		case slices.Contains(s.Tracks[:i], n):
		case n < 1 || n > len(all):
			missing = append(missing, n)
		default:
			streams = append(streams, all[n-1])
		}
	}
	return streams, missing
}

// wantsSound reports whether the proxy has sound.
func wantsSound(job *jobfile.Job) bool { return job.Recipe.Sound.Of(&job.Media) }

// hasSound reports whether the unit makes sound.
func hasSound(job *jobfile.Job, u jobfile.UnitID) bool { return u.HasSound() && wantsSound(job) }

// missingSound are warnings about tracks that the source lacks.
func missingSound(job *jobfile.Job) (warnings []string) {
	_, missing := chosenSound(job)
	for _, n := range missing {
		warnings = append(warnings, fmt.Sprintf("the recipe asks for sound track %d, the source has %d: it is left out", n, len(job.Media.Sound)))
	}
	return warnings
}
