package timeline

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"proxima/jobfile"
)

// What a bundle holds its timeline in.
const (
	otioContent = "content.otio"
	fcpxmlInfo  = "Info.fcpxml"
)

// readFolder reads a bundle that is a folder: .fcpxmld and .otiod, told by what is in them,
// because a folder may have lost its extension on the way.
func readFolder(dir string) (*Project, error) {
	for _, b := range []struct {
		name string
		read func(b *builder, data []byte) (*Project, error)
		kind Format
	}{
		{fcpxmlInfo, parseFCPXML, FCPXML},
		{otioContent, parseOTIO, OTIO},
	} {
		inner := filepath.Join(dir, b.name)
		info, err := os.Stat(inner)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			return nil, &Error{File: inner, Reason: "it is no file"}
		}
		data, err := readFile(inner)
		if err != nil {
			return nil, err
		}
		nb := newBuilder(dir, b.kind)
		nb.folder, nb.bundle = filepath.ToSlash(filepath.Clean(dir)), true
		return b.read(nb, data)
	}
	return nil, &Error{
		File: dir, Reason: "it is a folder without " + fcpxmlInfo + " or " + otioContent,
		Next: "name the timeline's file, or its .fcpxmld or .otiod bundle",
	}
}

// openOTIOZ reads an OTIO bundle that is a zip.
func openOTIOZ(file string) (*Project, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return unzipOTIO(file, f, info.Size(), maxFile)
}

// unzipOTIO reads the timeline in a zip of any size, for the media are in it too; of the zip
// itself little more is read than a timeline may have, which is limit bytes.
func unzipOTIO(file string, r io.ReaderAt, size, limit int64) (*Project, error) {
	z, err := zip.NewReader(&limitedAt{r: r, left: 2 * maxFile}, size)
	if err != nil {
		return nil, &Error{
			File: file, Reason: "it is no zip, or a broken one: " + jobfile.Printable(err.Error()),
			Next: "export the bundle again",
		}
	}
	var content *zip.File
	media := 0
	for _, e := range z.File {
		switch {
		case e.Name == otioContent && content == nil:
			content = e
		case strings.HasPrefix(e.Name, "media/") && !strings.HasSuffix(e.Name, "/"):
			media++
		}
	}
	if content == nil {
		return nil, &Error{File: file, Reason: "there is no " + otioContent + " in it", Next: "export the bundle again"}
	}
	c, err := content.Open()
	if err != nil {
		return nil, &Error{File: file, At: otioContent, Reason: "it cannot be unpacked: " + jobfile.Printable(err.Error())}
	}
	defer c.Close()
	// The size in the directory is a claim; what comes out is counted.
	data, err := readAll(file, c, limit)
	if err != nil {
		return nil, err
	}
	b := newBuilder(file, OTIO)
	b.folder, b.bundle = filepath.ToSlash(file), true
	if media > 0 {
		b.note("media lie inside the bundle: " + unpack)
	}
	return parseOTIO(b, data)
}

// unpack is what to do with media that lie in a zip: nothing reads them there.
const unpack = "unpack it, as the zip that it is, into a folder whose name ends in .otiod, and queue that folder"

// Packed reports whether a medium lies inside of the file that was read, and what to do about it.
func (p *Project) Packed(medium int) (next string, packed bool) {
	isZip := strings.EqualFold(filepath.Ext(p.File), ".otioz")
	return unpack, isZip && strings.HasPrefix(p.Media[medium].Path, filepath.ToSlash(p.File)+"/")
}

// limitedAt ends the reading of a file that makes it go on and on: a zip's directory may claim
// any length.
type limitedAt struct {
	r    io.ReaderAt
	left int64
}

var errTooMuch = errors.New("there is too much to read in it")

func (l *limitedAt) ReadAt(p []byte, off int64) (int, error) {
	if l.left -= int64(len(p)); l.left < 0 {
		return 0, errTooMuch
	}
	return l.r.ReadAt(p, off)
}
