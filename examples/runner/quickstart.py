"""examples/run.sh: builds the quickstart and runs it on a directory."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

from kit import machine, options, report, tree, verdict
from kit.meson import Build
from kit.progress import Progress
from kit.verdict import Unmeasured

DEFAULT_DIRECTORY = "/usr/share"
EPILOG = """\
An ID is that of a step; what a step needs is done before it. The drives are
made below TMPDIR, or /tmp, and removed at the end.

exit code: 0 every byte came back, 1 one did not or a step failed, 2 it could
not be run
"""


def main():
    # finally: is also for those who are asked to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(verdict.UNMEASURED))
    arguments = parse()
    try:
        program = build()
        if arguments.list:
            return subprocess.run([program, "--list"], check=False).returncode
        return run(program, arguments)
    except Unmeasured as error:
        print(f"not measured: {error}", file=sys.stderr)
        return verdict.UNMEASURED
    except KeyboardInterrupt:
        return verdict.UNMEASURED


def parse(words=None):
    parser = options.parser(
        "examples/run.sh",
        "Installs what the quickstart needs, builds it and runs it: stores "
        "every file of\nDIRECTORY on six drives, is killed, goes on, loses "
        "drives, heals them, and compares\nevery byte.", EPILOG)
    parser.add_argument("directory", metavar="DIRECTORY", nargs="?",
                        default=DEFAULT_DIRECTORY,
                        help="whose files are stored (default %(default)s)")
    return parser.parse_args(words)


def build():
    """The path of the program."""
    tree.BUILD.mkdir(exist_ok=True)
    release = Build(tree.BUILD / "examples",
                    ("buildtype=release", "examples=enabled", "tests=disabled",
                     "bench=disabled", "cli=disabled", "werror=false"))
    release.setup()
    progress = Progress(sys.stderr)
    program = next((target["filename"][0] for target in release.targets()
                    if target["name"] == "quickstart"), None)
    if program is None:
        raise Unmeasured("there is no program quickstart")
    relative = pathlib.Path(program).relative_to(release.directory)
    release.must_compile([str(relative)], progress)
    progress.say()
    return program


def run(program, arguments):
    """Runs the program in a directory of its own, which does not stay."""
    if not os.path.isdir(arguments.directory):
        raise Unmeasured(f"{arguments.directory} is no directory")
    with tempfile.TemporaryDirectory(prefix="cairn-quickstart-",
                                     ignore_cleanup_errors=True) as folder:
        work = pathlib.Path(folder, "drives")
        work.mkdir()
        result = pathlib.Path(folder, "result.json")
        described = machine.describe(folder)
        code = subprocess.run(
            [program, f"--json={result}", f"--seed={arguments.seed}",
             *(f"--only={step}" for step in arguments.only),
             "--", arguments.directory, str(work)], check=False).returncode
        if result.exists():
            steps = json.loads(result.read_text())["steps"]
            report.write(arguments.json,
                         document(arguments, described, steps))
    if code not in (verdict.PASSED, verdict.FAILED, verdict.UNMEASURED):
        print(f"the quickstart ended with {code}", file=sys.stderr)
        return verdict.FAILED
    return code


def document(arguments, described, steps):
    return {"schema": "cairn.examples/1", "commit": tree.commit(),
            "machine": described, "seed": arguments.seed,
            "directory": os.path.abspath(arguments.directory), "steps": steps}


if __name__ == "__main__":
    sys.exit(main())
