package encode

import "strings"

// cameraTags are where files say who made the camera and which it is: QuickTime's, MXF's
// identification, phones', Matroska's and MP4's.
var cameraTags = [][2]string{
	{"com.apple.quicktime.make", "com.apple.quicktime.model"},
	{"com.android.manufacturer", "com.android.model"},
	{"make", "model"},
	{"company_name", "product_name"},
}

// camera is the maker and the model, as far as the file tells: "Apple iPhone 15 Pro".
func (d *probeDoc) camera() string {
	places := []map[string]string{d.Format.Tags}
	for _, s := range d.Streams {
		places = append(places, s.Tags)
	}
	for _, names := range cameraTags {
		var words []string
		for _, name := range names {
			for _, p := range places {
				if v := plainTag(tag(p, name)); v != "" {
					words = append(words, v)
					break
				}
			}
		}
		if len(words) > 0 {
			return strings.Join(words, " ")
		}
	}
	return ""
}
