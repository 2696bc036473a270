#!/usr/bin/python3
"""A bar is judged by what was measured, and what was not is never passed.

Programs are small scripts that print a report, or commands whose reports are
made up.
"""

import io
import json
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tests" / "runner")]

from bars import __main__ as command  # noqa: E402
from bars import bench, calls, catalogue, judge, ways  # noqa: E402
from bars.bench import Bench, Command  # noqa: E402
from bars.judge import Baseline, Condition, Limit, Outcome  # noqa: E402
from kit.progress import Progress  # noqa: E402
from kit.verdict import Unmeasured  # noqa: E402

AT_LEAST_2 = Limit(">=", 2, "x")
AT_MOST_2 = Limit("<=", 2, "us")
CAIRN = Command("cairn")
TRACE = """\
1 write(-1, "before", 6) = -1 EBADF (Bad file descriptor)
1 write(-1, "cairn-begin", 11)      = -1 EBADF (Bad file descriptor)
2 futex(0x7f, FUTEX_WAIT_PRIVATE, 0, NULL <unfinished ...>
1 clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=1, tv_nsec=0}, 0x7f) = 0
2 <... futex resumed>)              = 0
2 --- SIGCHLD {si_signo=SIGCHLD} ---
2 +++ exited with 0 +++
1 write(-1, "cairn-end", 9)         = -1 EBADF (Bad file descriptor)
1 exit_group(0)                     = ?
"""


class MadeUpBench:
    """Gives the reports in `reports`, by program: a list in turn, or the same
    again and again. A program without any cannot run."""

    def __init__(self, **reports):
        self._reports = reports
        self.ran = []

    def run(self, wanted):
        self.ran.append(wanted)
        reports = self._reports.get(wanted.program)
        if not reports:
            raise Unmeasured(f"there is no program {wanted.program} yet")
        return reports.pop(0) if isinstance(reports, list) else reports

    def run_traced(self, wanted):
        report = self.run(wanted)
        return report, report["calls"]


def rated(rate, **figures):
    return {"rate": rate, "bytes_rate": rate * 4096, "settings": {"n": rate},
            **figures}


class LimitTest(unittest.TestCase):

    def test_a_value_at_the_limit_holds(self):
        for limit, good, bad in ((AT_LEAST_2, (2, 2.1), (1.9, 0)),
                                 (AT_MOST_2, (2, 0), (2.1,))):
            for value in good:
                self.assertTrue(limit.holds(value), (limit, value))
            for value in bad:
                self.assertFalse(limit.holds(value), (limit, value))


class OutcomeTest(unittest.TestCase):

    def test_the_value_is_the_median_of_the_rounds(self):
        outcome = Outcome(AT_LEAST_2, values=[9, 1, 2.5, 1.5, 8])
        self.assertEqual(outcome.value, 2.5)
        self.assertTrue(outcome.passes)
        self.assertEqual(outcome.verdict(), "passed")

    def test_what_was_not_measured_never_passes(self):
        for limit in (AT_LEAST_2, AT_MOST_2):
            outcome = Outcome(limit, trouble="no program")
            self.assertFalse(outcome.passes)
            self.assertEqual(outcome.verdict(), "NOT MEASURED")
            self.assertIsNone(outcome.document("x")["value"])

    def test_every_condition_must_hold(self):
        for count, passes in ((0, True), (1, False)):
            condition = Condition("calls", Limit("<=", 0, "calls"), count)
            outcome = Outcome(AT_MOST_2, values=[1], conditions=[condition])
            self.assertEqual(outcome.passes, passes)
            self.assertEqual(
                outcome.document("x")["baseline"]["settings"],
                {"calls": count})


class ExitCodeTest(unittest.TestCase):

    def test_follows_the_outcomes(self):
        good = Outcome(AT_LEAST_2, values=[2])
        bad = Outcome(AT_LEAST_2, values=[1])
        absent = Outcome(AT_LEAST_2, trouble="x")
        for outcomes, code in (((good,), 0), ((good, bad), 1),
                               ((good, absent), 2), ((bad, absent), 1),
                               ((absent,), 2), ((), 2)):
            named = dict(enumerate(outcomes))
            self.assertEqual(judge.exit_code(named), code, outcomes)


