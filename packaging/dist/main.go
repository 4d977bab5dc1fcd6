// Command dist builds what a release consists of: archives for six platforms, .deb and .rpm, a
// Homebrew formula, a Scoop manifest, a list of what is inside (SBOM), and checksums. Built twice
// from one commit, with one Go, the files are the same byte by byte.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

type platform struct{ os, arch string }

var platforms = []platform{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

// release is one run.
type release struct {
	version string // as git describes it
	number  string // as packages want it
	out     string // folder of what is made
	tmp     string
	at      time.Time // of the commit: the time of all files
	goCmd   string
	base    string // where the archives will be downloaded from
	only    string // a platform as os/arch, for those who try it out
}

func main() {
	r := &release{goCmd: os.Getenv("GO")}
	if r.goCmd == "" {
		r.goCmd = "go"
	}
	var epoch int64
	flag.StringVar(&r.version, "version", "", "the release, as v1.2.3")
	flag.Int64Var(&epoch, "epoch", 0, "seconds since 1970 that all files are dated with")
	flag.StringVar(&r.out, "out", "dist", "`folder` for what is made")
	flag.StringVar(&r.base, "base", "https://example.invalid/proxima/releases/download", "`address` under which releases are published")
	flag.StringVar(&r.only, "only", "", "make this `platform` alone, as linux/amd64, without formula and manifest")
	flag.Parse()
	r.at = time.Unix(epoch, 0).UTC()
	if err := r.run(); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func (r *release) run() (err error) {
	if r.version == "" {
		return errors.New("give -version")
	}
	r.number = packageVersion(r.version)
	if r.tmp, err = os.MkdirTemp("", "proxima-dist-*"); err != nil {
		return err
	}
	defer os.RemoveAll(r.tmp)
	if err := os.RemoveAll(r.out); err != nil {
		return err
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	if err := r.texts(); err != nil {
		return err
	}
	for _, p := range platforms {
		if r.only != "" && r.only != p.os+"/"+p.arch {
			continue
		}
		fmt.Println("dist:", p.os, p.arch)
		if err := r.platform(p); err != nil {
			return fmt.Errorf("%s/%s: %w", p.os, p.arch, err)
		}
	}
	sums, err := r.sums()
	if err != nil {
		return err
	}
	if r.only != "" {
		return nil
	}
	for name, text := range map[string]string{"proxima.rb": formula(r, sums), "proxima.json": scoop(r, sums)} {
		if err := os.WriteFile(filepath.Join(r.out, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if sums, err = r.sums(); err != nil {
		return err
	}
	var b strings.Builder
	for _, name := range sortedKeys(sums) {
		fmt.Fprintf(&b, "%s  %s\n", sums[name], name)
	}
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(b.String()), 0o644)
}

// packageVersion is a version as packages order it: v1.2.0 is 1.2.0, v1.2.0-3-gabcdef, three
// commits later, 1.2.0+3.gabcdef, and a bare commit comes before all.
func packageVersion(v string) string {
	v, dirty := strings.CutSuffix(v, "-dirty")
	n, numbered := strings.CutPrefix(v, "v")
	if numbered {
		n = strings.Replace(n, "-", "+", 1)
		n = strings.ReplaceAll(n, "-", ".")
	} else {
		n = "0.0.0+g" + v
	}
	if dirty {
		n += map[bool]string{true: ".dirty", false: "+dirty"}[strings.Contains(n, "+")]
	}
	return n
}

// command runs a program with more variables.
func (r *release) command(env []string, name string, args ...string) ([]byte, error) {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), env...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return out, nil
}

// texts makes the man pages and completions, with a program of this machine.
func (r *release) texts() error {
	tool := filepath.Join(r.tmp, "texts", "proxima")
	if _, err := r.command(nil, r.goCmd, "build", "-tags", "man", "-trimpath", "-buildvcs=false", "-ldflags", "-X main.version="+r.version, "-o", tool, "./cmd/proxima"); err != nil {
		return err
	}
	if _, err := r.command([]string{"SOURCE_DATE_EPOCH=" + fmt.Sprint(r.at.Unix())}, tool, "man", filepath.Join(r.tmp, "man")); err != nil {
		return err
	}
	for shell, file := range map[string]string{"bash": "proxima", "zsh": "_proxima", "fish": "proxima.fish", "powershell": "proxima.ps1"} {
		out, err := r.command(nil, tool, "completion", shell)
		if err != nil {
			return err
		}
		dir := filepath.Join(r.tmp, "completion", shell)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, file), out, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// platform builds, packs and describes the program for one platform.
func (r *release) platform(p platform) error {
	exe := "proxima"
	if p.os == "windows" {
		exe += ".exe"
	}
	program := filepath.Join(r.tmp, p.os+"-"+p.arch, exe)
	env := []string{"GOOS=" + p.os, "GOARCH=" + p.arch, "CGO_ENABLED=0"}
	if _, err := r.command(env, r.goCmd, "build", "-trimpath", "-buildvcs=false", "-ldflags", "-X main.version="+r.version, "-o", program, "./cmd/proxima"); err != nil {
		return err
	}
	bom, err := sbom(r, p, program)
	if err != nil {
		return err
	}
	name := r.archive(p)
	if err := os.WriteFile(filepath.Join(r.out, name+".cdx.json"), bom, 0o644); err != nil {
		return err
	}
	notes, err := r.notices(program)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(program), thirdParty), notes, 0o644); err != nil {
		return err
	}
	files, err := r.files(p, exe, program)
	if err != nil {
		return err
	}
	if p.os == "windows" {
		return writeZip(filepath.Join(r.out, name), r.at, files)
	}
	if err := writeTar(filepath.Join(r.out, name), r.at, files); err != nil {
		return err
	}
	if p.os == "linux" {
		return r.packages(p, program)
	}
	return nil
}

// archive is the name of a platform's.
func (r *release) archive(p platform) string {
	ext := ".tar.gz"
	if p.os == "windows" {
		ext = ".zip"
	}
	return fmt.Sprintf("proxima_%s_%s_%s%s", r.number, p.os, p.arch, ext)
}

// files is what an archive holds.
func (r *release) files(p platform, exe, program string) ([]packed, error) {
	top := strings.TrimSuffix(strings.TrimSuffix(r.archive(p), ".zip"), ".tar.gz") + "/"
	list := []packed{{top + exe, program, 0o755}, {top + thirdParty, filepath.Join(filepath.Dir(program), thirdParty), 0o644}}
	add := func(pattern, to string) error {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("nothing is called %s", pattern)
		}
		slices.Sort(found)
		for _, f := range found {
			list = append(list, packed{top + to + filepath.Base(f), f, 0o644})
		}
		return nil
	}
	var errs []error
	for _, pattern := range documents {
		dir := filepath.ToSlash(filepath.Dir(pattern)) + "/"
		errs = append(errs, add(pattern, strings.TrimPrefix(dir, "./")))
	}
	errs = append(errs, add(filepath.Join(r.tmp, "completion", "*", "*"), "completion/"))
	if p.os != "windows" {
		errs = append(errs, add(filepath.Join(r.tmp, "man", "*.1"), "man/"))
	}
	return list, errors.Join(errs...)
}

// thirdParty holds the licences of what is in the program.
const thirdParty = "THIRD-PARTY.txt"

// documents are the files of the project that an archive holds besides: what they link to is there.
var documents = []string{
	"LICENSE", "README.md", "CHANGELOG.md", "docs/*.md", "docs/*.json", "docs/decisions/*.md", "docs/performance/*.svg",
	"presets/builtin.yaml", "deploy/*",
}

// sums are the checksums of what was made, by name.
func (r *release) sums() (map[string]string, error) {
	es, err := os.ReadDir(r.out)
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for _, e := range es {
		data, err := os.ReadFile(filepath.Join(r.out, e.Name()))
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		sums[e.Name()] = hex.EncodeToString(sum[:])
	}
	return sums, nil
}
