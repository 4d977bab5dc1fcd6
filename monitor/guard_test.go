package monitor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"proxima/jobfile"
)

const testToken = "correct-horse-battery-staple"

// fakes stand for the command line; the farm is a real folder.
type fakes struct{ did []Action }

func (*fakes) Standstill(jobfile.Controls, []*jobfile.Worker) string { return "" }
func (*fakes) WaitsFor(string, []*jobfile.Worker) string             { return "" }
func (*fakes) InWords(c jobfile.Control) string                      { return c.File() }
func (*fakes) Thumb(context.Context, string) ([]byte, error)         { return nil, errors.New("no film") }

func (*fakes) Log(context.Context, string, jobfile.UnitID) (string, error) {
	return strings.Repeat("x", maxLog) + "\xff<b>end", nil
}

func (f *fakes) Do(_ context.Context, a Action) (string, error) {
	f.did = append(f.did, a)
	if a.Do == "cancel" {
		return "one line\nand \x1b[31mred", &Refused{What: "it is over", Next: "nothing"}
	}
	return "done", nil
}

func testConfig(t *testing.T, open bool) (Config, *fakes) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "farm")
	if _, err := jobfile.Init(dir); err != nil {
		t.Fatal(err)
	}
	store, _, err := jobfile.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	f := &fakes{}
	return Config{
		Store: store, Voice: f, Hand: f, Film: f, Token: testToken, Open: open, Hosts: []string{"Edit7", "monitor.studio.example"},
		Log: slog.New(slog.DiscardHandler), Lease: 3 * time.Minute, Every: 20 * time.Millisecond,
	}, f
}

const someJob = "49_20260304-050607_A001_C002_abcde"

