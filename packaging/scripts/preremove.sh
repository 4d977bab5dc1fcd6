#!/bin/sh
# Before the files go. Debian says "remove" or "upgrade", RPM how many will be left.
set -e
case ${1-remove} in
remove | 0) ;;
*) exit 0 ;;
esac
if [ -d /run/systemd/system ]; then
	systemctl disable --now proxima.service 2>/dev/null || true
	# One that was made by "proxima service install" would be left without its program.
	proxima service uninstall --scope system >/dev/null 2>&1 || true
fi
