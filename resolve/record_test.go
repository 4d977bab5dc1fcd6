package resolve

import (
	"errors"
	"strings"
	"testing"
)

func read(s string) ([]record, error) {
	r := &reader{}
	_, _ = r.Write([]byte(s))
	return r.answer()
}

func TestRecords(t *testing.T) {
	const whole = "banner\nproxima\tbegin\tformat=1\r\nproxima\tproject\tname=a\\x09b\\x5c=c\n\nproxima\tend\tcount=2\n"
	got, err := read(whole)
	if err != nil || len(got) != 2 || got[1].fields["name"] != "a\tb\\=c" {
		t.Fatalf("%v, %v", got, err)
	}
	// Wherever it breaks off, it is noticed.
	for i := range len(whole) - 1 {
		if _, err := read(whole[:i]); !errors.Is(err, errCut) {
			t.Errorf("%q: %v", whole[:i], err)
		}
	}
	for _, bad := range []string{
		"proxima\tend\tcount=1\n", "proxima\tend\n", "proxima\tother\n", "proxima\tbegin\tformat\n", "proxima\tbegin\ta=1\ta=2\n",
		"proxima\tbegin\tname=\\\n", "proxima\tbegin\tname=\\xzz\n", "proxima\tbegin\tname=\\n12\n",
		"proxima\tend\tcount=0\nproxima\tbegin\tformat=1\n", "proxima\tbegin" + strings.Repeat("\ta=1", maxFields) + "\n",
		strings.Repeat("x", maxLine+1),
	} {
		if _, err := read(bad); err == nil || errors.Is(err, errCut) {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
}

func TestValues(t *testing.T) {
	for _, c := range []struct {
		word, path string
		want       Proxy
	}{
		{"", "", ProxyNone},
		{"None", "", ProxyNone},
		{"なし", "", ProxyNone},
		{"1280x720", "/p.mov", ProxyLive},
		{"1280×720", "", ProxyLive},
		{" 960 X 540 ", "/p.mov", ProxyLive},
		{"Offline", "/p.mov", ProxyOffline},
		{"Offline", "", ProxyOffline},
		{"オフライン", "/p.mov", ProxyOffline},
		{"None", "/p.mov", ProxyOffline},
		{"x720", "", ProxyNone},
	} {
		if got := proxyState(c.word, c.path); got != c.want {
			t.Errorf("%q, %q: %s", c.word, c.path, got)
		}
	}
	for word, want := range map[string]Flip{"On": FlipOn, "off": FlipOff, "": FlipOff, "1": FlipOn, "オフ": FlipUnknown, "Onn": FlipUnknown} {
		if got := flipOf(word); got != want {
			t.Errorf("flip %q: %s", word, got)
		}
	}
	for word, want := range map[string]int64{"250": 250, "250.0": 250, "": 0, "-1": 0, "1e9": 0, "99999999999999999999": 0} {
		if got := count(word); got != want {
			t.Errorf("count %q: %d", word, got)
		}
	}
	for word, want := range map[string]string{"29.97 DF": "29.97", "59.94df": "59.94", "25": "25", "DF": ""} {
		if got, drop := rateWord(word); got != want || drop != (word != "25") {
			t.Errorf("rate %q: %q, %v", word, got, drop)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		"proxima\tbegin\tformat=1\nproxima\tproject\tname=x\nproxima\titem\tmedia=m\tpath=/a\nproxima\ttimeline\tindex=1\tpoolmedia=m\tfirst=0\tlast=9\nproxima\tuse\ttimeline=1\tkind=video\tmedia=m\tcount=1\nproxima\tend\tcount=5\n",
		"proxima\tbegin\tformat=1\nproxima\tlinked\tindex=0\tok=true\nproxima\tend\tcount=2\n",
		"proxima\tstate\tcode=noresolve\nproxima\tend\tcount=1\n",
		"proxima\titem\tlevel=\\xff\thflip=\\x1b[31m\nproxima\tend\tcount=1\n",
	} {
		f.Add(s)
	}
	b := &Bridge{running: func() process { return process{} }}
	f.Fuzz(func(t *testing.T, s string) {
		records, err := read(s)
		if err != nil {
			return
		}
		_ = b.problemIn(records, "x")
		_, _ = outcomesOf(records, 1)
		p, err := build(records)
		if err != nil {
			return
		}
		for _, tl := range p.Timelines {
			for _, u := range tl.Uses {
				if u.Item < 0 || u.Item >= len(p.Items) {
					t.Errorf("a use of item %d of %d", u.Item, len(p.Items))
				}
			}
		}
	})
}

func FuzzEscape(f *testing.F) {
	f.Add("a\tb\\x09\n")
	f.Fuzz(func(t *testing.T, s string) {
		e := escape(s)
		if got, err := unescape(e); err != nil || got != s || strings.ContainsAny(e, "\t\n\r") {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	})
}
