#!/bin/bash
# Installs Debian packages, those that are missing. Quiet when all are there.
#
#   tests/runner/install.sh PACKAGE...
#
# Needs root or sudo only when something is missing. Exit code 2 when it could
# not be installed.

set -euo pipefail

missing=()
for package in "$@"; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "not installed, and there is no sudo: ${missing[*]}" >&2
    exit 2
  fi
  as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "installing ${missing[*]}"
# Another package manager may be at work: wait for its lock.
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq
     -o DPkg::Lock::Timeout=300)
if ! { "${apt[@]}" update &&
       "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } \
     >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  echo "could not install ${missing[*]}" >&2
  exit 2
fi
