package timeline

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// proxyKey is the name of the reference that is a proxy. OpenTimelineIO leaves the names to its
// users; only DEFAULT_MEDIA is given.
const proxyKey = "PROXY"

// otioProxies finds where the proxies go: beside the reference that a clip plays. Clips had one
// reference first, and several since Clip.2; the first kind is made one of the second.
func otioProxies(text []byte, proxies func(target string) (string, bool)) ([]edit, error) {
	root, err := parseJSON("", text, maxElements)
	if err != nil {
		return nil, err
	}
	if root.schema == "" {
		return nil, &Error{Line: 1, Reason: "it is JSON, but not OpenTimelineIO: OTIO_SCHEMA is missing", Next: "export the timeline as OTIO"}
	}
	c := &clipFinder{text: text, proxies: proxies}
	if err := c.look(root); err != nil {
		return nil, err
	}
	return c.edits, nil
}

// clipFinder goes to every clip that the reader goes to.
type clipFinder struct {
	text    []byte
	proxies func(target string) (string, bool)
	edits   []edit
}

func (c *clipFinder) look(o *object) error {
	if o.isSchema("Clip") {
		return c.clip(o)
	}
	for _, member := range []string{"tracks", "children"} {
		list := o.get(member)
		if list == nil {
			continue
		}
		if list.schema != "" { // the stack of a timeline
			if err := c.look(list); err != nil {
				return err
			}
			continue
		}
		for _, k := range list.kids {
			if err := c.look(k); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *clipFinder) clip(o *object) error {
	refs := o.get("media_references")
	if refs == nil {
		return c.single(o)
	}
	key := original(refs, playing(o))
	ref, ok, err := c.reference(refs.get(key))
	if err != nil || !ok {
		return err
	}
	if key == proxyKey {
		return &Error{
			Line: o.line, At: "active_media_reference_key", Reason: "the clip plays its proxy, so there is no telling which is the original",
			Next: "switch the timeline to its originals and export it again",
		}
	}
	if i := refs.at(proxyKey); i >= 0 {
		c.edits = append(c.edits, edit{refs.kids[i].start, refs.kids[i].end, ref})
		return nil
	}
	blanks := blanksBefore(c.text, refs.keySpans[0].start)
	last := refs.kids[len(refs.kids)-1]
	c.edits = append(c.edits, edit{last.end, last.end, "," + string(blanks) + `"` + proxyKey + `": ` + ref})
	return nil
}

// single makes a clip that can have one reference one that can have several.
func (c *clipFinder) single(o *object) error {
	at := o.at("media_reference")
	if at < 0 {
		return nil
	}
	only := o.kids[at]
	ref, ok, err := c.reference(only)
	if err != nil || !ok {
		return err
	}
	blanks := string(blanksBefore(c.text, o.keySpans[at].start))
	active := `"DEFAULT_MEDIA"`
	end := `, "` + proxyKey + `": ` + ref + `}`
	if i := o.at("active_media_reference_key"); i >= 0 {
		c.edits = append(c.edits, edit{o.kids[i].start, o.kids[i].end, active})
	} else {
		end += "," + blanks + `"active_media_reference_key": ` + active
	}
	if i := o.at("OTIO_SCHEMA"); strings.TrimPrefix(o.kids[i].text, "Clip") == ".1" || o.kids[i].text == "Clip" {
		c.edits = append(c.edits, edit{o.kids[i].start, o.kids[i].end, `"Clip.2"`})
	}
	c.edits = append(c.edits,
		edit{o.keySpans[at].start, o.keySpans[at].end, `"media_references"`},
		edit{only.start, only.start, `{"DEFAULT_MEDIA": `},
		edit{only.end, only.end, end})
	return nil
}

// reference is the proxy of a reference, written as that one is: a program that writes bare
// paths reads them. Times are the original's, for a proxy has the same.
func (c *clipFinder) reference(original *object) (ref string, ok bool, err error) {
	target := original.say("target_url")
	if !original.isSchema("ExternalReference") || target == "" {
		return "", false, nil
	}
	path, ok := c.proxies(target)
	if !ok {
		return "", false, nil
	}
	place, ok := FileURL(path)
	if scheme, _, found := strings.Cut(target, ":"); ok && (!found || !strings.EqualFold(scheme, "file")) {
		place, ok = path, utf8.ValidString(path)
	}
	if !ok {
		return "", false, badProxy(path)
	}
	available := "null"
	if a := original.get("available_range"); a != nil {
		available = string(c.text[a.start:a.end])
	}
	return `{"OTIO_SCHEMA": "ExternalReference.1", "metadata": {}, "name": ` + quoted(base(strings.ReplaceAll(path, `\`, "/"))) +
		`, "available_range": ` + available + `, "target_url": ` + quoted(place) + `}`, true, nil
}

func quoted(s string) string {
	out, _ := json.Marshal(s) // a string always goes
	return string(out)
}

// at is the index of a member, the last of that name; -1 where there is none.
func (o *object) at(name string) int {
	for i := len(o.keys) - 1; i >= 0; i-- {
		if o.keys[i] == name {
			return i
		}
	}
	return -1
}
