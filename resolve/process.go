package resolve

import (
	"context"
	"encoding/csv"
	"os"
	"os/exec"
	"path"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// process is what the system tells of Resolve's own.
type process struct {
	known   bool // the system told
	there   bool
	foreign bool // it belongs to another user
}

// running asks the system for Resolve's process. It is asked only to say more clearly why
// Resolve does not answer, so that where it does not tell nothing is lost.
func running() process {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if runtime.GOOS == "windows" {
		out, err := exec.CommandContext(ctx, "tasklist", "/FI", "IMAGENAME eq Resolve.exe", "/FO", "CSV", "/NH").Output()
		if err != nil {
			return process{}
		}
		return process{known: true, there: inTasks(string(out))}
	}
	out, err := exec.CommandContext(ctx, "ps", "-A", "-o", "uid=", "-o", "comm=").Output()
	if err != nil {
		return process{}
	}
	return inProcesses(string(out), os.Getuid())
}

// inProcesses reads lines of user and command: "  501 /Applications/.../MacOS/Resolve".
func inProcesses(out string, self int) process {
	p := process{known: true}
	for _, l := range strings.Split(out, "\n") {
		user, command, _ := strings.Cut(strings.TrimSpace(l), " ")
		if !strings.EqualFold(path.Base(strings.TrimSpace(command)), "resolve") {
			continue
		}
		uid, err := strconv.Atoi(user)
		if mine := err != nil || uid == self; mine {
			return process{known: true, there: true}
		}
		p.there, p.foreign = true, true
	}
	return p
}

// inTasks reads tasklist's CSV; where there is none it is a sentence in the user's language.
func inTasks(out string) bool {
	r := csv.NewReader(strings.NewReader(out))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	rows, _ := r.ReadAll()
	for _, row := range rows {
		if len(row) > 1 && strings.EqualFold(row[0], "Resolve.exe") {
			return true
		}
	}
	return false
}
