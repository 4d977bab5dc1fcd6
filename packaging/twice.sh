#!/bin/sh
# make dist-test: two builds of one commit, in two folders with two caches of their own, are the same
# bytes.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
version=$(git describe --tags --always --dirty)
epoch=$(git log -1 --format=%ct)
for n in 1 2; do
	git ls-files -z | tar --null -T - -cf "$work/source.tar"
	mkdir "$work/$n"
	tar -xf "$work/source.tar" -C "$work/$n"
	(cd "$work/$n" && GOCACHE="$work/cache-$n" "${GO:-go}" run ./packaging/dist -version "$version" -epoch "$epoch" -out dist)
done
diff -r "$work/1/dist" "$work/2/dist"
echo "dist-test: $(ls "$work/1/dist" | wc -l) files, the same both times"
