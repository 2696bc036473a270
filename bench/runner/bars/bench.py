"""Builds and runs the programs of bench/.

A program prints one JSON object as the last line of its output, its report:
see bench/support/measurement.h.
"""

import dataclasses
import json
import pathlib
import shutil
import tempfile

from bars import calls
from kit import machine, process, tree
from kit.meson import Build
from kit.verdict import Unmeasured

_VOLATILE = ("tmpfs", "ramfs")
# Over what a command measures: building a store, preparing files, cleaning up.
_SETUP_SECONDS = 300


@dataclasses.dataclass(frozen=True)
class Command:
    """A program of bench/ and its options: {"threads": 8} is --threads=8.

    An option that is True is a flag. A command keeps its directory from run
    to run only if `keeps` names one; else each run gets an empty one.
    """

    program: str
    options: dict = dataclasses.field(default_factory=dict)
    keeps: str = ""

    def having(self, **options):
        return dataclasses.replace(self, options={**self.options, **options})

    def words(self):
        return [f"--{name.replace('_', '-')}" if value is True else
                f"--{name.replace('_', '-')}={value}"
                for name, value in self.options.items()
                if value is not False]

    def __str__(self):
        return " ".join([self.program, *self.words()])


class Bench:
    """Runs commands in directories of their own below `parent`.

    `workshop` is what makes a program: see Workshop.
    """

    def __init__(self, workshop, parent, seed, progress):
        self._workshop = workshop
        self._seed = seed
        self._progress = progress
        self._log = tree.BUILD / "bench-logs"
        self._directory = pathlib.Path(
            tempfile.mkdtemp(prefix="cairn-bench-", dir=parent))

    def close(self):
        shutil.rmtree(self._directory, ignore_errors=True)

    def run_traced(self, command):
        """(the report of `command`, its system calls between its marks)

        Errors: Unmeasured.
        """
        trace = self._directory / "trace"
        report = self.run(
            command, ("strace", "--follow-forks", "-qq", f"--output={trace}"))
        with open(trace, encoding="utf-8", errors="replace") as lines:
            return report, calls.between_marks(lines)

    def run(self, command, wrapper=()):
        """The report of `command`; `wrapper` is a command that starts it.

        Errors: Unmeasured.
        """
        program = self._workshop.program(command.program, self._progress)
        directory = self._directory / (command.keeps or "once")
        directory.mkdir(exist_ok=True)
        self._progress.update(str(command))
        try:
            ended = process.run(
                [*wrapper, program, f"--directory={directory}",
                 f"--seed={self._seed}", *command.words()],
                log=self._log / f"{command.program}.log",
                timeout=_SETUP_SECONDS + command.options.get("seconds", 0))
        except FileNotFoundError as error:
            raise Unmeasured(f"not installed: {error.filename}") from error
        finally:
            if not command.keeps:
                shutil.rmtree(directory, ignore_errors=True)
        return parse(command, ended)


def parse(command, ended):
    """The report that `command` printed.

    Errors: Unmeasured.
    """
    lines = ended.tail().splitlines()
    if not ended.ok:
        raise Unmeasured(f"{command}: {ended.how()}\n{ended.tail(5)}")
    try:
        report = json.loads(lines[-1])
    except (IndexError, ValueError) as error:
        raise Unmeasured(f"{command}: no report\n{ended.tail(5)}") from error
    if not isinstance(report, dict):
        raise Unmeasured(f"{command}: its report is no object")
    return report


class Workshop:
    """The release build. A program is built when it is first wanted; one that
    the tree does not have, or that does not build, is Unmeasured."""

    def __init__(self):
        self._build = Build(
            tree.BUILD / "bench",
            ("buildtype=release", "bench=enabled", "tests=disabled",
             "werror=false"))
        self._targets = None
        self._ready = set()

    def program(self, name, progress):
        """The path of the program `name`."""
        if self._targets is None:
            self._build.setup()
            self._targets = {target["name"]: target["filename"][0]
                             for target in self._build.targets()
                             if target["type"] == "executable"}
        if name not in self._targets:
            raise Unmeasured(f"there is no program {name} yet")
        path = self._targets[name]
        if name not in self._ready:
            relative = pathlib.Path(path).relative_to(self._build.directory)
            self._build.must_compile([str(relative)], progress)
            self._ready.add(name)
        return path


def check_directory(directory):
    """The machine, with the device that is measured.

    Errors: Unmeasured where memory plays the drive.
    """
    if not pathlib.Path(directory).is_dir():
        raise Unmeasured(f"{directory} is no directory")
    described = machine.describe(directory)
    if described["fs"].startswith(_VOLATILE):
        raise Unmeasured(f"{directory} is in memory ({described['fs']}): "
                         "name one on a drive with --directory")
    return described
