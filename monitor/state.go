package monitor

// What the page is told. Names and words from the folder are made printable before they stand here.

// Head is the answer to: is the room working, when will it be done, what is wrong.
type Head struct {
	Farm  string `json:"farm"`  // its folder
	State string `json:"state"` // working, waiting, paused, stuck, idle, away
	Words string `json:"words"` // what goes on, in one line
	Next  string `json:"next,omitempty"`
	ETA   int64  `json:"eta,omitempty"` // ms since 1970, when all will be done at this speed; 0 unknown

	FPS    float64 `json:"fps"` // frames a second that the room makes
	Frames int64   `json:"frames"`
	Done   int64   `json:"done"`  // of frames
	Clips  int     `json:"clips"` // of this batch: those that are not over, and those that ended since the oldest of them was queued
	Made   int     `json:"made"`  // of clips

	Queued   int  `json:"queued"`
	InWork   int  `json:"in_work"`
	Failed   int  `json:"failed"`
	Finished int  `json:"finished"` // jobs in done/, of which the latest are shown
	More     int  `json:"more"`     // that wait and are not shown
	Unread   int  `json:"unread"`   // whose turn to be read has not come yet
	Machines int  `json:"machines"` // that are here
	Busy     int  `json:"busy"`     // of them, at work
	Paused   bool `json:"paused"`   // the farm
}

// Job is one clip.
type Job struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	State     string `json:"state"` // as proxima status has it
	Preset    string `json:"preset"`
	Source    string `json:"source,omitempty"`
	Output    string `json:"output,omitempty"`
	By        string `json:"by,omitempty"`
	Queued    int64  `json:"queued,omitempty"` // ms since 1970
	Ended     int64  `json:"ended,omitempty"`
	Frames    int64  `json:"frames"`
	Done      int64  `json:"done"`
	Units     int    `json:"units"`
	UnitsDone int    `json:"units_done"`
	Cells     string `json:"cells"` // a letter for each chunk: d done, w in work, t to do, f failed
	Whose     string `json:"whose"` // and the colour of who made it or makes it
	Priority  int    `json:"priority"`
	Size      int64  `json:"size,omitempty"` // of the proxy, bytes
	Seconds   int64  `json:"seconds,omitempty"`
	Rate      string `json:"rate,omitempty"`

	Error    string    `json:"error,omitempty"`
	Next     string    `json:"next,omitempty"`
	Waits    string    `json:"waits,omitempty"`
	Paused   string    `json:"paused,omitempty"`
	Held     bool      `json:"held,omitempty"` // paused by itself
	Failures []Failure `json:"failures,omitempty"`
}

// Failure is one unit that was given up.
type Failure struct {
	Unit  string `json:"unit"`
	Error string `json:"error"`
	Next  string `json:"next,omitempty"`
}

// Worker is one machine.
type Worker struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Host    string  `json:"host"`
	Colour  int     `json:"colour"`
	State   string  `json:"state"`
	Silent  int64   `json:"silent,omitempty"` // seconds, where nothing was heard of it for long
	Slots   int     `json:"slots"`
	Version string  `json:"version"`
	Encoder string  `json:"encoder"`
	System  string  `json:"system"`
	Words   string  `json:"words,omitempty"` // why it begins nothing, or cannot do
	Held    bool    `json:"held,omitempty"`  // paused by a request
	FPS     float64 `json:"fps"`
	Does    []Does  `json:"does,omitempty"`

	Load *float64 `json:"load,omitempty"` // part of all its processors in use, 0 to 1; null where that is not known
}

// Does is a unit that a machine has in work.
type Does struct {
	Job    string `json:"job"`
	Clip   string `json:"clip"`
	Unit   string `json:"unit"`
	Frames int64  `json:"frames"`
	Of     int64  `json:"of"`
}

// Plot is the room's throughput, from the results in the farm's folder and what is in work, by the
// clocks of the machines that made them.
type Plot struct {
	From  int64       `json:"from"` // ms since 1970
	Step  int64       `json:"step"` // ms
	Names []string    `json:"names"`
	Tints []int       `json:"tints"`
	Rows  [][]float64 `json:"rows"` // frames a second, by name
}
