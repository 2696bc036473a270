"""The test programs, in three builds.

debug   optimised, with assertions and warnings as errors; every target
asan    address and undefined-behaviour sanitizers; every suite
tsan    thread sanitizer; the programs that have threads
"""

import concurrent.futures
import dataclasses
import os

from kit import gtest, machine, tree
from kit.meson import CLANG, DEBUG, LINES, SYMBOLIZER, Build
from kit.verdict import Unmeasured

@dataclasses.dataclass(frozen=True)
class Variant:
    """A build and how its programs run.

    `timeout_factor` is for what the instrumented code takes longer; `env` is
    theirs. Compilers give warnings of their own under sanitizers, so only the
    debug build, which sees all the same code, makes them errors.
    """

    name: str
    prefix: str = ""
    compiler: str = "g++"
    options: tuple = ()
    env: dict = dataclasses.field(default_factory=dict)
    timeout_factor: int = 1
    only_threads: bool = False

    def build(self):
        return Build(tree.BUILD / self.name, self.options, self.compiler)

    def runs(self, test):
        return test.has_threads or not self.only_threads


_INSTRUMENTED = ("optimization=1", *LINES, "werror=false", "b_lundef=false",
                 "bench=disabled")

# A test that is random runs at most CAIRN_TEST_ITERATIONS_MAX rounds.
VARIANTS = (
    Variant("debug", options=DEBUG),
    # With both sanitizers, Clang compiles in about half of GCC's time.
    Variant("asan", prefix="asan.", compiler=CLANG, timeout_factor=4,
            options=("b_sanitize=address,undefined", *_INSTRUMENTED),
            env={"ASAN_OPTIONS": f"strict_string_checks=1:{SYMBOLIZER}",
                 "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1:"
                                  f"{SYMBOLIZER}",
                 "CAIRN_TEST_ITERATIONS_MAX": "100"}),
    Variant("tsan", prefix="tsan.", timeout_factor=8, only_threads=True,
            options=("b_sanitize=thread", *_INSTRUMENTED),
            env={"TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
                 "CAIRN_TEST_ITERATIONS_MAX": "10"}),
)


def listed():
    """(ID, words) of every program of every build."""
    build = VARIANTS[0].build()
    build.setup()
    tests = build.tests()
    for variant in VARIANTS:
        for test in tests:
            if variant.runs(test):
                yield f"{variant.prefix}{test.suite}:{test.name}", (
                    f"test program, {variant.name} build")


def run(session):
    """Builds and runs what is selected, one build after the other."""
    for variant in VARIANTS:
        try:
            _run_variant(session, variant)
        except Unmeasured as error:
            session.results.add_unmeasured(variant.name, "build", str(error))


def _run_variant(session, variant):
    # The debug build tells what there is, so that an unwanted build is not
    # even configured.
    debug = VARIANTS[0].build()
    debug.setup()
    if not _wanted(session, variant, debug):
        return
    build = variant.build()
    build.setup()
    tests = _wanted(session, variant, build)
    build.must_compile(_targets(session, variant, build, tests),
                       session.progress)
    _run_tests(session, variant, build, tests)


def _wanted(session, variant, build):
    return [test for test in build.tests() if variant.runs(test) and
            session.selection.wants(variant.prefix + test.suite, test.name)]


def _targets(session, variant, build, tests):
    """Everything in the debug build of a whole run, else what is needed."""
    if variant.name == "debug" and session.selection.is_everything():
        return ()
    # A test that is no program of ours is given one: it is among the words.
    prefix = str(build.directory) + "/"
    words = {os.path.normpath(word) for test in tests for word in test.command}
    return sorted(word.removeprefix(prefix) for word in words
                  if word.startswith(prefix))


def _run_tests(session, variant, build, tests):
    runner = _Runner(session, variant, build, len(tests))
    # The longest, which come last in Meson's order, first: none is left to run
    # alone in the end.
    together = [test for test in reversed(tests) if test.is_parallel]
    with concurrent.futures.ThreadPoolExecutor(machine.cores()) as pool:
        for done in [pool.submit(runner.run, test) for test in together]:
            done.result()
    for test in tests:
        if not test.is_parallel:
            runner.run(test)


class _Runner:
    """Runs programs of one build, from several threads."""

    def __init__(self, session, variant, build, count):
        self._session = session
        self._variant = variant
        self._results_dir = build.directory / "results"
        self._count = count
        self._done = 0

    def run(self, test):
        figures = self._results_dir / f"{test.name}.figures"
        figures.unlink(missing_ok=True)
        env = {"CAIRN_TEST_SEED": str(self._session.seed),
               "CAIRN_TEST_FIGURES": str(figures), **self._variant.env}
        result = gtest.run(test, log=self._results_dir / f"{test.name}.log",
                           env=env,
                           timeout=test.timeout * self._variant.timeout_factor)
        with self._session.lock:
            self._collect(test, result, figures)

    def _collect(self, test, result, figures):
        results = self._session.results
        suite_name = self._variant.prefix + test.suite
        for case in result.cases:
            results.add(suite_name, case)
        results.suite(suite_name).seconds += result.ended.seconds
        if self._variant is VARIANTS[0] and not result.failed():
            self._session.passed[test.name] = result.ended.seconds
        try:
            results.figures.add_file(figures)
        except ValueError as error:
            results.add(suite_name, gtest.Case(
                test.name, "failed", f"its figures cannot be read: {error}"))
        self._done += 1
        self._session.progress.update(
            f"{self._variant.name}: {self._done}/{self._count} programs, "
            f"last {test.name} ({result.ended.seconds:.1f} s)")
