package encode

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
)

// sourceFormats are the demuxers a source may be opened with. All of them read one file and
// nothing else: playlists and scripts (hls, dash, concat, imf, sdp) and numbered pictures
// (image2) are missing on purpose, and so is mlv, which opens a.M00 to a.M99 beside a.mlv. Sound
// formats are here so that a sound file is called one.
const sourceFormats = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mxf,avi,mpegts,mpeg,mpegvideo,m4v,asf,flv,live_flv,ogg," +
	"gxf,dv,ivf,rm,nut,wtv,h264,hevc,av1,obu,vc1,vc1test,dirac,dnxhd,mjpeg,mjpeg_2000,yuv4mpegpipe,nsv,nuv,smjpeg," +
	"lxf,mxg,mtv,pva,avs2,avs3,evc,vvc,cavsvideo,h263,h261,r3d,cine,ty,tmv,pmp,swf,bink,smk,roq," +
	"wav,w64,aiff,caf,flac,mp3,aac,ac3,eac3,dts,dtshd,truehd,mlp,au,amr,ape,wv,tta,tak,mpc,mpc8,oma,dsf,iff,spdif,loas,latm"

// rawFormats have no timestamps and no index of their own.
var rawFormats = []string{
	"mpegvideo", "m4v", "h264", "hevc", "vvc", "evc", "av1", "obu", "vc1", "dirac", "dnxhd", "mjpeg", "mjpeg_2000",
	"yuv4mpegpipe", "avs2", "avs3", "cavsvideo", "h263", "h261",
}

// seekable are the demuxers whose files may be cut: their seeks are by timestamp and have
// been tried. Others are encoded in one piece.
var seekable = []string{"mov", "matroska", "mxf", "avi", "mpegts"}

// isFormat reports whether ffprobe's format_name ("mov,mp4,m4a") names one of names.
func isFormat(format string, names ...string) bool {
	for _, f := range strings.Split(format, ",") {
		if slices.Contains(names, f) {
			return true
		}
	}
	return false
}

// stills are codecs of pictures, not of clips, when the file holds one of them only.
var stillCodecs = []string{"png", "mjpeg", "gif", "apng", "webp", "bmp", "tiff", "jpegls", "jpegxl", "jpeg2000", "dpx", "exr", "targa", "psd", "av1", "hevc"}

// magics are the first bytes of files that are pictures or texts, for a better word than
// "invalid data". offset is where they stand.
var magics = []struct {
	offset int
	bytes  string
	what   string
}{
	{0, "\xff\xd8\xff", "a still image"},
	{0, "\x89PNG\r\n", "a still image"},
	{0, "GIF8", "a still image"},
	{0, "II*\x00", "a still image"},
	{0, "MM\x00*", "a still image"},
	{8, "WEBP", "a still image"},
	{0, "BM", "a still image"},
	{0, "SDPX", "a still image"},
	{0, "XPDS", "a still image"},
	{0, "v/1\x01", "a still image"},
	{0, "8BPS", "a still image"},
	{0, "\x00\x00\x00\x0cJXL ", "a still image"},
	{4, "ftypheic", "a still image"},
	{4, "ftypavif", "a still image"},
	{4, "ftypmif1", "a still image"},
	{0, "#EXTM3U", "a playlist"},
	{0, "ffconcat", "a list of other files"},
	{0, "%PDF", "a document"},
	{0, "PK\x03\x04", "an archive"},
	{0, "<?xml", "a text"},
	{0, "\xef\xbb\xbf<?xml", "a text"},
}

// guess says what a file that no demuxer takes seems to be, from its name and first bytes.
func guess(name string, head []byte) string {
	for _, m := range magics {
		if len(head) >= m.offset+len(m.bytes) && string(head[m.offset:m.offset+len(m.bytes)]) == m.bytes {
			return m.what
		}
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".tif", ".tiff", ".dpx", ".exr", ".bmp", ".tga", ".cr2", ".nef", ".arw", ".dng", ".heic", ".webp":
		return "a still image"
	}
	if len(head) > 0 && !bytes.ContainsFunc(head, func(r rune) bool { return r < 32 && r != '\n' && r != '\r' && r != '\t' && r != '\f' }) {
		return "a text"
	}
	return "not a media file"
}
