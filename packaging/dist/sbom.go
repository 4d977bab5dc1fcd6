package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

// component is a part of the program, as CycloneDX 1.5 names it.
type component struct {
	Type    string `json:"type"`
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	PURL    string `json:"purl,omitempty"`
}

type depends struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn"`
}

// sbom lists the modules that are in a program, as the linker wrote it into the program itself:
// what the module file names for tests and tools is not in it, and not in the list.
func sbom(r *release, p platform, program string) ([]byte, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	self := component{"application", "proxima", "proxima", r.number, ""}
	parts := []component{{"library", "go", "std", info.GoVersion, "pkg:golang/std@" + url.PathEscape(info.GoVersion)}}
	on := []string{"go"}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		purl := "pkg:golang/" + m.Path + "@" + url.PathEscape(m.Version)
		parts = append(parts, component{"library", purl, m.Path, m.Version, purl})
		on = append(on, purl)
	}
	doc := struct {
		Format  string `json:"bomFormat"`
		Spec    string `json:"specVersion"`
		Version int    `json:"version"`
		Meta    any    `json:"metadata"`
		Parts   any    `json:"components"`
		Depends any    `json:"dependencies"`
	}{
		"CycloneDX", "1.5", 1,
		map[string]any{
			"timestamp": r.at.Format(time.RFC3339), "component": self,
			"properties": []map[string]string{{"name": "platform", "value": p.os + "/" + p.arch}},
		},
		parts,
		[]depends{{"proxima", on}},
	}
	data, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("list what is inside: %w", err)
	}
	return append(data, '\n'), nil
}
