package main

import (
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"proxima/service"
)

// serviceSees tells what a service of this system does not see of what a person sees: here
// nothing.
func serviceSees(service.Scope, []string) ([]string, error) { return nil, nil }

// mountPoints are those on which folders lie, without the root of all.
func mountPoints(dirs []string) []string {
	data, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil // the service is ordered after less
	}
	var out []string
	for _, d := range dirs {
		if p := mountPoint(string(data), d); p != "/" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// mountPoint is the innermost mount point of a mountinfo (proc(5)) that a path lies below.
func mountPoint(mountinfo, path string) string {
	best := "/"
	for l := range strings.Lines(mountinfo) {
		f := strings.Fields(l)
		if len(f) < 5 {
			continue
		}
		p := unescapeOctal(f[4])
		if len(p) > len(best) && (path == p || strings.HasPrefix(path, p+"/")) {
			best = p
		}
	}
	return best
}

func unescapeOctal(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// readOnlyHere reports whether this process sees a folder on a volume that it may not write to.
func readOnlyHere(dir string) bool {
	var st unix.Statfs_t
	return unix.Statfs(dir, &st) == nil && st.Flags&unix.ST_RDONLY != 0
}
