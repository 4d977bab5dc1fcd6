// Package corpus makes the nasty sources that Proxima is tested with: small files, each of
// which breaks an encoder that takes one thing too much for granted.
//
// They are made by ffmpeg on the machine that tests, so none is kept in the repository. They
// are synthetic: what only cameras write (field packets, damaged streams) is not among them.
package corpus

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// parallel is how many sources are made at once. Each step runs on about one core.
const parallel = 2

// Folder is where tests keep the corpus between runs: the folder in PROXIMA_CORPUS, or one in
// the user's cache. The latter's name hangs on how the sources are made, so a changed corpus
// is made anew.
func Folder() (string, error) {
	if dir := os.Getenv("PROXIMA_CORPUS"); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	h := sha256.New()
	for _, s := range Sources() {
		fmt.Fprintln(h, s.Name, s.steps, s.files)
	}
	return filepath.Join(cache, "proxima", "corpus-"+hex.EncodeToString(h.Sum(nil)[:6])), nil
}

// Make puts the named sources, or all if none is named, into dir, which is created if need
// be. Those that are there are left alone: a source gets its name when it is complete, so an
// interrupted run leaves nothing that could be taken for one. Several processes may make the
// same corpus; the work is then done more than once.
func Make(ctx context.Context, dir string, names ...string) error {
	todo, err := choose(names)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make corpus: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		errs  []error
		slots = make(chan struct{}, parallel)
	)
	for _, s := range todo {
		if _, err := os.Stat(filepath.Join(dir, s.Name)); err == nil {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if ctx.Err() != nil {
				return
			}
			if err := s.make(ctx, dir); err != nil {
				mu.Lock()
				errs = append(errs, fmt.Errorf("make %s: %w", s.Name, err))
				mu.Unlock()
				cancel()
			}
		})
	}
	wg.Wait()
	if len(errs) == 0 {
		return ctx.Err()
	}
	return errors.Join(errs...)
}

func choose(names []string) ([]Source, error) {
	all := Sources()
	if len(names) == 0 {
		return all, nil
	}
	var todo []Source
next:
	for _, n := range names {
		for _, s := range all {
			if s.Name == n {
				todo = append(todo, s)
				continue next
			}
		}
		return nil, fmt.Errorf("make corpus: there is no source %q", n)
	}
	return todo, nil
}

func (s Source) make(ctx context.Context, dir string) error {
	tmp, err := os.MkdirTemp(dir, ".making-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	for name, text := range s.files {
		if err := os.WriteFile(filepath.Join(tmp, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	for _, step := range s.steps {
		args := append([]string{"-nostdin", "-hide_banner", "-v", "error", "-xerror", "-y", "-filter_threads", "1"}, strings.Fields(step)...)
		cmd := exec.CommandContext(ctx, "ffmpeg", args...)
		cmd.Dir = tmp
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("ffmpeg %s: %w\n%s", strings.TrimSpace(step), err, bytes.TrimSpace(out))
		}
	}
	made := filepath.Join(tmp, "out"+filepath.Ext(s.Name))
	if s.patch != nil {
		b, err := os.ReadFile(made)
		if err != nil {
			return err
		}
		if err := s.patch(b); err != nil {
			return err
		}
		if err := os.WriteFile(made, b, 0o644); err != nil {
			return err
		}
	}
	final := filepath.Join(dir, s.Name)
	if err := os.Rename(made, final); err != nil {
		if _, there := os.Stat(final); there == nil {
			return nil // another process was first, and its file is open
		}
		return err
	}
	return nil
}

// turn90 writes a display matrix into the first track of an MP4 file, as a phone held upright
// does. ffmpeg's own option for it changed its name from release to release.
func turn90(file []byte) error {
	const matrix = 4 + 40 // after the box type: the fields of a version 0 tkhd
	i := bytes.Index(file, []byte("tkhd"))
	if i < 0 || i+matrix+36 > len(file) || file[i+4] != 0 {
		return errors.New("no track header of version 0")
	}
	for j, v := range [9]int32{0, 1 << 16, 0, -1 << 16, 0, 0, 180 << 16, 0, 1 << 30} {
		binary.BigEndian.PutUint32(file[i+matrix+4*j:], uint32(v))
	}
	return nil
}
