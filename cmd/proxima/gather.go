package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"proxima/jobfile"
)

// candidate is a file that might be a clip.
type candidate struct {
	target string // as given on the command line, or found below a folder given there
	path   string // absolute
	rel    string // folder below the folder that was given, for mirrored outputs; "" for files given by name
	named  bool   // given by name: then a refusal is an error, not a remark
	status string // missing, refused or skipped, where that is known without opening it
	reason string
}

// sidecars are files that stand beside clips and never are one. What is not listed here is
// judged by what ffprobe makes of it, not by its name.
var sidecars = []string{
	".xml", ".xmp", ".thm", ".cpi", ".mpl", ".bdm", ".bim", ".ppn", ".smi", ".txt", ".csv", ".json", ".yaml", ".yml",
	".srt", ".vtt", ".ale", ".edl", ".md5", ".mhl", ".xxh64", ".log", ".pdf", ".doc", ".docx", ".html", ".rtf",
	".jpg", ".jpeg", ".png", ".tif", ".tiff", ".dng", ".cr2", ".cr3", ".arw", ".nef", ".heic", ".psd", ".exr", ".dpx", ".gif", ".bmp", ".webp", ".svg",
	".wav", ".mp3", ".aif", ".aiff", ".flac", ".m4a", ".ogg", ".cube", ".3dl", ".look", ".aml", ".drx", ".drp", ".drt", ".otio", ".prproj", ".fcpxml",
	".zip", ".gz", ".7z", ".rar", ".exe", ".dll", ".lnk", ".url", ".ini", ".db", ".plist", ".tmp", ".partial", ".lock", ".part", ".crdownload", ".gis", ".bin", ".dat", ".idx",
}

// rawCodecs need their maker's software; ffmpeg opens none of them.
var rawCodecs = map[string]string{
	".braw": "Blackmagic RAW", ".r3d": "REDCODE RAW", ".crm": "Canon Cinema RAW Light", ".ari": "ARRIRAW", ".arx": "ARRIRAW", ".nev": "N-RAW",
}

// timelines are files that name clips.
var timelines = []string{".otio", ".otioz", ".otiod", ".fcpxml", ".fcpxmld", ".xml", ".edl", ".ale", ".csv", ".drp", ".drt", ".aaf"}

// gather turns arguments into candidates, in order: files as they are, folders walked.
func gather(args []string) []candidate {
	var out []candidate
	for _, arg := range args {
		abs, err := filepath.Abs(arg)
		if err != nil {
			out = append(out, candidate{target: arg, named: true, status: "missing", reason: err.Error()})
			continue
		}
		st, err := os.Stat(abs)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			out = append(out, candidate{target: arg, path: abs, named: true, status: "missing", reason: "no such file or folder"})
		case err != nil:
			out = append(out, candidate{target: arg, path: abs, named: true, status: "missing", reason: plainCause(err)})
		case st.IsDir():
			out = append(out, walk(arg, abs)...)
		default:
			c := candidate{target: arg, path: abs, named: true}
			ext := strings.ToLower(filepath.Ext(abs))
			if !st.Mode().IsRegular() {
				c.status, c.reason = "refused", "not a regular file"
			} else if maker := rawCodecs[ext]; maker != "" {
				c.status, c.reason = "refused", maker+" can only be read by its maker's software; make these proxies in your editor"
			} else if slices.Contains(timelines, ext) {
				c.status, c.reason = "refused", "a timeline; this version takes media files and folders"
			}
			out = append(out, c)
		}
	}
	return out
}

func plainCause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// walk finds the candidates below a folder. What it passes over is in the result too, with
// the reason, except what file managers leave everywhere.
func walk(arg, root string) []candidate {
	var out []candidate
	skip := func(path, status, reason string) {
		out = append(out, candidate{target: path, path: path, status: status, reason: reason})
	}
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := ""
		if d != nil {
			name = d.Name()
		}
		switch {
		case err != nil:
			skip(path, "refused", "cannot be read: "+plainCause(err))
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			switch {
			case path == root:
			case !jobfile.Ours(name):
				return fs.SkipDir
			case strings.EqualFold(name, "Proxy"):
				skip(path, "skipped", "a folder of proxies")
				return fs.SkipDir
			default:
				if _, err := os.Stat(filepath.Join(path, jobfile.FarmFile)); err == nil {
					skip(path, "skipped", "a Proxima farm")
					return fs.SkipDir
				}
			}
			return nil
		case !jobfile.Ours(name):
			return nil
		}
		ext := strings.ToLower(filepath.Ext(name))
		rel, _ := filepath.Rel(root, filepath.Dir(path))
		switch {
		case rawCodecs[ext] != "":
			skip(path, "refused", rawCodecs[ext]+" can only be read by its maker's software; make these proxies in your editor")
		case slices.Contains(sidecars, ext):
			skip(path, "skipped", "a sidecar ("+ext+")")
		case !d.Type().IsRegular() && d.Type()&fs.ModeSymlink == 0:
			skip(path, "skipped", "not a regular file")
		default:
			if st, err := os.Stat(path); err != nil || !st.Mode().IsRegular() {
				skip(path, "skipped", "a link that leads to no file")
				break
			}
			out = append(out, candidate{target: path, path: path, rel: rel})
		}
		return nil
	})
	return out
}
