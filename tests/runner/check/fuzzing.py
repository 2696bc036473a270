"""The fuzzers: every executable that tests/fuzz/meson.build defines.

They are built by Clang with libFuzzer's instrumentation, the address and the
undefined-behaviour sanitizer, and with thread-safety warnings as errors, and
link with -fsanitize=fuzzer. The libraries of lib/ are built along, so that
the thread-safety annotations of all of them are checked.

A fuzzer runs a fixed number of inputs from the seed, beginning with those in
tests/fuzz/corpus/NAME. A crash, a leak or an input that takes too long fails.
"""

import concurrent.futures
import os
import re
import shutil

from kit import gtest, machine, process, tree
from kit.meson import CLANG, SYMBOLIZER, Build
from kit.verdict import Unmeasured

RUNS = 200000
CORPUS = tree.ROOT / "tests" / "fuzz" / "corpus"
_DEFINITION = os.path.join("tests", "fuzz", "meson.build")
_EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
# Seconds for one input, and for one fuzzer in all.
_INPUT_TIMEOUT = 20
_FUZZER_TIMEOUT = 600
_ENV = {
    "ASAN_OPTIONS": SYMBOLIZER,
    "UBSAN_OPTIONS": f"halt_on_error=1:print_stacktrace=1:{SYMBOLIZER}",
}


def listed():
    yield "fuzz", f"every fuzzer, {RUNS} inputs each"


def run(session):
    if not session.selection.wants("fuzz"):
        return
    if not (tree.ROOT / _DEFINITION).exists():
        return
    try:
        _run_fuzzers(session)
    except Unmeasured as error:
        session.results.add_unmeasured("fuzz", "build", str(error))


def _run_fuzzers(session):
    build = Build(tree.BUILD / "fuzz", compiler=CLANG, options=(
        "fuzz=true", "bench=disabled", "optimization=1", "debug=false",
        "werror=false", "b_lundef=false", "b_sanitize=address,undefined",
        "cpp_args=-g1 -fsanitize=fuzzer-no-link -Wthread-safety "
        "-Werror=thread-safety"))
    build.setup()
    fuzzers, libraries = _targets(build)
    if not fuzzers:
        raise Unmeasured(f"{_DEFINITION} defines no executable")
    build.must_compile([*libraries, *fuzzers.values()], session.progress)
    wanted = [name for name in fuzzers
              if session.selection.wants("fuzz", name)]
    with concurrent.futures.ThreadPoolExecutor(machine.cores()) as pool:
        for done in [pool.submit(_run_one, session, build, name,
                                 fuzzers[name]) for name in wanted]:
            done.result()


def _targets(build):
    """({fuzzer: file}, [files of the libraries]), relative to the build."""
    fuzzers, libraries = {}, []
    for target in build.targets():
        file = os.path.relpath(target["filename"][0], build.directory)
        if target["defined_in"].endswith(_DEFINITION):
            if target["type"] == "executable":
                fuzzers[target["name"]] = file
        elif target["type"] == "static library" and file.startswith("lib/"):
            libraries.append(file)
    return fuzzers, libraries


def _run_one(session, build, name, file):
    session.progress.update(f"fuzz: {name}")
    work = build.directory / "work" / name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    corpora = [work] + [CORPUS / name] * (CORPUS / name).is_dir()
    ended = process.run(
        [build.directory / file, f"-runs={RUNS}",
         # libFuzzer takes 0 for "choose one".
         f"-seed={session.seed or 1}", f"-timeout={_INPUT_TIMEOUT}",
         "-max_len=16384", "-print_final_stats=1",
         f"-artifact_prefix={build.directory}/crash-{name}-", *corpora],
        log=build.directory / "results" / f"{name}.log",
        env={"CAIRN_TEST_SEED": str(session.seed), **_ENV},
        timeout=_FUZZER_TIMEOUT)
    with session.lock:
        _collect(session.results, name, ended)


def _collect(results, name, ended):
    executed = _EXECUTED.search(ended.log.read_text(errors="replace"))
    count = int(executed.group(1)) if executed else 0
    results.figures.add({"fuzz_executions": count})
    results.suite("fuzz").seconds += ended.seconds
    if ended.ok and count == 0:
        case = gtest.Case(name, "failed", "it executed nothing")
    elif ended.ok:
        case = gtest.Case(name, "passed")
    else:
        case = gtest.Case(name, "failed", f"{ended.how()}\n{ended.tail(100)}")
    results.add("fuzz", case)
