"""What is not used, and what is used instead."""

import dataclasses
import re

from project import Finding, is_below


@dataclasses.dataclass(frozen=True)
class Ban:
    """`pattern` is not used below `folders`, except below `allowed`."""

    pattern: re.Pattern
    instead: str
    folders: tuple = ()
    allowed: tuple = ()

    def holds_for(self, path):
        return ((not self.folders or is_below(path, *self.folders)) and
                not is_below(path, *self.allowed))


def _ban(pattern, instead, folders=(), allowed=()):
    return Ban(re.compile(pattern), instead, folders, allowed)


def _call(*names):
    """A pattern of calls of these functions; not of methods named so."""
    return (r"(?<![\w.>:~])(?:std::|::)?(?:" + "|".join(names) + r")\s*\(")


_ENGINE = ("include", "lib")
_DETERMINISTIC = ("include", "lib", "tests")
# The one place that ends the process, and says why before.
_CHECK = ("lib/base/check.cc",)
# The one place that asks the system for the time.
_CLOCK = ("lib/base/system_clock.cc",)
_BYTES = ("lib/digest", "lib/erasure", "lib/crypto", "lib/format")

BANS = (
    # Ownership.
    _ban(r"(?<!operator )\bnew\b", "std::make_unique, or a container"),
    _ban(r"(?<!operator )(?<!= )(?<!=)\bdelete\b",
         "an owner: std::unique_ptr or a container"),
    _ban(_call("malloc", "calloc", "realloc", "free"),
         "a container; a buffer comes out of the memory budget"),
    # Errors.
    _ban(r"\bthrow\b", "return base::Error(ErrorCode::k..., ...)"),
    _ban(_call("assert"), "CAIRN_CHECK, which is always on"),
    _ban(_call("abort", "exit", "_exit", "quick_exit", "terminate"),
         "return a status; CAIRN_CHECK for a broken invariant of our own",
         _ENGINE, _CHECK),
    _ban(_call("atexit", "signal", "sigaction", "setlocale", "umask", "chdir",
               "setenv", "putenv"),
         "nothing: that belongs to the host program", _ENGINE),
    # The seams: what a simulation must decide.
    _ban(r"_clock\s*::\s*now\b|\babsl::Now\b|"
         + _call("clock_gettime", "gettimeofday")
         + "|" + _call("time") + r"\s*(?:nullptr|NULL|0)\s*\)",
         "base::Clock, which arrives through the constructor",
         _DETERMINISTIC, _CLOCK),
    _ban(r"\brandom_device\b|\bmt19937|\babsl::(?:Insecure)?BitGen\b|"
         + _call("s?rand", "drand48", "getrandom", "getentropy"),
         "base::Random, which arrives through the constructor",
         _DETERMINISTIC),
    _ban(r"\bsleep_(?:for|until)\b|\babsl::SleepFor\b|"
         + _call("u?sleep", "nanosleep", "clock_nanosleep"),
         "Executor::PostAt; a test waits for an event", _DETERMINISTIC),
    _ban(r"\bstd::filesystem\b|\bstd::[io]?fstream\b|" + _call("fopen"),
         "Drive and File of lib/drive", _ENGINE),
    _ban(_call("preadv?2?", "pwritev?2?", "fsync", "fdatasync", "syncfs",
               "sync_file_range", "openat2?", "unlinkat", "renameat2?",
               "mkdirat", "ftruncate", "(?:posix_)?fallocate"),
         "Drive and File of lib/drive", _ENGINE, ("lib/drive",)),
    _ban(r"\bMAP_SHARED\b|" + _call("mmap", "mmap64"),
         "File::Read: a map of a damaged or hung file kills the host",
         _ENGINE),
    _ban(r"\bMDB_(?:NOSYNC|NOMETASYNC|WRITEMAP|MAPASYNC)\b",
         "LMDB's default mode, the one whose crashes were tried"),
    _ban(r"\bgf_gen_rs_matrix\b",
         "gf_gen_cauchy1_matrix, whose square submatrices are invertible"),
    # Text.
    _ban(r"\bstd::c(?:out|err|log)\b|"
         + _call("v?[fsd]?n?printf", "vsn?printf", "f?puts", "perror"),
         "fmt::format and the log sink of base/", _ENGINE, _CHECK),
    _ban(r"\babsl::string_view\b", "std::string_view",
         allowed=("lib/base/status.cc",)),
    _ban(r"\babsl::Str(?:Cat|Append|Format|AppendFormat|Join)\b",
         "fmt::format, which takes std::string_view"),
    _ban(r"\babsl::(?:optional|variant|Span|any|make_optional)\b",
         "the one of std::"),
    _ban(_call("ato[il]l?", "strtok", "strcpy", "strcat", "gets"),
         "std::from_chars, std::string"),
    # Threads. ThreadSanitizer cannot see into Debian's libabsl.
    _ban(r"\babsl::(?:Mutex|MutexLock|ReaderMutexLock|WriterMutexLock|"
         r"CondVar|Notification|BlockingCounter|Barrier)\b",
         "a mutex on std::mutex, which ThreadSanitizer understands"),
    _ban(r"\.\s*detach\s*\(\s*\)", "a thread that its owner joins"),
    # Language.
    _ban(r"\breinterpret_cast\b",
         "std::as_bytes and format/'s readers; an alias only where bytes are "
         "the subject", allowed=_BYTES),
    _ban(r"\bconst_cast\b", "a type that says who may write", allowed=_BYTES),
    _ban(r"\bgoto\b", "a function with early returns"),
    _ban(r"\busing\s+namespace\b", "names one by one"),
    _ban(r"\b[a-z][a-z0-9_]*_(?:ms|us|ns|millis|micros|nanos|secs)_?\b",
         "absl::Duration (std::chrono in public headers), without a unit in "
         "the name", _ENGINE),
)

_DIRECTIVES = (
    _ban(r"#\s*pragma\s+once", "a header guard"),
    _ban(r"#\s*include\s*<filesystem>", "Drive and File of lib/drive",
         _ENGINE),
    _ban(r"#\s*include\s*<(?:cassert|assert\.h)>", "base/check.h"),
    _ban(r"#\s*include\s*<iostream>", "fmt::format and the log sink of base/",
         _ENGINE),
)

_OPEN_ENDS = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")


def bans(project):
    for path in project.cpp:
        source = project.source(path)
        yield from _search(path, source, source.body, BANS)
        yield from _search(path, source, source.code, _DIRECTIVES)


def comments(project):
    """No open ends, and an exception to a rule has a reason."""
    for path in project.cpp:
        source = project.source(path)
        for line, text in source.comments:
            if _OPEN_ENDS.search(text):
                yield Finding(path, line, "an open end: do it, or leave it "
                              "to the list of issues")
        for line, reason in source.exceptions.items():
            if not reason:
                yield Finding(path, line, "say why: // tidy: <reason>")


def _search(path, source, text, bans_to_search):
    for ban in bans_to_search:
        if not ban.holds_for(path):
            continue
        for match in ban.pattern.finditer(text):
            yield Finding(path, source.line_of(match.start()),
                          f"{match.group().strip()}: use {ban.instead}")
