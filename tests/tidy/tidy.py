#!/usr/bin/python3
"""Checks the source against the rules of lib/STYLE.md.

An exception stands on the line it excuses or on the line before:

    const auto* bytes = reinterpret_cast<const char*>(p);  // tidy: <reason>

exit code: 0 nothing found, 1 something found, 2 a check could not run
"""

import argparse
import pathlib
import statistics
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "runner")]

from kit import report, table, tree  # noqa: E402
from project import Finding, Project  # noqa: E402
from rules import RULES, sizes  # noqa: E402

PRODUCTION = ("include", "lib", "bindings", "examples")


def main():
    arguments = _parse()
    if arguments.list:
        print(table.render(("rule", "says"),
                           [(rule.name, rule.says) for rule in RULES]))
        return 0
    unknown = set(arguments.only) - {rule.name for rule in RULES}
    if unknown:
        print(f"no such rule: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    rules = [rule for rule in RULES
             if not arguments.only or rule.name in arguments.only]
    project = Project(tree.ROOT, tree.project_files())
    try:
        findings = check(project, rules)
    except FileNotFoundError as error:
        print(f"not installed: {error.filename}", file=sys.stderr)
        return 2
    _print(project, findings)
    report.write(arguments.json, _document(findings))
    return 1 if any(findings.values()) else 0


def check(project, rules):
    """{rule name: findings} after the exceptions that the source states.

    With all rules given, an exception that excuses nothing is a finding too.
    """
    used = set()
    findings = {rule.name: _unexcused(project, rule.check(project), used)
                for rule in rules}
    if len(rules) == len(RULES):
        findings["comments"] = (findings["comments"] +
                                list(_idle_exceptions(project, used)))
    return findings


def _unexcused(project, findings, used):
    kept = []
    for finding in findings:
        excuse = _excuse(project, finding)
        if excuse is None:
            kept.append(finding)
        else:
            used.add(excuse)
    return kept


def _excuse(project, finding):
    """(path, line) of the comment that excuses `finding`; None without."""
    if finding.line and finding.path in project.cpp:
        exceptions = project.source(finding.path).exceptions
        for line in (finding.line, finding.line - 1):
            if exceptions.get(line):
                return finding.path, line
    return None


def _idle_exceptions(project, used):
    for path in project.cpp:
        for line, reason in project.source(path).exceptions.items():
            if reason and (path, line) not in used:
                yield Finding(path, line, "this exception excuses nothing: "
                              "remove it")


def _print(project, findings):
    for name, found in findings.items():
        for finding in found:
            print(f"{finding} [{name}]")
    for path, count in sizes.long_files(project):
        print(f"note: {path} has {count} lines; "
              f"{sizes.FILE_LINES_GOOD} are good")
    for folders in (PRODUCTION, ("tests", "bench")):
        lengths = sizes.function_lengths(project, *folders)
        if lengths:
            print(f"{', '.join(folders)}: {len(lengths)} functions, median "
                  f"{statistics.median(lengths):.0f} lines, p99 "
                  f"{lengths[len(lengths) * 99 // 100]}, "
                  f"longest {lengths[-1]}")
    count = sum(len(found) for found in findings.values())
    print(f"{len(project.paths)} files, {len(findings)} rules, "
          f"{count} findings")


def _document(findings):
    return {"schema": "cairn.tidy/1",
            "rules": [{"name": name,
                       "findings": [str(finding) for finding in found]}
                      for name, found in findings.items()]}


def _parse():
    parser = argparse.ArgumentParser(
        prog="tests/tidy/tidy.py", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true",
                        help="print the rules and check nothing")
    parser.add_argument("--only", action="append", default=[], metavar="RULE",
                        help="check only this rule; may be repeated")
    parser.add_argument("--json", metavar="FILE",
                        help="also write the findings to FILE as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
