"""What came out: cases by suite, and the figures."""

import dataclasses

from check.figures import ZERO, Figures
from kit import table


@dataclasses.dataclass
class Suite:
    """`failed` and `unmeasured` hold names, `skipped` (name, reason)."""

    name: str
    passed: int = 0
    failed: list = dataclasses.field(default_factory=list)
    unmeasured: list = dataclasses.field(default_factory=list)
    skipped: list = dataclasses.field(default_factory=list)
    seconds: float = 0.0

    @property
    def failed_count(self):
        return len(self.failed) + len(self.unmeasured)


class Results:
    """Collects cases. Failures are told to `say` as they come.

    A skipped case that `skips` does not list is a failed one.
    """

    def __init__(self, skips, say):
        self._skips = skips
        self._say = say
        self._suites = {}
        self.figures = Figures()

    def suite(self, name):
        return self._suites.setdefault(name, Suite(name))

    def add(self, suite_name, case):
        """Counts one gtest.Case."""
        suite = self.suite(suite_name)
        if case.outcome == "passed":
            suite.passed += 1
        elif case.outcome == "failed":
            self._fail(suite, case.name, case.message)
        else:
            self._skip(suite, case)

    def add_unmeasured(self, suite_name, what, message):
        """Counts what has no verdict: it could not be built or run."""
        self.suite(suite_name).unmeasured.append(what)
        self._say(f"NOT MEASURED {suite_name}: {what}\n{_indent(message)}")

    def judge_figures(self):
        """Adds the suite that holds the sums against zero."""
        broken = self.figures.broken()
        for name in ZERO:
            if name in broken:
                self._fail(self.suite("figures"), f"{name} is 0",
                           f"{name} is {self.figures.sums[name]}")
            else:
                self.suite("figures").passed += 1

    def totals(self):
        """(passed, failed, skipped)"""
        suites = self._suites.values()
        return (sum(suite.passed for suite in suites),
                sum(suite.failed_count for suite in suites),
                sum(len(suite.skipped) for suite in suites))

    def has_failed(self):
        return any(suite.failed for suite in self._suites.values())

    def has_unmeasured(self):
        return any(suite.unmeasured for suite in self._suites.values())

    def document(self, commit, seconds):
        """The JSON document, schema cairn.test/1."""
        return {
            "schema": "cairn.test/1",
            "commit": commit,
            "seconds": round(seconds, 1),
            "suites": [
                {"name": suite.name, "passed": suite.passed,
                 "failed": suite.failed_count,
                 "skipped": [{"test": test, "reason": reason}
                             for test, reason in suite.skipped]}
                for suite in self._suites.values()],
            "figures": self.figures.published(),
        }

    def tables(self):
        """The suites, what failed, what was skipped, the figures: for people.
        """
        rows = [(suite.name, suite.passed, suite.failed_count,
                 len(suite.skipped), suite.seconds)
                for suite in self._suites.values()]
        parts = [table.render(
            ("suite", "passed", "failed", "skipped", "seconds"), rows)]
        troubles = [(suite.name, what, name)
                    for suite in self._suites.values()
                    for what, names in (("failed", suite.failed),
                                        ("not measured", suite.unmeasured))
                    for name in names]
        if troubles:
            parts.append(table.render(("suite", "", "test"), troubles))
        skipped = sorted({(test, reason) for suite in self._suites.values()
                          for test, reason in suite.skipped})
        if skipped:
            parts.append(table.render(("skipped", "reason"), skipped))
        parts.append(table.render(("figure", "sum"),
                                  list(self.figures.sums.items())))
        return "\n\n".join(parts)

    def _skip(self, suite, case):
        reason = self._skips.reason(case.name)
        if reason is None:
            said = case.message or "no reason"
            self._fail(suite, case.name,
                       f"skipped ({said}), and tests/skips.txt does not "
                       "list it")
        else:
            suite.skipped.append((case.name, reason))

    def _fail(self, suite, name, message):
        suite.failed.append(name)
        self._say(f"FAILED {suite.name}: {name}\n{_indent(message)}")


def _indent(text):
    return "\n".join("    " + line for line in text.splitlines())
