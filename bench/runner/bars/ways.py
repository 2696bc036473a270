"""Ways of measuring a bar.

A way is a function of a Bench and returns an Outcome. Where Cairn's side
cannot run, the baseline is measured all the same, so that its figure is known.

Rates are compared within rounds: Cairn and its baseline take turns, and the
value of the bar is the median of the rounds' ratios.
"""

import dataclasses
import statistics

from bars.bench import Command
from bars.judge import Baseline, Condition, Outcome
from kit.verdict import Unmeasured

ROUNDS = 5
TRIAL_SECONDS = 0.7


def rate(report):
    return report["rate"]


def best_of(bench, candidates):
    """The fastest of `candidates` in a short trial of each, by bytes.

    One that fails is out, all of them are Unmeasured.
    """
    if len(candidates) == 1:
        return candidates[0]
    rates, troubles = {}, []
    for number, candidate in enumerate(candidates):
        try:
            trial = bench.run(candidate.having(seconds=TRIAL_SECONDS))
            rates[number] = trial["bytes_rate"]
        except Unmeasured as error:
            troubles.append(str(error))
    if not rates:
        raise Unmeasured("\n".join(troubles))
    return candidates[max(rates, key=rates.get)]


def median_report(reports, key=rate):
    """The report in the middle, by `key`."""
    ordered = sorted(reports, key=key)
    return ordered[len(ordered) // 2]


class Rival:
    """A baseline called `name`.

    `candidates` makes its commands from a report of Cairn's, which is None
    when Cairn cannot run; `rate_of` gives, from the reports of both, the rate
    that Cairn's is divided by.
    """

    def __init__(self, name, candidates, rate_of=None):
        self.name = name
        self.candidates = candidates
        self.rate_of = rate_of or (lambda report, _: report["rate"])


def against(cairn, name, candidates):
    """The ratio of rates of the command `cairn` and the best baseline."""
    return versus(cairn, Rival(name, lambda _: candidates))


def versus(cairn, rival):
    """The ratio of rates of the command `cairn` and a Rival."""
    def way(bench, limit):
        return interleave(bench, limit, cairn, rival)
    return way


def interleave(bench, limit, cairn, rival):
    """Rounds of Cairn and the best of the rival's candidates."""
    warm_up, trouble = attempt(bench, cairn)
    outcome = Outcome(limit, trouble=trouble)
    try:
        best = best_of(bench, rival.candidates(warm_up))
        rounds = [_round(bench, cairn if warm_up else None, best, rival)
                  for _ in range(ROUNDS)]
    except Unmeasured as error:
        outcome.trouble = str(error)
        return outcome
    middle = median_report([theirs for _, theirs, _ in rounds])
    outcome.baseline = Baseline(
        rival.name, statistics.median(their_rate for _, _, their_rate
                                      in rounds), middle["settings"])
    if warm_up:
        ours = [own for own, _, _ in rounds]
        outcome.values = [own["rate"] / their_rate
                          for own, _, their_rate in rounds]
        outcome.cairn = median_report(ours)
    return outcome


def _round(bench, cairn, best, rival):
    """(Cairn's report or None, the rival's report, the rival's rate)"""
    own = bench.run(cairn) if cairn else None
    theirs = bench.run(best)
    return own, theirs, rival.rate_of(theirs, own)


def attempt(bench, command):
    """(report, "") or (None, why it could not be measured)"""
    try:
        return bench.run(command), ""
    except Unmeasured as error:
        return None, str(error)


def single(command, value_of):
    """One run of Cairn; `value_of` gives the value from its report."""
    def way(bench, limit):
        try:
            report = bench.run(command)
            value = value_of(report)
        except Unmeasured as error:
            return Outcome(limit, trouble=str(error))
        return Outcome(limit, values=[value], cairn=report)
    return way


def with_condition(way, name, limit, measure):
    """`way`, and a figure `name` with a limit, which `measure` gives of a
    Bench. Where either is not measured the bar is not."""
    def both(bench, bar_limit):
        outcome = way(bench, bar_limit)
        if not outcome.is_measured:
            return outcome
        try:
            value = measure(bench)
        except Unmeasured as error:
            return Outcome(bar_limit, trouble=str(error))
        outcome.conditions.append(Condition(name, limit, value))
        return outcome
    return both


def with_setting(way, name, command):
    """`way`, and the rate in bytes of `command` among the baseline's settings:
    told, not judged, so that it is null where it cannot be measured."""
    def both(bench, limit):
        outcome = way(bench, limit)
        report, _ = attempt(bench, command)
        settings = {name: report and report["bytes_rate"]}
        outcome.baseline = dataclasses.replace(
            outcome.baseline, settings=outcome.baseline.settings | settings)
        return outcome
    return both


def either(first, second, second_limit):
    """Two ways to pass. The second, which has a limit of its own, is tried
    where the first does not pass; what came nearer to its limit is told."""
    def way(bench, limit):
        outcome = first(bench, limit)
        if outcome.passes:
            return outcome
        other = second(bench, second_limit)
        if not outcome.is_measured or not other.is_measured:
            return other if other.passes or not outcome.is_measured else outcome
        return max(outcome, other, key=nearness)
    return way


def nearness(outcome):
    """The value of a ">=" bar as a part of its limit."""
    return outcome.value / outcome.limit.bar


def calls_of(command):
    """Measures the system calls that Cairn makes in a marked section."""
    def measure(bench):
        report, count = bench.run_traced(command)
        return count - report.get("own_calls", 0)
    return measure


def traced(command):
    """One traced run of Cairn, whose system calls are the value."""
    def way(bench, limit):
        try:
            report, count = bench.run_traced(command)
        except Unmeasured as error:
            return Outcome(limit, trouble=str(error))
        value = count - report.get("own_calls", 0)
        return Outcome(limit, values=[value], cairn=report)
    return way


def figure(name):
    """What reads one figure of a report; null there is Unmeasured."""
    def value_of(report):
        value = report.get(name)
        if value is None:
            raise Unmeasured(f"{name} is not known on this machine")
        return value
    return value_of


def drive_reads_per_get(report):
    """Others read from the device as well: what is below a hundredth is theirs.

    Errors: Unmeasured when the gets were not cold.
    """
    reads = round(figure("drive_reads")(report) / report["operations"], 2)
    if reads < 0.97:
        raise Unmeasured(f"{reads} reads per get: the objects were in a cache")
    return reads


def device(**options):
    return Command("device", {"seconds": 1.5, **options}, keeps="device")


def at_depths(command, depths=(1, 4, 16, 64)):
    return [command.having(depth=depth) for depth in depths]


class LikeCairn:
    """Direct writes to `files`, synced as often as those of Cairn's own run.

    A put is `size` bytes, those of the object and its parity: what Cairn writes
    beside them is its own affair. A sync that the device merged with another is
    not counted, so the bytes to a sync are rather too many. `piece` is the size
    of a write; without it, all bytes to a sync are one write.
    """

    def __init__(self, *, files, size, piece=None, **options):
        self._files = files
        self._size = size
        self._piece = piece
        self._options = options

    def candidates(self, own):
        """The commands for the device, one for each queue depth."""
        to_sync = self._bytes_to_sync(own)
        piece = self._piece or _whole_pages(to_sync)
        return at_depths(device(files=self._files, size=piece,
                                sync_every=max(1, round(to_sync / piece)),
                                **self._options))

    def rate_of(self, report, _):
        """Puts per second, of which each writes `size` bytes only."""
        return report["bytes_rate"] / self._size

    def _bytes_to_sync(self, own):
        if own is None:
            return self._piece or _WRITE_GUESSED
        syncs = figure("syncs")(own)
        if syncs == 0:
            raise Unmeasured("this device counts no syncs")
        return own["write_bytes"] / syncs


# Where Cairn cannot run: bytes of a group of puts on one drive.
_WRITE_GUESSED = 64 << 10
_WRITE_MAX = 1 << 20  # A frame is no larger.


def _whole_pages(size):
    return min(_WRITE_MAX, max(1, -(-int(size) // 4096)) * 4096)


def stream(cairn, kernels, transfers, amplification):
    """A stream against the slower of device and kernels.

    The device moves `amplification` bytes for each byte of the object, by the
    best of the commands `transfers`.
    """
    def way(bench, limit):
        warm_up, trouble = attempt(bench, cairn)
        outcome = Outcome(limit, trouble=trouble)
        try:
            best = best_of(bench, transfers)
            rounds = [_stream_round(bench, cairn if warm_up else None,
                                    (best, amplification), kernels)
                      for _ in range(ROUNDS)]
        except Unmeasured as error:
            outcome.trouble = str(error)
            return outcome
        size = cairn.options["size"]
        bounds = [bound for _, bound, _ in rounds]
        outcome.baseline = Baseline(
            "the slower of device and kernels",
            statistics.median(bounds) / size, rounds[0][2])
        if warm_up:
            outcome.values = [own["bytes_rate"] / bound
                              for own, bound, _ in rounds]
            outcome.cairn = median_report([own for own, _, _ in rounds])
        return outcome
    return way


def _stream_round(bench, cairn, device_side, kernels):
    """(Cairn's report or None, the bound in bytes/s, settings)"""
    transfer, amplification = device_side
    own = bench.run(cairn) if cairn else None
    moved = bench.run(transfer)
    kernel = bench.run(kernels)
    bound = min(moved["bytes_rate"] / amplification, kernel["bytes_rate"])
    return own, bound, {**moved["settings"],
                        "device_bytes_rate": moved["bytes_rate"],
                        "kernels_bytes_rate": kernel["bytes_rate"]}
