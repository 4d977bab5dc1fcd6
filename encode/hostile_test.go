package encode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"proxima/jobfile"
)

// lure is what hostile files point to: a pipe, a film, a server, each of which knows whether
// somebody came.
type lure struct {
	t         *testing.T
	dir       string
	film      string // absolute
	pipe, url string // a pipe and an address
	came      chan string
	unwatch   func()
	planned   *jobfile.Job
}

func newLure(t *testing.T, dir string) *lure {
	t.Helper()
	l := &lure{t: t, dir: dir, film: filepath.Join(dir, "secret.mov"), came: make(chan string, 1)}
	ff(t, "-f lavfi -i testsrc2=size=320x240:rate=25:duration=1 -c:v libx264 -preset ultrafast", l.film)
	l.pipe = filepath.Join(dir, "secret.pipe.mov")
	l.unwatch = watchPipe(t, l.pipe, l.came)
	s, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	l.url = "http://" + s.Addr().String() + "/secret.mov"
	go func() {
		for {
			c, err := s.Accept()
			if err != nil {
				return
			}
			c.Close()
			select {
			case l.came <- "the server was asked":
			default:
			}
		}
	}()
	return l
}

// visited tells who came since it was last asked.
func (l *lure) visited() string {
	time.Sleep(20 * time.Millisecond)
	select {
	case who := <-l.came:
		return who
	default:
		return ""
	}
}

func (l *lure) put(name, text string) string {
	l.t.Helper()
	p := filepath.Join(l.dir, name)
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
	return p
}

