package jobfile

import (
	"strings"
	"testing"
	"time"
)

func TestTicketNamesReadBackAsTheyWereWritten(t *testing.T) {
	for _, k := range []Ticket{
		{"0007", 1, ""}, {"0007", 12, "editpc7-k3f9"}, {UnitSound, 1, "a"}, {UnitStitch, 9999, "b_c-d"}, {"100000", 3, ""},
	} {
		got, ok := ParseTicket(k.File())
		if !ok || got != k {
			t.Errorf("%v became %q, which reads as %v, %v", k, k.File(), got, ok)
		}
	}
}

func TestForeignNamesAreNoTickets(t *testing.T) {
	for _, n := range []string{
		"", ".yaml", "0007.yaml", "0007.a1", "0007.a0.yaml", "0007.a01.yaml", "0007.a10000.yaml", "7.a1.yaml",
		"0007.a1.W.yaml", "0007.a1.w.x.yaml", "0007.a-1.yaml", "0007.a1..yaml", "0007.a1.-w.yaml", "0007.a1.w .yaml",
		"../0007.a1.yaml", "0007.a1.w/../x.yaml", "audio.a1.yaml.tmp", ".0007.a1.yaml", "0007.b1.yaml", "copy of 0007.a1.yaml",
		"0007.a1 (2).yaml", "０００７.a1.yaml",
	} {
		if k, ok := ParseTicket(n); ok {
			t.Errorf("%q was taken for %v", n, k)
		}
	}
}

func TestJobNamesSortByUrgencyThenAgeAndFitEverySystem(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	urgent := NewJobID(99, at.Add(time.Hour), "/m/a.mov")
	early := NewJobID(50, at, "/m/a.mov")
	late := NewJobID(50, at.Add(time.Second), "/m/a.mov")
	lazy := NewJobID(0, at, "/m/a.mov")
	if !(urgent < early && early < late && late < lazy) {
		t.Errorf("%s %s %s %s do not sort", urgent, early, late, lazy)
	}
	if Priority(urgent) != 99 || Priority(early) != 50 || Priority(lazy) != 0 {
		t.Error("the priority does not read back")
	}
	for _, src := range []string{
		"/m/A001_C002.mov", `R:\m\A 001.mov`, "/m/-dash.mov", "/m/.mov", "/m/" + strings.Repeat("long", 60) + ".mp4", "/m/übergröße 漢字 🎬.mov",
		"/m/a\nb.mov", "/m/%03d.mov", "/m/'quote\".mov", "/m/e\u0301.mov", "/m/\xff\xfe.mov", "/m/__.mov",
	} {
		id := NewJobID(50, at, src)
		if !ValidJobID(id) {
			t.Errorf("%q gives %q, which is not valid", src, id)
		}
	}
}

