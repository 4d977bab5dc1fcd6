package monitor

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// guard decides who is answered. It keeps no state: a page of another origin has nothing that it could
// send along, since the token travels in a header that only our own page sets.
type guard struct {
	token [sha256.Size]byte
	open  bool     // reading needs no token
	hosts []string // besides addresses and localhost, lower case
}

func newGuard(c Config) *guard {
	g := &guard{token: sha256.Sum256([]byte(c.Token)), open: c.Open}
	for _, h := range c.Hosts {
		if h = strings.ToLower(strings.Trim(h, ".")); h != "" {
			g.hosts = append(g.hosts, h)
		}
	}
	return g
}

// host reports whether a request calls this machine by a name of its own. A name that somebody else
// points here (DNS rebinding) is none, and addresses cannot be pointed elsewhere.
func (g *guard) host(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if name == "localhost" {
		return true
	}
	if addr, err := netip.ParseAddr(name); err == nil {
		return !g.open || addr.IsLoopback()
	}
	return slices.ContainsFunc(g.hosts, func(h string) bool { return name == h || strings.HasPrefix(name, h+".") && !strings.Contains(h, ".") })
}

// origin reports whether a request comes from our own page, from no page at all, or is somebody who
// opens the page by a link.
func origin(r *http.Request, page bool) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	opened := page && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	if site != "" && site != "same-origin" && site != "none" && !opened {
		return false
	}
	o := r.Header.Get("Origin")
	if o == "" {
		return true
	}
	u, err := url.Parse(o)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Path == "" && strings.EqualFold(u.Host, r.Host)
}

// may reports whether the request bears the token, and whether it bears one at all.
func (g *guard) may(r *http.Request) (right, any bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return false, r.Header.Get("Authorization") != ""
	}
	sum := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(sum[:], g.token[:]) == 1, true
}

// MinToken is how long a token must be: one that was made has 26 characters.
const MinToken = 20

// policy lets the page use what it brings along, and nothing else use the page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// need is what a request must have.
type need int

const (
	needNothing need = iota // the page itself: there is nothing in it
	needRead
	needWrite
)

// wrap answers those who may ask.
func (g *guard) wrap(n need, method string, f http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		switch {
		case !g.host(r.Host):
			refuse(w, http.StatusMisdirectedRequest, "this machine is not called so", "call it by its address, or give its name with --host")
			return
		case !origin(r, n == needNothing):
			refuse(w, http.StatusForbidden, "another page may not ask here", "")
			return
		case r.Method != method && (method != http.MethodGet || r.Method != http.MethodHead):
			h.Set("Allow", method)
			refuse(w, http.StatusMethodNotAllowed, "only "+method+" is answered here", "")
			return
		}
		right, some := g.may(r)
		if !right && (some || n == needWrite || n == needRead && !g.open) {
			h.Set("WWW-Authenticate", `Bearer realm="proxima"`)
			refuse(w, http.StatusUnauthorized, "the token is missing or not the right one", "open the address that proxima monitor printed")
			return
		}
		f(w, r)
	}
}
