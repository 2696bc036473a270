#!/bin/bash
# Installs what the tests need, builds, and runs everything that is checked.
# The last line is "N passed, N failed". See tests/run.sh --help.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/tests/runner/install_for_tests.sh"

export LC_ALL=C.UTF-8
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH="$root/tests/runner"
exec /usr/bin/python3 -m check "$@"
