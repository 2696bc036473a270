#!/usr/bin/python3
"""The mutant runner tells killed from survived, and both from not tried.

Most of it runs for real, on a program of ten lines.
"""

import io
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "runner")]

import bank  # noqa: E402
import mutants  # noqa: E402
from bank import BadMutant, Edit, Mutant  # noqa: E402
from kit.progress import Progress  # noqa: E402
from kit.verdict import Unmeasured  # noqa: E402
from workshop import Workshop  # noqa: E402

TREE = {
    "meson.build": """project('tiny', 'cpp')
foreach name : ['double', 'halve']
  test(name, executable(name, name + '.cc', 'lib.cc'), suite: 'unit')
endforeach
""",
    "lib.h": "int Double(int a);\nint Halve(int a);\n",
    "lib.cc": '#include "lib.h"\nint Double(int a) { return a + a; }\n'
              "int Halve(int a) { return a / 2; }\n",
    "double.cc": '#include "lib.h"\nint main() { return Double(3) - 6; }\n',
    "halve.cc": '#include "lib.h"\nint main() { return Halve(4) - 2; }\n',
}


def mutant(find="a + a", replace="a", killers=("unit",), name="m"):
    return Mutant(name, "wrong", (Edit("lib.cc", find, replace),), killers)


class TinyTreeTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.root = pathlib.Path(cls.directory.name) / "tree"
        cls.root.mkdir()
        for name, text in TREE.items():
            (cls.root / name).write_text(text)
        cls.out = io.StringIO()
        cls.progress = Progress(cls.out)
        cls.workshop = Workshop(7, cls.progress, root=cls.root,
                                directory=cls.root.parent / "shop")
        cls.workshop.prepare()

    def try_mutant(self, a_mutant):
        return mutants.try_mutant(self.workshop, a_mutant, self.progress)

    def copied(self):
        return (self.root.parent / "shop" / "src" / "lib.cc").read_text()

    def test_the_unchanged_tree_passes(self):
        self.assertTrue(mutants.run_control(self.workshop, [mutant()],
                                            self.progress))

    def test_a_wrong_behaviour_is_killed_and_says_by_what(self):
        outcome = self.try_mutant(mutant())
        self.assertEqual((outcome.built, outcome.killed_by),
                         (True, "unit:double"))

    def test_a_behaviour_that_no_killer_looks_at_survives(self):
        outcome = self.try_mutant(mutant(killers=("unit:halve",)))
        self.assertEqual((outcome.built, outcome.killed_by), (True, ""))
        self.assertEqual(outcome.verdict(), "SURVIVED")

    def test_text_that_is_not_there_once_is_not_built(self):
        for find in ("nowhere", "return"):
            outcome = self.try_mutant(mutant(find=find))
            self.assertFalse(outcome.built)
            self.assertIn("times, not once", outcome.trouble)

    def test_what_does_not_compile_is_not_built(self):
        outcome = self.try_mutant(mutant(replace="b"))
        self.assertFalse(outcome.built)
        self.assertIn("error", outcome.trouble)

    def test_a_hang_is_a_kill(self):
        self.workshop._seconds["double"] = -7  # The limit is then 2 s.
        outcome = self.try_mutant(mutant(
            "return a + a;", "for (volatile int i = 0;;) i = a;",
            killers=("unit:double",)))
        del self.workshop._seconds["double"]
        self.assertEqual(outcome.killed_by, "unit:double")

    def test_the_copy_is_as_before_afterwards(self):
        for a_mutant in (mutant(), mutant(find="nowhere"),
                         mutant(replace="b")):
            self.try_mutant(a_mutant)
            self.assertEqual(self.copied(), TREE["lib.cc"])

    def test_a_killer_that_does_not_exist_is_an_error(self):
        with self.assertRaises(Unmeasured):
            mutants.run_control(self.workshop,
                                [mutant(killers=("unit:gone",))],
                                self.progress)

    def test_a_tree_that_fails_by_itself_fails_the_control(self):
        broken = self.root / "double.cc"
        broken.write_text("int main() { return 1; }\n")
        self.workshop.prepare()
        self.assertFalse(mutants.run_control(self.workshop, [mutant()],
                                             self.progress))
        broken.write_text(TREE["double.cc"])
        self.workshop.prepare()

    def test_what_has_just_passed_is_not_run_again_as_control(self):
        broken = self.root / "double.cc"
        broken.write_text("int main() { return 1; }\n")
        workshop = Workshop(7, self.progress, root=self.root,
                            directory=self.root.parent / "shop",
                            passed={"double": 0.5})
        workshop.prepare()
        self.assertTrue(mutants.run_control(workshop, [mutant()],
                                            self.progress))
        broken.write_text(TREE["double.cc"])
        self.workshop.prepare()

    def test_a_file_that_left_the_tree_leaves_the_copy(self):
        extra = self.root / "extra.cc"
        extra.write_text("")
        self.workshop.prepare()
        copy = self.root.parent / "shop" / "src" / "extra.cc"
        self.assertTrue(copy.exists())
        extra.unlink()
        self.workshop.prepare()
        self.assertFalse(copy.exists())


class BankTest(unittest.TestCase):

    GOOD = ('[m]\nbug = "b"\nfile = "f"\nfind = "x"\nreplace = "y"\n'
            'killers = ["unit"]\n')

    def load(self, text):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "bank.toml"
            path.write_text(text)
            return bank.load(path)

    def test_reads_a_mutant_with_further_edits(self):
        loaded = self.load(self.GOOD + 'also = [{ file = "g", find = "1", '
                           'replace = "2" }]\n')
        self.assertEqual(loaded, [Mutant(
            "m", "b", (Edit("f", "x", "y"), Edit("g", "1", "2")),
            ("unit",))])
        self.assertEqual(loaded[0].files(), ["f", "g"])

    def test_refuses_what_says_too_little_or_too_much(self):
        for text in (self.GOOD.replace('bug = "b"\n', ""),
                     self.GOOD.replace('["unit"]', "[]"),
                     self.GOOD.replace('"y"', '"x"'),
                     self.GOOD + "more = 1\n"):
            with self.assertRaises(BadMutant):
                self.load(text)

    def test_the_bank_itself_can_be_read(self):
        bank.load()


class ConclusionTest(unittest.TestCase):

    KILLED = mutants.Outcome("a", built=True, killed_by="unit:A.b")
    SURVIVED = mutants.Outcome("b", built=True)
    UNBUILT = mutants.Outcome("c")

    def conclude(self, *outcomes, control=True):
        return mutants.conclude(control, list(outcomes),
                                Progress(io.StringIO()))

    def test_the_exit_code_follows_the_worst(self):
        self.assertEqual(self.conclude(self.KILLED), 0)
        self.assertEqual(self.conclude(self.KILLED, self.UNBUILT), 2)
        self.assertEqual(self.conclude(self.SURVIVED, self.UNBUILT), 1)
        self.assertEqual(self.conclude(control=False), 1)

    def test_the_document_has_every_mutant(self):
        self.assertEqual(
            mutants.document(True, [self.KILLED], 7),
            {"schema": "cairn.mutants/1", "control_passed": True,
             "mutants": [{"name": "a", "built": True,
                          "killed_by": "unit:A.b", "seed": 7,
                          "seconds": 0.0}]})


if __name__ == "__main__":
    unittest.main()
