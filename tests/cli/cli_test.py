"""The command `cairn`: what it says, where it says it, what it returns.

What inspect finds out is tested by tests/unit/inspect.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

CAIRN = sys.argv.pop()


def cairn(*arguments):
    return subprocess.run([CAIRN, *map(str, arguments)], capture_output=True,
                          text=True, check=False)


class CliTest(unittest.TestCase):

    def expect_refusal(self, arguments, message):
        result = cairn(*arguments)
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stdout, "")
        self.assertIn(message, result.stderr)
        return result.stderr

    def test_help_names_the_commands(self):
        result = cairn("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("inspect", result.stdout)

    def test_help_of_inspect_names_its_options(self):
        result = cairn("inspect", "--help")
        self.assertEqual(result.returncode, 0)
        for option in ("FILE", "--offset", "--list", "--limit", "--json"):
            self.assertIn(option, result.stdout)

    def test_a_wrong_command_line_is_refused_and_help_is_named(self):
        for arguments, message in (
                ((), "A subcommand is required"),
                (("frobnicate",), 'no command "frobnicate"'),
                (("inspect",), "FILE is required"),
                (("inspect", "a", "b"), "not expected: b"),
                (("inspect", "a", "--offset", "x"), "--offset = x"),
                (("inspect", "a", "--offset", "-1"), "less than 0"),
                (("inspect", "a", "--list", "--offset", "1"), "excludes")):
            error = self.expect_refusal(arguments, message)
            self.assertIn("--help' tells", error)

    def test_what_cannot_be_inspected_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            self.expect_refusal(("inspect", folder), "no drive of Cairn")
            path = pathlib.Path(folder, "letter")
            self.expect_refusal(("inspect", path), "no such file")
            path.write_text("Dear reader")
            self.expect_refusal(("inspect", path), "a file of Cairn")

    def test_damage_is_told_by_what_it_returns(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "cairn.format")
            path.write_bytes(bytes(4096))
            result = cairn("inspect", path)
            self.assertEqual((result.returncode, result.stderr), (1, ""))
            self.assertIn("DAMAGED", result.stdout)
            self.expect_refusal(("inspect", path, "--offset", "4096"),
                                "behind the end")
            self.assertEqual(path.read_bytes(), bytes(4096))

    def test_json_is_json_whatever_the_path(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, 'a"\\\n\u00e9\udcff', "cairn.format")
            path.parent.mkdir()
            path.write_bytes(bytes(100))
            result = cairn("inspect", "--json", "--offset", "0x10", path)
            self.assertEqual(result.returncode, 1)
            report = json.loads(result.stdout)
            self.assertEqual(report["path"].encode("latin-1"), bytes(path))
            self.assertEqual(report["kind"], "cairn.format")
            self.assertEqual(report["items"][0]["parts"][0]["name"],
                             "deployment")


if __name__ == "__main__":
    unittest.main()
