package jobfile

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// windowsPath reports whether s is absolute on Windows: C:\a, C:/a or \\server\share.
func windowsPath(s string) bool {
	return strings.HasPrefix(s, `\\`) || len(s) > 2 && s[1] == ':' && (s[2] == '\\' || s[2] == '/') && (s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z')
}

// checkBare refuses an absolute path, of any system, that is not what it seems: one that climbs,
// and on Windows one that names a device or a stream beside a file.
func checkBare(s string) error {
	switch {
	case windowsPath(s):
		rest, server := strings.CutPrefix(s, `\\`)
		if !server {
			rest = s[3:]
		}
		// \\?\ and \\.\ lead around all rules, to raw disks and pipes.
		parts := strings.FieldsFunc(strings.TrimRight(rest, `\/`), func(r rune) bool { return r == '\\' || r == '/' })
		if server && (len(parts) < 2 || parts[0] == "?") {
			return fmt.Errorf("%s is not a path on a server", Quote(s))
		}
		for _, c := range parts {
			if why := windowsMeans(c); why != "" {
				return fmt.Errorf("%s: %s", Quote(s), why)
			}
		}
		if doubled := strings.ContainsAny(rest, `\/`) && strings.Contains(strings.ReplaceAll(rest, "/", `\`), `\\`); doubled {
			return fmt.Errorf("%s is not in its simplest form", Quote(s))
		}
	case strings.HasPrefix(s, "/"):
		for _, c := range strings.Split(strings.TrimSuffix(s[1:], "/"), "/") {
			if c == "" && s != "/" || c == "." || c == ".." {
				return fmt.Errorf("%s is not in its simplest form", Quote(s))
			}
		}
	default:
		return fmt.Errorf("%s is not an absolute path", Quote(s))
	}
	return nil
}

// PortableName refuses a name that is not a file's or folder's on every system: one component,
// that shows, is not hidden, and that Windows does not take for something else.
func PortableName(name string) error {
	switch why := windowsMeans(name); {
	case why != "":
		return fmt.Errorf("%s: %s", Quote(name), why)
	case strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~"):
		return fmt.Errorf("%s is a hidden or a temporary name", Quote(name))
	case len(name) > 100:
		return fmt.Errorf("%s is longer than 100 bytes", Quote(name))
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !Shows(r) }) || strings.TrimSpace(name) != name:
		return fmt.Errorf("%s has signs that do not show", Quote(name))
	}
	return nil
}

// devices are names that Windows gives to no file, whatever follows a dot in them.
var devices = []string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"}

// windowsMeans says why a name is no file's on Windows, "" if it can be one's. Elsewhere such
// names are legal, and footage has them.
func windowsMeans(name string) string {
	if i := strings.IndexFunc(name, func(r rune) bool { return r < ' ' || strings.ContainsRune(`<>:"|?*\/`, r) }); i >= 0 {
		return fmt.Sprintf("a %s in a name means something else on Windows", Quote(name[i:i+1]))
	}
	if name == "" || strings.TrimRight(name, ". ") != name {
		return "Windows drops dots and spaces at the end of a name"
	}
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	port, numbered := strings.CutPrefix(stem, "COM")
	if !numbered {
		port, numbered = strings.CutPrefix(stem, "LPT")
	}
	if slices.Contains(devices, stem) || numbered && len([]rune(port)) == 1 && strings.ContainsAny(port, "0123456789¹²³") {
		return Quote(name) + " is a device on Windows"
	}
	return ""
}
