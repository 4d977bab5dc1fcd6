package jobfile

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

const aJob, otherJob = "49_20260304-050607_A001_abcde", "20_20260304-050608_B002_bcdef"

func TestRequestsAreTheirNames(t *testing.T) {
	for name, want := range map[string]Control{
		"pause.yaml":                        {Ask: AskPause},
		"pause-now.yaml":                    {Ask: AskPauseNow},
		"pause.edit7.yaml":                  {Ask: AskPause, Whom: "edit7"},
		"pause.7.yaml":                      {Ask: AskPause, Whom: "7"},
		"pause-now.now.yaml":                {Ask: AskPauseNow, Whom: "now"},
		"pause." + aJob + ".yaml":           {Ask: AskPause, Whom: aJob},
		"drain.edit7-k3f9a.yaml":            {Ask: AskDrain, Whom: "edit7-k3f9a"},
		"slots.edit7-k3f9a.3.yaml":          {Ask: AskSlots, Whom: "edit7-k3f9a", N: 3},
		"priority." + aJob + ".0.yaml":      {Ask: AskPriority, Whom: aJob, N: 0},
		"priority." + otherJob + ".99.yaml": {Ask: AskPriority, Whom: otherJob, N: 99},
	} {
		got, ok := ParseControl(name)
		if !ok || got != want || got.File() != name {
			t.Errorf("%s: %+v, %v, written %s", name, got, ok, got.File())
		}
	}
	for _, name := range []string{
		"", "pause", "pause.yml", "Pause.yaml", "pause..yaml", "pause.EDIT7.yaml", "pause.edit7.3.yaml", "pause.edit_7.yaml", "pause.yaml.txt",
		".pause.yaml.abcdef.tmp", "drain.yaml", "drain.edit7.yaml", "slots.edit7-k3f9a.yaml", "slots.edit7-k3f9a.0.yaml", "slots.edit7-k3f9a.03.yaml",
		"slots.edit7-k3f9a.1025.yaml", "slots.edit7-k3f9a.3.3.yaml", "priority." + aJob + ".100.yaml", "priority." + aJob + ".yaml", "priority.edit7.3.yaml",
		"pause.../../x.yaml", "stop.yaml",
	} {
		if c, ok := ParseControl(name); ok {
			t.Errorf("%q is taken for %+v", name, c)
		}
	}
}

func FuzzControls(f *testing.F) {
	for _, s := range []string{"pause.yaml", "pause-now.edit7.yaml", "drain.edit7-k3f9a.yaml", "slots.edit7-k3f9a.3.yaml", "priority." + aJob + ".7.yaml"} {
		for i := range s {
			f.Add(s[:i])
		}
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := ParseControl(s)
		if !ok {
			return
		}
		if c.File() != s || s != filepath.Base(s) || strings.ContainsFunc(s, func(r rune) bool { return !Shows(r) }) || len(s) > 255 {
			t.Fatalf("%q reads as %+v", s, c)
		}
	})
}

func FuzzDecodeRequest(f *testing.F) {
	fuzzDocument(f, func() *Request { return &Request{} }, &Request{Format: Format, By: "ana@edit7", Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Why: "the server\nmoves"})
}

func controls(names ...string) (c Controls) {
	for _, n := range names {
		k, ok := ParseControl(n)
		if !ok {
			panic(n)
		}
		c.All = append(c.All, k)
	}
	return c
}

func TestWhatRequestsMean(t *testing.T) {
	c := controls("pause.edit7.yaml", "pause-now.edit7.yaml", "pause.edit9.yaml", "pause."+aJob+".yaml",
		"slots.edit7-aaaaa.4.yaml", "slots.edit7-aaaaa.2.yaml", "priority."+otherJob+".1.yaml")
	for _, x := range []struct{ whom, want string }{
		{"edit7", "pause-now.edit7.yaml"}, // at once goes before later
		{"edit9", "pause.edit9.yaml"},
		{"edit8", ""},
		{aJob, "pause." + aJob + ".yaml"},
		{otherJob, ""},
	} {
		if k, ok := c.Paused(x.whom); ok != (x.want != "") || ok && k.File() != x.want {
			t.Errorf("%s: %+v, %v", x.whom, k, ok)
		}
	}
	all := controls("pause.yaml", "pause.edit9.yaml")
	if k, ok := all.Paused("edit9"); !ok || k.Whom != "" {
		t.Errorf("%+v, %v", k, ok)
	}
	if k, ok := all.Paused(aJob); ok {
		t.Errorf("a job is paused by %+v", k)
	}
	if k, ok := c.Of(AskSlots, "edit7-aaaaa"); !ok || k.N != 2 { // of two the smaller
		t.Errorf("%+v, %v", k, ok)
	}
	if _, ok := c.Of(AskSlots, "edit7-bbbbb"); ok {
		t.Error("another process has the same slots")
	}
	// 20_ is priority 79, which was lowered to 1; 49_ is 50.
	if got := c.Order([]string{otherJob, aJob}); !reflect.DeepEqual(got, []string{aJob, otherJob}) || c.Priority(otherJob) != 1 || c.Priority(aJob) != 50 {
		t.Error(got)
	}
	// Of one priority the older goes first, whatever it was queued with.
	if got := controls("priority." + aJob + ".79.yaml").Order([]string{otherJob, aJob}); !reflect.DeepEqual(got, []string{aJob, otherJob}) {
		t.Error(got)
	}
}

