"""tests/run.sh: builds and runs everything that is checked."""

import sys
import time

from check import fuzzing, mutating, programs, tidying
from check.results import Results
from check.session import Selection, Session
from check.skips import Skips
from kit import machine, options, report, table, tree, verdict
from kit.progress import Progress
from kit.verdict import Unmeasured

EPILOG = """\
An ID is a suite (unit, asan.crash, tidy, lint, fuzz, mutants), one member of
a suite (unit:PROGRAM, mutants:NAME) or all suites of a build (asan, tsan).

exit code: 0 all passed, 1 a test failed, 2 something was not measured
"""

# Suites that need no configured build directory to be known.
_FIXED = ("tidy", "lint", "tools", "fuzz", "mutants")
_STEPS = (tidying, programs, fuzzing, mutating)


def main():
    arguments = options.parser(
        "tests/run.sh",
        "Installs what the tests need, builds, and runs everything that is "
        "checked.", EPILOG).parse_args()
    try:
        if arguments.list:
            return _list()
        return _run(arguments)
    except Unmeasured as error:
        print(f"not measured: {error}", file=sys.stderr)
        return verdict.UNMEASURED


def _list():
    rows = [row for step in _STEPS for row in step.listed()]
    print(table.render(("ID", "what"), rows))
    return verdict.PASSED


def _refuse_unknown(ids):
    """Before an hour is spent on the others."""
    selection = Selection(ids)
    rows = [row for step in _STEPS
            if step is not programs or not selection.is_within(_FIXED)
            for row in step.listed()]
    unknown = selection.unknown_among(name for name, _ in rows)
    if unknown:
        raise Unmeasured(f"no such ID: {', '.join(unknown)}; "
                         "--list prints them")


def _run(arguments):
    started = time.monotonic()
    progress = Progress()
    _refuse_unknown(arguments.only)
    skips = Skips((tree.ROOT / "tests" / "skips.txt").read_text())
    selection = Selection(arguments.only)
    session = Session(selection, arguments.seed, progress,
                      Results(skips, progress.say))
    commit = tree.commit()
    progress.say(f"cairn {commit or 'of an unknown commit'}, "
                 f"seed {arguments.seed}, {machine.cores()} cores")
    for step in _STEPS:
        if step is not programs or not selection.is_within(_FIXED):
            step.run(session)
    if selection.unknown():
        raise Unmeasured(f"no such ID: {', '.join(selection.unknown())}")
    session.results.judge_figures()
    seconds = time.monotonic() - started
    report.write(arguments.json, session.results.document(commit, seconds))
    return _conclude(session, seconds)


def _conclude(session, seconds):
    results = session.results
    passed, failed, skipped = results.totals()
    session.progress.say(f"\n{results.tables()}\n")
    session.progress.say(f"seed {session.seed}, {skipped} skipped, "
                         f"{seconds:.0f} s")
    session.progress.say(f"{passed} passed, {failed} failed")
    if results.has_failed():
        return verdict.FAILED
    return verdict.UNMEASURED if results.has_unmeasured() else verdict.PASSED


if __name__ == "__main__":
    sys.exit(main())
