"""Steps that build nothing: tidy, lint, and the self-tests of the tools."""

import json
import re
import sys

from kit import gtest, process, tree
from kit.progress import follow

TESTS = tree.ROOT / "tests"
SELF_TESTS = (
    ("tidy", TESTS / "tidy" / "tidy_test.py"),
    ("runner", TESTS / "runner" / "runner_test.py"),
    ("mutants", TESTS / "mutants" / "mutants_test.py"),
    ("bars", tree.ROOT / "bench" / "runner" / "bars_test.py"),
)
_OUTCOME = re.compile(r"^(test_\w+) \(.*?\).*?\.\.\. (ok|FAIL|ERROR|skipped)",
                      re.MULTILINE | re.DOTALL)


def listed():
    yield "tidy", "the rules of lib/STYLE.md, over the whole tree"
    yield "lint", "clang-tidy over every source of the library"
    for name, _ in SELF_TESTS:
        yield f"tools:{name}", f"self-test of the {name} tool"


def run(session):
    for name in ("tidy", "lint"):
        if session.selection.wants(name):
            _run_checker(session, name)
    for name, program in SELF_TESTS:
        if session.selection.wants("tools", name):
            session.progress.update(f"self-test: {name}")
            _run_self_test(session.results, name, program)


def _run_checker(session, name):
    """Runs tests/tidy/NAME.py, which says by rule what it found."""
    results = session.results
    document = tree.BUILD / f"{name}.json"
    document.unlink(missing_ok=True)
    session.progress.update(name)
    ended = process.run(
        [sys.executable, TESTS / "tidy" / f"{name}.py", "--json", document],
        log=tree.BUILD / f"{name}.log", timeout=1800,
        watch=follow(session.progress, name))
    results.suite(name).seconds = ended.seconds
    if not document.exists():
        results.add_unmeasured(name, f"{name}.py",
                               f"{ended.how()}\n{ended.tail()}")
        return
    for rule in json.loads(document.read_text())["rules"]:
        found = "\n".join(rule["findings"])
        results.add(name, gtest.Case(rule["name"],
                                     "failed" if found else "passed", found))


def _run_self_test(results, name, program):
    log = tree.BUILD / f"self-test-{name}.log"
    ended = process.run([sys.executable, program, "-v"], log=log, timeout=300)
    results.suite("tools").seconds += ended.seconds
    outcomes = _OUTCOME.findall(log.read_text())
    for case, outcome in outcomes:
        failed = outcome != "ok"
        results.add("tools", gtest.Case(f"{name}.{case}",
                                        "failed" if failed else "passed",
                                        ended.tail() if failed else ""))
    if not ended.ok and all(outcome == "ok" for _, outcome in outcomes):
        results.add("tools", gtest.Case(name, "failed", ended.tail()))
