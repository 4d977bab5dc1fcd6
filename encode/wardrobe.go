package encode

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"
	"golang.org/x/image/font/gofont/gomonobold"

	"proxima/jobfile"
)

// dress writes what the picture of a job wears into dir. The font is this program's own, and the
// watermark is scaled here: all workers draw the same. Errors: *jobfile.Fault, or those of asset.
func dress(dir string, job *jobfile.Job, asset func(jobfile.Asset) ([]byte, error)) (*worn, error) {
	v, r := &job.Media.Video, &job.Recipe.Video
	d := &worn{}
	put := func(name string, data []byte) (string, error) {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, data, 0o600); err != nil {
			return "", noRoom("a file for the picture's dress cannot be written on this machine", err)
		}
		return p, nil
	}
	get := func(a jobfile.Asset) ([]byte, error) {
		if asset == nil {
			return nil, errors.New("encode: the recipe needs files, and nobody was named to read them")
		}
		data, err := asset(a)
		if err != nil {
			return nil, err
		}
		return data, CheckAsset(a, data)
	}
	if r.LUT != nil {
		data, err := get(*r.LUT)
		if err == nil {
			d.lut, err = put("look.cube", data)
		}
		if err != nil {
			return nil, err
		}
	}
	w, h := proxySize(v, r)
	if quarter(v.Rotation)%2 == 1 {
		w, h = h, w
	}
	d.layout = words(r.BurnIn, clipName(job.Source.Path), w, h)
	if r.Watermark != nil {
		data, err := get(r.Watermark.Image)
		if err != nil {
			return nil, err
		}
		img, err := readMark(data)
		if err != nil {
			return nil, err
		}
		data, d.markX, d.markY, err = fitMark(img, r.Watermark, d.layout, w, h, quarter(v.Rotation))
		if err == nil {
			d.mark, err = put("watermark.png", data)
		}
		if err != nil {
			return nil, err
		}
	}
	if d.layout == nil {
		return d, nil
	}
	files := []struct {
		name, text string
		path       *string
	}{{"name.txt", d.layout.name, &d.name}, {"text.txt", d.layout.text, &d.text}, {"font.ttf", string(gomonobold.TTF), &d.font}}
	if r.BurnIn.Timecode {
		files = append(files, struct {
			name, text string
			path       *string
		}{"timecode.txt", timecodeText(&job.Media, job.Plan.FirstPTS), &d.timecode})
	}
	for _, f := range files {
		if f.text == "" {
			continue
		}
		p, err := put(f.name, []byte(f.text))
		if err != nil {
			return nil, err
		}
		*f.path = p
	}
	return d, nil
}

func noRoom(reason string, err error) error {
	return &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: reason, Next: "make room on its system disk", Err: err}
}

// fitMark scales a watermark for a picture of w by h, as it is shown, to at most 15 % of its width
// and height, takes from its opacity, and turns it for a picture that is turned clockwise by so
// many right angles to be shown. x and y are its place in the coded picture, even, so that it
// meets the samples of colour.
func fitMark(img image.Image, m *jobfile.Watermark, l *layout, w, h, turned int) (data []byte, x, y int, err error) {
	b := img.Bounds()
	scale := min(1, 0.15*float64(w)/float64(b.Dx()), 0.15*float64(h)/float64(b.Dy()))
	mw, mh := max(1, int(float64(b.Dx())*scale+0.5)), max(1, int(float64(b.Dy())*scale+0.5))
	small := image.NewNRGBA(image.Rect(0, 0, mw, mh))
	draw.CatmullRom.Scale(small, small.Bounds(), img, b, draw.Src, nil)
	for i := 3; i < len(small.Pix); i += 4 {
		small.Pix[i] = uint8(int(small.Pix[i]) * m.Opacity / 100)
	}

	off := edge(w, h)
	above, below := 0, 0 // what is written there
	if l != nil {
		above = max(l.nameSize, l.textSize) + 2*l.border
		if l.name == "" && l.text == "" {
			above = 0
		}
		below = l.codeSize + 2*l.border
	}
	left, top, right, bottom := off, off+above, w-mw-off, h-mh-off
	if left+mw > w/3 { // as wide as what is written in the middle
		bottom -= below
	}
	ux, uy := left, top
	switch m.Position {
	case "top right":
		ux = right
	case "bottom left":
		uy = bottom
	case "bottom right":
		ux, uy = right, bottom
	case "center":
		ux, uy = (w-mw)/2, (h-mh)/2
	}

	out := small
	if turned%2 == 1 {
		out = image.NewNRGBA(image.Rect(0, 0, mh, mw))
	} else if turned == 2 {
		out = image.NewNRGBA(small.Bounds())
	}
	at := func(cx, cy int) (int, int) { return cx, cy }
	x, y = ux, uy
	switch turned {
	case 1:
		x, y = uy, w-ux-mw
		at = func(cx, cy int) (int, int) { return mw - 1 - cy, cx }
	case 2:
		x, y = w-ux-mw, h-uy-mh
		at = func(cx, cy int) (int, int) { return mw - 1 - cx, mh - 1 - cy }
	case 3:
		x, y = h-uy-mh, ux
		at = func(cx, cy int) (int, int) { return cy, mh - 1 - cx }
	}
	if turned != 0 {
		for cy := range out.Rect.Dy() {
			for cx := range out.Rect.Dx() {
				out.SetNRGBA(cx, cy, small.NRGBAAt(at(cx, cy)))
			}
		}
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, out); err != nil {
		return nil, 0, 0, fmt.Errorf("write watermark: %w", err)
	}
	return buf.Bytes(), max(0, x) &^ 1, max(0, y) &^ 1, nil
}