func TestWorkerNames(t *testing.T) {
	for in, want := range map[string]string{
		"EDIT-7": "edit-7", "Ana's MacBook Pro.local": "ana-s-macbook-pro-local", "": "worker", "漢": "worker",
		strings.Repeat("x", 99): strings.Repeat("x", 40),
	} {
		if got := WorkerName(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
		if id := NewWorkerID(in); !ValidWorkerID(id) {
			t.Errorf("%q gives the id %q", in, id)
		}
	}
}

func TestNothingRawReachesATerminal(t *testing.T) {
	for in, want := range map[string]string{
		"a\x1b[31mb":     `a\x1b[31mb`,
		"x\u202egpj.mov": `x\u202egpj.mov`,
		"a\nb\tc":        `a\nb\tc`,
		"\xff":           `\xff`,
		"ü 漢 🎬":          "ü 漢 🎬",
		"a\u009bb":       `a\x9bb`,
	} {
		if got := Printable(in); got != want {
			t.Errorf("%q shows as %s, want %s", in, got, want)
		}
	}
	if n := len(Printable(strings.Repeat("a", 5000))); n > 210 {
		t.Errorf("%d characters of a name", n)
	}
}

func TestRoots(t *testing.T) {
	f := NewFarm()
	f.Roots = map[string]map[string]string{
		"footage": {"linux": "/mnt/footage", "host:Edit7": "/data/footage", "windows": `R:\`},
		"day1":    {"linux": "/mnt/footage/day1"},
	}
	if err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	r := f.RootsFor("linux", "other")
	if p := r.Name("/mnt/footage/day1/a.mov"); p != (Path{"day1", "a.mov"}) {
		t.Errorf("the longest root should win: %v", p)
	}
	if p := r.Name("/mnt/footage/day2/b/a.mov"); p != (Path{"footage", "day2/b/a.mov"}) {
		t.Error(p)
	}
	if p := r.Name("/mnt/footage2/a.mov"); p != (Path{"", "/mnt/footage2/a.mov"}) {
		t.Error(p)
	}
	if got, err := f.RootsFor("linux", "EDIT7").Locate(Path{"footage", "x/y.mov"}); err != nil || got != "/data/footage/x/y.mov" {
		t.Errorf("%q, %v", got, err)
	}
	for _, p := range []Path{
		{"footage", "../x"},
		{"footage", "/etc/passwd"},
		{"footage", "a/../../x"},
		{"footage", ""},
		{"footage", "a//b"},
		{"", "relative/x"},
		{"", ""},
		{"bad name", "x"},
		{"footage", "a\x00b"},
		{"footage", "./x"},
	} {
		if got, err := r.Locate(p); err == nil {
			t.Errorf("%v was located at %q", p, got)
		}
	}
	if _, err := r.Locate(Path{"nowhere", "x"}); err == nil {
		t.Error("a root without a place was located")
	}
}

func TestOnlyPlainEncoderOptionsPass(t *testing.T) {
	for _, ok := range [][]string{
		nil,
		{"-hide_banner", "-stats"},
		{"-bf", "2", "-x264-params", "keyint=50:open-gop=0"},
		{"-flags", "+cgop"},
		{"-flags", "ildct-cgop"},
		{"-svtav1-params", "film-grain=8"},
	} {
		if err := CheckEncoderArgs(ok); err != nil {
			t.Errorf("%q: %v", ok, err)
		}
	}
	for _, bad := range [][]string{
		{"-i", "/etc/passwd"},
		{"-filter_complex", "movie=/etc/passwd"},
		{"-vf", "lut3d=x"},
		{"/tmp/out.mov"},
		{"-bf"},
		{"-x264-params", "stats=/tmp/x"},
		{"-x265-params", "csv=x"},
		{"-x264-params", "qpfile=x"},
		{"-bf", "http://x"},
		{"-dump"},
		{"-bf", "2;3"},
		{"-vstats_file", "x"},
		{"-x265-params", "keyint=1:recon=y"},
		{"-filter_complex", "movie=a"},
		{"-vf", "movie=a"},
		{"-af", "amovie=a"},
		{"-lavfi", "sendcmd=f=a"},
		{"-attach", "a"},
		{"-dump_attachment:t", "a"},
		{"-dump_attachment", ""},
		{"-init_hw_device", "opencl"},
		{"-passlogfile", "a"},
		{"-pass", "1"},
		{"-fpre", "a"},
		{"-vpre", "a"},
		{"-report"},
		{"-progress", "a"},
		{"-sdp_file", "a"},
		{"-filter_script:v", "a"},
		{"-/filter:v", "a"},
		{"-/bf", "a"},
		{"-stats_enc_pre", "a"},
		{"-f", "tee"},
		{"-f", "segment"},
		{"-map", "0"},
		{"-y"},
		{"-protocol_whitelist", "http"},
		{"concat:a|b"},
		{"http://x/"},
		{"-g:v", "http:x"},
		{"-maxrate", "concat:a|b"},
		{"-maxrate", "file:///etc/passwd"},
		{"-flags", "+pass1"}, // makes x264 write x264_2pass.log
		{"-flags", "cgop+pass2"},
		{"-flags", "512"},
		{"-flags", "0x200"},
		{"-flags", ""},
		{"-x264-params", "keyint=1:pass=1"},
		{"-x264-params", "dump-yuv=a"},
		{"-x264-params", "cqmfile=a"},
		{"-x264-params", "cqm=a"},
		{"-x264-params", "input-res=a"},
		{"-x264-params", "keyint=1:STATS=a"},
		{"-x264-params", ""},
		{"-x265-params", "film-grain=a"}, // a file since x265 3.6
		{"-x265-params", "aom-film-grain=a"},
		{"-x265-params", "analysis-save=a"},
		{"-x265-params", "scaling-list=a"},
		{"-x265-params", "lambda-file=a"},
		{"-x265-params", "zonefile=a"},
		{"-x265-params", "dhdr10-info=a"},
		{"-x265-params", "nalu-file=a"},
		{"-x265-params", "dolby-vision-rpu=a"},
		{"-x265-params", "csv=a:keyint=1"},
		{"-bf\x00", "2"},
		{"-bf", "2\n"},
		{""},
	} {
		if err := CheckEncoderArgs(bad); err == nil {
			t.Errorf("%q passed", bad)
		}
	}
}

// A recipe's words stand on ffmpeg's command line, two of them in a chain of filters.
func TestARecipesWordsNameNothingElse(t *testing.T) {
	for field, bad := range map[string]func(r *Recipe){
		"an encoder that opens a device":     func(r *Recipe) { r.Video.Encoder = "h264_v4l2m2m" },
		"a copy of the source":               func(r *Recipe) { r.Video.Encoder = "copy" },
		"no encoder":                         func(r *Recipe) { r.Video.Encoder = "" },
		"an option for an encoder":           func(r *Recipe) { r.Video.Encoder = "-i" },
		"a sound encoder nobody looked at":   func(r *Recipe) { r.Sound.Encoder = "libcodec2" },
		"a filter behind the pixel format":   func(r *Recipe) { r.Video.PixelFormat = "yuv420p,movie=a" },
		"an option behind the pixel format":  func(r *Recipe) { r.Video.PixelFormat = "yuv420p:a" },
		"no pixel format":                    func(r *Recipe) { r.Video.PixelFormat = "" },
		"a filter behind the scaler":         func(r *Recipe) { r.Video.ScaleFlags = "bicubic,movie=a" },
		"an option behind the scaler":        func(r *Recipe) { r.Video.ScaleFlags = "bicubic:param0=1" },
		"a label behind the scaler":          func(r *Recipe) { r.Video.ScaleFlags = "bicubic[a]" },
		"a profile with a space":             func(r *Recipe) { r.Video.Profile = "a b" },
		"a profile that is an option":        func(r *Recipe) { r.Video.Profile = "-i" },
		"a speed that is a path":             func(r *Recipe) { r.Video.Speed = "/etc/passwd" },
		"a tune that is a URL":               func(r *Recipe) { r.Video.Tune = "http://x" },
		"a muxer that writes more files":     func(r *Recipe) { r.Container = "tee" },
		"a muxer that talks to the network":  func(r *Recipe) { r.Container = "rtp" },
		"an extension that leads elsewhere":  func(r *Recipe) { r.Ext = "/../x.mov" },
		"an extension of another kind":       func(r *Recipe) { r.Ext = ".sh" },
		"a bitrate that is an expression":    func(r *Recipe) { r.Video.Bitrate, r.Video.CRF = "8M;x", nil },
		"a log level that is a file's":       func(r *Recipe) { r.LogLevel = "report" },
		"a tag with a line break":            func(r *Recipe) { r.Video.Tag = "av\nc1" },
		"a preset's name with an escape":     func(r *Recipe) { r.Preset = "\x1b[31m" },
		"more threads than a machine has":    func(r *Recipe) { r.Threads = 1 << 20 },
		"a picture taller than any":          func(r *Recipe) { r.Video.MaxHeight = 1 << 20 },
		"arguments that are no encoder's":    func(r *Recipe) { r.Video.Args = []string{"-i", "a"} },
		"more arguments than anybody writes": func(r *Recipe) { r.Video.Args = strings.Split(strings.Repeat("-stats ", 65), " ")[:65] },
	} {
		r := testJob().Recipe
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		bad(&r)
		if err := r.Validate(); err == nil {
			t.Errorf("%s was accepted", field)
		}
	}
}
