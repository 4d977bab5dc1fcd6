package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const description = "Makes video proxies on all workstations of a room at once"

// packages makes the .deb and the .rpm, with nfpm of the tools' own module.
func (r *release) packages(p platform, program string) error {
	config := filepath.Join(r.tmp, "nfpm-"+p.arch+".yaml")
	if err := os.WriteFile(config, []byte(nfpmConfig(r, p, program)), 0o644); err != nil {
		return err
	}
	tool := filepath.Join(r.tmp, "nfpm")
	if _, err := os.Stat(tool); err != nil {
		if _, err := r.command([]string{"GOFLAGS=", "GOWORK=off"}, r.goCmd, "-C", "tools", "build", "-o", tool, "github.com/goreleaser/nfpm/v2/cmd/nfpm"); err != nil {
			return err
		}
	}
	for _, kind := range []string{"deb", "rpm"} {
		to := filepath.Join(r.out, fmt.Sprintf("proxima_%s_linux_%s.%s", r.number, p.arch, kind))
		env := []string{"SOURCE_DATE_EPOCH=" + fmt.Sprint(r.at.Unix())}
		if _, err := r.command(env, tool, "package", "--config", config, "--packager", kind, "--target", to); err != nil {
			return err
		}
	}
	return nil
}

// nfpmConfig is what a package holds. ffmpeg is recommended, not required: a studio may have a
// build of its own.
func nfpmConfig(r *release, p platform, program string) string {
	date := r.at.Format("2006-01-02T15:04:05Z")
	var b strings.Builder
	fmt.Fprintf(&b, `name: proxima
arch: %s
platform: linux
version: %q
version_schema: none
mtime: %q
maintainer: Proxima <proxima@example.invalid>
description: %s
license: Apache-2.0
section: video
priority: optional
recommends: [ffmpeg]
overrides:
  deb: {depends: [passwd]}
  rpm: {depends: [/usr/sbin/useradd]}
rpm: {buildhost: localhost, summary: %s}
scripts:
  postinstall: packaging/scripts/postinstall.sh
  preremove: packaging/scripts/preremove.sh
  postremove: packaging/scripts/postremove.sh
contents:
`, p.arch, r.number, date, description, description)
	// Distributions differ in where some things lie; "" is for both.
	addFor := func(packager, from, to, kind string, mode int) {
		fmt.Fprintf(&b, "  - {src: %q, dst: %q, type: %q, packager: %q, file_info: {mode: 0o%o, mtime: %q}}\n", from, to, kind, packager, mode, date)
	}
	add := func(from, to, kind string, mode int) { addFor("", from, to, kind, mode) }
	// An RPM removes the folders that it says are its own, a .deb those that it leaves empty.
	for _, dir := range []string{"/etc/proxima", "/usr/share/doc/proxima", "/usr/share/doc/proxima/examples", "/usr/share/licenses/proxima"} {
		fmt.Fprintf(&b, "  - {dst: %q, type: dir, packager: rpm, file_info: {mode: 0o755, mtime: %q}}\n", dir, date)
	}
	add(program, "/usr/bin/proxima", "", 0o755)
	add("packaging/proxima.service", "/usr/lib/systemd/system/proxima.service", "", 0o644)
	add("packaging/config.yaml", "/etc/proxima/config.yaml", "config|noreplace", 0o644)
	addFor("deb", "LICENSE", "/usr/share/doc/proxima/copyright", "", 0o644)
	addFor("rpm", "LICENSE", "/usr/share/licenses/proxima/LICENSE", "license", 0o644)
	notes := filepath.Join(filepath.Dir(program), thirdParty)
	addFor("deb", notes, "/usr/share/doc/proxima/"+thirdParty, "", 0o644)
	addFor("rpm", notes, "/usr/share/licenses/proxima/"+thirdParty, "license", 0o644)
	add(filepath.Join(r.tmp, "completion", "bash", "proxima"), "/usr/share/bash-completion/completions/proxima", "", 0o644)
	zsh := filepath.Join(r.tmp, "completion", "zsh", "_proxima")
	addFor("deb", zsh, "/usr/share/zsh/vendor-completions/_proxima", "", 0o644)
	addFor("rpm", zsh, "/usr/share/zsh/site-functions/_proxima", "", 0o644)
	add(filepath.Join(r.tmp, "completion", "fish", "proxima.fish"), "/usr/share/fish/vendor_completions.d/proxima.fish", "", 0o644)
	for _, f := range matches("deploy/*") {
		add(f, "/usr/share/doc/proxima/examples/"+filepath.Base(f), "", 0o644)
	}
	for _, m := range matches(filepath.Join(r.tmp, "man", "*.1")) {
		add(m, "/usr/share/man/man1/"+filepath.Base(m), "", 0o644)
	}
	return b.String()
}

// matches is a list of files by a pattern of ours, which is right.
func matches(pattern string) []string {
	found, _ := filepath.Glob(pattern)
	return found
}

// formula is Homebrew's.
func formula(r *release, sums map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "class Proxima < Formula\n  desc %q\n  homepage %q\n  version %q\n  license \"Apache-2.0\"\n\n  depends_on \"ffmpeg\"\n", description, r.base, r.number)
	for _, os := range []struct{ goos, name string }{{"darwin", "macos"}, {"linux", "linux"}} {
		fmt.Fprintf(&b, "\n  on_%s do\n", os.name)
		for _, arch := range []struct{ goarch, name string }{{"arm64", "arm"}, {"amd64", "intel"}} {
			a := r.archive(platform{os.goos, arch.goarch})
			fmt.Fprintf(&b, "    on_%s do\n      url \"%s/%s/%s\"\n      sha256 %q\n    end\n", arch.name, r.base, r.version, a, sums[a])
		}
		b.WriteString("  end\n")
	}
	b.WriteString(`
  def install
    bin.install "proxima"
    man1.install Dir["man/*.1"]
    bash_completion.install "completion/proxima"
    zsh_completion.install "completion/_proxima"
    fish_completion.install "completion/proxima.fish"
  end

  test do
    system bin/"proxima", "init", testpath/"farm"
    assert_path_exists testpath/"farm/farm.yaml"
  end
end
`)
	return b.String()
}

// scoop is Scoop's manifest, for Windows.
func scoop(r *release, sums map[string]string) string {
	arch := func(name, goarch string) string {
		a := r.archive(platform{"windows", goarch})
		return fmt.Sprintf("    %q: {\n      \"url\": \"%s/%s/%s\",\n      \"hash\": %q,\n      \"extract_dir\": %q\n    }", name, r.base, r.version, a, sums[a], strings.TrimSuffix(a, ".zip"))
	}
	return fmt.Sprintf("{\n  \"version\": %q,\n  \"description\": %q,\n  \"homepage\": %q,\n  \"license\": \"Apache-2.0\",\n  \"depends\": \"ffmpeg\",\n  \"architecture\": {\n%s,\n%s\n  },\n  \"bin\": \"proxima.exe\"\n}\n",
		r.number, description, r.base, arch("64bit", "amd64"), arch("arm64", "arm64"))
}
