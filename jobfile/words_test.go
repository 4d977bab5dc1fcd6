package jobfile

import (
	"reflect"
	"testing"
)

func TestWordsReadAsTheyAreWritten(t *testing.T) {
	for _, want := range []map[string]Words{
		{"a": {"one"}, "b": {"one", "two"}, "c": {"720"}, "d": {"-bf 2", "true"}, "e": {""}},
		{"a": {"null"}, "b": {"~", "- x"}},
	} {
		data, err := Encode("", want)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]Words
		if err := Decode("w.yaml", data, &got); err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%v came back as %v\n%s", want, got, data)
		}
	}
	var w map[string]Words
	if err := Decode("w.yaml", []byte("a: {b: c}\n"), &w); err == nil {
		t.Errorf("a mapping was read as %v", w)
	}
}
