"""The bank of mutants: tests/mutants/bank.toml.

A mutant is one wrong behaviour, put in by replacing text that occurs exactly
once in a file:

    [skip_log_sync]
    bug = "A commit is acknowledged before its frame is durable."
    file = "lib/set/drive_log.cc"
    find = "file_->WriteSynced("
    replace = "file_->Write("
    killers = ["crash", "fault:fault_commit_test_cc"]

`killers` are suites, or programs of a suite, of the debug build. At least one
of them must fail. A change in several places has more pairs, in `also`:

    also = [{ file = "...", find = "...", replace = "..." }]

Text over several lines is compared as it stands, with its line ends; Python's
and TOML's triple-quoted strings hold it.
"""

import dataclasses
import pathlib
import tomllib

BANK = pathlib.Path(__file__).with_name("bank.toml")
_KEYS = {"bug", "file", "find", "replace", "killers"}


class BadMutant(Exception):
    """A mutant that says nothing, or does not fit the tree any more."""


@dataclasses.dataclass(frozen=True)
class Edit:
    """`find`, which occurs once in `file`, becomes `replace`."""

    file: str
    find: str
    replace: str

    def apply(self, root):
        """Changes the file under `root`.

        Errors: BadMutant when the text is not there exactly once.
        """
        path = pathlib.Path(root) / self.file
        try:
            text = path.read_text()
        except FileNotFoundError as error:
            raise BadMutant(f"{self.file} does not exist") from error
        count = text.count(self.find)
        if count != 1:
            raise BadMutant(
                f"{self.file} holds the text {count} times, not once: "
                f"{self.find!r}")
        path.write_text(text.replace(self.find, self.replace))


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One wrong behaviour and the suites that must notice it."""

    name: str
    bug: str
    edits: tuple
    killers: tuple

    def files(self):
        return sorted({edit.file for edit in self.edits})

    def is_killed_by(self, test):
        """Whether meson.Test `test` is one of the killers."""
        return (test.suite in self.killers or
                f"{test.suite}:{test.name}" in self.killers)


def load(path=BANK):
    """The mutants in the order of the file.

    Errors: BadMutant.
    """
    with open(path, "rb") as file:
        tables = tomllib.load(file)
    return [_mutant(name, table) for name, table in tables.items()]


def _mutant(name, table):
    unknown = set(table) - _KEYS - {"also"}
    missing = _KEYS - set(table)
    if unknown or missing:
        raise BadMutant(f"{name}: unknown {sorted(unknown)}, "
                        f"missing {sorted(missing)}")
    if not table["killers"]:
        raise BadMutant(f"{name}: nothing is to kill it")
    edits = [_edit(name, part) for part in (table, *table.get("also", ()))]
    return Mutant(name, table["bug"], tuple(edits), tuple(table["killers"]))


def _edit(name, table):
    edit = Edit(table["file"], table["find"], table["replace"])
    if not edit.find or edit.find == edit.replace:
        raise BadMutant(f"{name}: an edit of {edit.file} changes nothing")
    return edit
