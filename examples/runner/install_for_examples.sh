#!/bin/bash
# Installs what the examples need.

set -euo pipefail

packages=(
  python3 meson ninja-build ccache pkg-config g++
  libabsl-dev libisal-dev liburing-dev libfmt-dev libxxhash-dev libssl-dev
)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
exec "$root/tests/runner/install.sh" "${packages[@]}"
