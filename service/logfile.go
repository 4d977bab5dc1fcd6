package service

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// Log files grow to logSize; logKept old ones stay beside the current.
const (
	logSize = 10 << 20
	logKept = 4
)

// LogFile is a log that does not fill the disk: when it has grown it becomes FILE.1, FILE.1
// becomes FILE.2 and so on, and the oldest goes.
type LogFile struct {
	path  string
	limit int64
	mu    sync.Mutex
	f     *os.File
	size  int64
}

// OpenLog opens or makes a log. One process writes to it.
func OpenLog(path string) (*LogFile, error) {
	l := &LogFile{path: path, limit: logSize}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return l, l.open()
}

func (l *LogFile) open() error {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close() // nothing was written
		return err
	}
	l.f, l.size = f, info.Size()
	return nil
}

// Write writes a line. Where the log cannot be turned over it grows on: a full log is better than
// none.
func (l *LogFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		if err := l.open(); err != nil {
			return 0, err
		}
	}
	if l.size > 0 && l.size+int64(len(p)) > l.limit {
		if err := l.turn(); err != nil {
			return 0, err
		}
	}
	n, err := l.f.Write(p)
	l.size += int64(n)
	return n, err
}

// turn closes before it renames: Windows renames no open file.
func (l *LogFile) turn() error {
	err := l.f.Close()
	l.f = nil
	if err != nil {
		return err
	}
	old := func(n int) string { return fmt.Sprintf("%s.%d", l.path, n) }
	for n := logKept - 1; n >= 1; n-- {
		_ = os.Rename(old(n), old(n+1)) // those that are there
	}
	_ = os.Rename(l.path, old(1))
	return l.open()
}

// Close closes it.
func (l *LogFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return nil
	}
	err := l.f.Close()
	l.f = nil
	return err
}
