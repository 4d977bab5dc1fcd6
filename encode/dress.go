package encode

import (
	"fmt"
	"strings"

	"proxima/jobfile"
)

// What a recipe puts on the picture, as filters. The files they read are worn's.
//
// A filter's state is what could make a part differ from an uninterrupted run. There is none
// here: a table and a still picture are the same for every frame, and the timecode is worked
// out from each frame's own time.

// worn is what a picture wears, in files of this attempt; "" where it does not.
type worn struct {
	lut, mark, font      string
	name, text, timecode string // files of text
	markX, markY         int    // of the watermark in the coded picture
	layout               *layout
}

// guessedMatrix is what players take a picture for that does not say.
func guessedMatrix(v *jobfile.VideoStream) string {
	if v.Height >= 720 || v.Width >= 1280 {
		return "bt709"
	}
	return "smpte170m"
}

// scalerMatrix are the names that the scaler shares with ffprobe; it calls bt2020nc bt2020.
func scalerMatrix(name string, v *jobfile.VideoStream) string {
	switch name {
	case "bt709", "fcc", "smpte170m", "smpte240m":
		return name
	case "bt470bg":
		return "bt470"
	case "bt2020nc", "bt2020c":
		return "bt2020"
	}
	return guessedMatrix(v)
}

// lutFilters put a table of colours on the picture. It works on RGB, whose 16 bits keep what
// a flat picture has between its few codes.
func lutFilters(v *jobfile.VideoStream, r *jobfile.VideoRecipe, c colour, d *worn) []string {
	if d.lut == "" {
		return nil
	}
	f := []string{"format=gbrp16le", "lut3d=file=" + filterPath(d.lut) + ":interp=tetrahedral"}
	if isRGB(v.PixelFormat) || v.Matrix == "gbr" {
		return f
	}
	scale := fmt.Sprintf("scale=flags=%s+full_chroma_int+accurate_rnd:interl=-1:in_color_matrix=%s", r.ScaleFlags, scalerMatrix(v.Matrix, v))
	if c.inRange != "" {
		scale += ":in_range=" + c.inRange
	}
	return append([]string{scale}, f...)
}

// overlayFormats are the overlay filter's, by the pixel formats that it lays a watermark on
// without loss. There are none with alpha here: it would be lost.
var overlayFormats = map[string]struct{ overlay, mark string }{
	"yuv420p": {"yuv420", "yuva420p"}, "yuvj420p": {"yuv420", "yuva420p"}, "nv12": {"yuv420", "yuva420p"},
	"yuv422p": {"yuv422", "yuva422p"}, "yuvj422p": {"yuv422", "yuva422p"},
	"yuv444p": {"yuv444", "yuva444p"}, "yuvj444p": {"yuv444", "yuva444p"},
	"yuv420p10le": {"yuv420p10", "yuva420p10le"}, "p010le": {"yuv420p10", "yuva420p10le"},
	"yuv422p10le": {"yuv422p10", "yuva422p10le"},
	"gbrp":        {"gbrp", "gbrap"},
}

// dressable refuses what cannot be drawn on a recipe's pixel format.
func dressable(r *jobfile.VideoRecipe) error {
	if _, ok := overlayFormats[r.PixelFormat]; r.Watermark != nil && !ok {
		return &jobfile.Fault{
			Kind: jobfile.FaultJob, Reason: "a watermark cannot be laid on the recipe's pixel format " + r.PixelFormat,
			Next: "use a preset without a watermark, or with 8 bits or 10 bits of 4:2:0 or 4:2:2",
		}
	}
	return nil
}

// markFilters lay the watermark on the picture, as a graph whose ends are open. Its file says
// itself how large and how opaque it is. Its clock is made the picture's, and it is there from the
// range's start on: the overlay filter counts in what both can be told in, and rounds where that is
// too fine for it.
func markFilters(v *jobfile.VideoStream, r *jobfile.VideoRecipe, c colour, d *worn, start int64) []string {
	if d.mark == "" {
		return nil
	}
	f := overlayFormats[r.PixelFormat]
	scale := "scale=out_color_matrix=" + scalerMatrix(c.matrix, v) + ":out_range=limited"
	if c.rng == "pc" {
		scale = strings.TrimSuffix(scale, "limited") + "full"
	}
	return []string{
		"null[picture];movie=filename=" + filterPath(d.mark) + ":f=png_pipe",
		fmt.Sprintf("settb=expr=%d/%d,setpts=%d", v.TimeBase.Num, v.TimeBase.Den, start), scale,
		fmt.Sprintf("format=%s[mark];[picture][mark]overlay=x=%d:y=%d:format=%s", f.mark, d.markX, d.markY, f.overlay),
	}
}

// wordFilters write on the picture, upright as it will be shown.
func wordFilters(v *jobfile.VideoStream, r *jobfile.VideoRecipe, d *worn) []string {
	l := d.layout
	if l == nil {
		return nil
	}
	draw := func(file, expansion string, size int, x, y string) string {
		return fmt.Sprintf("drawtext=fontfile=%s:textfile=%s:expansion=%s:fontsize=%d:fontcolor=white:box=1:boxcolor=black@0.5:boxborderw=%d:x=%s:y=%s",
			filterPath(d.font), filterPath(file), expansion, size, l.border, x, y)
	}
	var f []string
	edge, top := l.margin+l.border, fmt.Sprint(l.margin+l.border)
	if d.name != "" {
		f = append(f, draw(d.name, "none", l.nameSize, fmt.Sprint(edge), top))
	}
	if d.text != "" {
		f = append(f, draw(d.text, "none", l.textSize, fmt.Sprintf("w-tw-%d", edge), top))
	}
	if d.timecode != "" {
		f = append(f, draw(d.timecode, "normal", l.codeSize, "(w-tw)/2", fmt.Sprintf("h-th-%d", edge)))
	}
	there, back := turns(v.Rotation)
	if len(f) == 0 || there == "" {
		return f
	}
	f = append(append([]string{there}, f...), back)
	// What is turned by a right angle cannot have its colours subsampled in one direction.
	switch r.PixelFormat {
	case "yuv422p":
		f = append([]string{"format=yuv444p"}, f...)
	case "yuvj422p":
		f = append([]string{"format=yuvj444p"}, f...)
	case "yuv422p10le":
		f = append([]string{"format=yuv444p10le"}, f...)
	}
	return f
}

// turns are the filters that turn a coded picture upright, and back. rotation is the display
// matrix's angle, counter-clockwise.
func turns(rotation int) (there, back string) {
	switch quarter(rotation) {
	case 1:
		return "transpose=clock", "transpose=cclock"
	case 2:
		return "hflip,vflip", "hflip,vflip"
	case 3:
		return "transpose=cclock", "transpose=clock"
	}
	return "", ""
}

// quarter is by how many right angles a picture is turned clockwise to be shown.
func quarter(rotation int) int { return ((-rotation+45)%360 + 360) % 360 / 90 }
