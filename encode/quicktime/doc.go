// Package quicktime reads the index of QuickTime and MP4 files: where each sample lies, when it is shown, and at which a
// decoder may begin. It reads no more of the media than the first bytes of a frame that it is asked about, writes
// nothing and starts no program.
//
// There are two ways in.
//
//   - Read is for files of ours. An Index is what the tables say (ISO 14496-12; QuickTime File Format), of all tracks,
//     so that a file can be proven by it.
//   - ReadPlaying is for sources, which anybody may have written. A Playing is the picture as ffmpeg's reader hands it
//     out, to the tick; what is unusual is refused, and somebody has to ask ffprobe.
//
// Both expect files that were written to harm: counts and sizes are held against the bytes that are there before
// anything is made room for, and the largest index is one of 512 MB, of a source of 64.
//
// Times are ticks of the track, where nothing else is said.
package quicktime
