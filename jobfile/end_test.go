package jobfile

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var asked = &Request{By: "ana@edit7", Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Why: "the wrong reel"}

func TestARetryIsARenameToTheNextAttempt(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	k := claim(t, s, j, "0000", 1, "w-1")
	if err := s.Fail(j.ID, k, Failure{Worker: "w", Kind: FaultSource, Reason: "it is torn"}, true); err != nil {
		t.Fatal(err)
	}
	given := Ticket{Unit: "0000", Attempt: 2}
	for range 2 { // two people at once
		if err := s.Retry(j.ID, given); err != nil {
			t.Fatal(err)
		}
	}
	u := look(t, s, j).Unit("0000")
	if u.State != Todo || u.Attempt != 3 {
		t.Fatalf("%+v", u)
	}
	doc, err := s.ReadUnit(j.ID, Placed{Todo, u.Ticket})
	if err != nil || len(doc.Failures) != 0 || len(doc.GivenUp) != 1 {
		t.Errorf("%+v, %v", doc, err)
	}
}

func TestACancelledJobEndsExplainedAndCanBeQueuedAgain(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	k := claim(t, s, j, "0000", 1, "w-1")
	if err := s.Cancel(j.ID, asked); err != nil {
		t.Fatal(err)
	}
	if err := s.Holds(j.ID, k); !errors.Is(err, ErrCancelled) || !errors.Is(err, ErrLost) {
		t.Errorf("the holder is told %v", err)
	}
	if done, err := s.Clear(j.ID); done || err != nil {
		t.Errorf("cleared under its holder: %v", err)
	}
	if err := s.Release(j.ID, k); err != nil {
		t.Fatal(err)
	}
	// A claim that had looked before sees it afterwards.
	late := Ticket{Unit: "0000", Attempt: 2}
	if _, _, err := s.Claim(context.Background(), j.ID, late, Listing{}, "w-2"); !errors.Is(err, ErrCancelled) {
		t.Errorf("claimed: %v", err)
	}
	late.Worker = "w-2"
	if err := s.Release(j.ID, late); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if done, err := s.Clear(j.ID); !done || err != nil {
			t.Fatalf("%v, %v", done, err)
		}
	}
	m, state, err := s.Marker(j.ID)
	if err != nil || state != Cancelled || !strings.Contains(m.Error, "ana@edit7: the wrong reel") || m.Output != j.Output.Path {
		t.Errorf("%+v, %v, %v", m, state, err)
	}
	again, err := s.Again(j.ID, asked.Time.Add(time.Hour), "bob@edit9")
	if err != nil {
		t.Fatal(err)
	}
	if again.ID == j.ID || Priority(again.ID) != Priority(j.ID) || again.By != "bob@edit9" {
		t.Errorf("%s by %s", again.ID, again.By)
	}
	if v := look(t, s, again); len(v.Results()) != 0 || v.Cancelled {
		t.Errorf("%+v", v)
	}
	if _, state, err := s.Marker(j.ID); err != nil || state != Cancelled {
		t.Errorf("the old one is %v, %v", state, err)
	}
}

