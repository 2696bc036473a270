"""bench/run.sh: measures Cairn and its baselines."""

import sys
import time

from bars import catalogue, judge
from bars.bench import Bench, Workshop, check_directory
from kit import options, report, table, tree, verdict
from kit.progress import Progress
from kit.verdict import Unmeasured

EPILOG = """\
An ID is that of a bar. Nothing else may run on the machine meanwhile.

exit code: 0 all bars are passed, 1 one is missed, 2 something could not be
measured
"""


def main():
    arguments = parse()
    try:
        if arguments.list:
            print(listing())
            return verdict.PASSED
        return measure_all(arguments)
    except Unmeasured as error:
        print(f"not measured: {error}", file=sys.stderr)
        return verdict.UNMEASURED


def parse(words=None):
    parser = options.parser(
        "bench/run.sh",
        "Installs what the benchmarks need, builds them, measures Cairn beside "
        "its baselines\nand holds it against its bars.", EPILOG)
    parser.add_argument("--bars", action="store_true",
                        help="measure the bars; what it does in any case")
    parser.add_argument("--directory", metavar="DIR", default=None,
                        help="measure in a folder of DIR (default: build)")
    return parser.parse_args(words)


def listing():
    return table.render(("ID", "limit", "what"),
                        [(bar.name, str(bar.limit), bar.what)
                         for bar in catalogue.BARS])


def measure_all(arguments):
    bars = bars_of(arguments)
    directory = arguments.directory or tree.BUILD
    tree.BUILD.mkdir(exist_ok=True)
    machine = check_directory(directory)
    commit = tree.commit()
    progress = Progress()
    progress.say(f"cairn {commit or 'of an unknown commit'}, "
                 f"seed {arguments.seed}\n{describe(machine)}")
    bench = Bench(Workshop(), directory, arguments.seed, progress)
    try:
        outcomes = measure(bars, bench, progress)
    finally:
        bench.close()
    report.write(arguments.json, judge.document(outcomes, commit, machine))
    progress.say(f"\n{judge.tables(outcomes)}")
    return judge.exit_code(outcomes)


def bars_of(arguments):
    try:
        return catalogue.selected(arguments.only)
    except KeyError as error:
        raise Unmeasured(f"no such ID: {', '.join(error.args)}") from error


def measure(bars, bench, progress):
    """{name: Outcome} of the bars, each told when it is known."""
    outcomes = {}
    for number, bar in enumerate(bars, 1):
        started = time.monotonic()
        outcome = outcomes[bar.name] = bar.way(bench, bar.limit)
        seconds = time.monotonic() - started
        progress.say(f"{number}/{len(bars)} {bar.name}: {outcome.verdict()}, "
                     f"{seconds:.0f} s")
        if outcome.trouble:
            progress.say(indented(outcome.trouble))
    return outcomes


def describe(machine):
    return ", ".join([machine["cpu"], f"{machine['cores']} cores",
                      f"Linux {machine['kernel']}", machine["fs"],
                      machine["device"]])


def indented(text):
    return "\n".join(f"    {line}" for line in text.splitlines())


if __name__ == "__main__":
    sys.exit(main())
