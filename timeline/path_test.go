package timeline

import (
	"errors"
	"strings"
	"testing"
)

func TestEveryShapeOfATargetDecodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ target, path, also string }{
		// URLs.
		{"file:///mnt/a%20b/c.mov", "/mnt/a b/c.mov", ""},
		{"file:media/a%20b.mov", "/edit/media/a b.mov", ""},
		{"file:/mnt/a.mov", "/mnt/a.mov", ""},
		{"FILE:///mnt/a.mov", "/mnt/a.mov", ""},
		{"file://localhost/mnt/a.mov", "/mnt/a.mov", ""},
		{"file://LOCALHOST/mnt/a.mov", "/mnt/a.mov", ""},
		{"file:///D:/a/b.mov", "D:/a/b.mov", ""},
		{"file:///d|/a/b.mov", "d:/a/b.mov", ""},
		{"file://D:/a/b.mov", "D:/a/b.mov", ""},
		{"file:D:/a/b.mov", "D:/a/b.mov", ""},
		{"file://localhost/D%3a/a.mov", "D:/a.mov", ""},
		{"file:///D%3A/a.mov", "D:/a.mov", ""},
		{`file:///D:\a\b.mov`, "D:/a/b.mov", ""},
		{`file:///D:%5Ca%5Cb.mov`, "D:/a/b.mov", ""},
		{"file://server/share/a.mov", "//server/share/a.mov", ""},
		{"file:////server/share/a.mov", "//server/share/a.mov", ""},
		{"file://///server/share/a.mov", "//server/share/a.mov", ""},
		{"file://localhost//server/share/a.mov", "//server/share/a.mov", ""},
		{`file:\\server\share\a.mov`, "//server/share/a.mov", ""},
		{"file:///mnt/a+b%2Bc.mov", "/mnt/a+b+c.mov", ""},
		{"file:///mnt/100%25%2520.mov", "/mnt/100%%20.mov", ""},
		{"file:///mnt/50% off.mov", "/mnt/50% off.mov", ""},
		{"file:///mnt/%zz%4", "/mnt/%zz%4", ""},
		{"file:///mnt/a%23b#1?.mov", "/mnt/a#b#1?.mov", ""},
		{"file:///mnt/a%5Cb.mov", `/mnt/a\b.mov`, ""},
		{"file:///mnt/Z%C3%BCrich.mov", "/mnt/Zürich.mov", ""},
		// Bare.
		{"/mnt/a b#1.mov", "/mnt/a b#1.mov", ""},
		{"/mnt/a%20b.mov", "/mnt/a%20b.mov", "/mnt/a b.mov"},
		{`/mnt/a\b.mov`, `/mnt/a\b.mov`, ""},
		{`E:\Foot age\x.mov`, "E:/Foot age/x.mov", ""},
		{"E:/x.mov", "E:/x.mov", ""},
		{`\\server\share\x.mov`, "//server/share/x.mov", ""},
		{"//server/share/x.mov", "//server/share/x.mov", ""},
		{`\\?\E:\x.mov`, "E:/x.mov", ""},
		{`\\?\UNC\server\share\x.mov`, "//server/share/x.mov", ""},
		{`\x.mov`, "/x.mov", ""},
		{"/mnt/Zu\u0308rich.mov", "/mnt/Zu\u0308rich.mov", ""}, // opened as it is written
		// Relative to the folder of the timeline.
		{"media/a.mov", "/edit/media/a.mov", ""},
		{"./a.mov", "/edit/a.mov", ""},
		{"../up one/a.mov", "/edit/../up one/a.mov", ""},
		{`media\a.mov`, "/edit/media/a.mov", `/edit/media\a.mov`},
		{"media/a%20b.mov", "/edit/media/a%20b.mov", "/edit/media/a b.mov"},
		{"clip with: colon.mov", "/edit/clip with: colon.mov", ""},
		{"E:x.mov", "/edit/E:x.mov", ""},
	} {
		got, err := Decode(c.target, "/edit")
		if err != nil || got.Path != c.path || got.Also != c.also {
			t.Errorf("%s: %q or %q, %v; want %q or %q", c.target, got.Path, got.Also, err, c.path, c.also)
		}
	}
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"", "https://example.com/a.mov", "HTTP://example.com/a.mov", "smb://server/a.mov", "file:///a%00b", "file:",
		strings.Repeat("a", 40<<10),
	} {
		_, err := Decode(target, "/edit")
		var e *Error
		if !errors.As(err, &e) || e.Reason == "" {
			t.Errorf("%.40q: %v", target, err)
		}
	}
}

func TestSpellingsOfOnePathAreOne(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"/mnt/Zu\u0308rich.mov", "/mnt/Z\u00fcrich.mov"},
		{"D:/A.mov", "d:/a.MOV"},
		{"//Server/Share/a.mov", "//server/share/A.mov"},
	} {
		if pathKey(c[0]) != pathKey(c[1]) {
			t.Errorf("%s and %s are two", c[0], c[1])
		}
	}
	if pathKey("/mnt/A.mov") == pathKey("/mnt/a.mov") {
		t.Error("capitals do not count on Linux")
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"file:///D%3a/x", `\\s\s`, "https://x", "a%zz", "file://localhost//a", "./", "//"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, target string) {
		got, err := Decode(target, "/edit")
		if err != nil {
			return
		}
		if got.Path == "" || strings.ContainsRune(got.Path, 0) || strings.ContainsRune(got.Also, 0) {
			t.Errorf("%q gives %q, %q", target, got.Path, got.Also)
		}
	})
}
