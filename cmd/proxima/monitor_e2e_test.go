//go:build e2e && unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"image/png"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"proxima/jobfile"
)

// browser starts a headless Chromium. PROXIMA_SHOTS names a folder in which pictures are kept to be
// looked at.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Fatal("no Chromium here: sh scripts/deps.sh chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1400, 1000))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	see(ctx, t, chromedp.Navigate("about:blank")) // starts the browser
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// see runs one step in the browser.
func see[T any](ctx context.Context, t *testing.T, a chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// monitor starts the page's server and returns the address to look and the one to steer.
func (r *room) monitor() (look, steer string) {
	r.t.Helper()
	c := r.command("monitor", "--listen", "127.0.0.1:0")
	out, err := c.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	var errs bytes.Buffer
	c.Stderr = &errs
	if err := c.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		if _ = c.Wait(); c.ProcessState.ExitCode() != exitInterrupted {
			r.t.Errorf("the monitor left with %d\n%s", c.ProcessState.ExitCode(), errs.String())
		}
	})
	for in := bufio.NewScanner(out); in.Scan(); {
		_, addr, _ := strings.Cut(in.Text(), ":  ")
		addr = strings.TrimSpace(addr)
		if strings.HasPrefix(in.Text(), "to look") {
			look = addr
		} else {
			return look, addr
		}
	}
	r.t.Fatalf("it says nothing\n%s", errs.String())
	return "", ""
}

