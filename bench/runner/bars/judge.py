"""A bar's verdict; the table for people and the JSON document."""

import dataclasses
import operator
import statistics

from kit import table, verdict

SCHEMA = "cairn.bench/1"

# What the document says of Cairn's own run.
CAIRN_FIGURES = ("rate", "p50_us", "p99_us", "cpu_us", "rss_anon",
                 "read_bytes", "write_bytes", "syncs")

_OPERATORS = {">=": operator.ge, "<=": operator.le}


@dataclasses.dataclass(frozen=True)
class Limit:
    """What a value must reach: ">=" or "<=" `bar`, in `unit`."""

    op: str
    bar: float
    unit: str

    def holds(self, value):
        return _OPERATORS[self.op](value, self.bar)

    def __str__(self):
        return f"{self.op} {self.bar:g} {self.unit}"


@dataclasses.dataclass(frozen=True)
class Baseline:
    """What Cairn was held against; `rate` in operations per second."""

    name: str = ""
    rate: float = 0
    settings: dict = dataclasses.field(default_factory=dict)

    def document(self):
        return {"name": self.name, "rate": self.rate,
                "settings": self.settings}


@dataclasses.dataclass(frozen=True)
class Condition:
    """What must hold as well: a figure called `name` with a limit."""

    name: str
    limit: Limit
    value: float

    @property
    def holds(self):
        return self.limit.holds(self.value)


@dataclasses.dataclass
class Outcome:
    """What became of one bar.

    `values` has the value of each round; it is empty when the bar was not
    measured, and `trouble` says why. A baseline may be known all the same.
    `cairn` is the report of Cairn's run in the middle round.
    """

    limit: Limit
    values: list = dataclasses.field(default_factory=list)
    conditions: list = dataclasses.field(default_factory=list)
    cairn: dict = dataclasses.field(default_factory=dict)
    baseline: Baseline = Baseline()
    trouble: str = ""

    @property
    def is_measured(self):
        return bool(self.values)

    @property
    def value(self):
        return statistics.median(self.values)

    @property
    def passes(self):
        """A bar that was not measured never passes."""
        return (self.is_measured and self.limit.holds(self.value)
                and all(condition.holds for condition in self.conditions))

    def verdict(self):
        if not self.is_measured:
            return "NOT MEASURED"
        return "passed" if self.passes else "MISSED"

    def document(self, name):
        """A value that was not measured is null, so that nobody compares it.

        The figures of conditions are among the settings.
        """
        value = low = high = None
        if self.is_measured:
            value, low, high = self.value, min(self.values), max(self.values)
        return {
            "id": name, "unit": self.limit.unit, "bar": self.limit.bar,
            "op": self.limit.op, "value": value, "min": low, "max": high,
            "pass": self.passes,
            "cairn": {figure: self.cairn.get(figure) or 0
                      for figure in CAIRN_FIGURES},
            "baseline": self._baseline_document(),
        }

    def _baseline_document(self):
        result = self.baseline.document()
        figures = {condition.name: condition.value
                   for condition in self.conditions}
        return {**result, "settings": {**result["settings"], **figures}}


def document(outcomes, commit, machine):
    """The JSON document of {bar's ID: Outcome}."""
    return {"schema": SCHEMA, "commit": commit, "machine": machine,
            "bars": [outcome.document(name)
                     for name, outcome in outcomes.items()]}


def tables(outcomes):
    """The verdicts, then the baselines with their settings."""
    rows = [row for name, outcome in outcomes.items()
            for row in _rows(name, outcome)]
    parts = [table.render(("bar", "", "value (min, max)", "limit", "Cairn/s",
                           "baseline/s"), rows)]
    baselines = [(name, outcome.baseline.name, _settings(outcome.baseline))
                 for name, outcome in outcomes.items()
                 if outcome.baseline.name]
    if baselines:
        parts.append(table.render(("bar", "baseline", "settings"), baselines))
    return "\n\n".join(parts)


def exit_code(outcomes):
    """A bar that is missed outweighs one that could not be measured."""
    measured = [outcome for outcome in outcomes.values()
                if outcome.is_measured]
    if not all(outcome.passes for outcome in measured):
        return verdict.FAILED
    if not outcomes or len(measured) < len(outcomes):
        return verdict.UNMEASURED
    return verdict.PASSED


def _rows(name, outcome):
    """The row of a bar and those of its conditions."""
    yield (name, outcome.verdict(), _value(outcome), str(outcome.limit),
           _rate(outcome.cairn.get("rate")), _rate(outcome.baseline.rate))
    for condition in outcome.conditions:
        yield (f"  {condition.name}", "" if condition.holds else "MISSED",
               f"{condition.value:.3g}", str(condition.limit), "-", "-")


def _value(outcome):
    if not outcome.is_measured:
        return "-"
    text = f"{outcome.value:.3g}"
    if len(outcome.values) > 1:
        text += f" ({min(outcome.values):.3g}, {max(outcome.values):.3g})"
    return text


def _rate(rate):
    return f"{rate:.4g}" if rate else "-"


def _settings(baseline):
    return " ".join(f"{name}={value:.4g}" if isinstance(value, float)
                    else f"{name}={value}"
                    for name, value in baseline.settings.items())
