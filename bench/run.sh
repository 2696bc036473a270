#!/bin/bash
# Installs what the benchmarks need, builds them for speed, and holds Cairn
# against its bars, each measured beside its baseline. See bench/run.sh --help.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/bench/runner/install_for_bench.sh"

export LC_ALL=C.UTF-8
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH="$root/tests/runner:$root/bench/runner"
exec /usr/bin/python3 -m bars "$@"
