"""Functions in a C++ file, found by braces and by what stands before them.

Each opening brace is told apart by its head: the text between the last end of
a statement and the brace. That is enough for code that clang-format has laid
out and that hides no braces in macros.
"""

import dataclasses
import re

_TOKEN = re.compile(r"[{}();]")
_TEMPLATE = re.compile(r"\btemplate\s*<")
_ATTRIBUTE = re.compile(r"\[\[.*?\]\]", re.DOTALL)
_OPERATOR = re.compile(r"\boperator\s*(?:\(\s*\)|\[\s*\]|[^\w\s(]+)")
_ACCESS = re.compile(r"^\s*(?:public|private|protected)\s*:(?!:)\s*")
_LABEL = re.compile(r"^\s*(?:case\b[^;{}]*?[^:]:(?!:)|default\s*:)\s*")
_TYPE = re.compile(r"^(?:typedef\s+|static\s+|const\s+|inline\s+)*"
                   r"(?:class|struct|union)\b")
_LAMBDA = re.compile(
    r"(?<!operator)\[[^\[\]]*\]\s*(?:<[^{}]*>\s*)?"
    r"(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*)?"
    r"(?:(?:mutable|constexpr|noexcept)\s*)*(?:->[^;{}]*)?$")
_TEST = re.compile(r"^\s*([A-Z][A-Z0-9_]+\s*\([^;{}]*\))\s*$")
_CONTROL = re.compile(r"\b(else\s+if|else|if|for|while|switch|do|try|catch)\b")
_NOT_A_NAME = {"alignas", "decltype", "noexcept", "requires", "sizeof",
               "__attribute__", "static_assert", "void", "explicit",
               "return", "if", "while", "for", "switch", "catch", "co_return"}
_NO_DECLARATION = re.compile(
    r"^\s*(?:using|typedef|static_assert|return|friend\s+(?:class|struct)|"
    r"extern\s+template|template\s+(?:class|struct)|goto|delete)\b")


@dataclasses.dataclass
class Function:
    """A definition or a declaration; lines are those of the file.

    `depth` is how deep its control flow nests, `deepest` the line where.
    Both are of the function alone: a lambda counts from its own beginning.
    """

    name: str
    line: int
    last_line: int
    parameters: list
    is_definition: bool
    depth: int = 0
    deepest: int = 0

    @property
    def length(self):
        return self.last_line - self.line + 1


@dataclasses.dataclass
class _Scope:
    kind: str  # namespace, c, type, function, lambda, block or values
    levels: int = 0
    parens: int = 0
    boundary: int = 0
    function: Function = None


def find(source):
    """The functions of a Source: definitions, and declarations with `;`.

    Those inside extern "C" are left out: C has no options structs by value.
    """
    return _Finder(source).run()


class _Finder:
    def __init__(self, source):
        self._source = source
        self._text = source.body
        self._stack = [_Scope("namespace")]
        self._parens = 0
        self._boundary = 0
        self._found = []

    def run(self):
        for match in _TOKEN.finditer(self._text):
            token, at = match.group(), match.start()
            if token == "(":
                self._parens += 1
            elif token == ")":
                self._parens -= 1
            elif token == "{":
                self._open(at)
            elif token == "}":
                self._close(at)
            elif self._parens <= 0:
                self._statement(at)
        return self._found

    def _open(self, at):
        head = self._text[self._boundary:at]
        scope = self._classify(head, at)
        scope.parens, scope.boundary = self._parens, self._boundary
        self._stack.append(scope)
        self._parens = 0
        self._measure_depth(at)
        self._boundary = at + 1

    def _close(self, at):
        scope = self._stack.pop() if len(self._stack) > 1 else self._stack[0]
        self._parens = scope.parens
        if scope.function is not None:
            scope.function.last_line = self._source.line_of(at)
            self._found.append(scope.function)
        # What follows a list of values or a lambda is still the statement.
        is_part = scope.kind in ("values", "lambda")
        self._boundary = scope.boundary if is_part else at + 1

    def _statement(self, at):
        if self._stack[-1].kind in ("namespace", "type"):
            head = self._text[self._boundary:at]
            named = signature(head)
            if named is not None:
                self._found.append(self._function(named, at, False))
        self._boundary = at + 1

    def _classify(self, head, at):
        inside = self._stack[-1].kind
        if _LAMBDA.search(head):
            return _Scope("lambda")
        if self._parens > 0:
            return _Scope("values")
        if inside in ("namespace", "type", "c"):
            return self._classify_declaration(head, at)
        return _classify_statement(head)

    def _classify_declaration(self, head, at):
        plain = _plain(head)
        if re.search(r"\bnamespace\b", plain):
            return _Scope("namespace")
        if re.match(r'\s*extern\s*"', plain):
            return _Scope("c")
        if re.search(r"\benum\b", plain):
            return _Scope("values")
        if _TYPE.match(plain.strip()):
            return _Scope("type")
        named = signature(head) or _test(plain)
        if named is None or _is_member_value(plain):
            return _Scope("values")
        if self._stack[-1].kind == "c":
            return _Scope("function")
        return _Scope("function", function=self._function(named, at, True))

    def _function(self, named, at, is_definition):
        head = self._text[self._boundary:at]
        start = self._boundary + len(head) - len(_ACCESS.sub("", head).lstrip())
        return Function(named[0], self._source.line_of(start),
                        self._source.line_of(at), named[1], is_definition)

    def _measure_depth(self, at):
        depth = 0
        for scope in reversed(self._stack):
            depth += scope.levels
            if scope.kind in ("function", "lambda"):
                break
        function = next((scope.function for scope in reversed(self._stack)
                         if scope.function is not None), None)
        if function is not None and depth > function.depth:
            function.depth = depth
            function.deepest = self._source.line_of(at)


