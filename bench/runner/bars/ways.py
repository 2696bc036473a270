"""Ways of measuring a bar.

A way is a function of a Bench and returns an Outcome. Where Cairn's side
cannot run, the baseline is measured all the same, so that its figure is known.

Rates are compared within rounds: Cairn and its baseline take turns, and the
value of the bar is the median of the rounds' ratios.
"""

import statistics

from bars.judge import Baseline, Outcome
from kit.verdict import Unmeasured

ROUNDS = 5
TRIAL_SECONDS = 0.7


def rate(report):
    return report["rate"]


def best_of(bench, candidates):
    """The fastest of `candidates` in a short trial of each, by bytes.

    One that fails is out, all of them are Unmeasured.
    """
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


def against(cairn, name, candidates):
    """The ratio of rates of the command `cairn` and the best baseline."""
    def way(bench, limit):
        return interleave(bench, limit, cairn,
                          Rival(name, lambda _: candidates))
    return way


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


def single(command, value_of, wrapper=()):
    """One run of Cairn; `value_of` gives the value from its report."""
    def way(bench, limit):
        try:
            report = bench.run(command, wrapper)
            value = value_of(report)
        except Unmeasured as error:
            return Outcome(limit, trouble=str(error))
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


def drive_reads_per_operation(report):
    reads = figure("drive_reads")(report)
    # Others read from the device as well: what is below a hundredth is theirs.
    return round(reads / report["operations"], 2)


def device_writes(*, files, size, sync_every, depths=(1, 4, 16, 64)):
    """The device's commands for direct writes, one for each depth."""
    return [device(files=files, size=size, sync_every=sync_every, depth=depth)
            for depth in depths]


def device(**options):
    # Imported here: commands are plain values, this module is about time.
    from bars.bench import Command
    return Command("device", {"seconds": 1.5, **options}, keeps="device")


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
