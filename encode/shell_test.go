package encode

import (
	"reflect"
	"strings"
	"testing"

	"proxima/jobfile"
)

func TestALoggedCommandCanBePastedWhereItIsRead(t *testing.T) {
	at := "2026-03-04T05:06:07Z $ "
	for _, c := range []struct {
		args          []string
		unix, windows string
	}{
		{[]string{"ffmpeg", "-i", "file:/mnt/a.mov"}, "ffmpeg -i file:/mnt/a.mov", "ffmpeg -i file:/mnt/a.mov"},
		{[]string{`C:\ffmpeg\bin\ffmpeg.exe`, "-v", "level+info"}, `'C:\ffmpeg\bin\ffmpeg.exe' -v level+info`, `C:\ffmpeg\bin\ffmpeg.exe -v level+info`},
		{[]string{`C:\Program Files\ffmpeg.exe`, "a b", ""}, `'C:\Program Files\ffmpeg.exe' 'a b' ''`, `& "C:\Program Files\ffmpeg.exe" "a b" ""`},
		{[]string{"ffmpeg", "it's", `100%`, "$x", `a"b`}, `ffmpeg 'it'\''s' 100% '$x' 'a"b'`, `ffmpeg "it's" '100%' '$x' 'a"b'`},
		{[]string{"ffmpeg", "a\x1b[31m", "b'\\\n\xff"}, `ffmpeg $'a\x1b[31m' $'b\'\\\x0a\xff'`, `ffmpeg "a\x1b[31m" "b'\\n\xff"`},
	} {
		line := at + shellLine(c.args[0], c.args[1:])
		for goos, want := range map[string]string{"linux": c.unix, "windows": c.windows} {
			args, pasted, ok := LoggedCommand(line, goos)
			if !ok || !reflect.DeepEqual(args, c.args) || pasted != want {
				t.Errorf("%s: %q, %s, want %s", goos, args, pasted, want)
			}
		}
	}
	for _, line := range []string{"", "# unit 0000.a1", "  ffmpeg $ said", "ffmpeg ended after 1s", at, at + "ffmpeg;rm", at + "ffmpeg 'a", at + `ffmpeg $'\q'`, at + "a  b", at + "a ", at + "`a`", at + "$(a)"} {
		if args, _, ok := LoggedCommand(line, "linux"); ok {
			t.Errorf("%q is taken for %q", line, args)
		}
	}
}

// What a log holds that somebody forged is no command, or one whose line means the same to a shell.
func FuzzLoggedCommand(f *testing.F) {
	for _, s := range []string{"ffmpeg -i 'it'\\''s'", `ffmpeg $'\x1b'`, "a;b", "'"} {
		f.Add("x $ " + s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		args, unix, ok := LoggedCommand(line, "linux")
		if !ok {
			return
		}
		again, _, ok := LoggedCommand("x $ "+unix, "linux")
		if !ok || !reflect.DeepEqual(args, again) {
			t.Fatalf("%q is %q, and pasted %q", line, args, again)
		}
		_, windows, _ := LoggedCommand(line, "windows")
		for _, s := range []string{unix, windows} {
			if strings.ContainsFunc(s, func(r rune) bool { return !jobfile.Shows(r) }) {
				t.Fatalf("%q shows as %q", line, s)
			}
		}
	})
}