def _classify_statement(head):
    plain = _LABEL.sub("", _plain(head))
    if _TYPE.match(plain.strip()):
        return _Scope("type")
    levels = len(_CONTROL.findall(_without_parens(plain)))
    if levels or not plain.strip():
        return _Scope("block", levels)
    return _Scope("values")


def signature(head):
    """(name, [parameters]) of what `head` declares; None if no function."""
    plain = _plain(head)
    if _NO_DECLARATION.match(plain):
        return None
    plain = _OPERATOR.sub(lambda m: "operator" + "_" * (len(m.group()) - 8),
                          plain)
    at = _parameters_at(plain)
    if at is None:
        return None
    name = re.search(r"[\w:~]+\s*$", plain[:at])
    if name is None:
        return None
    return name.group().strip(), _split_arguments(plain, at)


def _test(plain):
    """As signature(), for the macros that define a test."""
    match = _TEST.match(plain)
    return None if match is None else (match.group(1), [])


def _parameters_at(plain):
    """Offset of the parenthesis that opens the parameters; None without."""
    angles = parens = 0
    for at, char in enumerate(plain):
        if char == "<":
            angles += 1
        elif char == ">" and plain[at - 1] != "-":
            angles = max(0, angles - 1)
        elif char == "=" and not (angles or parens):
            return None
        elif char == ")":
            parens -= 1
        elif char == "(":
            word = re.search(r"(\w+)\s*$", plain[:at])
            is_name = word is not None and word.group(1) not in _NOT_A_NAME
            if not (angles or parens) and is_name and not _is_macro(word):
                return at
            parens += 1
    return None


def _is_macro(word):
    return re.fullmatch(r"[A-Z][A-Z0-9_]+", word.group(1)) is not None


def _split_arguments(plain, at):
    """The texts between the commas of the parenthesis that opens at `at`."""
    depth, start, parts = 0, at + 1, []
    for i in range(at, len(plain)):
        char = plain[i]
        if char in "(<[{":
            depth += 1
        elif char in ")]}" or (char == ">" and plain[i - 1] != "-"):
            depth -= 1
            if depth == 0:
                parts.append(plain[start:i])
                break
        elif char == "," and depth == 1:
            parts.append(plain[start:i])
            start = i + 1
    parts = [part.strip() for part in parts]
    return [] if parts in ([""], ["void"]) else parts


def _is_member_value(plain):
    """Whether the brace after `plain` opens the value of a member.

    In `Foo::Foo(int a) : a_{a}, b_(a) {` the first brace follows a name, that
    of the body does not.
    """
    after = plain[_parameters_end(plain):]
    return (re.search(r"[^:]:(?!:)", after) is not None and
            re.search(r"[\w>]\s*$", after) is not None)


def _parameters_end(plain):
    at = _parameters_at(plain)
    if at is None:
        return len(plain)
    depth = 0
    for i in range(at, len(plain)):
        depth += {"(": 1, ")": -1}.get(plain[i], 0)
        if depth == 0:
            return i
    return len(plain)


def _plain(head):
    """`head` without access labels, attributes and template parameters."""
    head = _ATTRIBUTE.sub("", _ACCESS.sub("", head))
    match = _TEMPLATE.search(head)
    while match:
        depth, at = 1, match.end()
        while at < len(head) and depth:
            depth += {"<": 1, ">": -1}.get(head[at], 0)
            at += 1
        head = head[:match.start()] + head[at:]
        match = _TEMPLATE.search(head)
    return head


def _without_parens(text):
    result, depth = [], 0
    for char in text:
        depth -= char == ")"
        if depth == 0:
            result.append(char)
        depth += char == "("
    return "".join(result)
