"""The examples do what they say: the quickstart on a small tree, with a real
kill, and the program in the README.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

HELLO, QUICKSTART, CAIRN = sys.argv[1:]
del sys.argv[1:]
ROOT = pathlib.Path(__file__).resolve().parents[2]
SEED = int(os.environ.get("CAIRN_TEST_SEED", "1"))
FILES = 1500  # more than a page of a listing
STEPS = ["put", "resume", "list", "read", "lose", "read-degraded", "heal",
         "read-healed"]


def count_kills(count):
    """Adds to the figures of the run."""
    path = os.environ.get("CAIRN_TEST_FIGURES")
    if path:
        with open(path, "a", encoding="utf-8") as figures:
            figures.write(json.dumps({"kills": count}) + "\n")


def run(*words):
    return subprocess.run([*map(str, words)], capture_output=True, text=True,
                          check=False)


def make_tree(folder):
    """Files of many sizes and names; returns how many can be stored."""
    source = random.Random(SEED)
    for number in range(FILES):
        path = folder / f"{number % 7}" / f"file {number}\n\u00e9"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(source.randbytes(source.choice((0, 1, 700, 9000))))
    (folder / "large").write_bytes(source.randbytes(5_000_000))
    (folder / "link").symlink_to("large")
    os.mkfifo(folder / "pipe")
    (folder / os.fsdecode(b"no utf-8 \xff")).write_bytes(b"x")
    return FILES + 1


class ExamplesTest(unittest.TestCase):

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.folder = pathlib.Path(directory.name)
        self.tree = self.folder / "tree"
        self.work = self.folder / "work"
        self.tree.mkdir()
        self.work.mkdir()
        self.json = self.folder / "result.json"

    def quickstart(self, *options):
        return run(QUICKSTART, f"--json={self.json}", f"--seed={SEED}",
                   *options, self.tree, self.work)

    def steps(self):
        return {step["id"]: step
                for step in json.loads(self.json.read_text())["steps"]}

    def test_every_byte_comes_back(self):
        print(f"seed {SEED}")
        count = make_tree(self.tree)
        result = self.quickstart()
        self.assertEqual((result.returncode, result.stderr), (0, ""),
                         result.stdout)
        self.assertIn(f"skipped 1 of {count + 1} files", result.stdout)
        steps = self.steps()
        self.assertEqual(list(steps), STEPS)
        for name, step in steps.items():
            self.assertTrue(step["pass"])
            self.assertRegex(result.stdout,
                             rf"(?m)^{name} +{step['objects']} +\d+ ")
            if name not in ("put", "resume"):
                self.assertEqual(step["objects"], count, name)
        count_kills(1)
        self.assertGreaterEqual(steps["put"]["objects"], count // 2)
        self.assertEqual(steps["put"]["objects"] + steps["resume"]["objects"],
                         count)

    def test_a_step_takes_those_that_it_needs(self):
        (self.tree / "one").write_bytes(b"1")
        result = self.quickstart("--only", "list")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(list(self.steps()), ["put", "resume", "list"])
        self.assertEqual(self.steps()["list"]["objects"], 1)

    def test_every_page_is_listed_by_the_command(self):
        count = make_tree(self.tree)
        self.quickstart("--only", "resume")
        drives = [f"--drive={drive}" for drive in self.work.iterdir()]
        result = run(CAIRN, "ls", "quickstart", "-r", "--json", *drives)
        keys = [entry["key"] for entry in json.loads(result.stdout)["entries"]]
        self.assertEqual(len(keys), count)
        self.assertEqual(keys, sorted(set(keys)))
        result = run(CAIRN, "ls", "quickstart", "-r", *drives)
        self.assertEqual(len(result.stdout.splitlines()), count)

    def test_what_cannot_be_run_is_no_verdict(self):
        for options, message in (((), "0 files"),
                                 (("--only", "nothing"), "no such step"),
                                 (("--frobnicate",), "quickstart [OPTION]")):
            result = self.quickstart(*options)
            self.assertEqual(result.returncode, 2)
            self.assertIn(message, result.stdout + result.stderr)
        self.assertFalse(self.json.exists())

    def test_lists_its_steps(self):
        result = run(QUICKSTART, "--list")
        self.assertEqual([line.split()[0]
                          for line in result.stdout.splitlines()], STEPS)

    def test_hello_says_what_it_stored(self):
        drives = [self.work / name for name in "abc"]
        for drive in drives:
            drive.mkdir()
        for _ in range(2):
            result = run(HELLO, *drives)
            self.assertEqual((result.returncode, result.stdout),
                             (0, "drives!\n"), result.stderr)
        self.assertEqual(run(HELLO).returncode, 1)

    def test_the_readme_shows_the_program_that_is_built(self):
        source = (ROOT / "examples" / "hello" / "hello.cc").read_text()
        function = source[source.index("absl::Status Hello"):
                          source.index("\nint main")]
        self.assertIn(f"```cpp\n{function}```",
                      (ROOT / "README.md").read_text())


if __name__ == "__main__":
    unittest.main()