// lists are files that have ffmpeg open others, as it comes. TO stands for what is to be opened.
var lists = []struct {
	name, text string
	tempts     bool // a plain ffmpeg really opens it: the lure works
}{
	{"hls.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nTO\n#EXT-X-ENDLIST\n", true},
	{"hls.mov", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nTO\n#EXT-X-ENDLIST\n", false},
	{"key.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI=\"TO\"\n#EXTINF:2,\nTO\n#EXT-X-ENDLIST\n", false},
	{"master.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nTO\n", true},
	{"concat.ffconcat", "ffconcat version 1.0\nfile 'TO'\n", false}, // unsafe by default
	{"concat.mov", "ffconcat version 1.0\nfile 'secret.pipe.mov'\n", true},
	{"concat.mxf", "ffconcat version 1.0\nfile 'TO'\noption protocol_whitelist file,http,tcp\n", false},
	{"dash.mpd", `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S"><Period><AdaptationSet contentType="video"><Representation id="1" bandwidth="1"><BaseURL>TO</BaseURL></Representation></AdaptationSet></Period></MPD>`, false},
	{"imf.xml", `<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>urn:uuid:0</Id><SegmentList/></CompositionPlaylist>`, false},
	{"session.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n", false},
	{"rtsp.mov", "rtsptext\r\nTO\r\n", false},
	{"ref.asx", `<asx version="3.0"><entry><ref href="TO"/></entry></asx>`, false},
	{"ref.ram", "TO\n", false},
	{"ref.smil", `<smil><body><video src="TO"/></body></smil>`, false},
	{"list.m3u", "TO\n", false},
	{"sub.idx", "# VobSub index file, v7\nsize: 720x576\nid: en, index: 0\ntimestamp: 00:00:00:000, filepos: 000000000\n", false},
	{"sub.ass", "[Script Info]\nScriptType: v4.00+\n[Events]\nFormat: Layer, Start, End, Style, Text\nDialogue: 0,0:00:00.00,0:00:01.00,Default,TO\n", false},
	{"meta.mov", ";FFMETADATA1\ntitle=TO\n", false},
	{"pictures%03d.png", "", false},
	{"filter.mov", "movie=TO", false},
	{"svg.svg", `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="320" height="240"><image xlink:href="TO" width="320" height="240"/></svg>`, false},
	{"clip.mlv", mlv(), true},
}

// mlv is the head of a Magic Lantern recording, whose reader looks for clip.m00 and so on.
func mlv() string {
	b := append([]byte("MLVI"), 52, 0, 0, 0)
	b = append(b, "v2.0\x00\x00\x00\x00"...)
	b = append(b, make([]byte, 36)...)
	b[32] = 1
	return string(b) + strings.Repeat("\x00", 200)
}

// Whoever can put files where footage lies can have a person or a job name one. A clip is one
// file: no list of others, whatever it is called, leads anywhere.
func TestNoSourceHasOtherFilesOpened(t *testing.T) {
	if testing.Short() {
		t.Skip("about what is opened: run without the race detector")
	}
	t.Parallel()
	l := newLure(t, t.TempDir())
	tempted := 0
	for _, c := range lists {
		tos := []string{l.pipe, l.url}
		switch {
		case c.name == "hls.m3u8" || c.name == "concat.mxf":
			tos = append(tos, "secret.pipe.mov", "file:"+l.pipe, "concat:"+l.pipe, "subfile,,start,0,end,0,,:"+l.pipe)
		case !strings.Contains(c.text, "TO"):
			tos = tos[:1]
		}
		for _, to := range tos {
			path := l.put(c.name, strings.ReplaceAll(c.text, "TO", to))
			if c.name == "clip.mlv" {
				link := filepath.Join(l.dir, "clip.m00")
				_ = os.Remove(link)
				if err := os.Symlink(l.pipe, link); err != nil {
					t.Skip(err)
				}
			}
			if _, err := tools(t).Probe(t.Context(), path); err == nil {
				t.Errorf("%s with %s passes for a clip", c.name, to)
			}
			if who := l.visited(); who != "" {
				t.Errorf("%s with %s: probing it, %s", c.name, to, who)
			}
			if !c.tempts {
				continue
			}
			// A job that names it as its source, as if it were a clip.
			if err := encodeAnyway(t, l, path); err == nil {
				t.Errorf("%s with %s was encoded", c.name, to)
			}
			if who := l.visited(); who != "" {
				t.Errorf("%s with %s: encoding it, %s", c.name, to, who)
			}
			if to == l.pipe {
				if l.plainly(path) {
					tempted++
				} else {
					t.Logf("this ffmpeg is not tempted by %s", c.name)
				}
			}
		}
	}
	if tempted == 0 {
		t.Error("not even a plain ffmpeg opens anything: the lure proves nothing")
	}
}

// plainly reports whether ffprobe without Proxima's options follows the file.
func (l *lure) plainly(path string) bool {
	c := exec.Command("ffprobe", "-v", "quiet", "file:"+path)
	if err := c.Start(); err != nil {
		l.t.Fatal(err)
	}
	who := ""
	for range 150 {
		if who = l.visited(); who != "" {
			break
		}
	}
	_ = c.Process.Kill()
	_ = c.Wait()
	for l.visited() != "" {
	}
	return who != ""
}

// encodeAnyway has a job's one unit made of a file, whatever it is.
func encodeAnyway(t *testing.T, l *lure, path string) error {
	t.Helper()
	j := l.job()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	j.Source = jobfile.Source{Path: jobfile.Path{Rel: path}, Size: st.Size(), Modified: st.ModTime()}
	out := t.TempDir()
	_, err = tools(t).Encode(t.Context(), Task{
		Job: j, Unit: j.Plan.Units[0], Source: path, Threads: 1,
		VideoPath: filepath.Join(out, ".v"), SoundPath: filepath.Join(out, ".s"), Log: testLog(t),
	})
	return err
}

func (l *lure) job() *jobfile.Job {
	if l.planned == nil {
		l.planned, _ = newJob(l.t, l.film, recipe("mjpeg"), 0)
	}
	j := *l.planned
	return &j
}

// A QuickTime file may say that its samples lie in another one. ffmpeg follows that only with
// -enable_drefs; this is the test that it stays so.
func TestAQuickTimeReferenceIsNotFollowed(t *testing.T) {
	t.Parallel()
	l := newLure(t, t.TempDir())
	data, err := os.ReadFile(l.film)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(l.dir, "reference.mov")
	if err := os.WriteFile(path, withReference(t, data, l.pipe), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = tools(t).Probe(t.Context(), path)
	t.Logf("probing: %v; encoding: %v", err, encodeAnyway(t, l, path)) // its own samples may be read
	if who := l.visited(); who != "" {
		t.Errorf("a reference was followed: %s", who)
	}
	c := exec.Command("ffprobe", "-v", "quiet", "-enable_drefs", "1", "-use_absolute_path", "1", "file:"+path)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Process.Kill(); _ = c.Wait() }()
	for range 150 {
		if l.visited() != "" {
			return
		}
	}
	t.Error("not even -enable_drefs follows it: the lure proves nothing")
}

// withReference replaces the data reference of a film's track ("url ", in this file) with an
// alias to a path. The film has its index at the end, so that no offset changes.
func withReference(t *testing.T, data []byte, to string) []byte {
	t.Helper()
	alis := alias(to)
	box := binary.BigEndian.AppendUint32(nil, uint32(12+len(alis)))
	box = append(append(box, "alis\x00\x00\x00\x00"...), alis...)
	old := bytes.Index(data, []byte("\x00\x00\x00\x0curl \x00\x00\x00\x01"))
	if old < 0 {
		t.Fatal("the film has no data reference")
	}
	grown := uint32(len(box) - 12)
	data = append(append(append([]byte{}, data[:old]...), box...), data[old+12:]...)
	for _, name := range []string{"dref", "dinf", "minf", "mdia", "trak", "moov"} {
		i := bytes.LastIndex(data[:old], []byte(name)) - 4
		if i < 0 {
			t.Fatal("no " + name)
		}
		binary.BigEndian.PutUint32(data[i:], binary.BigEndian.Uint32(data[i:])+grown)
	}
	return data
}

// alias is as much of a Macintosh alias record as ffmpeg reads: 150 bytes of head, then tagged
// fields, of which 2 is the path, with colons.
func alias(to string) []byte {
	b := make([]byte, 150)
	field := func(tag int16, s string) {
		b = binary.BigEndian.AppendUint16(b, uint16(tag))
		b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
		b = append(b, s...)
		if len(s)%2 == 1 {
			b = append(b, 0)
		}
	}
	field(2, strings.ReplaceAll(to, "/", ":"))
	return binary.BigEndian.AppendUint16(b, 0xffff)
}

// Parts lie where others can write, and a moment passes between their proof and the stitch.
func TestAPartThatBecameAListLeadsNowhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := newLure(t, dir)
	src := filepath.Join(dir, "a.mov")
	ff(t, "-f lavfi -i testsrc2=size=320x240:rate=25:duration=2 -f lavfi -i sine=duration=2 -c:v libx264 -preset ultrafast -c:a pcm_s16le", src)
	j, _ := newJob(t, src, recipe("mjpeg"), 0)
	st, _, _, err := proxyParts(t, j, src, dir)
	if err != nil {
		t.Fatal(err)
	}
	for what, part := range map[string]string{"picture": st.Video[0].Path, "sound": st.Sound.Path} {
		good, err := os.ReadFile(part)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range lists {
			if !c.tempts {
				continue
			}
			bad := strings.ReplaceAll(c.text, "TO", l.pipe)
			l.put(filepath.Base(part), bad+strings.Repeat("\n", len(good)-len(bad)))
			st.Target = filepath.Join(dir, ".again")
			if _, err := tools(t).Stitch(t.Context(), st); err == nil {
				t.Errorf("%s: %s was joined", what, c.name)
			}
			if who := l.visited(); who != "" {
				t.Errorf("%s: %s: %s", what, c.name, who)
			}
		}
		l.put(filepath.Base(part), string(good))
	}
	if _, err := tools(t).Stitch(t.Context(), st); err != nil {
		t.Errorf("and with its own parts: %v", err)
	}
}

