"""What every step of a run is given."""

import dataclasses
import threading

from check.results import Results
from kit.progress import Progress


class Selection:
    """What --only asks for; nothing asks for everything.

    An ID is a suite ("crash", "asan.unit"), one of a suite ("unit:NAME",
    "mutants:NAME"), or all suites of a build ("asan").
    """

    def __init__(self, ids=()):
        self._ids = list(ids)
        self._used = set()

    def wants(self, suite, member=None):
        """Whether `member` of `suite`, or any of it, is to run."""
        if not self._ids:
            return True
        hits = [i for i in self._ids if _matches(i, suite, member)]
        self._used.update(hits)
        return bool(hits)

    def is_everything(self):
        return not self._ids

    def members(self, suite):
        """The members of `suite` that are named one by one."""
        return [i.partition(":")[2] for i in self._ids
                if i.startswith(suite + ":")]

    def is_within(self, suites):
        """Whether no ID asks for anything outside `suites`."""
        return bool(self._ids) and all(i.partition(":")[0] in suites
                                       for i in self._ids)

    def unknown(self):
        """IDs that matched nothing."""
        return [i for i in self._ids if i not in self._used]

    def unknown_among(self, listed):
        """IDs that match nothing of `listed`, which has suites and members."""
        known = [name.partition(":")[::2] for name in listed]
        return [i for i in self._ids
                if not any(_matches(i, suite, member or None)
                           for suite, member in known)]


def _matches(wanted, suite, member):
    build = suite.partition(".")[0] if "." in suite else None
    if wanted in (suite, build):
        return True
    wanted_suite, colon, wanted_member = wanted.partition(":")
    if not colon or wanted_suite != suite:
        return False
    return member is None or wanted_member == member


@dataclasses.dataclass
class Session:
    """One run of tests/run.sh."""

    selection: Selection
    seed: int
    progress: Progress
    results: Results
    # Seconds that programs of the debug build took, by name, if they passed.
    passed: dict = dataclasses.field(default_factory=dict)
    # Held by whoever touches `results` while several programs run.
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)
