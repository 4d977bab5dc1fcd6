package presets

import (
	"fmt"
	"strings"

	"proxima/jobfile"
)

// Show writes a preset as it is written in its file, in the order of the table and with what
// each field is beside it. Errors are *Unknown.
func (s Set) Show(name string) ([]byte, error) {
	p := s.top(name)
	if p == nil {
		return nil, s.unknown(name)
	}
	lines := [][2]string{}
	width := 0
	for _, f := range fields {
		v, ok := p.fields[f.Name]
		if !ok {
			continue
		}
		l := "  " + f.Name + ":"
		if len(v.words) > 0 {
			l += " " + written(&f, v.words)
		}
		lines = append(lines, [2]string{l, f.Doc})
		width = max(width, min(len(l), 48))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# From %s\n%s:\n", jobfile.OneLine(p.origin), name)
	for _, l := range lines {
		fmt.Fprintf(&b, "%-*s # %s\n", width, l[0], l[1])
	}
	return []byte(b.String()), nil
}

// written is a value in YAML, on one line.
func written(f *Field, w jobfile.Words) string {
	one := func(s string) string {
		data, err := jobfile.Encode("", s)
		if line := strings.TrimSpace(string(data)); err == nil && !strings.Contains(line, "\n") && !strings.ContainsAny(s, "[]{},#|>") {
			return line
		}
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(jobfile.OneLine(s)) + `"`
	}
	if f.List && len(w) != 1 {
		all := make([]string, len(w))
		for i := range w {
			all[i] = one(w[i])
		}
		return "[" + strings.Join(all, ", ") + "]"
	}
	if f.Max != 0 && strings.Trim(w[0], "0123456789") == "" {
		return w[0]
	}
	return one(w[0])
}

// Makes says in a few words what comes of the preset: "DNxHR dnxhr_sq, 720 lines, .mov".
func (e Effective) Makes() string {
	if len(e.recipes) == 0 {
		return ""
	}
	r := &e.recipes[0]
	s := r.Video.Encoder
	for i := range codecs {
		if codecs[i].encoder == s {
			s = codecs[i].family
			break
		}
	}
	if p := r.Video.Profile; p != "" {
		s += " " + p
	}
	if r.Video.MaxHeight > 0 {
		s += fmt.Sprintf(", %d lines", r.Video.MaxHeight)
	}
	return s + ", " + r.Ext
}

// Encoders are ffmpeg's names of those that may make it, the first choice first.
func (e Effective) Encoders() []string {
	out := make([]string, len(e.recipes))
	for i := range e.recipes {
		out[i] = e.recipes[i].Video.Encoder
	}
	return out
}
