"""What the test programs count, summed over all of them.

A program appends lines of JSON to the file that CAIRN_TEST_FIGURES names:

    {"crash_images": 4711, "lost": 0}

The names below are published, in the JSON document. Others, such as
"damages.log", refine one or prove that a rare branch ran: people see them in
the table.
"""

import json
import re

PUBLISHED = ("histories", "crash_images", "io_failures", "kills", "damages",
             "fuzz_executions", "lost", "wrong", "host_deaths")

# Over every test these stay at zero.
ZERO = ("lost", "wrong", "host_deaths")

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")


class Figures:
    """Sums by name; the published ones are always there."""

    def __init__(self):
        self.sums = {name: 0 for name in PUBLISHED}

    def add(self, counts):
        """Errors: ValueError for a name or a value that cannot be."""
        for name, count in counts.items():
            if not _NAME.fullmatch(name):
                raise ValueError(f"no name of a figure: {name!r}")
            if not isinstance(count, int) or count < 0:
                raise ValueError(f"figure {name} is no count: {count}")
            self.sums[name] = self.sums.get(name, 0) + count

    def add_file(self, path):
        """Adds what a program reported; a file that is absent adds nothing.

        Errors: ValueError, for a line that is no JSON too.
        """
        try:
            text = path.read_text()
        except FileNotFoundError:
            return
        for line in text.splitlines():
            counts = json.loads(line)
            if not isinstance(counts, dict):
                raise ValueError(f"no object: {line}")
            self.add(counts)

    def published(self):
        return {name: self.sums[name] for name in PUBLISHED}

    def broken(self):
        """The figures that should be zero and are not."""
        return [name for name in ZERO if self.sums[name] != 0]
