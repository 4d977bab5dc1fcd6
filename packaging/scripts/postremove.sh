#!/bin/sh
# After the files are gone. The account stays, as its files on shares may; a purge takes it.
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
if [ "${1-}" = purge ]; then
	userdel proxima 2>/dev/null || true
fi