class DocumentTest(unittest.TestCase):

    def document(self):
        cairn = rated(30.0, p50_us=1.5, p99_us=2, cpu_us=3, rss_anon=4,
                      read_bytes=5, write_bytes=6, syncs=None, operations=7)
        outcome = Outcome(AT_LEAST_2, values=[3, 1, 2], cairn=cairn,
                          baseline=Baseline("other", 15.0, {"threads": 8}))
        return judge.document({"a.b": outcome}, "c0", {"cpu": "x"})

    def test_has_exactly_the_fields_of_the_schema(self):
        self.assertEqual(self.document(), {
            "schema": "cairn.bench/1", "commit": "c0", "machine": {"cpu": "x"},
            "bars": [{
                "id": "a.b", "unit": "x", "bar": 2, "op": ">=", "value": 2,
                "min": 1, "max": 3, "pass": True,
                "cairn": {"rate": 30.0, "p50_us": 1.5, "p99_us": 2, "cpu_us": 3,
                          "rss_anon": 4, "read_bytes": 5, "write_bytes": 6,
                          "syncs": 0},
                "baseline": {"name": "other", "rate": 15.0,
                             "settings": {"threads": 8}}}]})

    def test_is_json(self):
        document = self.document()
        self.assertEqual(json.loads(json.dumps(document)), document)


class TableTest(unittest.TestCase):

    def test_shows_verdicts_conditions_and_settings(self):
        condition = Condition("calls", Limit("<=", 0, "calls"), 7)
        outcome = Outcome(AT_MOST_2, values=[1], conditions=[condition],
                          cairn={"rate": 12.0},
                          baseline=Baseline("other", 15.0, {"threads": 8}))
        text = judge.tables({"a.b": outcome,
                             "c": Outcome(AT_LEAST_2, trouble="x")})
        for part in (r"a\.b +MISSED +1 +<= 2 us +12 +15", r"calls +MISSED +7",
                     r"c +NOT MEASURED +- +>= 2 x", r"other +threads=8"):
            self.assertRegex(text, part)


class RatioTest(unittest.TestCase):

    def setUp(self):
        self.way = ways.against(CAIRN, "other", [
            Command("slow"), Command("fast"), Command("absent")])

    def test_rounds_are_interleaved_and_each_has_its_ratio(self):
        fast = [rated(9)] + [rated(rate) for rate in (1, 2, 4, 5, 10)]
        made_up = MadeUpBench(cairn=rated(20), slow=rated(1), fast=fast)
        outcome = self.way(made_up, AT_LEAST_2)
        self.assertEqual(outcome.values, [20, 10, 5, 4, 2])
        self.assertEqual(outcome.baseline, Baseline("other", 4, {"n": 4}))
        programs = [ran.program for ran in made_up.ran]
        self.assertEqual(programs[:4], ["cairn", "slow", "fast", "absent"])
        self.assertEqual(programs[4:], ["cairn", "fast"] * ways.ROUNDS)

    def test_the_baseline_is_known_where_cairn_is_absent(self):
        outcome = self.way(MadeUpBench(slow=rated(1), fast=rated(2)),
                           AT_LEAST_2)
        self.assertFalse(outcome.is_measured)
        self.assertIn("no program cairn", outcome.trouble)
        self.assertEqual(outcome.baseline.rate, 2)

    def test_without_any_baseline_there_is_no_ratio(self):
        outcome = self.way(MadeUpBench(cairn=rated(1)), AT_LEAST_2)
        self.assertFalse(outcome.is_measured)
        self.assertIn("no program slow", outcome.trouble)

    def test_a_round_that_fails_leaves_no_value(self):
        outcome = self.way(MadeUpBench(cairn=[rated(1)] * 3, fast=rated(1)),
                           AT_LEAST_2)
        self.assertFalse(outcome.is_measured)


class StreamTest(unittest.TestCase):

    def value(self, device, kernels):
        way = ways.stream(Command("cairn", {"size": 4096}), Command("kernels"),
                          [Command("device")], 1.5)
        made_up = MadeUpBench(cairn=rated(10), device=rated(device),
                              kernels=rated(kernels))
        return way(made_up, AT_LEAST_2)

    def test_the_bound_is_the_slower_of_device_and_kernels(self):
        self.assertEqual(self.value(device=30, kernels=100).value, 0.5)
        outcome = self.value(device=300, kernels=40)
        self.assertEqual(outcome.value, 0.25)
        self.assertEqual(outcome.baseline.rate, 40)


