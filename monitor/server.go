package monitor

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"golang.org/x/net/netutil"

	"proxima/jobfile"
)

//go:embed page
var page embed.FS

// Limits of the server. A room has tens of people, and a browser six connections.
const (
	maxConns   = 128
	maxStreams = 48      // browsers that watch
	maxBody    = 4 << 10 // bytes of a request
	maxHeader  = 16 << 10
	maxLog     = 256 << 10 // bytes of a log that is shown
	maxDoing   = 4         // requests that are being carried out
	pingEvery  = 10 * time.Second
	sendWithin = 10 * time.Second
	endWithin  = 3 * time.Second
)

// server answers.
type server struct {
	Config
	g      *guard
	hub    *hub
	thumbs *thumbs
	doing  chan struct{} // places for requests
	logs   chan struct{} // and for logs, which may be large
	ctx    context.Context
}

// Serve answers on a listener until ctx ends. Nothing that it started is left then, but a call into a
// share that does not answer.
func Serve(ctx context.Context, l net.Listener, c Config) error {
	if len(c.Token) < MinToken {
		return fmt.Errorf("the token has %d characters, and needs %d", len(c.Token), MinToken)
	}
	if c.Every == 0 {
		c.Every = 2 * time.Second
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := newServer(ctx, c)
	ran := make(chan struct{})
	go func() { defer close(ran); s.hub.run(ctx) }()
	err := serve(ctx, l, s.handler(), c.Log)
	cancel()
	<-ran
	return err
}

func newServer(ctx context.Context, c Config) *server {
	return &server{
		Config: c, g: newGuard(c), hub: newHub(newReader(c).look, c.Every, c.Store.Dir()), thumbs: newThumbs(c.Film.Thumb),
		doing: make(chan struct{}, maxDoing), logs: make(chan struct{}, 2), ctx: ctx,
	}
}

// serve runs an HTTP server with bounds on everything until ctx ends.
func serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	srv := &http.Server{
		Handler: h, MaxHeaderBytes: maxHeader,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 40 * time.Second, IdleTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(netutil.LimitListener(l, maxConns)) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		_ = srv.Close()
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", s.g.wrap(needNothing, http.MethodGet, s.static))
	mux.HandleFunc("/api/events", s.g.wrap(needRead, http.MethodGet, s.events))
	mux.HandleFunc("/api/log", s.g.wrap(needRead, http.MethodGet, s.log))
	mux.HandleFunc("/api/thumb", s.g.wrap(needRead, http.MethodGet, s.thumb))
	mux.HandleFunc("/api/do", s.g.wrap(needWrite, http.MethodPost, s.do))
	mux.HandleFunc("/metrics", s.g.wrap(needRead, http.MethodGet, s.metrics))
	return mux
}

func refuse(w http.ResponseWriter, code int, what, next string) {
	answer(w, code, map[string]string{"error": what, "next": next})
}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // whoever asked may have gone
}

// static serves the page's files, each by its name.
func (s *server) static(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	data, err := page.ReadFile("page/" + name)
	if err != nil || strings.Contains(name, "/") {
		refuse(w, http.StatusNotFound, "there is no such page", "")
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	switch path.Ext(name) { // registries of systems differ
	case ".js":
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	case ".css":
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
	case ".svg":
		w.Header().Set("Content-Type", "image/svg+xml")
	}
	_, _ = w.Write(data)
}

// events tells one browser everything, and then what changes.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	if s.hub.watchers() >= maxStreams {
		w.Header().Set("Retry-After", "30")
		refuse(w, http.StatusServiceUnavailable, "too many watch already", "close some pages")
		return
	}
	sub, first, leave := s.hub.subscribe()
	defer leave()
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	send := func(event string, v any) error {
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if err := out.SetWriteDeadline(time.Now().Add(sendWithin)); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, b); err != nil {
			return err
		}
		return out.Flush()
	}
	right, _ := s.g.may(r)
	if send("you", map[string]any{"may": right, "version": s.Version}) != nil {
		return
	}
	if first != nil && send("all", first) != nil {
		return
	}
	t := time.NewTicker(pingEvery)
	defer t.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return
		case m := <-sub.ch:
			err = send(map[bool]string{true: "all", false: "some"}[m.all || first == nil], m.of)
			first = m.of
		case <-t.C:
			s.hub.catchUp(sub)
			err = send("ping", struct{}{})
		}
		if err != nil {
			return
		}
	}
}

// take waits for a place, for as long as somebody wants the answer.
func take(ctx context.Context, places chan struct{}) bool {
	select {
	case places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// do carries out what somebody asks for.
func (s *server) do(w http.ResponseWriter, r *http.Request) {
	var a Action
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "a request is application/json", "")
		return
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	err := dec.Decode(&a)
	if err == nil {
		_, err = dec.Token()
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		refuse(w, http.StatusRequestEntityTooLarge, "the request is too large", "")
		return
	case !errors.Is(err, io.EOF):
		refuse(w, http.StatusBadRequest, "the request cannot be understood", "")
		return
	}
	if err := a.Check(); err != nil {
		refuse(w, http.StatusBadRequest, err.Error(), "")
		return
	}
	select {
	case s.doing <- struct{}{}:
		defer func() { <-s.doing }()
	default:
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, "others ask for things right now", "try again in a moment")
		return
	}
	s.Log.Info("asked on the page", "do", a.Do, "job", a.Job, "unit", a.Unit, "worker", a.Worker, "from", r.RemoteAddr)
	said, err := s.Hand.Do(r.Context(), a)
	s.hub.poke()
	reply := map[string]any{"said": jobfile.Lines(said), "ok": err == nil}
	var no *Refused
	if errors.As(err, &no) {
		reply["next"] = jobfile.OneLine(no.Next)
	}
	if err != nil {
		reply["error"] = jobfile.OneLine(err.Error())
	}
	answer(w, http.StatusOK, reply)
}

// log tells how a job was encoded, as proxima logs does.
func (s *server) log(w http.ResponseWriter, r *http.Request) {
	job, unit := r.URL.Query().Get("job"), jobfile.UnitID(r.URL.Query().Get("unit"))
	if !jobfile.ValidJobID(job) || unit != "" && !unit.Valid() {
		refuse(w, http.StatusBadRequest, "there is no such job", "")
		return
	}
	if !take(r.Context(), s.logs) {
		return
	}
	defer func() { <-s.logs }()
	text, err := s.Film.Log(r.Context(), job, unit)
	if err != nil {
		refuse(w, http.StatusNotFound, jobfile.OneLine(err.Error()), "")
		return
	}
	if len(text) > maxLog {
		text = "(the beginning is left out; proxima logs has it all)\n" + text[len(text)-maxLog:]
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, strings.ToValidUTF8(text, "?"))
}

// thumb serves a picture of a finished proxy.
func (s *server) thumb(w http.ResponseWriter, r *http.Request) {
	job := r.URL.Query().Get("job")
	if !jobfile.ValidJobID(job) {
		refuse(w, http.StatusBadRequest, "there is no such job", "")
		return
	}
	data, err := s.thumbs.get(r.Context(), job)
	if err != nil {
		refuse(w, http.StatusNotFound, "there is no picture: "+jobfile.OneLine(err.Error()), "")
		return
	}
	w.Header().Set("Content-Type", "image/jpeg")
	_, _ = w.Write(data)
}
