"""tests/mutants/run.sh: does the suite notice each wrong behaviour?"""

import dataclasses
import json
import pathlib
import random
import sys
import time

import bank
from bank import BadMutant
from kit import options, report, table, verdict
from kit.meson import failure_of_ninja
from kit.progress import Progress
from kit.verdict import Unmeasured
from workshop import Workshop

EPILOG = """\
A mutant is killed when one of the suites that it names fails. First the
unchanged tree must pass them all: the control. FILE of --passed spares it what
has just passed: {"PROGRAM": seconds, ...}.

exit code: 0 all killed, 1 one survived or the control failed, 2 one does not
apply to the tree any more or does not compile
"""


@dataclasses.dataclass
class Outcome:
    """What became of a mutant; `killed_by` is "" for one that lives."""

    name: str
    built: bool = False
    killed_by: str = ""
    seconds: float = 0.0
    trouble: str = ""

    def verdict(self):
        if not self.built:
            return "not built"
        return "killed" if self.killed_by else "SURVIVED"


def main():
    arguments = _parse()
    try:
        mutants = _choose(bank.load(), arguments)
        if arguments.list:
            print(table.render(("ID", "bug"), [(m.name, m.bug)
                                               for m in mutants]))
            return verdict.PASSED
        return _run(mutants, arguments)
    except (BadMutant, Unmeasured) as error:
        print(f"not measured: {error}", file=sys.stderr)
        return verdict.UNMEASURED


def _parse():
    parser = options.parser("tests/mutants/run.sh",
                            "Changes one behaviour of the code at a time, and "
                            "shows that the tests notice.", EPILOG)
    parser.add_argument("--sample", type=int, default=0, metavar="COUNT",
                        help="only COUNT mutants, chosen by the seed")
    parser.add_argument("--passed", type=pathlib.Path, metavar="FILE",
                        help="programs that passed in this tree, with this "
                        "seed, in the debug build")
    return parser.parse_args()


def _choose(mutants, arguments):
    unknown = set(arguments.only) - {mutant.name for mutant in mutants}
    if unknown:
        raise Unmeasured(f"no such mutant: {', '.join(sorted(unknown))}")
    if not mutants:
        raise Unmeasured("the bank is empty")
    if arguments.only:
        return [m for m in mutants if m.name in arguments.only]
    if 0 < arguments.sample < len(mutants):
        chosen = random.Random(arguments.seed).sample(mutants,
                                                      arguments.sample)
        return [mutant for mutant in mutants if mutant in chosen]
    return mutants


def _run(mutants, arguments):
    progress = Progress()
    progress.say(f"{len(mutants)} mutants, seed {arguments.seed}")
    workshop = Workshop(arguments.seed, progress,
                        passed=_passed(arguments.passed))
    workshop.prepare()
    control_passed = run_control(workshop, mutants, progress)
    outcomes = []
    if control_passed:
        outcomes = [_try_and_tell(workshop, mutant, progress)
                    for mutant in mutants]
    report.write(arguments.json,
                 document(control_passed, outcomes, arguments.seed))
    return conclude(control_passed, outcomes, progress)


def _passed(path):
    return json.loads(path.read_text()) if path is not None else {}


def run_control(workshop, mutants, progress):
    """Whether the unchanged tree passes every suite that is to kill."""
    tests = _killers(workshop, mutants)
    ended = workshop.compile(tests)
    if not ended.ok:
        raise Unmeasured("the unchanged tree does not build\n"
                         + failure_of_ninja(ended.log))
    passed = True
    for test in tests:
        if workshop.has_passed(test):
            continue
        progress.update(f"control: {test.suite}:{test.name}")
        result = workshop.run(test, fail_fast=False)
        for case in result.failed():
            progress.say(f"CONTROL FAILED {case.name}\n{case.message}")
            passed = False
    return passed


def _killers(workshop, mutants):
    tests = [test for test in workshop.tests()
             if any(mutant.is_killed_by(test) for mutant in mutants)]
    for mutant in mutants:
        if not any(mutant.is_killed_by(test) for test in tests):
            raise Unmeasured(f"{mutant.name}: no test program is any of "
                             f"{', '.join(mutant.killers)}")
    return tests


def _try_and_tell(workshop, mutant, progress):
    outcome = try_mutant(workshop, mutant, progress)
    end = f" by {outcome.killed_by}" if outcome.killed_by else ""
    progress.say(f"{mutant.name}: {outcome.verdict()}{end} "
                 f"({outcome.seconds:.0f} s)")
    if outcome.trouble:
        progress.say(outcome.trouble)
    return outcome


def try_mutant(workshop, mutant, progress):
    """Makes, builds and tries one mutant, and puts the copy back."""
    outcome = Outcome(mutant.name)
    started = time.monotonic()
    try:
        workshop.mutate(mutant)
        _build_and_try(workshop, mutant, outcome, progress)
    except BadMutant as error:
        outcome.trouble = str(error)
    finally:
        workshop.restore(mutant)
    outcome.seconds = time.monotonic() - started
    return outcome


def _build_and_try(workshop, mutant, outcome, progress):
    tests = _killers(workshop, [mutant])
    ended = workshop.compile(tests)
    if not ended.ok:
        outcome.trouble = failure_of_ninja(ended.log)
        return
    outcome.built = True
    for test in tests:
        progress.update(f"{mutant.name}: {test.suite}:{test.name}")
        failed = workshop.run(test, fail_fast=True).failed()
        if failed:
            outcome.killed_by = f"{test.suite}:{failed[0].name}"
            return


def document(control_passed, outcomes, seed):
    """The JSON document, schema cairn.mutants/1."""
    return {
        "schema": "cairn.mutants/1",
        "control_passed": control_passed,
        "mutants": [{"name": outcome.name, "built": outcome.built,
                     "killed_by": outcome.killed_by, "seed": seed,
                     "seconds": round(outcome.seconds, 1)}
                    for outcome in outcomes],
    }


def conclude(control_passed, outcomes, progress):
    """Prints the table; returns the exit code."""
    if not control_passed:
        progress.say("control failed: no mutant was tried")
        return verdict.FAILED
    if outcomes:
        progress.say("\n" + table.render(
            ("mutant", "verdict", "killed by", "seconds"),
            [(outcome.name, outcome.verdict(), outcome.killed_by,
              outcome.seconds) for outcome in outcomes]))
    killed = sum(bool(outcome.killed_by) for outcome in outcomes)
    progress.say(f"{killed} of {len(outcomes)} mutants killed")
    if any(outcome.built and not outcome.killed_by for outcome in outcomes):
        return verdict.FAILED
    if not all(outcome.built for outcome in outcomes):
        return verdict.UNMEASURED
    return verdict.PASSED


if __name__ == "__main__":
    sys.exit(main())
