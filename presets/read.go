package presets

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"proxima/jobfile"
)

// maxPresets bounds a file; written by hand, they hold a few dozen at most.
const maxPresets = 1000

var reName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}$`)

// Read reads a file of presets. The first mistake is returned as a *jobfile.DecodeError that
// says where it is and what to write instead. A preset that extends one of another file is
// looked at field by field only; Add does the rest. A file with nothing but comments is an
// empty set.
func Read(file string, data []byte) (Set, error) {
	if blank(data) {
		return Set{}, nil
	}
	s, err := read(file, data)
	return s, jobfile.WithLine(err, data)
}

func read(file string, data []byte) (Set, error) {
	root, err := tree(file, data)
	if err != nil {
		return Set{}, err
	}
	if root.Kind != jobfile.NodeMapping {
		return Set{}, root.Wrong(file, "a file of presets begins with a preset's name and a colon, like my_proxy:, and its fields below, indented")
	}
	if len(root.Keys) > maxPresets {
		return Set{}, root.Wrong(file, "%d presets, more than %d", len(root.Keys), maxPresets)
	}
	s := Set{presets: make(map[string][]*preset, len(root.Keys)), layers: 1}
	for i := range root.Keys {
		key, body := &root.Keys[i], &root.Items[i]
		if !reName.MatchString(key.Word) {
			return Set{}, key.Wrong(file, "%s is no name for a preset: letters, digits and _ - . only%s", jobfile.Quote(key.Word), elsewhere(key.Word))
		}
		if _, err := fieldNamed(key.Word); err == nil && body.Kind != jobfile.NodeMapping {
			return Set{}, key.Wrong(file, "%s is a field and stands where a preset's name belongs: indent it by two spaces, below the name of its preset", key.Word)
		}
		if key.Word == "overrides" && body.Kind == jobfile.NodeMapping && body.Get("presets") != nil {
			return Set{}, key.Wrong(file, "%s", mistaken["overrides"])
		}
		p := &preset{origin: file, line: key.Line}
		if p.fields, err = readFields(file, "preset "+key.Word, body, Source{Preset: key.Word, File: file}); err != nil {
			return Set{}, err
		}
		if p.line < 1 {
			p.line = 1
		}
		s.presets[key.Word] = []*preset{p}
	}
	for _, name := range s.Names() {
		_, err := s.Effective(name)
		var below *notBelow
		if err != nil && !errors.As(err, &below) {
			return Set{}, s.top(name).placed(file, name, err)
		}
	}
	return s, nil
}

func elsewhere(name string) string {
	if strings.ContainsAny(name, "*?") {
		return "; wildcards belong below overrides in config.yaml"
	}
	return ""
}

// tree parses a file, with the mistakes in it in words.
func tree(file string, data []byte) (*jobfile.Node, error) {
	if e := slips(data); e != nil {
		e.File = file
		return nil, e
	}
	var root jobfile.Node
	if err := jobfile.Decode(file, data, &root); err != nil {
		return nil, jobfile.Explain(err, data)
	}
	return &root, nil
}

// readFields reads what stands below a preset's name, or below a pattern.
func readFields(file, what string, body *jobfile.Node, from Source) (map[string]value, error) {
	switch body.Kind {
	case jobfile.NodeEmpty:
		return map[string]value{}, nil
	case jobfile.NodeWord:
		return nil, body.Wrong(file, "%s: %s stands where its fields belong: write each on a line of its own below, indented, like codec: x264", what, jobfile.Quote(body.Word))
	case jobfile.NodeList:
		return nil, body.Wrong(file, "%s: a list stands where its fields belong: leave out the dashes or brackets and write codec: x264", what)
	}
	out := make(map[string]value, len(body.Keys))
	for i := range body.Keys {
		key, v := &body.Keys[i], &body.Items[i]
		f, err := fieldNamed(key.Word)
		if err != nil {
			return nil, key.Wrong(file, "%s: %s", what, unknownField(key.Word, err))
		}
		words, err := fieldWords(f, v)
		if err != nil {
			return nil, v.Wrong(file, "%s: %s: %v", what, f.Name, err)
		}
		from.Line, from.Column = key.Line, key.Column
		if err := f.check(words); err != nil {
			return nil, key.Wrong(file, "%s: %s: %v", what, f.Name, reason(err))
		}
		out[f.Name] = value{words, from}
	}
	return out, nil
}

func unknownField(name string, err error) string {
	var u *Unknown
	if !errors.As(err, &u) {
		return err.Error()
	}
	s := fmt.Sprintf("unknown field %s", jobfile.Quote(name))
	if len(u.Near) > 0 {
		return s + ", did you mean " + strings.Join(u.Near, " or ") + "?"
	}
	return s + "; the fields are " + strings.Join(u.Known, ", ")
}

// reason is an error without the names around it.
func reason(err error) error {
	var fe *FieldError
	if errors.As(err, &fe) {
		return fe.Err
	}
	return err
}

func fieldWords(f *Field, v *jobfile.Node) (jobfile.Words, error) {
	switch v.Kind {
	case jobfile.NodeWord:
		return jobfile.Words{v.Word}, nil
	case jobfile.NodeMapping:
		return nil, fmt.Errorf("fields stand where %s belongs; is a line indented too far?", kindOf(f))
	case jobfile.NodeList:
		if !f.List {
			return nil, fmt.Errorf("takes one word, not a list: leave out the brackets and dashes")
		}
		out := jobfile.Words{}
		for i := range v.Items {
			if v.Items[i].Kind != jobfile.NodeWord {
				return nil, fmt.Errorf("the list holds something that is no word: write it like [a, b]")
			}
			out = append(out, v.Items[i].Word)
		}
		return out, nil
	}
	return nil, nil
}

func kindOf(f *Field) string {
	switch {
	case f.List:
		return "a list like [a, b]"
	case f.Max != 0:
		return "a number"
	}
	return "a word"
}

// placed says where in the preset's file an error is: at the field if it stands there, else at
// the preset's name.
func (p *preset) placed(file, name string, err error) error {
	line, col, text := p.line, 1, err.Error()
	var fe *FieldError
	if errors.As(err, &fe) {
		text = fmt.Sprintf("preset %s: %s: %v", name, fe.Field, fe.Err)
		if v, ok := p.fields[fe.Field]; ok {
			line, col = v.from.Line, v.from.Column
		} else if fe.Origin != "" && fe.Origin != "default" && fe.Origin != file {
			text += " (from " + jobfile.Printable(fe.Origin) + ")"
		}
	}
	return &jobfile.DecodeError{File: file, Line: max(1, line), Column: max(1, col), Reason: text}
}

func blank(data []byte) bool {
	for _, l := range bytes.Split(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), []byte("\n")) {
		if l = bytes.TrimSpace(l); len(l) > 0 && l[0] != '#' {
			return false
		}
	}
	return true
}