// The files that a recipe needs are kept with a cancelled job, and go with a finished one.
func TestACancelledJobKeepsItsAssets(t *testing.T) {
	for mark, kept := range map[string]bool{markCancelled: true, markDone: false} {
		s := farm(t)
		j := testJob()
		lut := NewAsset(".cube", []byte("LUT_3D_SIZE 2\n"))
		j.Recipe.Video.LUT = &lut.Asset
		if err := s.Create(j, lut); err != nil {
			t.Fatal(err)
		}
		if err := s.Cancel(j.ID, asked); err != nil {
			t.Fatal(err)
		}
		if mark == markDone {
			if err := s.publish("jobs/"+j.ID+"/"+markDone, "", &Marker{Format: Format, Job: j.ID}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Retire(j.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Again(j.ID, asked.Time, "bob"); (err == nil) != kept {
			t.Errorf("%s: %v", mark, err)
		}
	}
}

// The output has its name before DONE.yaml stands: then it is too late to cancel.
func TestAJobWhoseFileIsThereIsFinishedThoughItWasCancelled(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	k := claim(t, s, j, UnitStitch, 1, "w-1")
	if err := s.Cancel(j.ID, asked); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(j.ID, k, &Marker{Worker: "w-1"}); err != nil {
		t.Fatal(err)
	}
	if _, state, err := s.Marker(j.ID); err != nil || state != Done {
		t.Error(state, err)
	}
	if done, err := s.Clear(j.ID); done || err != nil {
		t.Errorf("a finished job was cleared as a cancelled one: %v", err)
	}
	if d := Decide(look(t, s, j), Situation{}); len(d.Chores) != 1 || d.Chores[0].Kind != ActFinish {
		t.Errorf("%+v", d)
	}
	if err := s.Retire(j.ID); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{markDone: true, markCancelled: false} {
		if _, err := s.fs.Size(path.Join(dirDone, j.ID, name)); (err == nil) != want {
			t.Errorf("in done/ there is %s: %v", name, err)
		}
	}
}

// Two hold units of a cancelled job. Each sees the other's file and must not wait for it to go while
// its own keeps the other waiting.
func TestHoldersOfACancelledJobDoNotWaitForEachOther(t *testing.T) {
	units := []Planned{{ID: "0000", Range: &Range{}}, {ID: UnitSound}, {ID: UnitStitch}}
	l := Listing{Cancelled: true, Doing: []Ticket{{"0000", 1, "a-1"}, {UnitSound, 1, "b-1"}}}
	for i, w := range []string{"a-1", "b-1"} {
		d := Decide(Fold(units, l), Situation{
			Worker: w, Liveness: func(string) Liveness { return Alive }, Mine: func(Ticket) bool { return false },
		})
		if len(d.Chores) != 1 || d.Chores[0] != (Action{ActTakeOver, Placed{Doing, l.Doing[i]}}) {
			t.Errorf("%s: %+v", w, d.Chores)
		}
	}
}

func TestAPurgedJobIsGoneAndALateWorkerBringsNothingBack(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	k := claim(t, s, j, "0000", 1, "w-1")
	before := looked(t, s, j)
	st, err := s.Stage(j.ID, k, before)
	if err != nil {
		t.Fatal(err)
	}
	st.Log.Close()
	if err := os.MkdirAll(s.fs.Path("jobs/.gone-"+j.ID+"/parts"), 0o755); err != nil { // of one who died over it
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Purge(j.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Holds(j.ID, k); !errors.Is(err, ErrLost) {
		t.Errorf("the holder is told %v", err)
	}
	s.Unstage(j.ID, k)
	_ = s.Release(j.ID, k)
	_ = s.Restore(j, "0001")
	_, _ = s.Mark(j, Fold(j.Plan.Units, Listing{}), "w-1")
	_ = s.Fail(j.ID, k, Failure{}, true)
	_ = s.Commit(j.ID, k, &Result{})
	_ = s.Cancel(j.ID, asked)
	_ = s.Settle(j.ID, Listing{}, &Settled{Worker: "w-1", Recipe: j.Recipe})
	_, _ = s.Stage(j.ID, k, before)
	_, _ = s.Stage(j.ID, k, Listing{})
	_ = s.Retire(j.ID)
	for _, top := range []string{"jobs", "done"} {
		if es, err := os.ReadDir(s.fs.Path(top)); err != nil || len(es) > 0 {
			t.Errorf("%s holds %v, %v", top, es, err)
		}
	}
}

// Of two who were told that they won, one fails and is charged. The other does not hold the unit any more: to give it
// back would replace the charge.
func TestWhoGivesBackSeesWhatAnotherWasChargedWith(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	first := claim(t, s, j, "0000", 1, "w-1")
	second := Ticket{Unit: "0000", Attempt: 1, Worker: "w-2"}
	doing := s.fs.Path("jobs/" + j.ID + "/doing/")
	data, err := os.ReadFile(filepath.Join(doing, first.File()))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(doing, second.File()), data, 0o664); err != nil {
		t.Fatal(err)
	}
	if err := s.Fail(j.ID, first, Failure{Worker: "w", Kind: FaultUnit, Reason: "it fell over"}, false); err != nil {
		t.Fatal(err)
	}
	if err := s.Holds(j.ID, second); !errors.Is(err, ErrLost) {
		t.Errorf("the other: %v", err)
	}
}
