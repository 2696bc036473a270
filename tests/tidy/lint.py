#!/usr/bin/python3
"""Runs clang-tidy, with the checks of .clang-tidy, over lib/, bindings/ and
examples/.

What was found clean is remembered in the user's cache by the content of the
source and of all that it includes. An exception stands on its line:

    std::move(name);  // NOLINT(bugprone-use-after-move): <reason>

exit code: 0 nothing found, 1 something found, 2 clang-tidy could not run
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "runner")]

from kit import report, tree  # noqa: E402
from kit.progress import Progress  # noqa: E402
from project import Project, is_below  # noqa: E402
from rules.compiles import digest  # noqa: E402

CLANG_TIDY = "clang-tidy-19"
FOLDERS = ("lib", "bindings", "examples")
FLAGS = ("-std=c++20", "-Iinclude", "-Ilib", "-Ibindings", "-Iexamples")
# Files looked at together.
GROUP = 8

_FINDING = re.compile(r"^.+?:\d+:\d+: (?:error|warning): .+$", re.MULTILINE)


def main():
    arguments = _parse()
    project = Project(tree.ROOT, tree.project_files())
    paths = [path for path in project.matching((".cc",))
             if is_below(path, *FOLDERS)]
    progress = Progress()
    project.cache.mkdir(parents=True, exist_ok=True)
    try:
        found = _lint_all(project, paths, progress)
    except FileNotFoundError as error:
        print(f"not installed: {error.filename}", file=sys.stderr)
        return 2
    for findings in found.values():
        for finding in findings:
            progress.say(finding)
    progress.say(f"{len(paths)} files, "
                 f"{sum(map(len, found.values()))} findings")
    report.write(arguments.json, {
        "schema": "cairn.tidy/1",
        "rules": [{"name": path, "findings": findings}
                  for path, findings in found.items()]})
    return 1 if any(found.values()) else 0


def _lint_all(project, paths, progress):
    """{path: what clang-tidy says}"""
    found = {path: [] for path in paths}
    unknown = [path for path in paths if not _mark(project, path).exists()]
    number = len(paths) - len(unknown)
    groups = _groups(unknown)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for group, findings in zip(groups, pool.map(
                lambda group: _lint_group(project, group), groups)):
            number += len(group)
            progress.update(f"{number}/{len(paths)} {group[-1]}")
            found.update(findings)
    return found


def _groups(paths):
    """Of GROUP files at most, each from all over the tree: those of a folder
    share a namespace, where two may use a name for different things."""
    count = -(-len(paths) // GROUP)
    return [paths[start::count] for start in range(count)]


def _lint_group(project, paths):
    """{path: findings}. All together first, as the headers that they share
    take most of the time; where that finds something, be it only two names
    that are the same in two files, each half by itself."""
    findings = _lint(project, paths)
    if findings and len(paths) > 1:
        middle = len(paths) // 2
        return (_lint_group(project, paths[:middle]) |
                _lint_group(project, paths[middle:]))
    if not findings:
        for path in paths:
            _mark(project, path).touch()
    return {path: findings for path in paths}


def _lint(project, paths):
    with tempfile.NamedTemporaryFile("w", suffix=".cc") as source:
        # That a source includes sources is this tool's doing.
        source.write("// NOLINTBEGIN\n")
        for path in paths:
            source.write(f'#include "{project.root / path}"\n')
        source.write("// NOLINTEND\n")
        source.flush()
        done = subprocess.run(
            [CLANG_TIDY, "--quiet", source.name,
             f"--config-file={project.root / '.clang-tidy'}", "--", *FLAGS],
            cwd=project.root, capture_output=True, text=True)
    if done.returncode == 0:
        return []
    lines = _FINDING.findall(done.stdout.replace(f"{project.root}/", ""))
    return sorted(set(lines)) or [f"{paths[0]}: {done.stderr.strip()}"]


def _mark(project, path):
    checks = project.read(".clang-tidy")
    return project.cache / digest(project, path, (CLANG_TIDY, FLAGS, checks))


def _parse():
    parser = argparse.ArgumentParser(
        prog="tests/tidy/lint.py", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE",
                        help="also write the findings to FILE as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
