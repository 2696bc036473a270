#!/usr/bin/python3
"""Runs clang-tidy, with the checks of .clang-tidy, over lib/, bindings/ and
examples/.

What was found clean is remembered in build/tidy by the content of the source
and of all that it includes. An exception stands on its line:

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

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "runner")]

from kit import report, tree  # noqa: E402
from kit.progress import Progress  # noqa: E402
from project import Project, is_below  # noqa: E402
from rules.compiles import digest  # noqa: E402

CLANG_TIDY = "clang-tidy-19"
FOLDERS = ("lib", "bindings", "examples")
FLAGS = ("-std=c++20", "-DFMT_HEADER_ONLY", "-Iinclude", "-Ilib",
         "-Ibindings", "-Iexamples")

_FINDING = re.compile(r"^.+?:\d+:\d+: (?:error|warning): .+$", re.MULTILINE)


def main():
    arguments = _parse()
    project = Project(tree.ROOT, tree.project_files())
    paths = [path for path in project.matching((".cc",))
             if is_below(path, *FOLDERS)]
    progress = Progress()
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
    found = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        findings = pool.map(lambda path: _lint(project, path), paths)
        for number, path in enumerate(paths, 1):
            found[path] = next(findings)
            progress.update(f"{number}/{len(paths)} {path}")
    return found


def _lint(project, path):
    checks = project.read(".clang-tidy")
    mark = project.cache / digest(project, path, (CLANG_TIDY, FLAGS, checks))
    if mark.exists():
        return []
    done = subprocess.run([CLANG_TIDY, "--quiet", path, "--", *FLAGS],
                          cwd=project.root, capture_output=True, text=True)
    if done.returncode == 0:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        return []
    lines = _FINDING.findall(done.stdout)
    return sorted(set(lines)) or [f"{path}: {done.stderr.strip()}"]


def _parse():
    parser = argparse.ArgumentParser(
        prog="tests/tidy/lint.py", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE",
                        help="also write the findings to FILE as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
