"""A copy of the tree in which mutants are made, built and tried."""

import pathlib
import shutil

from kit import gtest, tree
from kit.meson import DEBUG, Build

# A mutant may make a test wait for what never comes: it gets this many times
# what the unchanged program took, and some seconds.
_TIMEOUT_FACTOR = 4
_TIMEOUT_EXTRA = 30


class Workshop:
    """Owns build/mutants: the copy under src, the results beside it.

    The build directory is that of the debug build, at the same place in the
    copy, so that the compiler cache serves both. `passed` holds the seconds
    that programs of the unchanged tree took, by name.
    """

    def __init__(self, seed, progress, root=tree.ROOT,
                 directory=tree.BUILD / "mutants", passed=None):
        self._root = pathlib.Path(root)
        self._copy = pathlib.Path(directory) / "src"
        self._results = pathlib.Path(directory) / "results"
        self._seed = seed
        self._progress = progress
        self._seconds = dict(passed or {})
        self._build = Build(self._copy / "build" / "debug", DEBUG,
                            source=self._copy)

    def prepare(self):
        """Makes the copy equal to the tree, touching only what differs."""
        names = set(tree.project_files(self._root))
        for name in names:
            _copy_if_changed(self._root / name, self._copy / name)
        for name in _files_below(self._copy):
            if name not in names:
                (self._copy / name).unlink()
        self._build.setup()

    def tests(self):
        return self._build.tests()

    def has_passed(self, test):
        """Whether the unchanged program is known to pass."""
        return test.name in self._seconds

    def mutate(self, mutant):
        """Errors: bank.BadMutant."""
        for edit in mutant.edits:
            edit.apply(self._copy)

    def restore(self, mutant):
        for name in mutant.files():
            shutil.copy(self._root / name, self._copy / name)

    def compile(self, tests):
        """Builds these programs; returns how that ended."""
        prefix = f"{self._build.directory}/"
        targets = [test.command[0].removeprefix(prefix) for test in tests]
        return self._build.compile(targets, self._progress)

    def run(self, test, *, fail_fast):
        """Runs one program; the first run of each sets its time limit."""
        arguments = ("--gtest_fail_fast",) if fail_fast else ()
        result = gtest.run(test, log=self._results / f"{test.name}.log",
                           env={"CAIRN_TEST_SEED": str(self._seed)},
                           timeout=self._timeout(test), arguments=arguments)
        self._seconds.setdefault(test.name, result.ended.seconds)
        return result

    def _timeout(self, test):
        if test.name not in self._seconds:
            return test.timeout
        limit = self._seconds[test.name] * _TIMEOUT_FACTOR + _TIMEOUT_EXTRA
        return min(test.timeout, limit)


def _copy_if_changed(source, target):
    if target.exists() and source.read_bytes() == target.read_bytes():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _files_below(root):
    """Paths relative to `root`, without those of its build directories."""
    return [str(path.relative_to(root)) for path in root.rglob("*")
            if path.is_file() and
            not path.relative_to(root).parts[0].startswith("build")]
