package resolve

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// Resolve's words are in the language of its windows. What can be told without words is told
// so: a live proxy shows its size, a linked one its path.

var reSize = regexp.MustCompile(`^\s*[0-9]{1,6}\s*[x×X]\s*[0-9]{1,6}\s*$`)

func proxyState(word, path string) Proxy {
	switch {
	case reSize.MatchString(word):
		return ProxyLive
	case path != "" || strings.EqualFold(word, "offline"):
		return ProxyOffline
	}
	return ProxyNone
}

func levelOf(word string) (level Level, known bool) {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "", "auto":
		return LevelAuto, true
	case "full":
		return LevelFull, true
	case "video":
		return LevelVideo, true
	}
	return LevelAuto, false
}

func flipOf(word string) Flip {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "", "off", "0", "false": // a clip without a picture has no such property
		return FlipOff
	case "on", "1", "true":
		return FlipOn
	}
	return FlipUnknown
}

// rateWord takes the mark of drop frame off a timeline's rate: "29.97 DF".
func rateWord(s string) (fps string, drop bool) {
	s = strings.TrimSpace(s)
	if rate, ok := strings.CutSuffix(strings.ToUpper(s), "DF"); ok {
		return strings.TrimSpace(rate), true
	}
	return s, false
}

// onOff reads a setting that is on or off; nil where it says neither.
func onOff(s string) *bool {
	yes := true
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "1", "true", "on":
	case "0", "false", "off":
		yes = false
	default:
		return nil
	}
	return &yes
}

// count reads a number of frames: "250", "250.0"; 0 where it is none.
func count(s string) int64 {
	s, _, _ = strings.Cut(strings.TrimSpace(s), ".")
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		return 0
	}
	return n
}

// frame reads the number of a frame; nil where it is none.
func frame(s string) *int64 {
	s, _, _ = strings.Cut(strings.TrimSpace(s), ".")
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < -1<<40 || n > 1<<40 {
		return nil
	}
	return &n
}

// strangers counts words that nothing is known of.
type strangers map[[2]string]int

func (s strangers) add(property, word string) { s[[2]string{property, word}]++ }

// notes says them, once each.
func (s strangers) notes() []string {
	var keys [][2]string
	for k := range s {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i][0] < keys[j][0] || keys[i][0] == keys[j][0] && keys[i][1] < keys[j][1]
	})
	var out []string
	for _, k := range keys {
		then := "the file itself is asked instead"
		if k[0] != "Data Level" {
			then = "taken for Off; with Resolve in English flips are known"
		}
		out = append(out, fmt.Sprintf("%s of %s is %s, which is not a word that Proxima knows: %s", k[0], clips(s[k]), jobfile.Quote(k[1]), then))
	}
	return out
}
