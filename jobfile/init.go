package jobfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "embed"

	"proxima/jobfile/sharefs"
)

//go:embed readme.txt
var readMe []byte

//go:embed farm.yaml
var farmTemplate []byte

// Init makes dir a farm folder, or completes one that is there; what a person changed in
// farm.yaml stays. It refuses a folder that holds something else. The sentinel is written
// last, so a half-made folder is no farm. made is false if the farm was there already.
func Init(dir string) (made bool, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return false, &Unusable{Dir: dir, Reason: "not a path", Err: err}
	}
	if err := os.MkdirAll(abs, 0o775); err != nil {
		return false, &Unusable{Dir: abs, Reason: "cannot make the folder", Next: "check the path and that you may write there", Err: err}
	}
	share := sharefs.NewOS(abs)
	es, err := share.ReadDir(".")
	if err != nil {
		return false, &Unusable{Dir: abs, Reason: "cannot list the folder", Err: err}
	}
	is := false
	var foreign []string
	for _, e := range es {
		switch {
		case e.Name == FarmFile:
			is = true
		case slices.Contains([]string{ReadMeFile, dirJobs, dirDone, dirWorkers, dirPresets, dirControl}, e.Name):
		case !Ours(e.Name), slices.Contains([]string{"lost+found", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information"}, e.Name):
		default:
			foreign = append(foreign, e.Name)
		}
	}
	if is {
		if _, err := NewStore(share, abs).Farm(); err != nil {
			return false, err
		}
	} else if len(foreign) > 0 {
		slices.Sort(foreign)
		return false, &Unusable{
			Dir: abs, Reason: fmt.Sprintf("the folder holds something else (%s)", Quote(foreign[0])),
			Next: "choose an empty or a new folder: proxima init " + shellWord(filepath.Join(abs, "proxima")),
		}
	}
	for _, d := range []string{dirJobs, dirDone, dirWorkers, dirPresets, dirControl} {
		if err := share.Mkdir(d); err != nil && !errors.Is(err, fs.ErrExist) {
			return false, &Unusable{Dir: abs, Reason: "cannot make the folder " + d, Next: "check that you may write there", Err: err}
		}
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{ReadMeFile, windowsLines(readMe)}, {FarmFile, farmTemplate}} {
		if f.name == FarmFile && is {
			continue
		}
		if err := share.WriteNew(f.name, f.data); err != nil && !errors.Is(err, fs.ErrExist) {
			return false, &Unusable{Dir: abs, Reason: "cannot write " + f.name, Next: "check that you may write there and that the disk has room", Err: err}
		}
	}
	_ = share.Sync(".")
	return !is, nil
}

// windowsLines ends lines so that every system's plainest editor shows them.
func windowsLines(b []byte) []byte {
	return []byte(strings.ReplaceAll(string(b), "\n", "\r\n"))
}
