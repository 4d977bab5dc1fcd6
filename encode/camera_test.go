package encode

import "testing"

func TestTheCameraIsReadWhereFilesNameIt(t *testing.T) {
	for doc, want := range map[string]string{
		`{}`: "",
		`{"format":{"tags":{"com.apple.quicktime.make":"Apple","com.apple.quicktime.model":"iPhone 15 Pro"}}}`: "Apple iPhone 15 Pro",
		`{"format":{"tags":{"MAKE":"Panasonic"}}}`:                                                             "Panasonic",
		`{"format":{"tags":{"company_name":"Sony","product_name":"Mem (3.10)"}}}`:                              "Sony Mem (3.10)",
		`{"streams":[{"tags":{"make":"GoPro","model":"HERO11"}}]}`:                                             "GoPro HERO11",
		`{"format":{"tags":{"make":"a\u001b[31m"}}}`:                                                           "",
	} {
		d, err := parseProbe([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		if got := d.camera(); got != want {
			t.Errorf("%s: %q, not %q", doc, got, want)
		}
	}
}
