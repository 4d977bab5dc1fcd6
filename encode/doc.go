// Package encode is the only code of Proxima that runs ffmpeg and ffprobe: it probes
// sources, finds where they can be cut, encodes units, stitches the parts and verifies the
// result.
//
// The rules everything here follows:
//
//   - Places in the source are presentation timestamps, integer ticks of the picture's time
//     base. Seconds and frame numbers round, and a rounded cut is a frame lost or doubled.
//   - A seek need only land at or before the frame wanted. What cuts is the trim filter, by
//     timestamps, so that neighbouring ranges neither overlap nor leave a gap.
//   - An exit status of 0 proves nothing: ffmpeg gives it to truncated sources and to missing
//     parts. Every file is read back and held against the source's own packets.
//   - A process never outlives the context it was started under, nor this program.
//
// What depends on input alone (arguments, parsers, quoting, choices) stands apart from what
// runs programs and is tested by tables. Failures are *jobfile.Fault where a person or the
// farm can act on them; the end of a context is the context's error.
//
// Behaviour of ffmpeg that this package relies on was measured with 5.1; its tests measure
// it again on whatever version is installed.
package encode
