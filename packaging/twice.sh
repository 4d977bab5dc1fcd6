#!/bin/sh
# make dist-test: two builds of one commit, in two folders and with nothing kept between them, are the
# same bytes. ONLY=linux/amd64 compares one platform.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
commit=$(git rev-parse HEAD) # whatever is committed meanwhile
version=$(git describe --tags --always "$commit")
epoch=$(git log -1 --format=%ct "$commit")
for n in 1 2; do
	mkdir "$work/$n"
	git archive "$commit" | tar -x -C "$work/$n"
	(cd "$work/$n" && GOCACHE="$work/cache-$n" "${GO:-go}" run ./packaging/dist -version "$version" -epoch "$epoch" -only "${ONLY-}" -out dist)
done
diff -r "$work/1/dist" "$work/2/dist"
echo "dist-test: $(ls "$work/1/dist" | wc -l) files, the same both times"
