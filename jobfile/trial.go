package jobfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"proxima/jobfile/sharefs"
)

// Trial does to the folder, in small, what the protocol does to it: an exclusive creation, a
// reading back, a rename, a listing. An *Unusable says what this machine may not do there, or
// what the folder does otherwise than file systems do. Locks are not tried: they are never
// relied on.
func (s *Store) Trial() error {
	name := path.Join(dirWorkers, ".trial."+randomWord(6)+".tmp")
	moved := path.Join(dirWorkers, ".trial."+randomWord(6)+".tmp")
	defer func() { // what stays is an orphan and goes as such
		_ = s.fs.Remove(name)
		_ = s.fs.Remove(moved)
	}()
	bad := func(reason string, err error) error {
		return &Unusable{Dir: s.dir, Reason: reason, Next: "see that this machine may write in the folder, and that it is a plain folder, NFS or SMB share and not one that is synchronised", Err: err}
	}
	content := []byte("A worker tries whether it can work in this folder.\n")
	if err := s.fs.WriteNew(name, content); err != nil {
		return bad("cannot write there", err)
	}
	if err := s.fs.WriteNew(name, nil); !errors.Is(err, fs.ErrExist) {
		return bad("a file can be created twice there, so two machines could believe that they were first", err)
	}
	if got, err := s.fs.ReadFile(name, MaxDocument); err != nil || !bytes.Equal(got, content) {
		return bad("what was written does not read back", err)
	}
	if err := s.fs.Rename(name, moved); err != nil {
		return bad("cannot rename there", err)
	}
	es, err := s.fs.ReadDir(dirWorkers)
	if err != nil {
		return bad("cannot list it", err)
	}
	has := func(n string) bool {
		return slices.ContainsFunc(es, func(e sharefs.Entry) bool { return e.Name == path.Base(n) })
	}
	if !has(moved) || has(name) {
		return bad("a listing does not show what this machine itself renamed", fmt.Errorf("new name seen: %v, old name seen: %v", has(moved), has(name)))
	}
	return nil
}