// A daemon looks at what stands at an output before it replaces it.
func TestAPipeAtTheOutputIsNotWaitedFor(t *testing.T) {
	l := newLure(t, t.TempDir())
	l.unwatch()
	done := make(chan bool, 1)
	go func() {
		if ours, err := tools(t).Ours(t.Context(), l.pipe); ours || err != nil {
			t.Error(ours, err)
		}
		var not *NotVideo
		if _, err := tools(t).Probe(t.Context(), l.pipe); !errors.As(err, &not) {
			t.Error(err)
		}
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("it waits")
	}
}

// What a file says of itself comes out of ffmpeg as it is, and people read logs on terminals.
func TestALogHoldsNothingThatATerminalWouldObey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	src := filepath.Join(dir, "a\x1b[31m\u202e\n2020-01-01 forged\u009b.mov")
	ff(t, "-f lavfi -i testsrc2=size=320x240:rate=25:duration=1 -c:v libx264 -preset ultrafast -metadata title=\x1b]0;pwned\x07\u202e", "file:"+src)
	r := recipe("mjpeg")
	r.LogLevel = "info"
	j, _ := newJob(t, src, r, 0)
	var log bytes.Buffer
	_, err := tools(t).Encode(t.Context(), Task{Job: j, Unit: j.Plan.Units[0], Source: src, VideoPath: filepath.Join(dir, ".v"), SoundPath: filepath.Join(dir, ".s"), Threads: 1, Log: &log})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), `]0;pwned?\u202e`) || !strings.Contains(log.String(), `\x1b[31m`) {
		t.Errorf("the title or the name nor the name is not in\n%s", log.String())
	}
	for _, line := range strings.Split(log.String(), "\n") {
		if strings.ContainsFunc(line, func(r rune) bool { return !jobfile.Shows(r) }) || strings.HasPrefix(line, "2020-01-01 forged") {
			t.Errorf("%q", line)
		}
	}
}
