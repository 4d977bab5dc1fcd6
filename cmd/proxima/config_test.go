package main

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"proxima/jobfile"
	"proxima/presets"
)

// configKeys are the keys that config.yaml may have.
func configKeys() (keys []string) {
	for f := range reflect.TypeFor[userConfig]().Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		keys = append(keys, key)
	}
	return keys
}

// readConfig reads settings as the program does, all of them.
func readConfig(text string) (c userConfig, err error) {
	if runtime.GOOS == "windows" { // where the pages' folders are none
		text = strings.ReplaceAll(text, "[/mnt/footage]", `['R:\footage']`)
	}
	if err := jobfile.DecodeByHand("config.yaml", []byte(text), &c); err != nil {
		return c, err
	}
	_, err = presets.ReadOverrides("config.yaml", c.Overrides)
	return c, err
}

// The page on settings has each key with its default as the program has it and an example that does
// something, and no other; and each variable that is looked at.
func TestThePageOnSettingsHasAllOfThem(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "settings.md"))
	if err != nil {
		t.Fatal(err)
	}
	defaults := map[string]string{}
	nowhere := &app{getenv: func(string) string { return "" }}
	for _, s := range nowhere.settings(&userConfig{}, nil, "", nil, presets.Overrides{}, jobfile.Duty{}) {
		defaults[s.Key] = s.Value
	}
	delete(defaults, "name") // this machine's
	delete(defaults, "cores")
	var keys []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (.+) \\| (.+) \\| `(.+)` \\|$").FindAllStringSubmatch(string(page), -1) {
		key, otherwise, example := row[1], row[3], row[4]
		keys = append(keys, key)
		if !strings.HasPrefix(example, key+": ") {
			t.Errorf("the example of %s is %s", key, example)
		}
		c, err := readConfig(example)
		if err != nil || reflect.DeepEqual(c, userConfig{}) {
			t.Errorf("%s: %v, %+v", example, err, c)
		}
		if is := defaults[key]; !strings.HasSuffix(otherwise, is) || is == "" && otherwise != "none" && key != "name" && key != "cores" {
			t.Errorf("%s is %q by default, not %q", key, is, otherwise)
		}
	}
	want := configKeys()
	slices.Sort(want)
	slices.Sort(keys)
	if !slices.Equal(keys, want) {
		t.Errorf("the page has %v\nthere are    %v", keys, want)
	}

	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	// The system's own, and those of sudo, systemd and reproducible builds.
	others := []string{"TERM", "JOURNAL_STREAM", "SUDO_USER", "SOURCE_DATE_EPOCH", "CI"}
	met := 0
	for _, f := range files {
		code, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`etenv\("([A-Z_]+)"\)`).FindAllStringSubmatch(string(code), -1) {
			met++
			if !slices.Contains(others, m[1]) && !strings.Contains(string(page), "`"+m[1]+"`") {
				t.Errorf("%s looks at %s, which the page does not name", f, m[1])
			}
		}
	}
	if met < 5 {
		t.Errorf("only %d variables are looked at", met)
	}
}

// What config edit begins with is read with the # taken away, line by line and all of it.
func TestTheFirstSettingsCanBeUncommented(t *testing.T) {
	t.Parallel()
	if !blank([]byte(newConfig)) {
		t.Error("it sets something")
	}
	_, lines, _ := strings.Cut(newConfig, "#\n")
	text := strings.ReplaceAll("\n"+lines, "\n# ", "\n")
	c, err := readConfig(text)
	if err != nil || c.Slots != 2 || c.Name != "edit7" || c.Farm != "/mnt/share/farm" || !c.Notify || c.Overrides == nil || len(c.Hours) != 1 {
		t.Errorf("%v, %+v", err, c)
	}
	for line := range strings.Lines(text) {
		if key, _, _ := strings.Cut(line, ":"); slices.Contains(configKeys(), key) && key != "overrides" {
			if _, err := readConfig(line); err != nil {
				t.Error(err)
			}
		}
	}
}

// A person's own settings are read with the farm's reader.
func FuzzUserConfig(f *testing.F) {
	valid := "farm: /mnt/farm\nname: edit7\nslots: 2\nffmpeg: /opt/ffmpeg\nffprobe: /opt/ffprobe\nallow: [/mnt/footage, 'R:\\x']\nmay_sleep: true\n"
	for i := range valid {
		f.Add([]byte(valid[:i]))
	}
	f.Add([]byte(valid))
	f.Fuzz(func(t *testing.T, in []byte) {
		var c userConfig
		err := jobfile.Decode("config.yaml", in, &c)
		var de *jobfile.DecodeError
		if err != nil && (!errors.As(err, &de) || de.Line < 1 || de.Column < 1 || strings.ContainsFunc(err.Error(), func(r rune) bool { return !jobfile.Shows(r) })) {
			t.Fatalf("no place, or not fit for a terminal: %q", err)
		}
	})
}
