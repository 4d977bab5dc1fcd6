package presets

// codec is what Proxima knows of an encoder: enough to refuse what ffmpeg would refuse on
// the worker, and to say so in time.
type codec struct {
	encoder  string   // ffmpeg's name
	label    string   // in messages
	names    []string // as presets may write it, the plainest first
	profiles []profile
	pixFmts  []string // without a profile; the first is the default
	speeds   []string // of -preset; nil: it has none
	tunes    []string // of -tune
	intra    bool     // every frame stands alone
	crf      int      // default rate factor, 0: it has none
	qscale   int      // default quantiser, 0: it has none
	bitrate  bool     // takes a bitrate without harm to chunk joins that one would notice
	rateWhy  string   // why it takes no bitrate, nor what else it doesn't
	noMP4    bool
	noMOV    bool
	minLines int // of the picture

	family    string // what it makes, whoever else makes it: parts of one family can take each other's place
	hardware  bool
	crfMax    int
	qscaleMax int
	crfAs     func(int) int     // the qscale that stands for a crf
	pixAs     map[string]string // its own names for pixel formats
	quality   bool              // its profiles are ffmpeg's -quality
}

type profile struct {
	name    string   // ffmpeg's
	names   []string // others it goes by
	pixFmts []string // those it holds; the first is the default
}

var (
	speeds = []string{"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo"}

	yuv420   = []string{"yuv420p", "yuvj420p"}
	yuv422p8 = []string{"yuv422p"}
	high10   = append([]string{"yuv420p10le"}, yuv420...)
	high422  = append([]string{"yuv422p10le", "yuv422p", "yuvj422p"}, high10...)
	high444  = append([]string{"yuv444p", "yuvj444p", "yuv444p10le"}, high422...)
	prores10 = []string{"yuv422p10le"}
	cineform = []string{"yuv422p10le", "gbrp12le", "gbrap12le"}
)

var proresProfiles = []profile{
	{"proxy", []string{"422proxy", "0"}, prores10},
	{"lt", []string{"422lt", "1"}, prores10},
	{"standard", []string{"422", "2"}, prores10},
	{"hq", []string{"422hq", "3"}, prores10},
	{"4444", []string{"4"}, []string{"yuv444p10le", "yuva444p10le"}},
	{"4444xq", []string{"xq", "5"}, []string{"yuv444p10le", "yuva444p10le"}},
}

const proresRate = "the rate of ProRes is set by its profile (proxy, lt, standard, hq, 4444, 4444xq)"