class OtherWaysTest(unittest.TestCase):

    def test_a_figure_that_is_not_known_is_not_measured(self):
        way = ways.single(CAIRN, ways.figure("worst"))
        for worst, values in ((1.5, [1.5]), (0, [0]), (None, [])):
            made_up = MadeUpBench(cairn={"worst": worst})
            self.assertEqual(way(made_up, AT_MOST_2).values, values)

    def test_gets_that_read_nothing_were_not_cold(self):
        for reads, wanted in ((1000, 1), (1004, 1), (1006, 1.01), (2050, 2.05)):
            report = {"drive_reads": reads, "operations": 1000}
            self.assertEqual(ways.drive_reads_per_get(report), wanted)
        for reads in (0, 900, None):
            with self.assertRaises(Unmeasured):
                ways.drive_reads_per_get(
                    {"drive_reads": reads, "operations": 1000})

    def test_calls_of_the_program_itself_are_not_cairns(self):
        made_up = MadeUpBench(cairn={"calls": 3, "own_calls": 1})
        self.assertEqual(ways.traced(CAIRN)(made_up, AT_MOST_2).values, [2])
        self.assertEqual(ways.calls_of(CAIRN)(made_up), 2)

    def test_a_condition_that_is_not_measured_leaves_no_value(self):
        single = ways.single(CAIRN, ways.rate)
        limit = Limit("<=", 0, "calls")
        for program, values in (("cairn", [1]), ("absent", [])):
            way = ways.with_condition(single, "calls", limit,
                                      ways.calls_of(Command(program)))
            made_up = MadeUpBench(cairn=rated(1, calls=0))
            self.assertEqual(way(made_up, AT_MOST_2).values, values)

    def test_a_setting_that_is_not_measured_is_null_and_judges_nothing(self):
        single = ways.single(CAIRN, ways.rate)
        for program, setting in (("device", 4096), ("absent", None)):
            way = ways.with_setting(single, "written", Command(program))
            made_up = MadeUpBench(cairn=rated(1), device=rated(1))
            outcome = way(made_up, AT_MOST_2)
            self.assertEqual(outcome.values, [1])
            self.assertEqual(outcome.baseline.settings, {"written": setting})
        self.assertEqual(Outcome(AT_MOST_2).baseline.settings, {})

    def test_either_of_two_ways_is_enough(self):
        second_limit = Limit(">=", 10, "y")
        for first, second, chosen, passes in (
                ([2], [0], "x", True), ([1], [10], "y", True),
                ([1], [4], "x", False), ([1], [6], "y", False),
                ([1], [], "x", False), ([], [9], "y", False)):
            way = ways.either(lambda _, limit: Outcome(limit, values=first),
                              lambda _, limit: Outcome(limit, values=second),
                              second_limit)
            outcome = way(None, AT_LEAST_2)
            self.assertEqual((outcome.limit.unit, outcome.passes),
                             (chosen, passes), (first, second))


class LikeCairnTest(unittest.TestCase):

    def options(self, own, **pieces):
        like_cairn = ways.LikeCairn(files=4, size=8192, **pieces)
        return [command.options for command in like_cairn.candidates(own)]

    def test_writes_as_much_to_a_sync_as_cairn(self):
        own = {"write_bytes": 1_000_000, "syncs": 100}
        for options in self.options(own):
            self.assertEqual((options["size"], options["sync_every"]),
                             (12288, 1))
        self.assertEqual({options["depth"] for options in self.options(own)},
                         {1, 4, 16, 64})

    def test_a_piece_of_a_given_size_is_synced_as_often(self):
        own = {"write_bytes": 65536 * 30, "syncs": 10}
        self.assertEqual(self.options(own, piece=65536)[0]["sync_every"], 3)
        self.assertEqual(self.options(None, piece=65536)[0]["sync_every"], 1)

    def test_a_device_that_counts_no_syncs_is_not_measured(self):
        for syncs in (0, None):
            with self.assertRaises(Unmeasured):
                self.options({"write_bytes": 1, "syncs": syncs})

    def test_the_rate_is_that_of_the_objects_bytes(self):
        like_cairn = ways.LikeCairn(files=4, size=8192)
        self.assertEqual(like_cairn.rate_of({"bytes_rate": 81920}, None), 10)


