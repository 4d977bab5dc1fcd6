package main

import (
	"strings"

	"proxima/jobfile"
	"proxima/service"
)

// serviceSees tells what a service of macOS does not see of what a person sees. Shares that a
// person connects to in the Finder are mounted below /Volumes, for their session; and privacy
// protection keeps programs in the background from network volumes until a person grants it.
func serviceSees(scope service.Scope, dirs []string) (warn []string, err error) {
	for _, d := range dirs {
		if !strings.HasPrefix(d, "/Volumes/") {
			continue
		}
		if scope == service.System {
			return nil, &usageError{
				jobfile.Quote(d) + " is mounted by whoever is signed in, and the machine's service starts before that",
				"install it as your own, without sudo: proxima service install --scope user; or have the machine mount the share elsewhere (/etc/auto_master)",
			}
		}
		warn = append(warn, "macOS asks whether proxima may read network volumes, or refuses without asking: see System Settings, Privacy & Security, Files and Folders (or Full Disk Access), add proxima there, then proxima service restart")
		break
	}
	return warn, nil
}

func mountPoints([]string) []string { return nil }

func readOnlyHere(string) bool { return false }
