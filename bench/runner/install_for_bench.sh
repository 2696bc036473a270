#!/bin/bash
# Installs what the benchmarks need.

set -euo pipefail

packages=(
  # Building.
  python3 meson ninja-build ccache pkg-config g++
  libabsl-dev libisal-dev liburing-dev libfmt-dev libxxhash-dev libssl-dev
  libcli11-dev nlohmann-json3-dev
  # Measuring.
  libbenchmark-dev librocksdb-dev strace
)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
exec "$root/tests/runner/install.sh" "${packages[@]}"
