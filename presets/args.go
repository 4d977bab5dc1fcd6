package presets

import (
	"slices"
	"strings"

	"proxima/jobfile"
)

// display are options about what ffmpeg prints. Presets of old carry them; progress is read
// in another way, so they are taken and not used.
var display = []string{"-hide_banner", "-stats", "-nostats"}

// args takes encoder options with or without their dash, and a value beside its option or in
// one string with it.
func (r raw) args(c *codec, out *jobfile.Recipe) error {
	var words []string
	for _, a := range r["misc_args"] {
		// [-"hide_banner"] is a word with quotes in it for YAML. Whoever wrote it meant none.
		words = append(words, strings.Fields(strings.ReplaceAll(a, `"`, ""))...)
	}
	seen := map[string]bool{}
	for i := 0; i < len(words); i++ {
		opt := words[i]
		if !strings.HasPrefix(opt, "-") {
			opt = "-" + opt
		}
		if slices.Contains(display, opt) {
			continue
		}
		args := []string{opt}
		// An option that passes alone takes no value.
		if jobfile.CheckEncoderArgs(args) != nil && i+1 < len(words) {
			i++
			args = append(args, words[i])
		}
		if f, ok := c.sets(args); ok {
			return bad("misc_args", "%s is a field of its own: write %s", jobfile.Printable(strings.Join(args, " ")), f)
		}
		if err := jobfile.CheckEncoderArgs(args); err != nil {
			return &FieldError{Field: "misc_args", Err: err}
		}
		if seen[opt] {
			return bad("misc_args", "%s stands twice; leave one of them out", opt)
		}
		seen[opt] = true
		if c.hardware && strings.HasSuffix(opt, "-params") {
			continue // of the family's software encoder
		}
		out.Video.Args = append(out.Video.Args, args...)
	}
	if err := jobfile.CheckEncoderArgs(out.Video.Args); err != nil {
		return &FieldError{Field: "misc_args", Err: err}
	}
	return nil
}

// sets names the field that an option belongs to.
func (c *codec) sets(args []string) (field string, ok bool) {
	switch {
	case args[0] == "-quality" && c.quality:
		return "profile", true
	case args[0] == "-quality" && strings.HasSuffix(c.encoder, "_amf"):
		return "speed", true
	}
	if f, ok := fieldOf[args[0]]; ok {
		return f, true
	}
	if !strings.HasSuffix(args[0], "-params") || len(args) < 2 {
		return "", false
	}
	for _, kv := range strings.Split(args[1], ":") {
		key, _, _ := strings.Cut(kv, "=")
		if f, ok := fieldOf[key]; ok {
			return f, true
		}
	}
	return "", false
}