// shot takes a picture of the page, and wants something to be on it.
func shot(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	see(ctx, t, chromedp.Sleep(300*time.Millisecond))
	data := see(ctx, t, chromedp.CaptureScreenshot())
	dir := os.Getenv("PROXIMA_SHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	colours := map[[3]uint32]int{}
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += 3 {
		for x := b.Min.X; x < b.Max.X; x += 3 {
			r, g, bl, _ := img.At(x, y).RGBA()
			colours[[3]uint32{r >> 12, g >> 12, bl >> 12}]++
		}
	}
	if len(colours) < 12 {
		t.Errorf("%s has %d colours: it is blank", name, len(colours))
	}
}

// steers pauses the room by clicks. Of what is queued then one clip is held, put first and let go, one is
// stopped; and the room goes on. Each takes effect in the farm's folder.
func (r *room) steers(ctx context.Context) {
	t := r.t.(*testing.T)
	press := func(in, words string) {
		t.Helper()
		see(ctx, t, chromedp.Click(`//`+in+`//button[starts-with(text(),'`+words+`')]`))
	}
	says := func(words string) {
		t.Helper()
		see(ctx, t, chromedp.Poll[bool](`[...document.querySelectorAll('.toast')].some(e => e.textContent.includes(`+strconv.Quote(words)+`))`, chromedp.WithPollingTimeout(30*time.Second)))
	}
	open := func(clip string) (id string) {
		t.Helper()
		see(ctx, t, chromedp.Click(`//ul[@id='jobs']//button[text()='`+clip+`']`))
		id = see(ctx, t, chromedp.Evaluate[string](`[...document.querySelectorAll('#dialog dd')].pop().textContent`))
		if !jobfile.ValidJobID(id) {
			t.Fatalf("%s is the job %q", clip, id)
		}
		return id
	}
	asked := func(file string, want bool) {
		t.Helper()
		if _, err := os.Stat(filepath.Join(r.farm, "control", file)); (err == nil) != want {
			t.Errorf("%s: %v, wanted %v", file, err, want)
		}
	}
	press("header", "Pause the room")
	says("paused the farm")
	asked("pause.yaml", true)
	r.run("queue", r.clip("late.mov", 2), r.clip("stop.mov", 2))

	late := open("late.mov")
	press("dialog", "Pause")
	says("paused " + late)
	asked("pause."+late+".yaml", true)
	see(ctx, t, chromedp.SetValue("#dialog input[type=number]", "90"))
	press("dialog", "Set")
	says("priority 90 instead of ")
	asked("priority."+late+".90.yaml", true)
	shot(ctx, t, "clip")
	press("dialog", "Resume")
	says("taken back: job late.mov (edit_proxy) is paused")
	asked("pause."+late+".yaml", false)
	see(ctx, t, chromedp.Click("#dialogclose"))

	stop := open("stop.mov")
	press("dialog", "Cancel the clip")
	see(ctx, t, chromedp.SendKeys("#dialog .why", "the wrong reel"))
	press("dialog", "Yes, stop")
	says("cancelled " + stop)
	why, err := os.ReadFile(filepath.Join(r.farm, "done", stop, "CANCELLED.yaml"))
	if err != nil || !strings.Contains(string(why), "the wrong reel") {
		t.Errorf("%v\n%s", err, why)
	}
	press("header", "Resume the room")
	says("taken back: the farm is paused")
	asked("pause.yaml", false)
}

// A room at work in a real browser: the page shows it, a click on Retry takes effect in the folder, the
// proxy's picture appears, and no name on it does anything.
func TestThePageOfARoomAtWork(t *testing.T) {
	r := newRoom(t)
	evil := "<img src=x onerror=document.title='owned'> \u202egpj\x1b[31m.mov"
	gone := r.clip("gone.mov", 2)
	r.run("queue", gone)
	if err := os.Rename(gone, gone+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(r.clip("evil.mov", 2), filepath.Join(r.dir, evil)); err != nil {
		t.Fatal(err)
	}
	long := r.clip("long.mov", 16)
	r.run("queue", evil, long, "--chunk-over", "0s", "--chunk-length", "4s")
	_, log := r.worker("edit7", "--slots", "1", "--metrics", "127.0.0.1:0")
	r.worker("edit9", "--slots", "1")
	r.until("a clip failed", func() bool {
		failed, _ := filepath.Glob(filepath.Join(r.farm, "jobs", "*", "failed", "*.yaml"))
		return len(failed) > 0
	})
	look, steer := r.monitor()

	// Who has no token sees it all, and has nothing to press that would change it.
	ctx := browser(t)
	see(ctx, t, chromedp.Navigate(look))
	see(ctx, t, chromedp.WaitVisible("#failures li"))
	words := see(ctx, t, chromedp.Text("#wrong"))
	buttons := see(ctx, t, chromedp.Evaluate[int](`[...document.querySelectorAll('button')].filter(b => b.offsetParent && /Retry|Pause|Cancel|Resume/.test(b.textContent)).length`))
	r.wants(words, "1 clip failed", "gone.mov", "is not there", "Next:")
	if buttons != 0 {
		t.Errorf("%d buttons for who may not press them", buttons)
	}
	shot(ctx, t, "look")

	// The source is back. Whoever has the token presses Retry, and the proxy is made.
	if err := os.Rename(gone+".away", gone); err != nil {
		t.Fatal(err)
	}
	see(ctx, t, chromedp.Navigate("about:blank"))
	see(ctx, t, chromedp.Navigate(steer))
	see(ctx, t, chromedp.WaitVisible(`#failures button[aria-label^="Retry"]`))
	see(ctx, t, chromedp.Click(`#failures button[aria-label^="Log"]`))
	see(ctx, t, chromedp.Poll[bool](`document.querySelector('#dialog pre')?.textContent.includes('attempt 1')`))
	shot(ctx, t, "log")
	see(ctx, t, chromedp.Click("#dialogclose"))
	see(ctx, t, chromedp.Click(`#failures button[aria-label^="Retry"]`))
	see(ctx, t, chromedp.WaitVisible(".toast"))
	words = see(ctx, t, chromedp.Text(".toast"))
	r.wants(words, "put back 1 unit of ", "gone.mov")
	shot(ctx, t, "steer")
	r.steers(ctx)
	for _, clip := range []string{"gone.mov", "late.mov"} {
		r.until("what was put back or waited is made", func() bool {
			_, err := os.Stat(filepath.Join(r.dir, "Proxy", clip))
			return err == nil
		})
	}
	see(ctx, t, chromedp.Poll[bool](`document.querySelectorAll('.pic img').length === 4`, chromedp.WithPollingTimeout(90*time.Second)))
	see(ctx, t, chromedp.Poll[bool](`document.body.dataset.state === 'idle'`, chromedp.WithPollingTimeout(30*time.Second)))
	words = see(ctx, t, chromedp.Text("#jobs"))
	title := see(ctx, t, chromedp.Title())
	r.wants(words, `<img src=x onerror=document.title='owned'> \u202egpj\x1b[31m.mov`)
	if title != "Proxima" || strings.ContainsAny(words, "\u202e\x1b") {
		t.Errorf("a name did something: %q, %q", title, words)
	}
	shot(ctx, t, "done")

	// Prometheus sees the same, on the page and on the worker.
	_, at, _ := strings.Cut(log.String(), "answering Prometheus at=")
	at, _, _ = strings.Cut(at, "\n")
	for url, want := range map[string]string{
		look + "metrics": "\nproxima_jobs{state=\"failed\"} 0\nproxima_jobs{state=\"in_work\"} 0\n",
		at:               "\nproxima_work_slots 1\n",
	} {
		res, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("%s: %v\n%s", url, err, body)
		}
	}

	// On a phone, in the dark, nothing is wider than the screen.
	see(ctx, t, chromedp.EmulateViewport(390, 844))
	see(ctx, t, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
		})
		return err
	}))
	if see(ctx, t, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > 390`)) {
		t.Error("the page is wider than a phone")
	}
	shot(ctx, t, "phone")
}
