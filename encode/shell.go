package encode

import (
	"strings"
	"unicode/utf8"

	"proxima/jobfile"
)

// LoggedCommand takes a line of an attempt's log apart, if it is one that says which program was run:
// its arguments, and the same line to be pasted into a shell of a system (a GOOS value). Logs lie in the
// farm's folder, where anybody may write: what is pasted should be looked at first.
func LoggedCommand(line, goos string) (args []string, pasted string, ok bool) {
	_, quoted, ok := strings.Cut(line, " $ ")
	if !ok || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "#") {
		return nil, "", false
	}
	args, ok = shellSplit(quoted)
	if !ok || len(args) == 0 {
		return nil, "", false
	}
	if goos != "windows" {
		return args, shellLine(args[0], args[1:]), true
	}
	return args, powerShellLine(args), true
}

// shellSplit reads what shellLine writes; not what a shell reads besides.
func shellSplit(s string) (args []string, ok bool) {
	for s != "" {
		var arg strings.Builder
		for s != "" && s[0] != ' ' {
			switch {
			case s[0] == '\'':
				in, rest, closed := strings.Cut(s[1:], "'")
				if !closed {
					return nil, false
				}
				arg.WriteString(in)
				s = rest
			case strings.HasPrefix(s, `\'`):
				arg.WriteByte('\'')
				s = s[2:]
			case strings.HasPrefix(s, "$'"):
				rest, ok := unescape(&arg, s[2:])
				if !ok {
					return nil, false
				}
				s = rest
			case strings.IndexByte(shellSafe, s[0]) >= 0:
				arg.WriteByte(s[0])
				s = s[1:]
			default:
				return nil, false
			}
		}
		args = append(args, arg.String())
		if s != "" {
			if s = s[1:]; s == "" || s[0] == ' ' {
				return nil, false
			}
		}
	}
	return args, true
}

// unescape reads the inside of $'...' up to its end.
func unescape(arg *strings.Builder, s string) (rest string, ok bool) {
	const hex = "0123456789abcdef"
	for s != "" {
		switch {
		case s[0] == '\'':
			return s[1:], true
		case s[0] != '\\':
			arg.WriteByte(s[0])
			s = s[1:]
		case len(s) >= 2 && (s[1] == '\'' || s[1] == '\\'):
			arg.WriteByte(s[1])
			s = s[2:]
		case len(s) >= 4 && s[1] == 'x':
			a, b := strings.IndexByte(hex, s[2]), strings.IndexByte(hex, s[3])
			if a < 0 || b < 0 {
				return "", false
			}
			arg.WriteByte(byte(a<<4 | b))
			s = s[4:]
		default:
			return "", false
		}
	}
	return "", false
}

// powerShellLine is a command line for Windows' terminals. Where nothing in it means anything to
// either, it is right for cmd.exe, too.
func powerShellLine(args []string) string {
	var q []string
	for i, a := range args {
		p := powerShellQuote(a)
		if i == 0 && p != a {
			p = "& " + p // or it would be a text and no command
		}
		q = append(q, p)
	}
	return strings.Join(q, " ")
}

func powerShellQuote(s string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=:./-\\"
	switch {
	case s != "" && strings.Trim(s, safe) == "":
		return s
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !jobfile.Shows(r) }):
		return jobfile.Quote(s) // it cannot be typed; a person sees what it was
	case !strings.ContainsAny(s, "$`\"%") && !strings.HasSuffix(s, `\`):
		return `"` + s + `"`
	}
	return "'" + strings.NewReplacer("'", "''", "\u2018", "\u2018\u2018", "\u2019", "\u2019\u2019", "\u201a", "\u201a\u201a", "\u201b", "\u201b\u201b").Replace(s) + "'"
}
