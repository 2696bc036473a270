"""What the compiler is asked.

A header whose own source includes it first is proved to compile alone by the
build of that source. The others are compiled here, and what was proved is
remembered by the content of the header and of all that it includes.
"""

import concurrent.futures
import functools
import hashlib
import os
import subprocess

from project import Finding, is_below
from rules.includes import resolve

COMPILER = "g++"
FLAGS = ("-std=c++20", "-fsyntax-only", "-x", "c++", "-Wall", "-Wextra",
         "-Wno-missing-field-initializers",
         "-Werror", "-Iinclude", "-Ilib")
STRICT = ("-fno-exceptions", "-fno-rtti", "-Wpedantic", "-Wconversion",
          "-Wshadow")


def headers_alone(project):
    jobs = [(path, _flags_for(path)) for path in project.headers
            if not is_below(path, "include") and not _is_proved(project, path)]
    yield from _compile_all(project, jobs)


def public_flags(project):
    jobs = [(path, FLAGS + STRICT) for path in project.headers
            if is_below(path, "include")]
    yield from _compile_all(project, jobs)


def _flags_for(path):
    flags = FLAGS
    for top in ("tests", "bench", "bindings", "examples"):
        if is_below(path, top):
            flags += (f"-I{top}", "-Itests", "-I" + path.rpartition("/")[0])
    return flags


def _is_proved(project, path):
    source = path.removesuffix(".h") + ".cc"
    if source not in project.paths:
        return False
    includes = project.source(source).includes
    return bool(includes) and resolve(project, source, includes[0][2]) == path


def _compile_all(project, jobs):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda job: _compile(project, *job), jobs):
            yield from found


def _compile(project, path, flags):
    mark = project.cache / digest(project, path, (flags, _compiler_version()))
    if mark.exists():
        return []
    done = subprocess.run([COMPILER, *flags, path], cwd=project.root,
                          capture_output=True, text=True)
    if done.returncode == 0:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        return []
    first = [line for line in done.stderr.splitlines() if "error:" in line]
    return [Finding(path, 0, "does not compile alone: "
                    + (first or done.stderr.splitlines() or ["?"])[0])]


def digest(project, path, extra):
    """Of `path`, of all files of the project that it includes, of `extra`."""
    result = hashlib.sha256(repr(extra).encode())
    waiting, seen = [path], {path}
    while waiting:
        current = waiting.pop()
        source = project.source(current)
        result.update(f"\0{current}\0{source.text}".encode())
        for _, _, name in source.includes:
            target = resolve(project, current, name)
            if target is not None and target not in seen:
                seen.add(target)
                waiting.append(target)
    return result.hexdigest()


@functools.cache
def _compiler_version():
    done = subprocess.run([COMPILER, "-dumpfullversion", "-dumpmachine"],
                          capture_output=True, text=True, check=True)
    return done.stdout
