package jobfile

import (
	"os"
	"reflect"
	"testing"
)

// A part that proved bad is made again at an attempt nobody has had, so that whoever still
// writes an older one writes under another name.
func TestARemadeUnitBeginsAboveEveryAttemptThatLeftATrace(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	for _, w := range []string{"w-1", "w-2"} { // two were told that they won
		k := Ticket{Unit: "0000", Attempt: 1, Worker: w}
		if err := s.publish("jobs/"+j.ID+"/doing/"+k.File(), "", j.Unit(j.Plan.Units[0])); err != nil {
			t.Fatal(err)
		}
		if err := s.publish("jobs/"+j.ID+"/done/"+k.File(), "", &Result{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(s.fs.Path("jobs/"+j.ID+"/log/0000.a6.w-0.log"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 { // two stitchers found it bad
		if err := s.Remake(j, "0000"); err != nil {
			t.Fatal(err)
		}
		if u := look(t, s, j).Unit("0000"); u.State != Todo || u.Attempt != 7 {
			t.Fatalf("%+v", u)
		}
	}
	if got := claim(t, s, j, "0000", 7, "w-1"); got.Attempt != 7 {
		t.Fatal(got)
	}
}

func TestAMissingUnitIsMadeAnewFromThePlan(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	k := claim(t, s, j, "0001", 1, "w-1")
	if err := s.Release(j.ID, k); err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(j.ID, Placed{Todo, Ticket{Unit: "0001", Attempt: 2}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Restore(j, "0001"); err != nil {
		t.Fatal(err)
	}
	u, err := s.ReadUnit(j.ID, Placed{Todo, Ticket{Unit: "0001", Attempt: 1}})
	if err != nil || !reflect.DeepEqual(u, j.Unit(j.Plan.Units[1])) {
		t.Fatalf("%+v %v", u, err)
	}
	if err := s.Restore(j, "9999"); err == nil {
		t.Error("a unit that is not planned was made")
	}
}

func TestAttemptsEndAtTheirBoundWithoutLosingTheUnit(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	from := s.fs.Path("jobs/" + j.ID + "/todo/0000.a1.yaml")
	if err := os.Rename(from, s.fs.Path("jobs/"+j.ID+"/doing/0000.a9999.w-1.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := s.Release(j.ID, Ticket{Unit: "0000", Attempt: maxAttempt, Worker: "w-1"}); err != nil {
		t.Fatal(err)
	}
	if u := look(t, s, j).Unit("0000"); u.State != Todo || u.Attempt != maxAttempt {
		t.Fatalf("%+v", u)
	}
}

// A stitcher that slept finds no parts any more, since the job is finished.
func TestResultsOfAFinishedJobAreNotTakenBack(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	k := claim(t, s, j, "0000", 1, "w-1")
	if err := s.Commit(j.ID, k, stage(t, s, j, k, "picture")); err != nil {
		t.Fatal(err)
	}
	stitch := claim(t, s, j, UnitStitch, 1, "w-1")
	if err := s.Finish(j.ID, stitch, &Marker{Final: &Final{Size: 1}, Worker: "w-1"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Remake(j, "0000"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReadResult(j.ID, k); err != nil {
		t.Fatal(err)
	}
}
