package timeline

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// extensions are those of files that can only be timelines, or lists of media.
var extensions = []string{".otio", ".otioz", ".fcpxml", ".xml", ".edl", ".ale", ".csv", ".txt", ".drp", ".drt", ".aaf", ".prproj", ".avp", ".avb"}

// Is reports whether a file or folder that somebody named is meant as a timeline: by its
// extension, and else by how it begins. Whether it can be read is for [Read] to say.
func Is(file string) bool {
	info, err := os.Stat(file)
	if err != nil {
		return false
	}
	ext := strings.ToLower(filepath.Ext(file))
	if info.IsDir() {
		if ext == ".fcpxmld" || ext == ".otiod" {
			return true
		}
		for _, name := range []string{fcpxmlInfo, otioContent} {
			if st, err := os.Stat(filepath.Join(file, name)); err == nil && st.Mode().IsRegular() {
				return true
			}
		}
		return false
	}
	if !info.Mode().IsRegular() {
		return false
	}
	return slices.Contains(extensions, ext) || begins(head(file))
}

// head is how a file begins; nothing where it cannot be read.
func head(file string) []byte {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	data := make([]byte, 1024)
	n, err := io.ReadFull(f, data)
	if err != nil && n == 0 {
		return nil
	}
	return data[:n]
}

// begins reports the first words of a timeline: no film begins with them.
func begins(data []byte) bool {
	text := listBytes(data)
	text = bytes.TrimLeft(text, "\xEF\xBB\xBF \t\r\n")
	switch {
	case bytes.HasPrefix(text, []byte("{")):
		return bytes.Contains(text, []byte(`"OTIO_SCHEMA"`))
	case bytes.HasPrefix(text, []byte("<")):
		return bytes.Contains(text, []byte("<fcpxml")) || bytes.Contains(text, []byte("<xmeml"))
	}
	return textKind(text) != nil
}

// textKind tells an edit list and an Avid log by their first line, whatever they are called: both
// are often exported as .txt. nil is neither.
func textKind(data []byte) reader {
	text := bytes.TrimLeft(listBytes(data[:min(len(data), 1024)]), "\xEF\xBB\xBF \t\r\n\x00")
	line := text
	if i := bytes.IndexAny(text, "\r\n"); i >= 0 {
		line = text[:i]
	}
	line = bytes.TrimSpace(line)
	switch {
	case len(line) >= 6 && bytes.EqualFold(line[:6], []byte("TITLE:")):
		return readEDL
	case bytes.EqualFold(line, []byte("Heading")) && bytes.Contains(text, []byte("\t")):
		return readALE
	}
	return nil
}
