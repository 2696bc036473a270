"""The rules, by name, in the order in which they are reported.

A rule is a function from a Project to findings. Its name is what --only takes
and what a failing run prints.
"""

import dataclasses
import typing

from rules import bans, compiles, formatting, includes, layout, sizes


@dataclasses.dataclass(frozen=True)
class Rule:
    """`check` yields project.Finding."""

    name: str
    says: str
    check: typing.Callable


RULES = (
    Rule("format", "clang-format changes nothing", formatting.clang_format),
    Rule("columns", "lines have at most 80 columns", sizes.columns),
    Rule("ascii", "source is ASCII, without tabs or stray blanks",
         formatting.ascii_only),
    Rule("file-length", "a .cc has at most 800 lines, a public header 300",
         sizes.file_length),
    Rule("function-length", "a function has at most 70 lines",
         sizes.function_length),
    Rule("parameters", "a function has at most 4 parameters",
         sizes.parameters),
    Rule("nesting", "control flow nests at most 3 deep", sizes.nesting),
    Rule("bans", "what has a replacement is not used", bans.bans),
    Rule("comments", "comments hold no open ends", bans.comments),
    Rule("guards", "header guards are spelled after the path",
         includes.guards),
    Rule("layers", "includes go strictly down the layers", includes.layers),
    Rule("confinement", "third-party code stays in its module",
         includes.confinement),
    Rule("public", "public headers include the standard library, absl status "
         "and each other", includes.public_headers),
    Rule("headers-alone", "every header compiles alone",
         compiles.headers_alone),
    Rule("public-flags", "public headers compile without exceptions and RTTI",
         compiles.public_flags),
    Rule("top-level", "the top level is the fixed list", layout.top_level),
    Rule("generated", "no generated code is in the tree", layout.generated),
    Rule("dead-files", "every source is built, every header included",
         layout.dead_files),
)
