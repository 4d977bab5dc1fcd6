package jobfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
)

// AssetFile is a file that a job's recipe needs, with its contents.
type AssetFile struct {
	Asset
	Data []byte
}

// NewAsset names a file by what is in it; ext is .cube or .png.
func NewAsset(ext string, data []byte) AssetFile {
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	return AssetFile{Asset{Name: hash[:16] + ext, SHA256: hash}, data}
}

// checkAssets sees that a job comes with the files that its recipes need, and no others.
func (j *Job) checkAssets(files []AssetFile) error {
	rs := append([]Recipe{j.Recipe}, j.Others...)
	var need []Asset
	for i := range rs {
		need = append(need, rs[i].Assets()...)
	}
	for _, a := range need {
		if !slices.ContainsFunc(files, func(f AssetFile) bool { return f.Asset == a }) {
			return fmt.Errorf("the recipe's file %s is missing", Quote(a.Name))
		}
	}
	for _, f := range files {
		switch {
		case !slices.Contains(need, f.Asset):
			return fmt.Errorf("no recipe needs the file %s", Quote(f.Name))
		case len(f.Data) > MaxAsset:
			return fmt.Errorf("the file %s is larger than %d bytes", Quote(f.Name), MaxAsset)
		case NewAsset(path.Ext(f.Name), f.Data).SHA256 != f.SHA256:
			return fmt.Errorf("the file %s is not the one that the recipe names", Quote(f.Name))
		}
	}
	return nil
}

// ReadAsset reads a file that a job carries, and sees that it is the one its recipe names.
func (s *Store) ReadAsset(id string, a Asset) ([]byte, error) {
	return s.readAsset(path.Join(dirJobs, id), a)
}

// readAsset reads it from a job's folder.
func (s *Store) readAsset(dir string, a Asset) ([]byte, error) {
	if !reLUT.MatchString(a.Name) && !reImage.MatchString(a.Name) {
		return nil, fmt.Errorf("%s is not an asset's name", Quote(a.Name))
	}
	name := path.Join(dir, dirAssets, a.Name)
	data, err := s.fs.ReadFile(name, MaxAsset)
	if err != nil {
		return nil, err
	}
	if NewAsset(path.Ext(a.Name), data).SHA256 != a.SHA256 {
		return nil, &Fault{Kind: FaultJob, Reason: "the file " + Quote(s.fs.Path(name)) + " is not the one that the job was queued with", Next: "queue the clip again"}
	}
	return data, nil
}
