package encode

import (
	"regexp"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// messages is what a program said on stderr: its first and last lines, and counts of what
// matters. Lines are asked for with their level ("-v level+warning").
type messages struct {
	log         *capped
	first, last []string
	decode      int    // decoding failed or gave a damaged picture, times
	firstDecode string // the first of them
	bytesRead   int64  // of all inputs; printed at level verbose only
	partial     bool   // the file ends inside a sample
}

const keepLines = 60

func (m *messages) add(line []byte) {
	s := string(line)
	if len(s) > 2000 {
		s = s[:2000]
	}
	if m.log != nil {
		// Files say what they like of themselves, line breaks included: what begins at the
		// margin is ours.
		m.log.printf("  %s\n", jobfile.OneLine(s))
	}
	if n, ok := bytesRead(s); ok {
		m.bytesRead += n
		return
	}
	if reDecode.MatchString(s) {
		n := 1
		if r := reRepeated.FindStringSubmatch(s); r != nil {
			n, _ = strconv.Atoi(r[1])
		}
		if m.decode += n; m.firstDecode == "" {
			m.firstDecode = plainMessage(s)
		}
	}
	if strings.Contains(s, "partial file") || strings.Contains(s, "truncating packet") {
		m.partial = true
	}
	if len(m.first) < keepLines {
		m.first = append(m.first, s)
		return
	}
	if len(m.last) == keepLines {
		m.last = append(m.last[:0], m.last[1:]...)
	}
	m.last = append(m.last, s)
}

// tail returns the lines kept, in order.
func (m *messages) tail() []string {
	return append(append([]string{}, m.first...), m.last...)
}

func (m *messages) has(text string) bool {
	for _, l := range m.tail() {
		if strings.Contains(l, text) {
			return true
		}
	}
	return false
}

// unwritten reports whether a file's end was not written, which ffmpeg says and then ends with 0 unless
// it was given -xerror (release 5.1, on a disk that is full for a moment).
func (m *messages) unwritten() bool {
	return m.has("[error] Error writing trailer") || m.has("[error] Error closing file")
}

// reDecode is what ffmpeg's own loop says about packets that gave no picture, or a damaged
// one. What decoders print themselves ("mmco: unref short failure", "Could not find ref
// with POC") also comes with good seeks into open GOPs and means nothing alone.
var reDecode = regexp.MustCompile(`Error while decoding stream|Error submitting (a )?packet to (the )?decoder|Decoding error:|corrupt decoded frame|corrupt input packet`)

var reRepeated = regexp.MustCompile(`Last message repeated ([0-9]{1,9}) times`)

var reBytesRead = regexp.MustCompile(`Statistics: ([0-9]{1,18}) bytes read`)

// bytesRead reads the line that ffmpeg prints when it closes a file it read from.
func bytesRead(line string) (int64, bool) {
	m := reBytesRead.FindStringSubmatch(line)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	return n, err == nil
}

var reDecoration = regexp.MustCompile(`^(\[[^\]]{1,60} @ 0x[0-9a-f]+\] )*(\[(panic|fatal|error|warning|info|verbose|debug)\] )?`)

// plainMessage strips the component and level that ffmpeg puts before a message.
func plainMessage(s string) string {
	return strings.TrimSpace(s[len(reDecoration.FindString(s)):])
}

// lastMeaningful finds the line that says why: the last error that is not one of the
// sentences ffmpeg ends with whatever happened.
func lastMeaningful(lines []string) string {
	for _, errorsOnly := range []bool{true, false} {
		for i := len(lines) - 1; i >= 0; i-- {
			s := plainMessage(lines[i])
			level := strings.Contains(lines[i], "[error]") || strings.Contains(lines[i], "[fatal]")
			if s == "" || errorsOnly && !level || reNoise.MatchString(s) {
				continue
			}
			return s
		}
	}
	return ""
}

var reNoise = regexp.MustCompile(`^(Conversion failed!|Exiting normally|Last message repeated|Error opening output file|Error opening input file|Could not write header[^:]*: (Invalid argument|Invalid data found when processing input|Experimental feature)$|Error initializing output stream|Task finished with error|Terminating thread|Nothing was written into output file|Failed to inject frame|Error while filtering|Error sending frames to consumers|Qavg|frame=|size=|video:|Output file is empty)`)
