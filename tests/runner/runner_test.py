#!/usr/bin/python3
"""The runner counts every test case once, and loses none that went wrong.

Test programs are small scripts that behave as GoogleTest's do.
"""

import io
import json
import os
import pathlib
import stat
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from check import __main__ as command  # noqa: E402
from check.figures import PUBLISHED, Figures  # noqa: E402
from check.results import Results  # noqa: E402
from check.session import Selection, Session  # noqa: E402
from check.skips import Skips  # noqa: E402
from kit import gtest, machine, process, report, table  # noqa: E402
from kit.gtest import Case  # noqa: E402
from kit.meson import Test, failure_of_ninja  # noqa: E402
from kit.progress import Progress  # noqa: E402

XML = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="5"><testsuite name="A">
<testcase name="Ok" status="run" result="completed" classname="A" />
<testcase name="Out" status="notrun" result="suppressed" classname="A" />
<testcase name="DISABLED_x" status="notrun" result="suppressed" classname="A"/>
<testcase name="Skip" status="run" result="skipped" classname="A">
<skipped message="x"><![CDATA[a.cc:3
no uring
here]]></skipped></testcase>
<testcase name="Bad" status="run" result="completed" classname="A">
<failure message="m"><![CDATA[one \x01]]></failure>
<failure message="m"><![CDATA[two]]></failure></testcase>
</testsuite></testsuites>
"""
DEAD = """[ RUN      ] A.Ok
[       OK ] A.Ok (0 ms)
[ RUN      ] A.Skip
[  SKIPPED ] A.Skip (0 ms)
[ RUN      ] A.Bad
[  FAILED  ] A.Bad, where GetParam() = 1 (0 ms)
[ RUN      ] A.Dies
"""


class TemporaryDirectoryTest(unittest.TestCase):

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def script(self, text):
        """A program; $xml is where it is to write its report."""
        path = self.directory / "program"
        path.write_text("#!/bin/sh\nxml=${1#--gtest_output=xml:}\n" + text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def run_program(self, text, is_gtest=True, timeout=20):
        test = Test(name="program", suite="unit",
                    command=(str(self.script(text)),), env={"FROM": "meson"},
                    workdir=str(self.directory), timeout=timeout,
                    is_parallel=True, is_gtest=is_gtest)
        return gtest.run(test, log=self.directory / "log")


class GtestTest(TemporaryDirectoryTest):

    def write_report(self):
        report_file = self.directory / "report"
        report_file.write_text(XML)
        return f"cp {report_file} $xml\n"

    def outcomes(self, text, **options):
        result = self.run_program(text, **options)
        return [(case.name, case.outcome) for case in result.cases]

    def test_counts_each_case_by_its_own_outcome(self):
        result = self.run_program(self.write_report() + "exit 1\n")
        self.assertEqual(
            [(c.name, c.outcome, c.message) for c in result.cases],
            [("A.Ok", "passed", ""),
             ("A.DISABLED_x", "skipped", "disabled"),
             ("A.Skip", "skipped", "no uring here"),
             ("A.Bad", "failed", "one ?\ntwo")])

    def test_a_program_that_fails_after_its_cases_passed_has_failed(self):
        passing = self.directory / "passing"
        passing.write_text("<x><testcase name='Ok' status='run' "
                           "result='completed' classname='A'/></x>")
        self.assertEqual(
            self.outcomes(f"cp {passing} $xml\nexit 1\n"),
            [("A.Ok", "passed"), ("program", "failed")])

    def test_a_crash_fails_the_case_that_had_begun(self):
        result = self.run_program(f"cat <<E\n{DEAD}E\nkill -SEGV $$\n")
        self.assertEqual([(c.name, c.outcome) for c in result.cases],
                         [("A.Ok", "passed"), ("A.Bad", "failed"),
                          ("A.Skip", "skipped"), ("A.Dies", "failed")])
        self.assertIn("killed by SIGSEGV", result.cases[-1].message)
        self.assertIn("RUN      ] A.Dies", result.cases[-1].message)

    def test_an_exit_in_the_middle_is_no_success(self):
        self.assertIn(("A.Dies", "failed"),
                      self.outcomes(f"cat <<E\n{DEAD}E\nexit 0\n"))

    def test_a_hang_fails_the_case_that_had_begun(self):
        result = self.run_program(f"cat <<E\n{DEAD}E\nsleep 60\n",
                                  timeout=0.5)
        self.assertIn("timed out", result.cases[-1].message)

    def test_a_program_without_a_case_has_failed(self):
        self.assertEqual(self.outcomes("echo '<x/>' >$xml\n"),
                         [("program", "failed")])

    def test_any_other_program_is_one_case(self):
        self.assertEqual(self.outcomes("exit 0", is_gtest=False),
                         [("program", "passed")])
        self.assertEqual(self.outcomes("exit 3", is_gtest=False),
                         [("program", "failed")])

    def test_the_environment_of_the_build_is_given(self):
        result = self.run_program("echo $FROM", is_gtest=False)
        self.assertEqual(result.ended.tail(), "meson")


class ProcessTest(TemporaryDirectoryTest):

    def test_nothing_is_left_of_a_command_that_has_ended(self):
        path = self.directory / "pid"
        process.run(["sh", "-c", f"sleep 60 & echo $! >{path}"],
                    log=self.directory / "log")
        pid = int(path.read_text())
        deadline = time.monotonic() + 20
        while self.is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertFalse(self.is_alive(pid))

    def is_alive(self, pid):
        """A zombie is dead: only its new parent has not taken notice."""
        try:
            status = pathlib.Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False
        return status.rpartition(")")[2].split()[0] != "Z"

    def test_output_is_watched_while_it_comes(self):
        seen = []
        process.run(["sh", "-c", "echo one; sleep 1; echo two"],
                    log=self.directory / "log", watch=seen.append)
        self.assertIn("one\n", "".join(seen))

    def test_the_tail_is_the_last_lines(self):
        path = self.directory / "log"
        path.write_text("\n".join(map(str, range(100))))
        self.assertEqual(process.tail(path, 2), "98\n99")


class ResultsTest(unittest.TestCase):

    def results(self, skips=""):
        self.said = []
        return Results(Skips(skips), self.said.append)

    def test_counts_by_suite(self):
        results = self.results("A.S* : the kernel has none")
        for case in (Case("A.a", "passed"), Case("A.b", "failed", "why"),
                     Case("A.Skip", "skipped", "x")):
            results.add("unit", case)
        results.add("crash", Case("B.a", "passed"))
        self.assertEqual(results.totals(), (2, 1, 1))
        self.assertIn("why", self.said[0])
        self.assertEqual(results.document("c", 1.25)["suites"], [
            {"name": "unit", "passed": 1, "failed": 1, "skipped": [
                {"test": "A.Skip", "reason": "the kernel has none"}]},
            {"name": "crash", "passed": 1, "failed": 0, "skipped": []}])

    def test_a_skip_that_is_not_listed_fails(self):
        results = self.results("B.* : no")
        results.add("unit", Case("A.Skip", "skipped", "said so"))
        self.assertEqual(results.totals(), (0, 1, 0))
        self.assertIn("said so", self.said[0])

    def test_what_is_not_measured_counts_and_is_told_apart(self):
        results = self.results()
        results.add_unmeasured("asan", "build", "no compiler")
        self.assertEqual(results.totals(), (0, 1, 0))
        self.assertTrue(results.has_unmeasured())
        self.assertFalse(results.has_failed())

    def test_a_lost_object_fails_the_run(self):
        results = self.results()
        results.figures.add({"lost": 1})
        results.judge_figures()
        self.assertEqual(results.totals(), (2, 1, 0))

    def test_the_document_has_the_published_figures_only(self):
        results = self.results()
        results.figures.add({"damages": 2, "damages.log": 2})
        document = results.document("abc", 3)
        self.assertEqual(list(document), ["schema", "commit", "seconds",
                                          "suites", "figures"])
        self.assertEqual(document["schema"], "cairn.test/1")
        self.assertEqual(tuple(document["figures"]), PUBLISHED)
        self.assertEqual(document["figures"]["damages"], 2)
        self.assertIn("damages.log", results.tables())


class FiguresTest(TemporaryDirectoryTest):

    def test_lines_are_summed(self):
        path = self.directory / "figures"
        path.write_text('{"kills": 2}\n{"kills": 3, "lost": 0}\n')
        figures = Figures()
        figures.add_file(path)
        figures.add_file(self.directory / "absent")
        self.assertEqual(figures.sums["kills"], 5)

    def test_what_is_no_count_is_refused(self):
        for text in ('{"kills": -1}', '{"kills": "1"}', "nonsense", "[1]",
                     '{"K ills": 1}'):
            path = self.directory / "figures"
            path.write_text(text)
            with self.assertRaises(ValueError, msg=text):
                Figures().add_file(path)


class SkipsTest(unittest.TestCase):

    def test_patterns_have_reasons(self):
        skips = Skips("# all\n\nUring.* : no io_uring\nA.b : x : y\n")
        self.assertEqual(skips.reason("Uring.Any"), "no io_uring")
        self.assertEqual(skips.reason("A.b"), "x : y")
        self.assertIsNone(skips.reason("A.c"))

    def test_a_line_without_a_reason_is_refused(self):
        for text in ("A.b", "A.b :", "A.b : "):
            with self.assertRaises(ValueError):
                Skips(text)


class SelectionTest(unittest.TestCase):

    def test_nothing_named_wants_everything(self):
        self.assertTrue(Selection().wants("unit", "p"))

    def test_a_suite_a_member_and_a_build(self):
        selection = Selection(["unit", "crash:p", "asan"])
        for suite, member, wanted in (
                ("unit", "p", True), ("crash", "p", True),
                ("crash", "q", False), ("crash", None, True),
                ("asan.sim", "q", True), ("tsan.unit", "p", False),
                ("asan.unit", "p", True), ("sim", "p", False)):
            self.assertEqual(selection.wants(suite, member), wanted,
                             (suite, member))

    def test_an_id_that_matched_nothing_is_known(self):
        selection = Selection(["unit", "cash"])
        selection.wants("unit", "p")
        self.assertEqual(selection.unknown(), ["cash"])

    def test_an_id_that_would_match_nothing_is_known_before(self):
        selection = Selection(["asan", "crash:p", "fuzz:f", "unit:p", "sim"])
        self.assertEqual(selection.unknown_among(
            ["asan.unit:p", "crash:p", "crash:q", "fuzz", "unit:q"]),
            ["unit:p", "sim"])

    def test_knows_when_no_program_is_asked_for(self):
        self.assertTrue(Selection(["tidy", "mutants:m"]).is_within(
            ("tidy", "mutants")))
        self.assertFalse(Selection(["tidy", "unit"]).is_within(("tidy",)))
        self.assertFalse(Selection().is_within(("tidy",)))


class ConclusionTest(unittest.TestCase):

    def conclude(self, *cases, unmeasured=False):
        stream = io.StringIO()
        progress = Progress(stream)
        results = Results(Skips(""), progress.say)
        for case in cases:
            results.add("unit", case)
        if unmeasured:
            results.add_unmeasured("asan", "build", "")
        code = command._conclude(
            Session(Selection(), 7, progress, results), 1.0)
        return code, stream.getvalue().splitlines()[-1]

    def test_the_last_line_counts_and_the_exit_code_follows(self):
        good, bad = Case("a", "passed"), Case("b", "failed")
        self.assertEqual(self.conclude(good), (0, "1 passed, 0 failed"))
        self.assertEqual(self.conclude(good, bad), (1, "1 passed, 1 failed"))
        self.assertEqual(self.conclude(good, unmeasured=True),
                         (2, "1 passed, 1 failed"))
        self.assertEqual(self.conclude(bad, unmeasured=True),
                         (1, "0 passed, 2 failed"))


class KitTest(TemporaryDirectoryTest):

    def test_a_table_has_numbers_to_the_right(self):
        self.assertEqual(table.render(("a", "n"), [("x", 1), ("yy", 10.25)]),
                         "a      n\n--  ----\nx      1\nyy  10.2")

    def test_a_document_is_whole(self):
        path = self.directory / "x.json"
        report.write(path, {"a": 1})
        self.assertEqual(json.loads(path.read_text()), {"a": 1})
        self.assertEqual(os.listdir(self.directory), ["x.json"])

    def test_a_log_gets_lines_that_stay_and_no_escapes(self):
        stream = io.StringIO()
        progress = Progress(stream)
        progress.update("1/2")
        progress.say("done")
        self.assertEqual(stream.getvalue(), "done\n")

    def test_the_machine_is_described(self):
        described = machine.describe(self.directory)
        self.assertEqual(list(described),
                         ["cpu", "cores", "kernel", "fs", "device"])
        # In a chroot no mount may be seen, and fs and device are "".
        for key in ("cpu", "cores", "kernel"):
            self.assertTrue(described[key], key)

    def test_the_failure_of_a_build_begins_where_it_failed(self):
        path = self.directory / "log"
        path.write_text("[1/2] a\nFAILED: b\nerror\n")
        self.assertEqual(failure_of_ninja(path), "FAILED: b\nerror")


if __name__ == "__main__":
    unittest.main()
