package timeline

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"proxima/jobfile"
)

// The shape of a small project of Resolve 21: a timeline that holds another, a compound within a
// compound, titles, and one clip.
func TestAProjectIsRead(t *testing.T) {
	p, err := readDRP("x.drp", drpFile(t,
		"project.xml", `<SM_Project><TimelineHandleVec><Element>hOuter</Element><Element>hInner</Element></TimelineHandleVec>`+
			`<CurrentTimelineIndex>0</CurrentTimelineIndex></SM_Project>`,
		"MediaPool/Master/MpFolder.xml", "<Sm2MpFolder DbId=\"f\">"+drpTimeline("Outer", "s1")+drpTimeline("Inner", "s2")+drpCompound("C", "s3")+drpCompound("D", "s4")+
			`<Sm2MpVideoClip DbId="V"><Name>clip one.mov</Name><X><Name>a preset</Name></X></Sm2MpVideoClip></Sm2MpFolder>`,
		"SeqContainer/1.xml", "<X>"+drpOnTrack(0, "s1", "C", "=", "Inner")+drpOnTrack(0, "s2", "=")+"</X>",
		"SeqContainer/2.xml", "<X>"+drpOnTrack(0, "s3", "D", "V=/m/clip one.mov")+drpOnTrack(0, "s4")+"</X>"))
	if err != nil {
		t.Fatal(err)
	}
	soundProject(t, p)
	rate := jobfile.Rational{Num: 24, Den: 1}
	media := []Media{{Target: "/m/clip one.mov", Path: "/m/clip one.mov", Kind: Video, Name: "clip one.mov", Rate: rate}}
	if !reflect.DeepEqual(p.Media, media) {
		t.Errorf("%+v, not %+v", p.Media, media)
	}
	timelines := []Timeline{
		{
			Name: "Outer", Display: "Outer", Rate: rate, Active: true, Counts: Counts{Generators: 2, Nested: 3},
			Uses: []Use{{Media: 0, Video: true, Enabled: true, Active: true, Count: 1}},
		},
		{Name: "Inner", Display: "Inner", Rate: rate, Counts: Counts{Generators: 1}},
	}
	if !reflect.DeepEqual(p.Timelines, timelines) {
		t.Errorf("%+v, not %+v", p.Timelines, timelines)
	}
	if !strings.Contains(strings.Join(p.Notes, "\n"), "not documented") {
		t.Errorf("the notes do not say that this is the best that can be done: %q", p.Notes)
	}
}

func TestTheReaderOfAProjectIsToldByTheName(t *testing.T) {
	for _, ext := range []string{".drp", ".drt", ".DRT"} {
		file := filepath.Join(t.TempDir(), "a"+ext)
		if err := os.WriteFile(file, drpFile(t, "a.xml", drpShapes[0]), 0o600); err != nil {
			t.Fatal(err)
		}
		if p, err := Read(file); err != nil || p.Format != Resolve {
			t.Errorf("%s: %v", ext, err)
		}
	}
}

// drpFile zips files of name and content.
func drpFile(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func drpCompound(id, seq string) string {
	return fmt.Sprintf(`<Sm2MpCompoundClip DbId="%s"><Name>%s</Name><Sequence><Sm2Sequence DbId="%s"/></Sequence></Sm2MpCompoundClip>`, id, id, seq)
}

func drpTimeline(id, seq string) string {
	return fmt.Sprintf(`<Sm2MpTimelineClip DbId="%s"><Name>%s</Name><TimelineSharedHandle><Sm2Timeline DbId="h%s"><Name>x</Name><Sequence>`+
		`<Sm2Sequence DbId="%s"><FrameRate>00000000000038400000000000000000</FrameRate><V><ListMgt::Lm DbId="q"><Name>Version 1</Name></ListMgt::Lm></V></Sm2Sequence>`+
		`</Sequence></Sm2Timeline></TimelineSharedHandle></Sm2MpTimelineClip>`, id, id, id, seq)
}

func drpOnTrack(kind int, seq string, refs ...string) string {
	s := fmt.Sprintf(`<Sm2TiTrack DbId="t"><Type>%d</Type><Items>`, kind)
	for _, r := range refs {
		ref, path, _ := strings.Cut(r, "=")
		s += `<Element><Sm2TiVideoClip DbId="i"><Name>n</Name><MediaRef>` + ref + `</MediaRef><MediaFilePath>` + path + `</MediaFilePath><MediaFrameRate>00000000000038400000000000000000</MediaFrameRate></Sm2TiVideoClip></Element>`
	}
	return s + `</Items><Sequence>` + seq + `</Sequence></Sm2TiTrack>`
}

// drpShapes are made by hand after the shape of Resolve's.
var drpShapes = []string{
	"<X>" + drpTimeline("T", "s1") + drpCompound("C", "s2") + drpCompound("D", "s3") +
		drpOnTrack(0, "s1", "C", "C", "V=/m/a.mov", "=", "lost") + drpOnTrack(1, "s1", "W=/m/a.wav", "D", "V=/m/a.mov") +
		drpOnTrack(0, "s2", "D") + drpOnTrack(0, "s3", "C", "P=/m/b.mov") + drpOnTrack(1, "s3", "S=/m/s.wav") +
		`<Sm2MpVideoClip DbId="U"><Name>unused.mov</Name></Sm2MpVideoClip>` + "</X>",
	`<SM_Project><TimelineHandleVec><Element>hA</Element><Element>hT</Element></TimelineHandleVec><CurrentTimelineIndex>1</CurrentTimelineIndex></SM_Project>`,
	`<!DOCTYPE a><a::b x="c::d"><!-- <q::r> --><c::d/>x::y<![CDATA[<e::f>]]></a::b>`,
}

func TestCompoundsThatHoldEachOtherEnd(t *testing.T) {
	p, err := readDRP("x.drp", drpFile(t, "MediaPool/Master/MpFolder.xml", drpShapes[0], "project.xml", drpShapes[1], "a/Gallery.xml", "<", "b.xml", drpShapes[2]))
	if err != nil {
		t.Fatal(err)
	}
	soundProject(t, p)
	tl := p.Timelines[0]
	if len(p.Timelines) != 1 || tl.Name != "T" || tl.Rate.String() != "24/1" || !tl.Active {
		t.Fatalf("%+v", p.Timelines)
	}
	var got []string
	for _, u := range tl.Uses {
		got = append(got, fmt.Sprint(p.Media[u.Media].Target, " ", u.Video, " ", u.Audio))
	}
	want := "/m/b.mov true false, /m/s.wav false true, /m/a.mov true true, /m/a.wav false true"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("%s, not %s", s, want)
	}
	if tl.Counts.Generators != 1 || tl.Counts.Missing != 1 {
		t.Errorf("%+v", tl.Counts)
	}
	if m := p.Media[0]; m.Target != "unused.mov" || m.Path != "" {
		t.Errorf("the unused clip is %+v", m)
	}
}

