package jobfile

import (
	"os"
	"slices"
	"testing"
	"time"
)

// ended puts a job into done/ with a marker.
func ended(t *testing.T, s *Store, marker, content string) *Job {
	t.Helper()
	j := withJob(t, s)
	if err := os.WriteFile(s.fs.Path("jobs/"+j.ID+"/"+marker), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.Retire(j.ID); err != nil {
		t.Fatal(err)
	}
	return j
}

func TestRecordsGoWhenTheyWereKeptForLongEnough(t *testing.T) {
	s := farm(t)
	open := withJob(t, s)
	finished := ended(t, s, markDone, "format: 1\nfinished: "+time.Now().UTC().Format(time.RFC3339)+"\n")
	cancelled := ended(t, s, markCancelled, "")
	broken := ended(t, s, markDone, "fromat: 1\n")
	const keep = 24 * time.Hour
	if gone, err := s.Expire(time.Now().Add(keep/2), keep); err != nil || len(gone) != 0 {
		t.Fatalf("too early: %v, %v", gone, err)
	}
	gone, err := s.Expire(time.Now().Add(keep+time.Minute), keep)
	if err != nil || len(gone) != 2 || !slices.Contains(gone, finished.ID) || !slices.Contains(gone, cancelled.ID) {
		t.Fatalf("%v, %v", gone, err)
	}
	if left, _ := s.FinishedIDs(); !slices.Equal(left, []string{broken.ID}) {
		t.Errorf("what cannot be read is left for a person: %v", left)
	}
	if ids, _, _ := s.JobIDs(); !slices.Equal(ids, []string{open.ID}) {
		t.Errorf("an open job was touched: %v", ids)
	}
}

// Whoever revives a job whose parts went finds it as it was queued, and nothing is charged.
func TestTheUnitsOfDroppedPartsAreToBeMadeAgain(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	done := claim(t, s, j, "0000", 1, "w-1")
	if err := s.Commit(j.ID, done, stage(t, s, j, done, "picture")); err != nil {
		t.Fatal(err)
	}
	bad := claim(t, s, j, "0001", 1, "w-1")
	if err := s.Fail(j.ID, bad, Failure{Worker: "w", Kind: FaultSource, Reason: "cut", Next: "copy"}, true); err != nil {
		t.Fatal(err)
	}
	writing := s.fs.Path("jobs/" + j.ID + "/parts/.audio.a1.w-2.mov.partial")
	if err := os.WriteFile(writing, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.DropParts(j); err != nil {
			t.Fatal(err)
		}
	}
	v := look(t, s, j)
	if u := v.Unit("0000"); u.State != Todo || u.Attempt != 2 {
		t.Errorf("%+v", u)
	}
	if u := v.Unit("0001"); u.State != Failed {
		t.Errorf("%+v", u)
	}
	if es, _ := os.ReadDir(s.fs.Path("jobs/" + j.ID + "/parts")); len(es) != 1 {
		t.Errorf("parts/ holds %v", es)
	}
}

func TestACancelledJobIsClearedWhenNobodyWorksOnIt(t *testing.T) {
	units := []Planned{{ID: "0000", Range: &Range{}}, {ID: UnitStitch}}
	held := Listing{Cancelled: true, Doing: []Ticket{{Unit: "0000", Attempt: 1, Worker: "w-2"}}}
	for _, c := range []struct {
		name string
		l    Listing
		live Liveness
		want int
	}{
		{"nobody has it", Listing{Cancelled: true}, Alive, 1},
		{"somebody has it", held, Alive, 0},
		{"somebody dead has it", held, Dead, 1},
	} {
		d := Decide(Fold(units, c.l), Situation{
			Worker: "w-1", Name: "w", Liveness: func(string) Liveness { return c.live },
			Mine: func(Ticket) bool { return false }, Absent: func(UnitID) bool { return true },
			Tried: func(Ticket) []string { return nil },
		})
		if len(d.Chores) != c.want || len(d.Claims) != 0 || c.want == 1 && d.Chores[0].Kind != ActClear {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
}
