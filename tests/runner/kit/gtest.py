"""One test program, by test case.

A GoogleTest program that ends says in XML how each case went. One that died
said so far in its output which case it had begun: that one failed.
Any other program is one case.
"""

import dataclasses
import pathlib
import re
import xml.etree.ElementTree as ElementTree

from kit import process

_BEGUN = re.compile(r"\[ RUN      \] (\S+)")
_PASSED = re.compile(r"\[       OK \] (\S+) \(")
_FAILED = re.compile(r"\[  FAILED  \] (\S+?),? .*\(\d+ ms\)")
_SKIPPED = re.compile(r"\[  SKIPPED \] (\S+) \(")
_MESSAGE_MAX = 4000


@dataclasses.dataclass
class Case:
    """`outcome` is "passed", "failed" or "skipped"; `message` says why."""

    name: str
    outcome: str
    message: str = ""


@dataclasses.dataclass
class ProgramResult:
    """How a program and its cases went."""

    cases: list
    ended: process.Ended

    def failed(self):
        return [case for case in self.cases if case.outcome == "failed"]


def run(test, *, log, env=None, timeout=None, arguments=()):
    """Runs a meson.Test; `arguments` are for GoogleTest programs only."""
    log = pathlib.Path(log)
    report = log.with_suffix(".xml")
    report.unlink(missing_ok=True)
    command = list(test.command)
    if test.is_gtest:
        command += [f"--gtest_output=xml:{report}", *arguments]
    ended = process.run(command, log=log, cwd=test.workdir,
                        env={**test.env, **(env or {})},
                        timeout=timeout or test.timeout)
    return ProgramResult(_cases(test, report, ended), ended)


def _cases(test, report, ended):
    if not test.is_gtest:
        return [_whole_program(test, ended)]
    try:
        elements = list(_parse(report).iter("testcase"))
    except (FileNotFoundError, ElementTree.ParseError):
        return _cases_of_the_dead(test, ended)
    cases = [_case(element) for element in elements if _counts(element)]
    has_failed = any(case.outcome == "failed" for case in cases)
    if not ended.ok and not has_failed:
        # A leak found at exit, a crash in a destructor.
        cases.append(_failed(test.name, ended))
    if not cases:
        cases.append(Case(test.name, "failed", "the program holds no test"))
    return cases


def _parse(report):
    # XML 1.0 has no place for most control characters, and a failed
    # comparison of bytes prints them.
    text = report.read_bytes().decode("utf-8", "replace")
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "?", text)
    return ElementTree.fromstring(text)


def _whole_program(test, ended):
    return Case(test.name, "passed") if ended.ok else _failed(test.name, ended)


def _failed(name, ended):
    return Case(name, "failed", f"{ended.how()}\n{ended.tail()}")


def _name(element):
    return f"{element.get('classname')}.{element.get('name')}"


def _counts(element):
    """Whether a case ran or should have: a filter may have left it out."""
    return element.get("status") == "run" or "DISABLED_" in _name(element)


def _case(element):
    name = _name(element)
    failures = element.findall("failure")
    if failures:
        text = "\n".join(failure.text or "" for failure in failures)
        return Case(name, "failed", text.strip()[:_MESSAGE_MAX])
    if element.get("status") == "notrun":
        return Case(name, "skipped", "disabled")
    if element.get("result") == "skipped":
        return Case(name, "skipped", _skip_reason(element))
    return Case(name, "passed")


def _skip_reason(element):
    """What the test said; GoogleTest puts "file:line" on a line before it."""
    skipped = element.find("skipped")
    text = "" if skipped is None else skipped.text or ""
    return " ".join(text.strip().splitlines()[1:])


def _cases_of_the_dead(test, ended):
    text = ended.log.read_text(errors="replace")
    cases = [Case(name, "passed") for name in _PASSED.findall(text)]
    cases += [Case(name, "failed", "see the program's output")
              for name in _FAILED.findall(text)]
    cases += [Case(name, "skipped") for name in _SKIPPED.findall(text)]
    known = {case.name for case in cases}
    open_cases = [name for name in _BEGUN.findall(text) if name not in known]
    cases.append(_failed(open_cases[-1] if open_cases else test.name, ended))
    return cases
