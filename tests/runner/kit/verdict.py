"""How a runner ends."""

PASSED = 0
FAILED = 1
UNMEASURED = 2


class Unmeasured(Exception):
    """Something could not be installed, built, run or measured.

    A runner that ends with it has no verdict: exit code 2.
    """
