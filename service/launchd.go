package service

import (
	"encoding/xml"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// Plist is the definition of a launchd daemon (System) or agent (User).
func Plist(s *Spec) (string, error) {
	if err := s.Validate(); err != nil {
		return "", err
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	str := func(key, value string) { line("\t<key>%s</key>\n\t<string>%s</string>", key, xmlText(value)) }
	line(`<?xml version="1.0" encoding="UTF-8"?>`)
	line(`<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">`)
	line(`<plist version="1.0">`)
	line("<dict>")
	str("Label", Name)
	line("\t<key>ProgramArguments</key>\n\t<array>")
	for _, a := range append([]string{s.Program}, s.Args...) {
		line("\t\t<string>%s</string>", xmlText(a))
	}
	line("\t</array>")
	if len(s.Env) > 0 {
		line("\t<key>EnvironmentVariables</key>\n\t<dict>")
		for _, k := range slices.Sorted(maps.Keys(s.Env)) {
			line("\t\t<key>%s</key>\n\t\t<string>%s</string>", xmlText(k), xmlText(s.Env[k]))
		}
		line("\t</dict>")
	}
	if s.Scope == System {
		str("UserName", s.User)
	}
	line("\t<key>RunAtLoad</key>\n\t<true/>")
	line("\t<!-- Started again after a crash: at once, but not more often than each 10 s. -->")
	line("\t<key>KeepAlive</key>\n\t<true/>")
	line("\t<key>ThrottleInterval</key>\n\t<integer>10</integer>")
	line("\t<!-- Between SIGTERM and SIGKILL, in seconds. -->")
	line("\t<key>ExitTimeOut</key>\n\t<integer>%d</integer>", int((s.Finish + leaveTime).Seconds()))
	line("\t<!-- Whatever the program started ends with it. -->")
	line("\t<key>AbandonProcessGroup</key>\n\t<false/>")
	line("\t<!-- Low, but not Background, which macOS confines to slow cores. -->")
	str("ProcessType", "Standard")
	line("\t<key>Nice</key>\n\t<integer>10</integer>")
	line("\t<key>LowPriorityIO</key>\n\t<true/>")
	if s.LogDir != "" {
		str("StandardOutPath", filepath.ToSlash(s.LogDir)+"/proxima-launchd.log")
		str("StandardErrorPath", filepath.ToSlash(s.LogDir)+"/proxima-launchd.log")
	}
	line("</dict>")
	line("</plist>")
	return b.String(), nil
}

func xmlText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// PlistArgs reads the command line of a definition that Plist made: program first. Nil if it is
// none.
func PlistArgs(plist string) (args []string) {
	d := xml.NewDecoder(strings.NewReader(plist))
	key, in := "", false
	for {
		t, err := d.Token()
		if err != nil {
			return args
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		var text string
		switch e.Name.Local {
		case "key":
			in = false
			if d.DecodeElement(&text, &e) == nil {
				key = text
			}
		case "array":
			in = key == "ProgramArguments"
		case "string":
			if d.DecodeElement(&text, &e) == nil && in {
				args = append(args, text)
			}
		}
	}
}
