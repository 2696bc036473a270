#!/bin/bash
# Installs what the quickstart needs, builds it for speed, and runs it on the
# files of a directory. See examples/run.sh --help.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/examples/runner/install_for_examples.sh"

export LC_ALL=C.UTF-8
export PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH="$root/tests/runner:$root/examples/runner"
exec /usr/bin/python3 -m quickstart "$@"
