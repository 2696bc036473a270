"""Who may include what. DESIGN: layers, and third-party code in its place."""

import re

from project import Finding, is_below, module_of

# Lowest first; a module includes only modules of lower rows, and itself.
LAYERS = (
    ("base",),
    ("digest", "erasure", "crypto"),
    ("format",),
    ("drive", "storage"),
    ("catalog", "index"),
    ("set",),
    ("object",),
    ("tier", "heal", "access", "remote", "observe"),
    ("engine", "inspect"),
)
LAYER_OF = {module: number for number, modules in enumerate(LAYERS)
            for module in modules}

# Folders that see nothing of lib/: they are what a user's program is.
OUTSIDE = ("bindings", "examples", "bench/bars", "bench/workload",
           "bench/compare")

# Third-party headers that only some modules of lib/ include.
CONFINED = (
    (r"lmdb\.h", ("catalog",)),
    (r"liburing(/.*)?\.h", ("drive",)),
    (r"fcntl\.h|dirent\.h|poll\.h|linux/.*|sys/(stat|statfs|statvfs|vfs|file|"
     r"uio|ioctl|xattr|sendfile|eventfd)\.h|asm/.*", ("drive",)),
    # getpid() for kForked, and the names of threads.
    (r"unistd\.h|sys/(random|syscall|types|prctl)\.h|pthread\.h",
     ("base", "drive")),
    # madvise() for huge pages, and memory that nobody may touch.
    (r"sys/mman\.h|sanitizer/asan_interface\.h", ("base",)),
    (r"isa-l\.h|isa-l/.*", ("digest", "erasure")),
    (r"xxhash\.h|intel-ipsec-mb\.h", ("digest", "crypto")),
    (r"openssl/.*|sodium\.h|sodium/.*", ("digest", "crypto")),
    (r"\w*intrin\.h|arm_neon\.h|arm_acle\.h|cpuid\.h",
     ("base", "digest", "erasure", "crypto")),
    (r"curl/.*|pugixml\.hpp|nlohmann/.*", ("remote",)),
    (r"zstd\.h", ("format", "object", "tier")),
    (r"absl/.*|fmt/.*", tuple(LAYER_OF)),
)

# What tests, benches, bindings and examples may use beside what lib/ uses.
_TEST_LIBRARIES = r"gtest/.*|gmock/.*|rapidcheck(/.*|\.h)"
_TOOLS = (r"benchmark/.*|rocksdb/.*|sqlite3\.h|CLI/.*|nlohmann/.*|boost/.*|"
          r"pugixml\.hpp|curl/.*|spdlog/.*|toml\+\+/.*|toml\.hpp|prometheus/.*|"
          r"fuzzer/.*|sanitizer/.*|Python\.h")
_PUBLIC_ABSL = ("absl/status/status.h", "absl/status/statusor.h")
_C_STANDARD = {
    "assert.h", "ctype.h", "errno.h", "float.h", "inttypes.h", "limits.h",
    "math.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h",
    "stdlib.h", "string.h", "time.h", "signal.h"}
_GUARD = re.compile(r"^#ifndef (\S+)\n#define (\S+)\n", re.MULTILINE)


def guards(project):
    for path in project.headers:
        text = project.source(path).text
        wanted = guard_of(path)
        match = _GUARD.search(text)
        if match is None or match.groups() != (wanted, wanted):
            yield Finding(path, 0, f"begin with #ifndef {wanted} and "
                          f"#define {wanted}")
        elif not re.search(rf"^#endif +(//|/\*) *{wanted}( \*/)?\n\Z", text,
                           re.MULTILINE):
            yield Finding(path, 0, f"end with #endif  // {wanted}")


def guard_of(path):
    """CAIRN_LIB_SET_FRAME_H_ for lib/set/frame.h, CAIRN_X_H_ in include."""
    name = path.removeprefix("include/cairn/")
    return "CAIRN_" + re.sub(r"[^A-Za-z0-9]", "_", name).upper() + "_"


def layers(project):
    for path in project.cpp:
        for line, _, name in project.source(path).includes:
            message = _layer_trouble(project, path, name)
            if message:
                yield Finding(path, line, message)


def _layer_trouble(project, path, name):
    target = resolve(project, path, name)
    if target is None:
        return None
    module = module_of(path)
    if module is not None:
        return _trouble_in_lib(module, target)
    if is_below(path, *OUTSIDE) and is_below(target, "lib"):
        return f"{name} is inside: use include/cairn"
    if is_below(target, "tests") and not is_below(path, "tests"):
        return f"{name} is a test's"
    return None


def _trouble_in_lib(module, target):
    if module not in LAYER_OF:
        return f"lib/{module} is no layer: see tests/tidy/rules/includes.py"
    if not is_below(target, "lib", "include"):
        return f"{target} is outside of the library"
    other = module_of(target)
    if other is None or other == module:
        return None
    if LAYER_OF.get(other, len(LAYERS)) < LAYER_OF[module]:
        return None
    return (f"{module} (layer {LAYER_OF[module]}) may not include {other} "
            f"(layer {LAYER_OF.get(other, 'none')}): only what is below")


def confinement(project):
    for path in project.cpp:
        for line, quote, name in project.source(path).includes:
            if resolve(project, path, name) is None:
                message = _foreign_trouble(path, quote, name)
                if message:
                    yield Finding(path, line, message)


def _foreign_trouble(path, quote, name):
    if _is_standard(quote, name):
        return None
    module = module_of(path)
    owners = next((modules for pattern, modules in CONFINED
                   if re.fullmatch(pattern, name)), None)
    if module is not None:
        return _trouble_of_owners(module, owners, name)
    if is_below(path, "include") or owners is not None:
        return None  # Public headers have a rule of their own.
    known = _TOOLS
    if is_below(path, "tests"):
        known += "|" + _TEST_LIBRARIES
    if re.fullmatch(known, name) or (quote == "<" and name.endswith(".h")):
        return None
    return f"{name} is no file of the project and no known library"


def _trouble_of_owners(module, owners, name):
    if owners is None:
        return (f"{name} is no file of the project; a new dependency is named "
                "in tests/tidy/rules/includes.py")
    if module not in owners:
        return f"{name} belongs to {', '.join(owners)}: use what they offer"
    return None


def public_headers(project):
    for path in project.cpp:
        if not is_below(path, "include"):
            continue
        for line, quote, name in project.source(path).includes:
            if not _is_public(project, path, quote, name):
                yield Finding(path, line, f"{name} is not public: the standard "
                              "library, absl status and cairn/ are")


def _is_public(project, path, quote, name):
    target = resolve(project, path, name)
    if target is not None:
        return is_below(target, "include")
    return name in _PUBLIC_ABSL or _is_standard(quote, name)


def _is_standard(quote, name):
    """<vector>, <cstdint>, <stddef.h>."""
    return quote == "<" and (name in _C_STANDARD or
                             re.fullmatch(r"[a-z_]+", name) is not None)


def resolve(project, path, name):
    """The file of the project that `name` means in `path`; None if none.

    The folders are those that meson.build gives to the compiler.
    """
    folders = ["include", "lib"]
    if is_below(path, "tests"):
        folders.append("tests")
    for top in ("bench", "bindings", "examples"):
        if is_below(path, top):
            folders += [top, "tests", path.rpartition("/")[0]]
    return next((f"{folder}/{name}" for folder in folders
                 if f"{folder}/{name}" in project.known), None)
