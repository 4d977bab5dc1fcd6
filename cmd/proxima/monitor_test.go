package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestReadToken(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	made, err := readToken(file)
	if err != nil || len(made) < 20 {
		t.Fatalf("%q %v", made, err)
	}
	if again, err := readToken(file); err != nil || again != made {
		t.Errorf("%q, then %q: %v", made, again, err)
	}
	for text, ok := range map[string]bool{
		" 0123456789abcdefghij\r\n": true, "0123456789abcdefghi": false, "": false, "0123456789 abcdefghij": false,
		"0123456789abcdefghij&x": false, "0123456789abcdefghijé": false, strings.Repeat("x", 1001): false,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readToken(file); (err == nil) != ok || ok && got != strings.TrimSpace(text) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	if _, err := readToken(filepath.Join(file, "x")); err == nil {
		t.Error("below a file")
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.WriteFile(file, []byte(made), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := readToken(file); err == nil || !strings.Contains(err.Error(), "others may read") {
		t.Error(err)
	}
}

func TestCheckAddress(t *testing.T) {
	t.Parallel()
	for addr, ok := range map[string]bool{
		"": true, "127.0.0.1:7878": true, ":7878": true, "[::1]:0": true, "edit7:9465": true,
		"7878": false, "localhost": false, "localhost:http": false, "localhost:70000": false, ":-1": false, "a:b:1": false,
	} {
		if err := checkAddress(addr); (err == nil) != ok {
			t.Errorf("%q: %v", addr, err)
		}
	}
}
