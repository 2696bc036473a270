#!/bin/bash
# Installs what the tests and the mutants need.

set -euo pipefail

packages=(
  # Building.
  python3 meson ninja-build ccache pkg-config g++
  libabsl-dev libisal-dev liburing-dev liblmdb-dev libfmt-dev libxxhash-dev
  libssl-dev libcli11-dev nlohmann-json3-dev
  # Testing.
  libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev librocksdb-dev
  strace
  # Checking: a Clang of Debian 12 that knows GCC's coroutines.
  clang-format-14 clang-19 clang-tidy-19 libclang-rt-19-dev
)
exec "$(dirname "${BASH_SOURCE[0]}")/install.sh" "${packages[@]}"