var codecs = []codec{
	{
		encoder: "dnxhd", label: "DNxHR", names: []string{"dnxhd", "dnxhr", "dnx"},
		profiles: []profile{
			// The first is the default.
			{"dnxhr_sq", []string{"dnxhd_sq", "sq"}, yuv422p8},
			{"dnxhr_lb", []string{"dnxhd_lb", "lb"}, yuv422p8},
			{"dnxhr_hq", []string{"dnxhd_hq", "hq"}, yuv422p8},
			{"dnxhr_hqx", []string{"dnxhd_hqx", "hqx"}, []string{"yuv422p10le"}},
			{"dnxhr_444", []string{"dnxhd_444", "444"}, []string{"yuv444p10le", "gbrp10le"}},
		},
		intra: true, noMP4: true, minLines: 120,
		rateWhy: "the rate of DNxHR is set by its profile (lb, sq, hq, hqx, 444)",
	},
	{
		// ffmpeg has two. This one takes a sixth of the other's time for proxies, and loses less.
		encoder: "prores_aw", label: "ProRes", names: []string{"prores", "prores_aw"},
		profiles: proresProfiles, intra: true, noMP4: true, rateWhy: proresRate,
	},
	{
		encoder: "prores_ks", label: "prores_ks", family: "ProRes", names: []string{"prores_ks"},
		profiles: proresProfiles, intra: true, noMP4: true, rateWhy: proresRate,
	},
	{
		encoder: "mjpeg", label: "MJPEG", names: []string{"mjpeg", "jpeg", "motion_jpeg"},
		pixFmts: []string{"yuvj422p", "yuvj420p", "yuvj444p"},
		intra:   true, noMP4: true, qscale: 3, qscaleMax: 31,
		rateWhy: "MJPEG takes a fixed qscale only: rate control remembers earlier pictures, so chunks would not join evenly",
	},
	{
		encoder: "libx264", label: "H.264", names: []string{"x264", "h264", "libx264", "h.264", "avc"},
		profiles: []profile{
			{"baseline", nil, []string{"yuv420p"}},
			{"main", nil, []string{"yuv420p"}},
			{"high", nil, yuv420},
			{"high10", nil, high10},
			{"high422", nil, high422},
			{"high444", []string{"high444p"}, high444},
		},
		pixFmts: []string{"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "yuv420p10le", "yuv422p10le", "yuv444p10le"},
		speeds:  speeds, crf: 20, crfMax: 51, bitrate: true,
		tunes:   []string{"film", "animation", "grain", "stillimage", "psnr", "ssim", "fastdecode", "zerolatency"},
		rateWhy: "H.264 takes crf or bitrate",
	},
	{
		encoder: "libx265", label: "HEVC", names: []string{"x265", "h265", "hevc", "libx265", "h.265"},
		profiles: []profile{
			{"main", nil, []string{"yuv420p"}},
			{"main10", nil, []string{"yuv420p10le", "yuv420p"}},
			{"main12", nil, []string{"yuv420p12le", "yuv420p10le", "yuv420p"}},
			{"main422-10", nil, []string{"yuv422p10le", "yuv422p"}},
			{"main444-8", nil, []string{"yuv444p"}},
			{"main444-10", nil, []string{"yuv444p10le", "yuv444p"}},
		},
		pixFmts: []string{
			"yuv420p", "yuv420p10le", "yuv420p12le", "yuvj420p", "yuv422p", "yuv422p10le", "yuv422p12le",
			"yuv444p", "yuv444p10le", "yuv444p12le", "gbrp", "gbrp10le",
		},
		speeds: speeds, crf: 22, crfMax: 51, bitrate: true,
		tunes:   []string{"psnr", "ssim", "grain", "fastdecode", "zerolatency", "animation"},
		rateWhy: "HEVC takes crf or bitrate",
	},
	{
		encoder: "cfhd", label: "CineForm", names: []string{"cineform", "cfhd"},
		profiles: []profile{
			// Best first, as ffmpeg counts them.
			{"medium", nil, cineform},
			{"film3+", nil, cineform},
			{"film3", nil, cineform},
			{"film2+", nil, cineform},
			{"film2", nil, cineform},
			{"film1.5", nil, cineform},
			{"film1+", nil, cineform},
			{"film1", nil, cineform},
			{"high+", nil, cineform},
			{"high", nil, cineform},
			{"medium+", nil, cineform},
			{"low+", nil, cineform},
			{"low", nil, cineform},
		},
		intra: true, noMP4: true, minLines: 32, quality: true,
		rateWhy: "the rate of CineForm is set by its profile (low, medium, high, film1, film2, film3)",
	},
	{
		encoder: "libsvtav1", label: "AV1", names: []string{"av1", "svtav1", "libsvtav1", "svt_av1"},
		pixFmts: []string{"yuv420p", "yuv420p10le"},
		speeds:  []string{"8", "0", "1", "2", "3", "4", "5", "6", "7", "9", "10", "11", "12", "13"},
		crf:     35, crfMax: 63, bitrate: true,
		// ffmpeg's QuickTime writer refuses it.
		noMOV:   true,
		rateWhy: "AV1 takes crf or bitrate",
	},
}

var scalers = []string{"bicubic", "lanczos", "bilinear", "fast_bilinear", "area", "spline", "neighbor", "gauss", "sinc", "bicublin"}

// fieldOf names the field that an encoder option or parameter would set behind the recipe's
// back. What the recipe doesn't know it can't check in the parts, and what takes more threads
// than it says takes them from the other pieces.
var fieldOf = map[string]string{
	"-g": "gop", "-qscale:v": "qscale", "-q:v": "qscale",
	"keyint": "gop", "crf": "crf", "profile": "profile", "tune": "tune",
	"threads": "threads", "pools": "threads", "lp": "threads",
	// These pass nowhere, and people know them.
	"-c:v": "codec", "-codec:v": "codec", "-vcodec": "codec", "-profile:v": "profile", "-preset": "speed",
	"-tune": "tune", "-crf": "crf", "-b:v": "bitrate", "-pix_fmt": "pix_fmt", "-tag:v": "tag", "-r": "fps",
	"-s": "vertical_res", "-movflags": "container_flags", "-threads": "threads", "-f": "ext",
	"-c:a": "audio_codec", "-acodec": "audio_codec", "-b:a": "audio_bitrate", "-ar": "audio_samplerate",
	"-v": "ffmpeg_loglevel", "-loglevel": "ffmpeg_loglevel", "-hwaccel": "hwaccel",
}
