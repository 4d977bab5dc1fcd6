package presets

import (
	"reflect"
	"testing"
	"time"

	"proxima/jobfile"
)

func TestTheFarmSaysWhenWorkersWork(t *testing.T) {
	read := func(text string) (Workers, error) {
		var n jobfile.Node
		if err := jobfile.Decode("farm.yaml", []byte(text), &n); err != nil {
			return Workers{}, err
		}
		return ReadWorkers("farm.yaml", &n)
	}
	w, err := read("edit-*:\n  hours: [mon-fri 19:00-08:00, 'sat,sun']\n  tags: desk\ntag:desk:\n  at_desk: give-back\n  desk_idle: 5m\nedit-7:\n  hours: 20:00-06:00\n  overrun: give-back\n")
	if err != nil {
		t.Fatal(err)
	}
	five := jobfile.Duration(5 * time.Minute)
	for _, c := range []struct {
		worker string
		tags   []string
		want   jobfile.Duty
	}{
		{"render", nil, jobfile.Duty{}},
		{"render", []string{"desk"}, jobfile.Duty{AtDesk: "give-back", DeskIdle: five}},
		{"edit-9", nil, jobfile.Duty{Hours: jobfile.Words{"mon-fri 19:00-08:00", "sat,sun"}, AtDesk: "give-back", DeskIdle: five}},
		{"edit-7", nil, jobfile.Duty{Hours: jobfile.Words{"20:00-06:00"}, Overrun: "give-back", AtDesk: "give-back", DeskIdle: five}},
	} {
		if got := w.Duty(c.worker, c.tags...); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %v: %+v", c.worker, c.tags, got)
		}
	}
	for text, want := range map[string]string{
		"w:\n  hours: 19-8\n":             `farm.yaml:2:10: hours: "19-8" is not like 19:00-08:00, mon-fri 19:00-08:00, or sat,sun`,
		"w:\n  hours: {mon: 19:00}\n":     "farm.yaml:2:16: hours: write words, like hours: 19:00-08:00",
		"w:\n  overrun: kill\n":           `farm.yaml:2:12: overrun: "kill" is not finish or give-back`,
		"w:\n  at_desk: [work, finish]\n": "farm.yaml:2:3: at_desk: one word belongs here",
		"w:\n  desk_idle: 10\n":           `farm.yaml:2:14: desk_idle: "10" is not a duration like 10m`,
		"w:\n  hour: 19:00-08:00\n":       "",
	} {
		if _, err := read(text); err == nil || want != "" && err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}
