package service

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("%s differs; go test ./service -update writes it anew. Got:\n%s", name, got)
	}
}

func spec() *Spec {
	return &Spec{
		Scope: System, User: "anna", Program: "/usr/local/bin/proxima",
		Args: []string{"service", "run", "--farm", "/mnt/media/farm", "--slots", "2"},
	}
}

func TestDefinitions(t *testing.T) {
	if filepath.Separator == '\\' {
		t.Skip("the paths are those of other systems")
	}
	walled := spec()
	walled.Args = append(walled.Args, "--name", `an "odd" name`, "--allow", `/mnt/50% off $5\`)
	walled.Writable = []string{`/mnt/50% off $5\`, "/mnt/media", "/mnt/media/farm"}
	walled.Mounts = []string{"/mnt/media", "/mnt/50% off"}
	walled.Env = map[string]string{"PATH": "/opt/ffmpeg/bin:/usr/bin", "PROXIMA_CONFIG": "/etc/proxima"}
	walled.Finish = 10 * time.Minute
	mine := spec()
	mine.Scope, mine.User, mine.LogDir = User, "", "/Users/anna/Library/Logs"
	root := spec()
	root.User = "root"
	for _, c := range []struct {
		file string
		make func() (string, error)
	}{
		{"system.service", func() (string, error) { return Unit(spec(), 252) }},
		{"walled.service", func() (string, error) { return Unit(walled, 255) }},
		{"user.service", func() (string, error) { return Unit(mine, 255) }},
		{"root.service", func() (string, error) { return Unit(root, 255) }},
		{"daemon.plist", func() (string, error) { return Plist(walled) }},
		{"agent.plist", func() (string, error) { return Plist(mine) }},
		{"windows.txt", func() (string, error) { w, err := Windows(walled); return w.String(), err }},
	} {
		got, err := c.make()
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		golden(t, c.file, got)
		want := append([]string{walled.Program}, walled.Args...)
		switch {
		case c.file == "walled.service" && !reflect.DeepEqual(UnitArgs(got), want):
			t.Errorf("its command line reads back as %q", UnitArgs(got))
		case c.file == "daemon.plist" && !reflect.DeepEqual(PlistArgs(got), want):
			t.Errorf("its command line reads back as %q", PlistArgs(got))
		}
	}
}

// The unit that packages bring is what the program would write.
func TestThePackagedUnit(t *testing.T) {
	if filepath.Separator == '\\' {
		t.Skip("the paths are those of other systems")
	}
	got, err := Unit(&Spec{
		Scope: System, User: "proxima", Program: "/usr/bin/proxima", Args: []string{"service", "run"},
		Env: map[string]string{"PROXIMA_CONFIG": "/etc/proxima"},
	}, 252)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("..", "..", "packaging", "proxima.service"), got)
}

func TestWhatCannotBeWritten(t *testing.T) {
	for _, bad := range []func(*Spec){
		func(s *Spec) { s.User = "anna\nExecStartPre=/bin/evil" },
		func(s *Spec) { s.Args = append(s.Args, "{{Path}}") },
		func(s *Spec) { s.Writable = []string{"/mnt/\x1b[2J"} },
		func(s *Spec) { s.Env = map[string]string{"A\nB": "c"} },
		func(s *Spec) { s.Program = "proxima" },
		func(s *Spec) { s.Scope = "everybody" },
	} {
		s := spec()
		bad(s)
		if text, err := Unit(s, 255); err == nil {
			t.Errorf("was written:\n%s", text)
		}
		if text, err := Plist(s); err == nil {
			t.Errorf("was written:\n%s", text)
		}
		if _, err := Windows(s); err == nil {
			t.Errorf("%v was taken", s)
		}
	}
}

func TestPrivileged(t *testing.T) {
	for user, want := range map[string]bool{
		"root": true, "0": true, "": true, "LocalSystem": true, `NT AUTHORITY\SYSTEM`: true, `.\Administrator`: true, " Root ": true,
		"anna": false, `STUDIO\anna`: false, `NT AUTHORITY\NetworkService`: false, "rooter": false,
	} {
		if Privileged(user) != want {
			t.Errorf("%q: %v", user, !want)
		}
	}
}

func TestMappedDrive(t *testing.T) {
	for path, want := range map[string]string{`r:\farm`: "R", `R:/farm`: "R", `\\nas\farm`: "", "/mnt/farm": "", "": "", "ä:": ""} {
		if got, _ := MappedDrive(path); got != want {
			t.Errorf("%q: %q", path, got)
		}
	}
}

func TestStateOfSystemd(t *testing.T) {
	got := parseShow("MainPID=812\nNRestarts=2\nResult=success\nExecMainStatus=0\nLoadState=loaded\nActiveState=active\nSubState=running\nStatusText=working for /mnt/farm as a-1\nFragmentPath=/etc/systemd/system/proxima.service\nUnitFileState=disabled\n")
	want := State{Running: true, Word: "active, not started with the machine", PID: 812, Restarts: 2, Says: "working for /mnt/farm as a-1", Definition: "/etc/systemd/system/proxima.service"}
	if got != want {
		t.Errorf("%+v", got)
	}
	got = parseShow("MainPID=0\nResult=exit-code\nExecMainStatus=78\nLoadState=loaded\nActiveState=failed\nSubState=failed\n")
	if got.Running || got.Failed != "exit-code, exit status 78" || got.Word != "failed" {
		t.Errorf("%+v", got)
	}
}

func TestSurroundings(t *testing.T) {
	got := Surroundings("[Service]\nExecStart=/bin/x\nUser=anna\nEnvironment=\"A=50%%\"\nNice=10\nProtectSystem=strict\n")
	if want := []string{"User=anna", `Environment="A=50%"`, "ProtectSystem=strict"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

func TestALogTurnsOver(t *testing.T) {
	file := filepath.Join(t.TempDir(), "logs", "proxima.log")
	l, err := OpenLog(file)
	if err != nil {
		t.Fatal(err)
	}
	l.limit = 10
	for _, line := range []string{"first\n", "second\n", "third\n", "4\n", "5th one\n", "6th one\n", "7th one\n"} {
		if _, err := l.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"": "7th one\n", ".1": "6th one\n", ".2": "5th one\n", ".3": "third\n4\n", ".4": "second\n"} {
		if got, err := os.ReadFile(file + name); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := os.Stat(file + ".5"); err == nil {
		t.Error("old logs are kept for ever")
	}
	if l, err = OpenLog(file); err != nil || l.size != 8 {
		t.Errorf("opened again it has %d bytes, %v", l.size, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}
