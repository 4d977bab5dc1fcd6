package jobfile

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// UnitID names a unit of a job: "0007" for a chunk, or one of the words below.
type UnitID string

const (
	UnitSound  UnitID = "audio"  // all sound of a chunked source
	UnitWhole  UnitID = "whole"  // picture and sound of a short source, in one run
	UnitStitch UnitID = "stitch" // joins, verifies and places the file
)

// maxAttempt bounds the fencing token in file names.
const maxAttempt = 9999

var (
	reChunk    = regexp.MustCompile(`^[0-9]{4,6}$`)
	reWorker   = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	reJobID    = regexp.MustCompile(`^[0-9]{2}_[0-9]{8}-[0-9]{6}_[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]{0,79}_[a-z0-9]{4,8}$`)
	rePartName = regexp.MustCompile(`^[0-9a-z]{4,6}\.a[0-9]{1,4}\.[a-z0-9][a-z0-9_-]{0,62}(\.audio)?\.mov$`)
	reTimecode = regexp.MustCompile(`^[0-9]{2}:[0-9]{2}:[0-9]{2}[:;.][0-9]{2,3}$`)
)

// ChunkID names chunk i, counted from 0.
func ChunkID(i int) UnitID { return UnitID(fmt.Sprintf("%04d", i)) }

// Valid reports whether id is a name that a plan may hold.
func (id UnitID) Valid() bool {
	return id == UnitSound || id == UnitWhole || id == UnitStitch || reChunk.MatchString(string(id))
}

// HasVideo reports whether the unit makes picture.
func (id UnitID) HasVideo() bool { return id != UnitSound && id != UnitStitch }

// HasSound reports whether the unit may make sound.
func (id UnitID) HasSound() bool { return id == UnitSound || id == UnitWhole }

// Ticket is what the name of a unit file says: todo and failed files have no worker.
type Ticket struct {
	Unit    UnitID
	Attempt int
	Worker  string // id of the worker, unique per process; empty in todo/ and failed/
}

// String is the ticket's file name without its extension: "0007.a1" or "0007.a1.editpc7-k3f9".
func (t Ticket) String() string {
	s := fmt.Sprintf("%s.a%d", t.Unit, t.Attempt)
	if t.Worker != "" {
		s += "." + t.Worker
	}
	return s
}

// Next is the ticket of the attempt after this one, unclaimed. At the very last it stays: the
// worker's name in the file still tells two holders apart.
func (t Ticket) Next() Ticket {
	return Ticket{Unit: t.Unit, Attempt: min(t.Attempt+1, maxAttempt)}
}

// File is the name of the ticket's document.
func (t Ticket) File() string { return t.String() + ".yaml" }

// ParseTicket reads a unit file's name. Whatever it does not know is not ours.
func ParseTicket(name string) (Ticket, bool) {
	base, ok := strings.CutSuffix(name, ".yaml")
	if !ok {
		return Ticket{}, false
	}
	f := strings.Split(base, ".")
	if len(f) < 2 || len(f) > 3 || !UnitID(f[0]).Valid() || len(f[1]) < 2 || f[1][0] != 'a' {
		return Ticket{}, false
	}
	n, err := strconv.Atoi(f[1][1:])
	if err != nil || n < 1 || n > maxAttempt || strconv.Itoa(n) != f[1][1:] {
		return Ticket{}, false
	}
	t := Ticket{Unit: UnitID(f[0]), Attempt: n}
	if len(f) == 3 {
		if !ValidWorkerID(f[2]) {
			return Ticket{}, false
		}
		t.Worker = f[2]
	}
	return t, true
}

// ValidWorkerID reports whether s may stand as a worker in a file name.
func ValidWorkerID(s string) bool { return reWorker.MatchString(s) }

