"""What the rules look at, and what they find."""

import dataclasses
import functools
import os
import pathlib

from source import Source

CPP = (".cc", ".h", ".c", ".inc")


@dataclasses.dataclass(frozen=True)
class Finding:
    """`line` is 0 when the whole file, or no file, is meant."""

    path: str
    line: int
    message: str

    def __str__(self):
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}"


class Project:
    """The files of a tree, by their paths relative to `root`."""

    def __init__(self, root, paths, cache=None):
        self.root = pathlib.Path(root)
        self.paths = sorted(paths)
        self.known = frozenset(paths)
        # Where a rule may remember what it has already proved, by content:
        # every clone of the tree shares it, as it shares the compiler's cache.
        self.cache = pathlib.Path(cache or _cache_of_user() / "cairn-tidy")
        self._sources = {}

    def source(self, path):
        """The C or C++ file `path`, read once."""
        if path not in self._sources:
            self._sources[path] = Source(path, self.read(path))
        return self._sources[path]

    def read(self, path):
        data = (self.root / path).read_bytes()
        return data.decode("utf-8", "replace").replace("\r\n", "\n")

    @functools.cached_property
    def cpp(self):
        """The C and C++ files."""
        return self.matching(CPP)

    @functools.cached_property
    def headers(self):
        return self.matching((".h",))

    def matching(self, endings):
        return [path for path in self.paths if path.endswith(tuple(endings))]


def _cache_of_user():
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or
                        pathlib.Path.home() / ".cache")


def module_of(path):
    """"set" for "lib/set/frame.h"; None outside lib."""
    parts = path.split("/")
    return parts[1] if parts[0] == "lib" and len(parts) > 2 else None


def is_below(path, *folders):
    """Whether `path` is in one of `folders`."""
    return any(path == folder or path.startswith(folder + "/")
               for folder in folders)
