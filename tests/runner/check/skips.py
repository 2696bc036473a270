"""tests/skips.txt: the tests that may be skipped, each with its reason.

A line is a pattern of a test case, a colon between spaces, and the reason:

    UringDriveTest.* : the kernel may forbid io_uring

The pattern is a shell pattern over "Suite.Case". Empty lines and lines that
begin with # do not count.
"""

import fnmatch


class Skips:
    """The list, as read from a file."""

    def __init__(self, text):
        self._entries = []
        for number, line in enumerate(text.splitlines(), 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            pattern, colon, reason = line.partition(" : ")
            if not colon or not reason.strip():
                raise ValueError(f"skips.txt:{number}: not PATTERN : REASON")
            self._entries.append((pattern.strip(), reason.strip()))

    def reason(self, case_name):
        """Why `case_name` may be skipped; None when it may not."""
        for pattern, reason in self._entries:
            if fnmatch.fnmatchcase(case_name, pattern):
                return reason
        return None
