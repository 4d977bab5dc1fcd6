package encode

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"path"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// maxMark bounds a watermark's sides, pixels: its file may be small and its picture not.
const maxMark = 4096

// CheckAsset reads a file that a recipe needs as the encoder would: a *jobfile.Fault of
// FaultJob says what is wrong with it.
func CheckAsset(a jobfile.Asset, data []byte) error {
	var err error
	what := "look-up table"
	if path.Ext(a.Name) == ".png" {
		what = "watermark"
		_, err = readMark(data)
	} else {
		err = checkCube(data)
	}
	if err != nil {
		return &jobfile.Fault{Kind: jobfile.FaultJob, Reason: fmt.Sprintf("the preset's %s (%s) cannot be used: %v", what, jobfile.Quote(a.Name), err), Next: "mend the file that the preset names, and queue the clip again"}
	}
	return nil
}

// readMark decodes a watermark.
func readMark(data []byte) (image.Image, error) {
	c, err := png.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil:
		return nil, fmt.Errorf("it is no PNG picture: %w", err)
	case c.Width > maxMark || c.Height > maxMark:
		return nil, fmt.Errorf("it has %dx%d pixels, more than %dx%d", c.Width, c.Height, maxMark, maxMark)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("the PNG picture is damaged: %w", err)
	}
	return img, nil
}

// checkCube sees that a file is a whole three-dimensional table as ffmpeg reads it: a size, and
// its third power of colours, three numbers each, with red running fastest.
func checkCube(data []byte) error {
	size, rows := 0, 0
	for no, line := range strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		switch f[0] {
		case "TITLE", "LUT_3D_INPUT_RANGE", "DOMAIN_MIN", "DOMAIN_MAX":
			continue
		case "LUT_1D_SIZE":
			return fmt.Errorf("it is one-dimensional (LUT_1D_SIZE); a three-dimensional one is needed")
		case "LUT_3D_SIZE":
			n := 0
			if len(f) == 2 {
				n, _ = strconv.Atoi(f[1])
			}
			if n < 2 || n > 256 {
				return fmt.Errorf("line %d: %s is no size", no+1, jobfile.Quote(strings.Join(f[1:], " ")))
			}
			size = n
			continue
		}
		if size == 0 || len(f) != 3 {
			return fmt.Errorf("line %d: %s is not of a .cube file", no+1, jobfile.Quote(strings.TrimSpace(line)))
		}
		for _, s := range f {
			if v, err := strconv.ParseFloat(s, 32); err != nil || v != v {
				return fmt.Errorf("line %d: %s is no number", no+1, jobfile.Quote(s))
			}
		}
		rows++
	}
	switch want := size * size * size; {
	case size == 0:
		return fmt.Errorf("LUT_3D_SIZE is missing")
	case rows != want:
		return fmt.Errorf("it has %d colours instead of %d", rows, want)
	}
	return nil
}
