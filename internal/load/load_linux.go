package load

import (
	"os"
	"time"
)

func reader() func() (float64, error) {
	return since(func() (busy, all time.Duration, err error) {
		text, err := os.ReadFile("/proc/stat")
		if err != nil {
			return 0, 0, err
		}
		return parseStat(string(text))
	})
}
