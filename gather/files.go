// Package gather finds the media files on this machine that somebody asked for: by their names, in
// folders, and as a timeline names them, which may have been written on another machine.
package gather

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"proxima/jobfile"
)

// File is what came of one thing that was asked for: a file that might be a clip, or the reason
// why there is none.
type File struct {
	Target string // as given on the command line or in a timeline, or found below a folder
	Path   string // absolute; "" where nothing was found
	Rel    string // folder below the output's, for mirrored outputs; "" for files given by name
	Named  bool   // given by name: then a refusal is an error, not a remark
	Status Status // "" where a look inside has to tell
	Reason string
	Next   string // what to do about it; may be empty

	How    string   // it was found where that is not plain: by name in a folder that was searched
	Tried  []string // where it was looked for in vain
	Either []string // the files that it may be, where there are several
}

// Status is what is known of a file before it is opened.
type Status string

// The statuses of files that are no clips.
const (
	Missing Status = "missing"
	Refused Status = "refused"
	Skipped Status = "skipped"
)

// sidecars are files that stand beside clips and never are one. What is not listed here is
// judged by what ffprobe makes of it, not by its name.
var sidecars = []string{
	".xml", ".xmp", ".thm", ".cpi", ".mpl", ".bdm", ".bim", ".ppn", ".smi", ".txt", ".csv", ".json", ".yaml", ".yml",
	".srt", ".vtt", ".ale", ".edl", ".md5", ".mhl", ".xxh64", ".log", ".pdf", ".doc", ".docx", ".html", ".rtf",
	".jpg", ".jpeg", ".png", ".tif", ".tiff", ".dng", ".cr2", ".cr3", ".arw", ".nef", ".heic", ".psd", ".exr", ".dpx", ".gif", ".bmp", ".webp", ".svg",
	".wav", ".mp3", ".aif", ".aiff", ".flac", ".m4a", ".ogg", ".cube", ".3dl", ".look", ".aml", ".drx", ".drp", ".drt", ".otio", ".otioz", ".aaf", ".prproj", ".avp", ".avb", ".fcpxml",
	".zip", ".gz", ".7z", ".rar", ".exe", ".dll", ".lnk", ".url", ".ini", ".db", ".plist", ".tmp", ".partial", ".lock", ".part", ".crdownload", ".gis", ".bin", ".dat", ".idx",
}

// rawCodecs need their maker's software; ffmpeg opens none of them.
var rawCodecs = map[string]string{
	".braw": "Blackmagic RAW", ".r3d": "REDCODE RAW", ".crm": "Canon Cinema RAW Light", ".ari": "ARRIRAW", ".arx": "ARRIRAW", ".nev": "N-RAW",
}

// bundles are folders that are timelines.
var bundles = []string{".fcpxmld", ".otiod"}

func extension(name string) string { return strings.ToLower(filepath.Ext(name)) }

// raw marks a file that only its maker's software reads.
func (f *File) raw() bool {
	maker := rawCodecs[extension(f.Path)]
	if maker != "" {
		f.Status, f.Reason = Refused, maker+" can only be read by its maker's software; make these proxies in your editor"
	}
	return maker != ""
}

// Named takes what somebody named: a file as it is, a folder with all below it. The error is
// ctx's.
func Named(ctx context.Context, arg string) ([]File, error) {
	f := File{Target: arg, Named: true}
	abs, err := filepath.Abs(arg)
	if err != nil {
		f.Status, f.Reason = Missing, err.Error()
		return []File{f}, nil
	}
	f.Path = abs
	st, err := os.Stat(abs)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Status, f.Reason = Missing, "no such file or folder"
	case err != nil:
		f.Status, f.Reason = Missing, plainCause(err)
	case st.IsDir():
		return below(ctx, abs)
	case !st.Mode().IsRegular():
		f.Status, f.Reason = Refused, "not a regular file"
	default:
		f.raw()
	}
	return []File{f}, nil
}

func plainCause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// below finds the files below a folder. What it passes over is in the result too, with the
// reason, except what file managers leave everywhere.
func below(ctx context.Context, root string) ([]File, error) {
	var out []File
	skip := func(path string, s Status, reason string) {
		out = append(out, File{Target: path, Path: path, Status: s, Reason: reason})
	}
	err := walk(ctx, root, skip, func(path string) {
		rel, _ := filepath.Rel(root, filepath.Dir(path))
		f := File{Target: path, Path: path, Rel: rel}
		f.raw()
		out = append(out, f)
	})
	return out, err
}

// walk calls found with each file below a folder that may be a clip, and skip with what is passed
// over. The error is ctx's.
func walk(ctx context.Context, root string, skip func(path string, s Status, reason string), found func(path string)) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		name := ""
		if d != nil {
			name = d.Name()
		}
		switch {
		case err != nil:
			skip(path, Refused, "cannot be read: "+plainCause(err))
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			if path == root {
				return nil
			}
			why := passedOver(path, name)
			if why == "" {
				return nil
			}
			if jobfile.Ours(name) {
				skip(path, Skipped, why)
			}
			return fs.SkipDir
		case !jobfile.Ours(name):
			return nil
		}
		switch {
		case rawCodecs[extension(name)] != "":
			found(path)
		case slices.Contains(sidecars, extension(name)):
			skip(path, Skipped, "a sidecar ("+extension(name)+")")
		case !d.Type().IsRegular() && d.Type()&fs.ModeSymlink == 0:
			skip(path, Skipped, "not a regular file")
		default:
			if st, err := os.Stat(path); err != nil || !st.Mode().IsRegular() {
				skip(path, Skipped, "a link that leads to no file")
				break
			}
			found(path)
		}
		return nil
	})
}

// passedOver says why a folder is not walked into; it is empty for one that is.
func passedOver(path, name string) string {
	switch {
	case !jobfile.Ours(name):
		return "not footage"
	case strings.EqualFold(name, "Proxy"):
		return "a folder of proxies"
	case slices.Contains(bundles, extension(name)):
		return "a timeline; name it to queue what it uses"
	}
	if _, err := os.Stat(filepath.Join(path, jobfile.FarmFile)); err == nil {
		return "a Proxima farm"
	}
	return ""
}