func TestWhoIsAnswered(t *testing.T) {
	t.Parallel()
	type header map[string]string
	bearer := header{"Authorization": "Bearer " + testToken}
	do := `{"do":"retry"}`
	json := header{"Authorization": "Bearer " + testToken, "Content-Type": "application/json"}
	with := func(h header, k, v string) header {
		n := header{k: v}
		for a, b := range h {
			if a != k {
				n[a] = b
			}
		}
		return n
	}
	for _, c := range []struct {
		name         string
		method, path string
		host         string
		header       header
		body         string
		local, away  int // the answer where reading is open, and where it is not
	}{
		{"the page", "GET", "/", "127.0.0.1:7878", nil, "", 200, 200},
		{"its head", "HEAD", "/", "127.0.0.1:7878", nil, "", 200, 200},
		{"a script", "GET", "/page.js", "localhost", nil, "", 200, 200},
		{"no file", "GET", "/../monitor.go", "localhost", nil, "", 404, 404},
		{"no folder", "GET", "/page/", "localhost", nil, "", 404, 404},
		{"not posted", "POST", "/", "localhost", nil, "", 405, 405},
		{"IPv6", "GET", "/", "[::1]:7878", nil, "", 200, 200},
		{"an address of the room", "GET", "/", "192.168.1.7:7878", nil, "", 421, 200},
		{"the machine's name", "GET", "/", "edit7:7878", nil, "", 200, 200},
		{"the same, whole", "GET", "/", "EDIT7.local.:7878", nil, "", 200, 200},
		{"a name that was given", "GET", "/", "monitor.studio.example", nil, "", 200, 200},
		{"below a name that was given", "GET", "/", "x.monitor.studio.example", nil, "", 421, 421},
		{"below it, turned round", "GET", "/", "monitor.studio.example.evil.example", nil, "", 421, 421},
		{"another name", "GET", "/metrics", "evil.example:7878", bearer, "", 421, 421},
		{"a name that begins so", "GET", "/", "localhost.evil.example", nil, "", 421, 421},
		{"no name", "GET", "/", "", nil, "", 421, 421},

		{"reads without a token", "GET", "/metrics", "localhost", nil, "", 200, 401},
		{"reads with one", "GET", "/metrics", "localhost", bearer, "", 200, 200},
		{"a wrong token", "GET", "/metrics", "localhost", header{"Authorization": "Bearer correct-horse-battery-stapl"}, "", 401, 401},
		{"no bearer", "GET", "/metrics", "localhost", header{"Authorization": "Basic " + testToken}, "", 401, 401},
		{"a log", "GET", "/api/log?job=" + someJob, "localhost", nil, "", 200, 401},
		{"a log of nothing", "GET", "/api/log?job=../../x", "localhost", bearer, "", 400, 400},
		{"a log of no unit", "GET", "/api/log?job=" + someJob + "&unit=../x", "localhost", bearer, "", 400, 400},
		{"a picture there is not", "GET", "/api/thumb?job=" + someJob, "localhost", bearer, "", 404, 404},
		{"a picture of nothing", "GET", "/api/thumb?job=/etc/passwd", "localhost", bearer, "", 400, 400},

		{"another page reads", "GET", "/metrics", "localhost", with(bearer, "Sec-Fetch-Site", "cross-site"), "", 403, 403},
		{"another port's page reads", "GET", "/metrics", "localhost:1", with(bearer, "Sec-Fetch-Site", "same-site"), "", 403, 403},
		{"an old browser's other page", "GET", "/metrics", "localhost:1", with(bearer, "Origin", "http://localhost:2"), "", 403, 403},
		{"a page of a file", "GET", "/metrics", "localhost:1", with(bearer, "Origin", "null"), "", 403, 403},
		{"our page", "GET", "/metrics", "localhost:1", with(with(bearer, "Origin", "http://localhost:1"), "Sec-Fetch-Site", "same-origin"), "", 200, 200},
		{"a link to the page", "GET", "/", "localhost", header{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, "", 200, 200},
		{"the page in a frame", "GET", "/", "localhost", header{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, "", 403, 403},
		{"a link to numbers", "GET", "/metrics", "localhost", header{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, "", 403, 403},

		{"asks", "POST", "/api/do", "localhost", json, do, 200, 200},
		{"asks without a token", "POST", "/api/do", "localhost", header{"Content-Type": "application/json"}, do, 401, 401},
		{"asks from another page", "POST", "/api/do", "localhost", with(json, "Origin", "https://evil.example"), do, 403, 403},
		{"asks by GET", "GET", "/api/do", "localhost", json, "", 405, 405},
		{"asks as a form would", "POST", "/api/do", "localhost", with(bearer, "Content-Type", "text/plain"), do, 415, 415},
		{"asks too much", "POST", "/api/do", "localhost", json, `{"do":"retry","why":"` + strings.Repeat("x", maxBody) + `"}`, 413, 413},
		{"asks nonsense", "POST", "/api/do", "localhost", json, `{"do":`, 400, 400},
		{"asks twice", "POST", "/api/do", "localhost", json, do + do, 400, 400},
		{"asks what is unknown", "POST", "/api/do", "localhost", json, `{"do":"retry","rm":1}`, 400, 400},
		{"asks for what cannot be", "POST", "/api/do", "localhost", json, `{"do":"purge"}`, 400, 400},
	} {
		for _, open := range []bool{true, false} {
			cfg, _ := testConfig(t, open)
			ctx, cancel := context.WithCancel(t.Context())
			s := newServer(ctx, cfg)
			go s.hub.run(ctx)
			r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
			r.Host = c.host
			for k, v := range c.header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			s.handler().ServeHTTP(w, r)
			cancel()
			want := c.away
			if open {
				want = c.local
			}
			if w.Code == http.StatusMovedPermanently || w.Code == http.StatusTemporaryRedirect {
				w.Code = 404 // a path that is not in its simplest form is sent to one that is not there
			}
			if w.Code != want {
				t.Errorf("%s (open: %v): %d, not %d: %s", c.name, open, w.Code, want, w.Body)
			}
			if w.Code != 404 && (w.Header().Get("Content-Security-Policy") != policy || w.Header().Get("Access-Control-Allow-Origin") != "") {
				t.Errorf("%s: %v", c.name, w.Header())
			}
		}
	}
}

func TestActionsAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a  Action
		ok bool
	}{
		{Action{Do: "retry"}, true},
		{Action{Do: "retry", Job: someJob, Unit: "0003"}, true},
		{Action{Do: "retry", Unit: "0003"}, false},
		{Action{Do: "retry", Worker: "edit7"}, false},
		{Action{Do: "cancel", Job: someJob, Why: "the wrong reel"}, true},
		{Action{Do: "cancel"}, false},
		{Action{Do: "cancel", Job: "../x"}, false},
		{Action{Do: "cancel", Job: "--all"}, false},
		{Action{Do: "cancel", Job: someJob, Why: strings.Repeat("x", maxWhy+1)}, false},
		{Action{Do: "pause"}, true},
		{Action{Do: "pause", Worker: "edit7", Now: true}, true},
		{Action{Do: "pause", Worker: "Edit 7"}, false},
		{Action{Do: "pause", Worker: "edit7", Job: someJob}, false},
		{Action{Do: "resume", Job: someJob}, true},
		{Action{Do: "priority", Job: someJob, N: 99}, true},
		{Action{Do: "priority", Job: someJob, N: 100}, false},
		{Action{Do: "priority", N: 5}, false},
		{Action{Do: "purge", Job: someJob}, false},
		{Action{}, false},
	} {
		if err := c.a.Check(); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.a, err)
		}
	}
}

