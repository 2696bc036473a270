"""How much there may be of one thing."""

import functions
from project import CPP, Finding, is_below

COLUMNS_MAX = 80
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 800
FILE_LINES_GOOD = 500
PUBLIC_HEADER_LINES_MAX = 300
PARAMETERS_MAX = 4
NESTING_MAX = 3

CODE = CPP + (".py", ".sh", ".build", ".toml")

# The C API has no options by value: its conventions stand at its top.
C_HEADER = "include/cairn/c.h"


def columns(project):
    for path in project.matching(CODE):
        for number, line in enumerate(project.read(path).splitlines(), 1):
            if len(line) > COLUMNS_MAX and "#include" not in line:
                yield Finding(path, number, f"{len(line)} columns, "
                              f"{COLUMNS_MAX} are allowed: break the line")


def file_length(project):
    for path in project.cpp:
        count = len(project.source(path).lines)
        if is_below(path, "include") and path.endswith(".h"):
            limit = PUBLIC_HEADER_LINES_MAX
        else:
            limit = FILE_LINES_MAX
        if count > limit:
            yield Finding(path, 0, f"{count} lines, {limit} are allowed: "
                          "one idea per file")


def function_length(project):
    for path in project.cpp:
        for function in _definitions(project, path):
            if function.length > FUNCTION_LINES_MAX:
                yield Finding(path, function.line,
                              f"{function.name} has {function.length} lines, "
                              f"{FUNCTION_LINES_MAX} are allowed: name its "
                              "parts")


def parameters(project):
    for path in project.cpp:
        if path == C_HEADER or path.endswith(".c"):
            continue
        for function in functions.find(project.source(path)):
            count = len(function.parameters)
            if count > PARAMETERS_MAX:
                yield Finding(path, function.line,
                              f"{function.name} has {count} parameters, "
                              f"{PARAMETERS_MAX} are allowed: use an options "
                              "struct")


def nesting(project):
    for path in project.cpp:
        for function in _definitions(project, path):
            if function.depth > NESTING_MAX:
                yield Finding(path, function.deepest,
                              f"{function.name} nests {function.depth} deep, "
                              f"{NESTING_MAX} is allowed: return early, or "
                              "name the inner part")


def function_lengths(project, *folders):
    """The lengths of all functions below `folders`, sorted."""
    return sorted(function.length
                  for path in project.cpp if is_below(path, *folders)
                  for function in _definitions(project, path))


def long_files(project):
    """Sources that are allowed and long: (path, lines)."""
    for path in project.cpp:
        count = len(project.source(path).lines)
        if FILE_LINES_GOOD < count <= FILE_LINES_MAX:
            yield path, count


def _definitions(project, path):
    return [function for function in functions.find(project.source(path))
            if function.is_definition]
