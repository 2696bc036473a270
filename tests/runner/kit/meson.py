"""Build directories: configure, build, ask what is in them."""

import dataclasses
import json
import pathlib
import re
import shutil
import subprocess

from kit import machine, process, tree
from kit.verdict import Unmeasured

# A Clang of Debian 12 that knows GCC's coroutines, and what its sanitizers are
# told to name functions with: it comes without a program of its own.
CLANG = "clang++-19"
SYMBOLIZER = "external_symbolizer_path=/usr/bin/addr2line"
# Lines for traces and nothing else: with all that a debugger wants, compiling
# takes half as long again.
LINES = ("debug=false", "cpp_args=-g1")
# Optimised, so that what an optimiser warns of is seen.
DEBUG = ("optimization=2", *LINES)

_NINJA_STEP = re.compile(r"^\[(\d+)/(\d+)\]", re.MULTILINE)
_STAMP = "configured.json"


@dataclasses.dataclass(frozen=True)
class Test:
    """One program that `meson test` would run."""

    name: str
    suite: str
    command: tuple
    env: dict
    workdir: str
    timeout: int
    is_parallel: bool
    is_gtest: bool
    # Whether it is for the thread sanitizer.
    has_threads: bool = False


@dataclasses.dataclass
class Build:
    """A build directory.

    `options` are Meson's, without the leading "-D". `compiler` is the C++
    compiler; it runs under ccache. `source` is the tree that is built.
    """

    directory: pathlib.Path
    options: tuple = ()
    compiler: str = "g++"
    source: pathlib.Path = tree.ROOT

    @property
    def name(self):
        return self.directory.name

    def setup(self):
        """Configures the directory, unless it is already, just so."""
        if self._stamp() == self._read_stamp():
            return
        shutil.rmtree(self.directory, ignore_errors=True)
        command = ["meson", "setup", str(self.directory), str(self.source)]
        command += [f"-D{option}" for option in self.options]
        log = self.directory.with_suffix(".setup.log")
        ended = _run(command, log, self._env())
        if not ended.ok:
            raise Unmeasured(f"meson setup {self.name}: {ended.how()}\n"
                             f"{ended.tail()}")
        (self.directory / _STAMP).write_text(json.dumps(self._stamp()))

    def compile(self, targets=(), progress=None):
        """Builds `targets`, by name of output file, or everything.

        Returns how ninja ended: a failure may be the very thing that the
        caller waits for.
        """
        def watch(text):
            steps = _NINJA_STEP.findall(text)
            if steps and progress is not None:
                progress.update(f"build {self.name}: "
                                f"{steps[-1][0]}/{steps[-1][1]}")

        command = ["ninja", "-C", str(self.directory),
                   f"-j{machine.cores()}", *targets]
        return _run(command, self.directory / "ninja.log", self._env(), watch)

    def must_compile(self, targets=(), progress=None):
        """compile(), where a failure means that nothing can be measured."""
        ended = self.compile(targets, progress)
        if not ended.ok:
            raise Unmeasured(f"build {self.name} failed, see {ended.log}\n"
                             + failure_of_ninja(ended.log))

    def tests(self):
        """The test programs, in Meson's order."""
        return [_test(entry) for entry in self._introspect("--tests")]

    def targets(self):
        """What Meson knows of each target; see its introspection."""
        return self._introspect("--targets")

    def _introspect(self, what):
        done = subprocess.run(
            ["meson", "introspect", what, str(self.directory)],
            capture_output=True, text=True)
        if done.returncode != 0:
            raise Unmeasured(f"meson introspect {self.name}: {done.stderr}")
        return json.loads(done.stdout)

    def _stamp(self):
        return [self.compiler, *self.options]

    def _read_stamp(self):
        try:
            return json.loads((self.directory / _STAMP).read_text())
        except (OSError, ValueError):
            return None

    def _env(self):
        # Two build directories, or two copies of the tree, share the cache:
        # the directory of the compilation is no part of ccache's key.
        return {"CXX": f"ccache {self.compiler}", "CCACHE_NOHASHDIR": "1",
                "CCACHE_BASEDIR": str(self.source)}


def failure_of_ninja(log):
    """The part of ninja's output that says what failed."""
    lines = pathlib.Path(log).read_text(errors="replace").splitlines()
    failed = [i for i, line in enumerate(lines) if line.startswith("FAILED")]
    return "\n".join(lines[failed[0]:][:80]) if failed else process.tail(log)


def _run(command, log, env, watch=None):
    try:
        return process.run(command, log=log, env=env, watch=watch)
    except FileNotFoundError as error:
        raise Unmeasured(f"{command[0]} is not installed") from error


def _test(entry):
    # Meson names a suite "project:suite".
    suites = [name.rpartition(":")[2] for name in entry["suite"]] or ["other"]
    suite = next(name for name in suites if name != "threads")
    return Test(name=entry["name"], suite=suite, command=tuple(entry["cmd"]),
                env=entry["env"], workdir=entry["workdir"],
                timeout=entry["timeout"], is_parallel=entry["is_parallel"],
                is_gtest=entry["protocol"] == "gtest",
                has_threads="threads" in suites)
