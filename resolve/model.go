package resolve

// Project is what the open project holds. Words and numbers are as Resolve tells them, where
// no unit is named.
type Project struct {
	Product, Version string // "DaVinci Resolve Studio", "19.1.3.7"
	Name             string
	ID               string // "" where this version tells none
	Timelines        []Timeline
	Items            []Item   // of the media pool, in the order of its bins
	Notes            []string // for people
}

// Timeline is one edit.
type Timeline struct {
	Name     string
	ID       string
	FPS      string // rounded: 23.976
	Drop     *bool  // drop frame; nil where it is not told
	First    *int64 // frame, of the record timecode; nil where it is not told
	Start    string // the same as a timecode; may be empty
	Duration int64  // frames; 0 unknown
	Active   bool   // the one that is open in the editor
	Uses     []Use
	// Blank are the items without a medium: titles, generators, some compound clips.
	Blank int

	pool itemKey // the timeline's own item in the media pool, by which others nest it
}

// Use is one item of the pool in a timeline.
type Use struct {
	Item    int  // index into Project.Items
	Video   bool // on a video track; false: on an audio track
	Enabled bool // neither the clip nor its track is switched off
	Count   int  // how often
}

// Item is one item of the media pool. Several may share a file.
type Item struct {
	Name, Bin  string // of the clip; bins are parted by slashes
	MediaID    string // of the medium; "" where there is none
	ID         string // of the item; "" in versions before 18
	Path       string // absolute, as Resolve's machine sees it; "" for compounds, timelines, generators
	StartTC    string // "10:00:00:00"; the separator does not tell drop frame reliably
	Drop       bool
	FPS        string // rounded
	Frames     int64  // 0 unknown
	Resolution string
	Type       string // in the language of the windows
	Reel       string
	Level      Level
	HFlip      Flip
	VFlip      Flip
	Proxy      Proxy
	ProxyPath  string // "" where none is linked
}

// Level is which data level a clip is set to be read with.
type Level string

// The data levels. Auto is up to the file, and so is a word in a language that is not known here.
const (
	LevelAuto  Level = ""
	LevelFull  Level = "full"
	LevelVideo Level = "video"
)

// Flip is a mirrored clip.
type Flip string

// A flip that is neither On nor Off is a word of another language, and nobody's to guess.
const (
	FlipOff     Flip = ""
	FlipOn      Flip = "on"
	FlipUnknown Flip = "unknown"
)

// Proxy is the state of a clip's proxy.
type Proxy string

// Offline is a proxy that is linked and cannot be reached.
const (
	ProxyNone    Proxy = "none"
	ProxyOffline Proxy = "offline"
	ProxyLive    Proxy = "live"
)

// Pair is a proxy for an item, or for all items of a medium where the item has no ID.
type Pair struct {
	MediaID, ID string // one of them may be empty
	Path        string // absolute, as Resolve's machine sees it
}

// Outcome is what became of an item. A pair of a medium may have several, and one whose item is
// no longer in the pool has none.
type Outcome struct {
	Pair      int // index of the pair
	Name, Bin string
	MediaID   string
	ID        string
	Linked    bool
	Why       string // what the call itself failed with; Resolve gives no reason for a refusal
	Proxy     Proxy  // afterwards
	ProxyPath string
}
