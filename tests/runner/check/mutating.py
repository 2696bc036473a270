"""The mutants: each must be killed by a suite. See tests/mutants."""

import json
import tomllib

from kit import gtest, process, tree
from kit.progress import follow

RUNNER = tree.ROOT / "tests" / "mutants" / "run.sh"
BANK = tree.ROOT / "tests" / "mutants" / "bank.toml"
_TIMEOUT = 3600


def listed():
    with open(BANK, "rb") as file:
        for name, mutant in tomllib.load(file).items():
            yield f"mutants:{name}", mutant["bug"]


def run(session):
    if not session.selection.wants("mutants"):
        return
    document = tree.BUILD / "mutants.json"
    document.unlink(missing_ok=True)
    # The debug build has just run the control, but for what failed or was not
    # asked for.
    passed = tree.BUILD / "passed.json"
    passed.write_text(json.dumps(session.passed))
    command = [RUNNER, "--json", document, "--seed", str(session.seed),
               "--passed", passed]
    for name in session.selection.members("mutants"):
        command += ["--only", name]
    ended = process.run(command, log=tree.BUILD / "mutants.log",
                        timeout=_TIMEOUT,
                        watch=follow(session.progress, "mutants"))
    session.results.suite("mutants").seconds = ended.seconds
    if document.exists():
        _collect(session.results, json.loads(document.read_text()))
    else:
        session.results.add_unmeasured("mutants", "run.sh",
                                       f"{ended.how()}\n{ended.tail()}")


def _collect(results, document):
    results.add("mutants", _case(
        "control", document["control_passed"],
        "the unchanged tree fails a suite that is to kill a mutant"))
    for mutant in document["mutants"]:
        if not mutant["built"]:
            message = "it does not apply or does not compile"
        else:
            message = "it survived"
        results.add("mutants", _case(
            mutant["name"], bool(mutant["killed_by"]),
            f"{message}, see {tree.BUILD / 'mutants.log'}"))


def _case(name, passed, message):
    return gtest.Case(name, "passed" if passed else "failed",
                      "" if passed else message)