// reWorkerFile is stricter than a worker's id in a unit's name: people's files lie in workers/
// too, and "notes.yaml" is nobody who died.
var reWorkerFile = regexp.MustCompile(`^([a-z0-9][a-z0-9_-]{0,56}-[a-z0-9]{5})\.(?:yaml|lock|beat\.([0-9]{1,18}))$`)

// parseWorkerFile reads a name in workers/; beat is -1 where it names none.
func parseWorkerFile(name string) (id string, beat int64, ok bool) {
	m := reWorkerFile.FindStringSubmatch(name)
	if m == nil {
		return "", 0, false
	}
	beat, err := strconv.ParseInt(m[2], 10, 64)
	if err != nil {
		beat = -1
	}
	return m[1], beat, true
}

// ValidJobID reports whether s is a job folder's name.
func ValidJobID(s string) bool { return len(s) <= 200 && reJobID.MatchString(s) }

// WorkerName turns a host's or user's choice of name into one that fits file names on every
// system: lower case, letters, digits and dashes, 40 characters at most.
func WorkerName(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == 40 {
			break
		}
	}
	if s := strings.Trim(b.String(), "-"); s != "" {
		return s
	}
	return "worker"
}

// jobStem makes a readable, portable middle for a job's name from its source's stem.
func jobStem(stem string) string {
	var b strings.Builder
	n := 0
	for _, r := range stem {
		if n == 48 {
			break
		}
		switch {
		case unicode.IsLetter(r) || unicode.IsNumber(r) && r < utf8.RuneSelf:
			b.WriteRune(r)
		case b.Len() > 0 && r == '_' || r == '-':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		default:
			continue
		}
		n++
	}
	s := strings.TrimRight(b.String(), "-_")
	s = strings.TrimLeft(s, "-_")
	if s == "" {
		return "clip"
	}
	return s
}

func checkPartName(s string) error {
	if !rePartName.MatchString(s) {
		return fmt.Errorf("%s is not a part's name", Quote(s))
	}
	return nil
}

// Ours reports whether a name found in the farm folder may be Proxima's. What file systems,
// file managers and servers leave there is not, and every dot-name is somebody's temporary.
func Ours(name string) bool {
	switch {
	case strings.HasPrefix(name, "."), strings.HasPrefix(name, "~$"):
		return false
	}
	switch strings.ToLower(name) {
	case "thumbs.db", "desktop.ini":
		return false
	}
	return true
}

// Quote shows a name or text from outside on a terminal, in a log or in an error: control
// characters, bidirectional marks and invalid bytes are escaped, and 200 runes are enough.
func Quote(s string) string { return `"` + Printable(s) + `"` }

// Printable is Quote without the quotes.
func Printable(s string) string { return escape(s, 200) }

// OneLine is Printable for what is longer than a name: a message, a line of a log.
func OneLine(s string) string { return escape(s, len(s)) }

func escape(s string, limit int) string {
	var b strings.Builder
	n := 0
	for i, r := range s {
		if n == limit {
			b.WriteString("...")
			break
		}
		n++
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case Shows(r):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// Shows reports whether a rune does nothing to a terminal but to appear.
func Shows(r rune) bool { return unicode.IsPrint(r) && !unicode.Is(unicode.Bidi_Control, r) }

// StemOf is the clip's name as a job's name has it.
func StemOf(id string) string {
	const head = len("49_20260304-050607_")
	end := strings.LastIndexByte(id, '_')
	if !ValidJobID(id) || end <= head {
		return ""
	}
	return id[head:end]
}

// ClipStem is what a job's name makes of a clip's name, with or without folder and extension.
func ClipStem(clip string) string {
	clip = clip[strings.LastIndexAny(clip, `/\`)+1:]
	return jobStem(strings.TrimSuffix(clip, path.Ext(clip)))
}

// Lines is OneLine for a text of several lines.
func Lines(s string) string {
	ls := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i, l := range ls {
		ls[i] = OneLine(l)
	}
	return strings.Join(ls, "\n")
}