class CallsTest(unittest.TestCase):

    def test_counts_what_begins_between_the_marks(self):
        self.assertEqual(calls.between_marks(TRACE.splitlines()), 2)

    def test_a_trace_without_its_marks_is_not_measured(self):
        for text in ("", TRACE.replace("cairn-end", "x"),
                     TRACE.replace("cairn-begin", "x"), TRACE + TRACE):
            with self.assertRaises(Unmeasured):
                calls.between_marks(text.splitlines())


class BenchTest(unittest.TestCase):

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.bench = Bench(self, self.directory, 7, Progress(io.StringIO()))
        self.bench._log = self.directory
        self.addCleanup(self.bench.close)

    def program(self, name, _):
        """What a Workshop does."""
        return self.directory / name

    def run_script(self, text, name="program", **command):
        path = self.directory / name
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        return self.bench.run(Command(name, **command))

    def test_the_report_is_the_last_line(self):
        self.assertEqual(self.run_script("echo x; echo '{\"rate\": 2}'"),
                         {"rate": 2})

    def test_options_are_given(self):
        self.run_script(f'echo "$@" >{self.directory}/words; echo "{{}}"',
                        options={"sync_every": 8, "read": True, "no": False})
        words = (self.directory / "words").read_text().split()
        self.assertEqual(words[1:], ["--seed=7", "--sync-every=8", "--read"])

    def test_a_program_that_fails_is_not_measured(self):
        for text in ("echo '{}'; exit 2", "echo '{}'; kill -9 $$", "echo x",
                     "true", "echo 1"):
            with self.assertRaises(Unmeasured, msg=text):
                self.run_script(text)

    def test_each_run_has_an_empty_directory(self):
        text = 'cd "${1#--directory=}"; test -z "$(ls)"; r=$?; >f; ' \
               'echo "{\\"empty\\": $((!r))}"'
        for _ in range(2):
            self.assertEqual(self.run_script(text), {"empty": 1})
        for empty in (1, 0):
            self.assertEqual(self.run_script(text, keeps="files"),
                             {"empty": empty})

    def test_nothing_stays_behind(self):
        self.run_script("echo '{}'", keeps="files")
        self.bench.close()
        self.assertEqual(list(self.directory.glob("cairn-bench-*")), [])


class WorkshopTest(unittest.TestCase):

    def test_a_program_that_is_not_there_yet_is_not_measured(self):
        workshop = bench.Workshop()
        workshop._targets = {}
        with self.assertRaisesRegex(Unmeasured, "no program cairn_put yet"):
            workshop.program("cairn_put", None)


class CatalogueTest(unittest.TestCase):

    def test_names_are_unique_and_each_can_be_chosen(self):
        names = [bar.name for bar in catalogue.BARS]
        self.assertEqual(len(set(names)), len(names))
        for name in names:
            self.assertEqual([bar.name for bar in catalogue.selected([name])],
                             [name])
        self.assertEqual(catalogue.selected([]), list(catalogue.BARS))

    def test_a_name_that_is_not_there_is_told(self):
        with self.assertRaisesRegex(Unmeasured, "no such ID: nope"):
            command.bars_of(command.parse(["--only", "nope"]))

    def test_without_any_program_no_bar_is_passed(self):
        for bar in catalogue.BARS:
            outcome = bar.way(MadeUpBench(), bar.limit)
            self.assertFalse(outcome.is_measured, bar.name)
            self.assertTrue(outcome.trouble, bar.name)


class MeasureTest(unittest.TestCase):

    def test_every_bar_is_told_with_its_trouble(self):
        stream = io.StringIO()
        outcomes = command.measure(catalogue.BARS, MadeUpBench(),
                                   Progress(stream))
        self.assertEqual(list(outcomes), [bar.name for bar in catalogue.BARS])
        self.assertIn("idle: NOT MEASURED", stream.getvalue())
        self.assertIn("no program cairn_idle yet", stream.getvalue())
        self.assertEqual(judge.exit_code(outcomes), 2)


if __name__ == "__main__":
    unittest.main()
