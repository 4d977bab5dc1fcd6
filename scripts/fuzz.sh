#!/bin/sh
# Runs each fuzz target for the given time. `go test -fuzz` links a package's tests anew for each
# target and gives one of them all cores; here each package is built once and every core has a
# target of its own.
set -eu
time=${1:?usage: fuzz.sh TIME}
go=${GO:-go}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
cache=$("$go" env GOCACHE)/fuzz

n=0
"$go" list -f '{{.ImportPath}} {{.Dir}}' ./... | while read -r pkg src; do
	grep -qs '^func Fuzz' "$src"/*_test.go || continue
	n=$((n + 1))
	"$go" test -c -fuzz=. -o "$dir/$n.test" "$pkg"
	"$dir/$n.test" -test.list '^Fuzz' | while read -r target; do
		echo "$dir/$n.test $src $cache/$pkg $pkg $target"
	done
done >"$dir/targets"

# A target fails that wrote down an input. That the deadline of the whole run itself is reported
# as a failure is Go's (golang/go#75804, mended in 1.27), on a busy machine now and then.
cat >"$dir/one" <<'EOF'
out=$(cd "$2" && "$1" -test.run '^$' -test.fuzz "^$5\$" -test.fuzztime "$6" -test.fuzzminimizetime 1s -test.parallel 1 -test.fuzzcachedir "$3" 2>&1) ||
	if [ "$(echo "$out" | sed -n '/^--- FAIL/,$p' | sed '1d;s/^ *//' | paste -s -d ' ' -)" != "context deadline exceeded FAIL" ]; then
		echo "$4 $5: failed"
		echo "$out"
		exit 255
	fi
echo "$4 $5: $(echo "$out" | sed -n 's/.*\(execs: [0-9]*\).*/\1/p' | tail -n 1)"
EOF
sed "s|\$| $time|" "$dir/targets" | xargs -P "$cores" -L 1 sh "$dir/one"
