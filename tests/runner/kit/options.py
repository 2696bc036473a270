"""The command line that every runner takes.

    --list        say what there is, and run nothing
    --only ID     run only ID; may be repeated
    --json FILE   also write the result as JSON
    --seed N      the seed of everything that is random
"""

import argparse

DEFAULT_SEED = 1


def parser(program, description, epilog=None):
    """An argument parser with the four options; a runner may add its own."""
    result = argparse.ArgumentParser(
        prog=program, description=description, epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("--list", action="store_true",
                        help="print the IDs and run nothing")
    result.add_argument("--only", action="append", default=[], metavar="ID",
                        help="run only this ID; may be repeated")
    result.add_argument("--json", metavar="FILE",
                        help="also write the result to FILE as JSON")
    result.add_argument("--seed", type=int, default=DEFAULT_SEED, metavar="N",
                        help="seed of everything random (default %(default)s)")
    return result