// serveTest serves a farm on a real socket, and wants it all to end with its context.
func serveTest(t *testing.T, c Config) (base string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, c) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Error("it does not end with its context")
		}
	})
	return "http://" + l.Addr().String()
}

// next reads one event.
func next(t *testing.T, r *bufio.Reader) (event, data string) {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		line = strings.TrimSuffix(line, "\n")
		if v, ok := strings.CutPrefix(line, "event: "); ok {
			event = v
		} else if v, ok := strings.CutPrefix(line, "data: "); ok {
			data = v
		} else if line == "" {
			return event, data
		}
	}
}

func TestEventsTellAllAndThenWhatChanges(t *testing.T) {
	t.Parallel()
	c, f := testConfig(t, true)
	base := serveTest(t, c)
	r, err := http.Get(base + "/api/events")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	in := bufio.NewReader(r.Body)
	if e, d := next(t, in); r.Header.Get("Content-Type") != "text/event-stream" || e != "you" || !strings.Contains(d, `"may":false`) {
		t.Fatalf("%s %s", e, d)
	}
	if e, d := next(t, in); e != "all" || !strings.Contains(d, `"state":"idle"`) || !strings.Contains(d, `"order":[]`) {
		t.Fatalf("%s %s", e, d)
	}
	if err := c.Store.Ask(jobfile.Control{Ask: jobfile.AskPause}, &jobfile.Request{By: "me"}); err != nil {
		t.Fatal(err)
	}
	if e, d := next(t, in); e != "some" || !strings.Contains(d, `"state":"paused"`) || strings.Contains(d, `"order"`) {
		t.Fatalf("%s %s", e, d)
	}

	// What somebody asks for is done, and answered in words that no terminal and no page obeys.
	req, _ := http.NewRequest(http.MethodPost, base+"/api/do", strings.NewReader(fmt.Sprintf(`{"do":"cancel","job":%q}`, someJob)))
	req.Header.Set("Authorization", "bearer "+testToken)
	req.Header.Set("Content-Type", "application/json")
	a, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(a.Body)
	a.Body.Close()
	if got := string(body); a.StatusCode != 200 || got != `{"error":"it is over","next":"nothing","ok":false,"said":"one line\nand \\x1b[31mred"}`+"\n" || len(f.did) != 1 {
		t.Errorf("%d %s", a.StatusCode, got)
	}
}

func TestALogIsBoundedAndText(t *testing.T) {
	t.Parallel()
	c, _ := testConfig(t, true)
	r, err := http.Get(serveTest(t, c) + "/api/log?job=" + someJob)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body)
	if len(body) > maxLog+100 || !strings.HasSuffix(string(body), "x?<b>end") || r.Header.Get("Content-Type") != "text/plain; charset=utf-8" || r.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d bytes, %v", len(body), r.Header)
	}
}

// One reader, however many watch; more than there is room for are told so.
func TestTooManyWatchers(t *testing.T) {
	t.Parallel()
	c, _ := testConfig(t, true)
	base := serveTest(t, c)
	for i := range maxStreams + 1 {
		r, err := http.Get(base + "/api/events")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		want := 200
		if i == maxStreams {
			want = http.StatusServiceUnavailable
		}
		if r.StatusCode != want {
			t.Fatalf("%d: %d", i, r.StatusCode)
		}
		if want == 200 {
			next(t, bufio.NewReader(r.Body))
		}
	}
}

func TestAShortTokenIsRefused(t *testing.T) {
	t.Parallel()
	c, _ := testConfig(t, true)
	c.Token = "short"
	if err := Serve(t.Context(), nil, c); err == nil {
		t.Error("taken")
	}
}
