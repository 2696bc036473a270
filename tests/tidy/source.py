"""A C++ file, taken apart as far as rules about its text need it.

There is no parser of C++ here. Comments and strings are blanked, so that a
rule about code never meets them, and everything else is told from the shape
of the text, which clang-format keeps regular.
"""

import bisect
import functools
import re

_PIECES = re.compile(
    r"""
    //(?:[^\n\\]|\\.|\\\n)*                        # a comment to the line's end
    | /\*.*?\*/                                    # a comment in between
    | \bR"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)" # a raw string
    | "(?:\\.|[^"\\\n])*"                          # a string
    | (?<![0-9A-Fa-f_])'(?:\\.|[^'\\\n])+'         # a character, no separator
    """,
    re.DOTALL | re.VERBOSE)
_NOT_NEWLINE = re.compile(r"[^\n]")
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]',
                      re.MULTILINE)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)
_EXCEPTION = re.compile(r"//\s*tidy:(.*)")


class Source:
    """One file. Line numbers begin at 1."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.splitlines()
        self._starts = [0] + [m.end() for m in re.finditer("\n", text)]
        self._comments = []
        # The text with comments and what is in strings blanked; offsets and
        # line numbers are those of the file.
        self.code = _PIECES.sub(self._blank_piece, text)
        # The same without preprocessor lines.
        self.body = _DIRECTIVE.sub(lambda m: _blank(m.group()), self.code)

    def line_of(self, offset):
        return bisect.bisect_right(self._starts, offset)

    @functools.cached_property
    def comments(self):
        """(line, text) of every comment."""
        return [(self.line_of(offset), text)
                for offset, text in self._comments]

    @functools.cached_property
    def includes(self):
        """(line, "<" or the quote, name) of every #include."""
        return [(self.line_of(match.start()), match.group(1), match.group(2))
                for match in _INCLUDE.finditer(self.text)]

    @functools.cached_property
    def exceptions(self):
        """{line: reason} of every "// tidy: reason"."""
        found = {}
        for line, text in self.comments:
            match = _EXCEPTION.match(text)
            if match:
                found[line] = match.group(1).strip()
        return found

    def _blank_piece(self, match):
        piece = match.group()
        if piece.startswith("/"):
            self._comments.append((match.start(), piece))
            return _blank(piece)
        # Quotes stay: `extern "C"` and an empty argument remain visible.
        return piece[0] + _blank(piece[1:-1]) + piece[-1]


def _blank(text):
    return _NOT_NEWLINE.sub(" ", text)
