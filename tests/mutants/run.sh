#!/bin/bash
# Changes one behaviour of the code at a time, and shows that the tests notice.
# See tests/mutants/run.sh --help.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
"$root/tests/runner/install_for_tests.sh"

export LC_ALL=C.UTF-8
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH="$root/tests/runner:$root/tests/mutants"
exec /usr/bin/python3 -m mutants "$@"
