package timeline

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"proxima/jobfile"
)

// reader reads the bytes of one file. The name is for errors, and for its folder.
type reader func(file string, data []byte) (*Project, error)

// readers are the formats that are one file, by extension. What is XML or a bundle is told by
// its content, whatever it is called.
func readers() map[string]reader {
	return map[string]reader{
		".otio":   readOTIO,
		".fcpxml": readFCPXML,
		".xml":    readXMEML,
		".edl":    readEDL,
		".ale":    readALE,
		".csv":    readCSV,
		".txt":    readList,
		".drp":    readDRP,
		".drt":    readDRP,
	}
}

// unread are what editors write and nobody else reads, with what to export instead.
var unread = map[string]struct{ what, instead string }{
	".aaf":    {"AAF", "export the timeline as OTIO or FCPXML instead"},
	".prproj": {"a project of Premiere Pro", "export its sequences: File > Export > Final Cut Pro XML"},
	".avp":    {"a project of Media Composer", "export the sequence as OTIO, EDL or ALE"},
	".avb":    {"a bin of Media Composer", "export the sequence as OTIO, EDL or ALE"},
}

// Read reads a file that an editor exported, or a bundle folder: its timelines, and every medium
// that it names. The kind is told by the extension and by the content. The media themselves are
// not looked for.
//
// Errors are an [*Error] with the place in the file, or what the system says of a file that
// cannot be opened.
func Read(file string) (*Project, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	ext := strings.ToLower(filepath.Ext(file))
	switch {
	case info.IsDir():
		return readFolder(file)
	case !info.Mode().IsRegular():
		return nil, &Error{File: file, Reason: "it is no file"}
	case ext == ".otioz":
		return openOTIOZ(file)
	}
	if u, ok := unread[ext]; ok {
		return nil, &Error{File: file, Reason: u.what + " cannot be read", Next: u.instead}
	}
	data, err := readFile(file)
	if err != nil {
		return nil, err
	}
	read, err := sniff(file, ext, data)
	if err != nil {
		return nil, err
	}
	return read(file, data)
}

// sniff picks the reader. The root of an XML file decides over its extension; the extension
// decides over everything else, but for .txt, which edit lists and logs are called, too.
func sniff(file, ext string, data []byte) (reader, error) {
	head := bytes.TrimLeft(data[:min(len(data), 1024)], "\xEF\xBB\xBF \t\r\n")
	byExt := readers()[ext]
	isXML := bytes.HasPrefix(head, []byte("<")) || bytes.HasPrefix(data, []byte("\xFF\xFE<")) || bytes.HasPrefix(data, []byte("\xFE\xFF\x00<"))
	if isXML {
		switch root := xmlRoot(data); {
		case root == "fcpxml":
			return readFCPXML, nil
		case root == "xmeml":
			return readXMEML, nil
		case byExt == nil || ext == ".xml" || ext == ".fcpxml":
			return nil, &Error{
				File: file, Reason: "its root element " + jobfile.Quote(root) + " is neither fcpxml nor xmeml",
				Next: "export the timeline as FCPXML, as Final Cut Pro 7 XML or as OTIO",
			}
		}
	}
	switch {
	case ext == ".xml":
		return nil, &Error{File: file, Reason: "it is no XML", Next: "export the timeline again"}
	case byExt == nil || ext == ".txt":
		if read := textKind(data); read != nil {
			return read, nil
		}
	}
	switch {
	case byExt != nil:
		return byExt, nil
	case bytes.HasPrefix(head, []byte("{")) && bytes.Contains(data, []byte(`"OTIO_SCHEMA"`)):
		return readOTIO, nil
	}
	return nil, &Error{
		File: file, Reason: "it is of no kind that is read here",
		Next: "export the timeline as OTIO, FCPXML, Final Cut Pro 7 XML or EDL",
	}
}

// readFile reads a whole file of bounded size.
func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > maxFile {
		return nil, tooLarge(file, maxFile)
	}
	return readAll(file, f, maxFile)
}

// readAll reads no more than limit bytes, whatever was claimed of the length.
func readAll(file string, r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			return nil, e
		}
		return nil, &Error{File: file, Reason: "it cannot be read: " + jobfile.Printable(err.Error())}
	}
	if int64(len(data)) > limit {
		return nil, tooLarge(file, limit)
	}
	return data, nil
}

func tooLarge(file string, limit int64) error {
	return &Error{
		File: file, Reason: "it is larger than " + itoa(int(limit>>20)) + " MiB",
		Next: "export one timeline at a time",
	}
}
