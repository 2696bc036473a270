"""What a tool lays out."""

import re
import subprocess

from project import Finding, is_below
from rules.sizes import CODE

CLANG_FORMAT = "clang-format-14"
FOLDERS = ("include", "lib", "bindings", "examples", "bench", "tests")

_COMPLAINT = re.compile(r"^(.+?):(\d+):\d+: (?:error|warning): ", re.MULTILINE)


def clang_format(project):
    paths = [path for path in project.matching((".cc", ".h", ".c"))
             if is_below(path, *FOLDERS)]
    if not paths:
        return
    done = subprocess.run([CLANG_FORMAT, "--dry-run", "-Werror", *paths],
                          cwd=project.root, capture_output=True, text=True)
    seen = set()
    for path, line in _COMPLAINT.findall(done.stderr):
        if path not in seen:
            seen.add(path)
            yield Finding(path, int(line), f"run {CLANG_FORMAT} -i {path}")
    if done.returncode != 0 and not seen:
        yield Finding(paths[0], 0, f"{CLANG_FORMAT}: {done.stderr.strip()}")


def ascii_only(project):
    for path in project.matching(CODE):
        text = project.read(path)
        for number, line in enumerate(text.split("\n"), 1):
            for trouble in _troubles(line):
                yield Finding(path, number, trouble)
        if text and not text.endswith("\n"):
            yield Finding(path, 0, "end the last line")


def _troubles(line):
    odd = sorted({char for char in line if ord(char) > 126})
    if odd:
        codes = ", ".join(f"U+{ord(char):04X}" for char in odd)
        yield f"{codes}: write it in ASCII, or as an escape"
    if "\t" in line or "\r" in line:
        yield "a tab or a carriage return: indent with spaces"
    if line != line.rstrip():
        yield "blanks at the end of the line: remove them"
