// Package sharefs is the seam between the protocol and a shared folder: the few operations
// that the protocol needs, each with what it promises, so that tests can put a faulty share
// in the place of a real one.
//
// Names are relative to the folder, with forward slashes. Nothing here follows a symbolic
// link out of the folder: whoever can write to the share could plant one.
package sharefs

import (
	"errors"
	"io"
)

// Entry is one name of a listing.
type Entry struct {
	Name    string
	Dir     bool
	Regular bool // a file; else a folder, a link, a device, a pipe
}

// FS is a shared folder. Errors are those of package os: fs.ErrNotExist, fs.ErrExist and
// whatever else the system says.
type FS interface {
	// ReadDir lists a folder afresh, unsorted. On network shares a listing of a newly
	// opened folder is the only look that is true within a second; Stat and Open of a
	// known name may lie for half a minute.
	ReadDir(dir string) ([]Entry, error)
	// ReadFile returns a whole regular file, or ErrTooLarge.
	ReadFile(name string, limit int64) ([]byte, error)
	// ReadEnd returns the last bytes of a regular file, so many at most.
	ReadEnd(name string, most int64) ([]byte, error)
	// WriteNew creates a file that must not exist, writes it, syncs it and closes it; any
	// of these failing is an error, and then no file is left.
	WriteNew(name string, data []byte) error
	// Create opens a file for writing that must not exist, for what grows while others read
	// it: a log.
	Create(name string) (io.WriteCloser, error)
	// Rename moves a file or folder. Over an existing file it replaces it, so callers use
	// target names that nobody else uses. An error does not prove that nothing happened
	// (a reply can be lost): look afterwards.
	Rename(from, to string) error
	// Remove deletes a file or an empty folder.
	Remove(name string) error
	// RemoveAll deletes a folder with all in it.
	RemoveAll(name string) error
	// Mkdir makes one folder; fs.ErrExist if it is there.
	Mkdir(name string) error
	// Size returns a regular file's size through a fresh handle.
	Size(name string) (int64, error)
	// Sync makes a file's bytes, or a folder's names, survive a power cut where the
	// system can promise that.
	Sync(name string) error
	// Path is the name on this machine, for programs that write files themselves.
	Path(name string) string
}

// ErrTooLarge is ReadFile's refusal of a file above the caller's limit.
var ErrTooLarge = errors.New("file is larger than allowed")

// ErrNotRegular refuses devices, pipes and folders where a document should be.
var ErrNotRegular = errors.New("not a regular file")
