package load

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of proc_stat(5): USER_HZ is 100 wherever Go runs.
const tick = 10 * time.Millisecond

// parseStat reads the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal, and
// guests, which user has in it already. What a hypervisor took is not to be had, and counts as in use.
func parseStat(text string) (busy, all time.Duration, err error) {
	line, _, _ := strings.Cut(text, "\n")
	words := strings.Fields(line)
	if len(words) < 5 || words[0] != "cpu" {
		return 0, 0, errors.New("/proc/stat does not begin with the sum of all processors")
	}
	for i, w := range words[1:min(len(words), 9)] {
		n, err := strconv.ParseInt(w, 10, 64)
		if err != nil {
			return 0, 0, errors.New("/proc/stat has words where numbers should be")
		}
		all += time.Duration(n) * tick
		if i != 3 && i != 4 {
			busy += time.Duration(n) * tick
		}
	}
	return busy, all, nil
}
