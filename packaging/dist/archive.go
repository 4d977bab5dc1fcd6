package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"
)

// packed is a file in an archive. Nothing of it comes from the disk but its bytes: owners, times
// and modes are the same wherever it is packed.
type packed struct {
	name, from string
	mode       fs.FileMode
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func writeTar(path string, at time.Time, files []packed) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for _, p := range files {
		data, err := os.ReadFile(p.from)
		if err != nil {
			return err
		}
		h := &tar.Header{Name: p.name, Mode: int64(p.mode), Size: int64(len(data)), ModTime: at, Typeflag: tar.TypeReg, Format: tar.FormatPAX}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(data); err != nil {
			return err
		}
	}
	return errors.Join(t.Close(), z.Close())
}

func writeZip(path string, at time.Time, files []packed) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z := zip.NewWriter(f)
	for _, p := range files {
		h := &zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: at}
		h.SetMode(p.mode)
		w, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		from, err := os.Open(p.from)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, from)
		if err := errors.Join(err, from.Close()); err != nil {
			return err
		}
	}
	return z.Close()
}