func TestARequestIsMadeReadAndTakenBack(t *testing.T) {
	s := farm(t)
	dir := s.Dir()
	if err := os.RemoveAll(filepath.Join(dir, "control")); err != nil { // a farm from before
		t.Fatal(err)
	}
	if c, err := s.Controls(); err != nil || len(c.All) != 0 {
		t.Fatal(c, err)
	}
	r := &Request{By: "ana@edit7", Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Why: "the server moves"}
	pause, three := Control{Ask: AskPause}, Control{Ask: AskSlots, Whom: "w-aaaaa", N: 3}
	for _, c := range []Control{pause, {Ask: AskSlots, Whom: "w-aaaaa", N: 5}, three} {
		if err := s.Ask(c, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Ask(Control{Ask: AskDrain, Whom: "../x"}, r); err == nil {
		t.Error("a request leads elsewhere")
	}
	if err := os.WriteFile(filepath.Join(dir, "control", "pause.yaml.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := s.Controls()
	if err != nil || !reflect.DeepEqual(c, Controls{All: []Control{pause, three}, Strange: []string{"pause.yaml.txt"}}) {
		t.Fatalf("%+v, %v", c, err)
	}
	if got, err := s.Request(pause); err != nil || *got != *r {
		t.Errorf("%+v, %v", got, err)
	}
	// By hand it may be empty, and is refused with a place where it is not what it should be.
	for text, want := range map[string]string{"": "", " \r\n": "", "format: 1\nwhen: now\n": "2:1", "format: 2\n": "newer", strings.Repeat("#", maxRequest+1): "larger"} {
		if err := os.WriteFile(filepath.Join(dir, "control", "pause.yaml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := s.Request(pause)
		var de *DecodeError
		if (want == "") != (err == nil) || err != nil && (!errors.As(err, &de) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.30q: %v", text, err)
		}
	}
	gone, err := s.Withdraw(func(c Control) bool { return c.Ask == AskPause })
	if err != nil || !reflect.DeepEqual(gone, []Control{pause}) {
		t.Error(gone, err)
	}
	if c, _ := s.Controls(); !reflect.DeepEqual(c.All, []Control{three}) {
		t.Error(c)
	}
}

// Requests to a process go with it, and those about jobs with the job.
func TestRequestsToNobodyAreOrphans(t *testing.T) {
	s := farm(t)
	m, err := s.Join(&Worker{ID: "w-aaaaa", Name: "w"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Control{{Ask: AskPause}, {Ask: AskPause, Whom: "w"}, {Ask: AskDrain, Whom: "w-aaaaa"}, {Ask: AskSlots, Whom: "x-aaaaa", N: 2}, {Ask: AskPriority, Whom: aJob, N: 9}, {Ask: AskPause, Whom: otherJob}} {
		if err := s.Ask(c, &Request{}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Orphans([]string{aJob}, []string{aJob})
	want := []Orphan{"control/pause." + otherJob + ".yaml", "control/slots.x-aaaaa.2.yaml"}
	if err != nil || len(got) != 2 || !(got[0] == want[0] && got[1] == want[1] || got[0] == want[1] && got[1] == want[0]) {
		t.Errorf("%v, %v", got, err)
	}
	if err := m.Leave(); err != nil {
		t.Fatal(err)
	}
	if c, _ := s.Controls(); len(c.All) != 5 {
		t.Errorf("%v", c.All)
	}
}
