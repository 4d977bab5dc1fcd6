#!/bin/sh
# After the files are there. The account is nobody's: it owns no file and cannot sign in.
set -e
if ! getent passwd proxima >/dev/null; then
	useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin \
		--comment "Proxima, makes video proxies" proxima
fi
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	# The old one gives back what it holds, and the new one goes on.
	systemctl try-restart proxima.service || true
fi
