package main

import (
	"cmp"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"proxima/jobfile"
)

// readerPath is the proxy's path as the machine sees it that wrote the timeline, and will read it
// again. target is that machine's path of the source, with forward slashes. The ways to tell,
// from the surest:
//
//  1. it calls the source what we call it, so it calls the proxy so, too;
//  2. the farm's roots say where that machine has the folder that the proxy is in;
//  3. the proxy lies below the source's own folder, so it does there.
func readerPath(farm *jobfile.Farm, target string, p sourceProxy) (string, bool) {
	if fold(filepath.ToSlash(p.source)) == fold(target) {
		return p.proxy, true
	}
	if key, ok := placeKey(farm, target); ok {
		named := roots(farm).Name(p.proxy)
		if place, known := farm.Roots[named.Root][key]; known && named.Root != "" {
			return likeTarget(strings.TrimRight(place, `/\`)+"/"+named.Rel, target), true
		}
	}
	rel, err := filepath.Rel(filepath.Dir(p.source), p.proxy)
	folder, _, found := cutLast(target)
	if err != nil || !filepath.IsLocal(rel) || !found {
		return "", false
	}
	return likeTarget(folder+"/"+filepath.ToSlash(rel), target), true
}

// placeKey is the platform or host in farm.yaml on whose roots the path lies: the longest root
// decides, and between equal ones this machine's own platform.
func placeKey(farm *jobfile.Farm, path string) (key string, ok bool) {
	type match struct {
		key    string
		length int
	}
	var found []match
	for _, root := range slices.Sorted(maps.Keys(farm.Roots)) {
		for _, key := range slices.Sorted(maps.Keys(farm.Roots[root])) {
			place := strings.TrimRight(strings.ReplaceAll(farm.Roots[root][key], `\`, "/"), "/")
			if strings.HasPrefix(fold(path), fold(place)+"/") {
				found = append(found, match{key, len(place)})
			}
		}
	}
	if len(found) == 0 {
		return "", false
	}
	best := slices.MaxFunc(found, func(a, b match) int {
		own := func(m match) int { return len(yesNo(m.key == runtime.GOOS, "x", "")) }
		return cmp.Or(cmp.Compare(a.length, b.length), cmp.Compare(own(a), own(b)))
	})
	return best.key, true
}

// likeTarget writes a path with the separators of its system.
func likeTarget(path, target string) string {
	if windows := strings.HasPrefix(target, "//") || len(target) > 1 && target[1] == ':'; windows {
		return strings.ReplaceAll(path, "/", `\`)
	}
	return path
}

func cutLast(path string) (folder, name string, found bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}
