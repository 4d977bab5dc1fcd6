package jobfile

import "strings"

// How many cores a unit takes, and how many units a machine so has room for.

// scales is how many threads an encoder makes use of, where a recipe leaves it open: beyond
// that each one more brings little, and another unit would bring more. Encoders of pictures
// that stand alone divide each picture into slices; x264 works on as many pictures at once,
// x265 and AV1 on as many rows, as there are. It is a rule of thumb, not a measurement.
func (v *VideoRecipe) scales() int {
	if strings.HasPrefix(v.Encoder, "lib") {
		return 16
	}
	return 4 // hardware's, too: there the processor only decodes and scales
}

// UnitThreads is what one unit of a recipe takes of a machine's cores: as many as the recipe says,
// or as many as the encoder makes use of. It is never more than the unit's share where slots
// are given, so that all that run together stay within the cores.
func (r *Recipe) UnitThreads(slots, cores int) int {
	most := max(1, cores/max(1, slots))
	if r.Threads > 0 {
		return min(r.Threads, most)
	}
	return min(r.Video.scales(), most)
}

// Places is how many units of a recipe the worker runs at once.
func (w *Worker) Places(r *Recipe) int {
	slots, cores := 0, max(1, w.Cores)
	if !w.AutoSlots {
		slots = w.Slots
	}
	places := max(1, cores/r.UnitThreads(slots, cores))
	if slots > 0 {
		places = min(places, slots)
	}
	return places
}