func TestTimelinesOutsideOfAPoolAreFound(t *testing.T) {
	p, err := readDRP("cut.drt", drpFile(t, "a.xml", "<X>"+drpOnTrack(0, "lone", "=/m/a.mov")+
		`<Sm2Timeline DbId="t"><Name>Cut</Name><Sequence><Sm2Sequence DbId="s"/></Sequence></Sm2Timeline>`+drpOnTrack(1, "s", "=/m/b.mov")+"</X>"))
	if err != nil {
		t.Fatal(err)
	}
	soundProject(t, p)
	if len(p.Timelines) != 2 || p.Timelines[0].Name != "Cut" || p.Timelines[1].Display != "cut" || len(p.Timelines[1].Uses) != 1 {
		t.Errorf("%+v", p.Timelines)
	}
}

func TestDRPsThatHurtAreRefused(t *testing.T) {
	deep := strings.Repeat("<a>", drpDepth+1)
	for rule, data := range map[string][]byte{
		"no zip":        []byte("PK\x03\x04"),
		"empty":         nil,
		"no project":    drpFile(t, "a.txt", "x"),
		"no timelines":  drpFile(t, "a.xml", "<a/>"),
		"deep":          drpFile(t, "a.xml", deep),
		"cut short":     drpFile(t, "a.xml", "<a><b>"),
		"crossed":       drpFile(t, "a.xml", "<a><b></a></b>"),
		"a long text":   drpFile(t, "a.xml", "<a>"+strings.Repeat("x", drpText+1)+"</a>"),
		"a long name":   drpFile(t, "a.xml", `<Sm2MpVideoClip DbId="a"><Name>`+strings.Repeat("x", maxLine+1)+"</Name></Sm2MpVideoClip>"),
		"many files":    bytes.Repeat([]byte("PK\x01\x02"), drpEntries+1),
		"other letters": drpFile(t, "a.xml", `<?xml version="1.0" encoding="UTF-7"?><a/>`),
	} {
		_, err := readDRP("x.drp", data)
		if err == nil {
			t.Errorf("%s: it is read", rule)
			continue
		}
		refused(t, err)
	}
}

func TestTheElementsOfAllFilesAreCounted(t *testing.T) {
	p := &drpPool{tags: drpTags - 1}
	if err := p.read(strings.NewReader("<a/>")); err != nil {
		t.Error(err)
	}
	if p.read(strings.NewReader("<a/>")) == nil {
		t.Error("one more is read")
	}
}

func TestTimelinesThatHoldEachOtherAreBounded(t *testing.T) {
	// Each of n timelines holds all the others: n cubed without bounds.
	const n = 60
	pool, refs := "<X>", []string{}
	for i := range n {
		pool += drpTimeline(fmt.Sprint("T", i), fmt.Sprint("s", i))
		refs = append(refs, fmt.Sprint("T", i))
	}
	for i := range n {
		pool += drpOnTrack(0, fmt.Sprint("s", i), refs...)
	}
	p, err := readDRP("x.drp", drpFile(t, "a.xml", pool+"</X>"))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Timelines) != n {
		t.Fatalf("%d timelines", len(p.Timelines))
	}
}

func TestWhatIsTooLargeIsRefused(t *testing.T) {
	big := make([]byte, maxList+1)
	for _, read := range []func(string, []byte) (*Project, error){readEDL, readALE, readCSV, readList, readDRP} {
		_, err := read("f", big)
		refused(t, err)
	}
}

func FuzzDRP(f *testing.F) {
	data := drpFile(f, "MediaPool/Master/MpFolder.xml", drpShapes[0], "project.xml", drpShapes[1])
	for i := range 8 {
		f.Add(data[:len(data)*(i+1)/8])
	}
	fuzzLists(f, readDRP)
}

// FuzzDRPXML goes past the zip, which random bytes hardly ever are.
func FuzzDRPXML(f *testing.F) {
	for _, s := range drpShapes {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := &drpPool{clips: map[string]*drpClip{}, items: map[string][]drpItem{}, current: -1}
		if p.read(strings.NewReader(string(data))) != nil {
			return
		}
		if g, err := p.project("f"); err == nil {
			soundProject(t, g)
		}
	})
}
