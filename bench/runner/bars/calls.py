"""Counts the system calls of a marked section in the output of strace.

The marks are writes to descriptor -1: see bench/bars/mark.h.
"""

import re

from kit.verdict import Unmeasured

_BEGIN = '"cairn-begin"'
_END = '"cairn-end"'

# "PID call(": a call that begins. One that goes on after others is written
# "PID <... call resumed>", a signal "PID --- SIGCHLD".
_CALL = re.compile(r"^\d+ +\w+\(")


def between_marks(lines):
    """The calls, of all threads, that begin between the two marks.

    Errors: Unmeasured, when there is not one such section.
    """
    count, inside, sections = 0, False, 0
    for line in lines:
        if _BEGIN in line:
            inside = True
        elif _END in line:
            sections += inside
            inside = False
        elif inside and _CALL.match(line):
            count += 1
    if inside or sections != 1:
        raise Unmeasured("the trace has no marked section")
    return count
