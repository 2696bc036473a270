#!/usr/bin/python3
"""Each rule of tidy catches what it forbids and accepts what it should.

A test writes a small tree into a temporary directory and runs one rule.
"""

import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "runner")]

import functions  # noqa: E402
import tidy  # noqa: E402
from project import Project  # noqa: E402
from rules import RULES  # noqa: E402
from source import Source  # noqa: E402


class RuleTest(unittest.TestCase):
    """Helpers: a tree is {path: text}."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)

    def check(self, files, rules):
        for path, text in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        project = Project(self.root, files)
        return tidy.check(project, rules)

    def found(self, rule, files):
        """What `rule` finds, as text."""
        rules = [r for r in RULES if r.name == rule]
        self.assertEqual(len(rules), 1, rule)
        return [str(f) for f in self.check(files, rules)[rule]]

    def assert_caught(self, rule, files, words):
        found = self.found(rule, files)
        self.assertTrue(any(words in line for line in found),
                        f"{rule} should say {words!r}, says {found}")

    def assert_accepted(self, rule, files):
        self.assertEqual(self.found(rule, files), [])


def source_file(code):
    return {"lib/set/a.cc": code}


class FormatTest(RuleTest):

    def test_format_catches_what_clang_format_would_change(self):
        self.assert_caught("format", source_file("int  x ;\n"),
                           "lib/set/a.cc:1: run clang-format-14")

    def test_format_accepts_what_it_would_not(self):
        self.assert_accepted("format", source_file("int x;\n"))

    def test_columns_catches_line_81(self):
        self.assert_caught("columns", source_file("/" * 81 + "\n"),
                           "81 columns")

    def test_columns_accepts_line_80_and_long_includes(self):
        self.assert_accepted("columns", source_file(
            "/" * 80 + "\n#include \"" + "x" * 90 + "\"\n"))

    def test_columns_hold_for_scripts_and_meson_files_too(self):
        for path in ("tests/x.py", "tests/x.sh", "lib/meson.build"):
            self.assert_caught("columns", {path: "#" * 81 + "\n"}, path)

    def test_ascii_catches_letters_tabs_blanks_and_open_ends(self):
        self.assert_caught("ascii", source_file("// \u00e9\n"), "U+00E9")
        self.assert_caught("ascii", source_file("\tint x;\n"), "tab")
        self.assert_caught("ascii", source_file("int x; \n"), "blanks")
        self.assert_caught("ascii", source_file("int x;"), "last line")

    def test_ascii_accepts_ascii(self):
        self.assert_accepted("ascii", source_file("// ~ !\nint x;\n"))


class SizeTest(RuleTest):

    def test_file_length_catches_long_sources_and_public_headers(self):
        self.assert_caught("file-length", source_file("//\n" * 801),
                           "801 lines")
        self.assert_caught("file-length", {"include/cairn/a.h": "//\n" * 301},
                           "301 lines")

    def test_file_length_accepts_the_limit(self):
        self.assert_accepted("file-length", {
            "lib/set/a.cc": "//\n" * 800, "include/cairn/a.h": "//\n" * 300})

    def test_function_length_catches_71_lines(self):
        body = "  f();\n" * 69
        self.assert_caught("function-length",
                           source_file(f"void F() {{\n{body}}}\n"),
                           "lib/set/a.cc:1: F has 71 lines")

    def test_function_length_accepts_70_lines(self):
        body = "  f();\n" * 68
        self.assert_accepted("function-length",
                             source_file(f"void F() {{\n{body}}}\n"))

    def test_function_length_holds_for_tests(self):
        body = "  f();\n" * 80
        self.assert_caught("function-length",
                           source_file(f"TEST(A, B) {{\n{body}}}\n"),
                           "TEST(A, B) has 82 lines")

    def test_parameters_catches_five_of_a_definition_or_declaration(self):
        for code in ("void F(int a, int b, int c, int d, int e) {}\n",
                     "struct S {\n virtual void F(int, int, int, int,\n"
                     "                int) const = 0;\n};\n",
                     "S::S(int a, int b, int c, int d, int e) : a_(a) {}\n",
                     "bool operator()(int, int, int, int, int);\n"):
            self.assert_caught("parameters", source_file(code),
                               "has 5 parameters")

    def test_parameters_accepts_four_and_what_only_looks_like_more(self):
        self.assert_accepted("parameters", source_file(
            "void F(std::map<int, int> a, Pair<B, C> b, int c, int d) {}\n"
            "void G(absl::AnyInvocable<void(A, B, C, D, E)> done);\n"
            "using H = void(int, int, int, int, int);\n"
            "std::array x = {F(1, 2, 3, 4, 5)};\n"
            "INSTANTIATE_TEST_SUITE_P(A, B, C, D, E);\n"))

    def test_parameters_leaves_c_alone(self):
        self.assert_accepted("parameters", {
            "include/cairn/c.h": "int f(int, int, int, int, int);\n",
            "bindings/c/a.cc": "extern \"C\" {\n"
                               "int f(int, int, int, int, int) {}\n}\n"})

    def test_nesting_catches_four_levels(self):
        code = ("void F() {\n for (;;) {\n  while (a) {\n   if (b) {\n"
                "    if (c) {\n    }\n   }\n  }\n }\n}\n")
        self.assert_caught("nesting", source_file(code),
                           "lib/set/a.cc:5: F nests 4 deep")

    def test_nesting_counts_loops_without_braces_of_their_own(self):
        code = ("void F() {\n for (;;)\n  for (;;)\n   for (;;)\n"
                "    for (;;) {\n    }\n}\n")
        self.assert_caught("nesting", source_file(code), "F nests 4 deep")

    def test_nesting_accepts_three_levels_cases_and_lambdas(self):
        self.assert_accepted("nesting", source_file(
            "void F() {\n for (;;) {\n  switch (a) {\n   case A: {\n"
            "    if (b) {\n     x = {1};\n    } else if (c) {\n    }\n"
            "   }\n  }\n }\n}\n"
            "void G() {\n for (;;) {\n  for (;;) {\n   Post([this](int a) {\n"
            "    if (a) {\n     for (;;) {\n     }\n    }\n   });\n"
            "  }\n }\n}\n"))


class FunctionsTest(unittest.TestCase):
    """The finder that the size rules stand on."""

    def names(self, code):
        return [f.name for f in functions.find(Source("a.cc", code))
                if f.is_definition]

    def test_finds_functions_of_every_shape(self):
        code = """
namespace cairn { namespace {
struct S final : public B<int(int)> {
  S() : a_{1}, b_(2) {}
  explicit S(int a) noexcept : a_{a} { a_ = {1, 2}; }
 public:
  int get() const { return a_; }
  template <typename T, std::size_t n = 1> T As() { return T{}; }
  auto operator co_await() { struct A { bool ready() { return 1; } }; }
  bool operator==(const S&) const = default;
  int a_ = 0;
};
enum class E { kA = 1, kB };
constexpr std::array kNames = {Named{1}, Named{2}};
const auto kLambda = [](int a) -> Task<> { co_await a; };
[[noreturn]] void Fail(const char* why) { Stop(why); }
std::vector<std::pair<int, int>> Pairs(std::span<const int> in) { return {}; }
TEST_P(SetTest, KeepsEveryByte) { EXPECT_TRUE(true); }
}}
"""
        self.assertEqual(self.names(code), [
            "S", "S", "get", "As", "ready", "co_await", "Fail", "Pairs",
            "TEST_P(SetTest, KeepsEveryByte)"])

    def test_lines_are_those_of_the_whole_function(self):
        code = "// c\ntemplate <class T>\nint F(int a,\n      int b) {\n}\n"
        found = functions.find(Source("a.cc", code))
        self.assertEqual([(f.line, f.last_line) for f in found], [(2, 5)])

    def test_braces_in_comments_and_strings_do_not_count(self):
        code = ('int F() {\n  // }\n  g("}", \'}\', R"x(}")x");  /* } */\n'
                "  return 1\'000;\n}\nint G() {}\n")
        self.assertEqual(self.names(code), ["F", "G"])


class BansTest(RuleTest):

    BANNED = {
        "auto* p = new Foo(1);": "std::make_unique",
        "delete p;": "an owner",
        "void* p = malloc(3);": "a container",
        "throw 1;": "base::Error",
        "assert(x);": "CAIRN_CHECK",
        "std::abort();": "return a status",
        "::exit(1);": "return a status",
        "umask(0);": "host program",
        "std::chrono::steady_clock::now();": "base::Clock",
        "absl::Now();": "base::Clock",
        "time(nullptr);": "base::Clock",
        "int x = rand();": "base::Random",
        "std::mt19937_64 g;": "base::Random",
        "std::this_thread::sleep_for(d);": "Executor::PostAt",
        "usleep(1);": "Executor::PostAt",
        "std::filesystem::path p;": "Drive and File",
        "std::ofstream out;": "Drive and File",
        "::pwrite(fd, p, n, 0);": "Drive and File",
        "fdatasync(fd);": "Drive and File",
        "mmap(p);": "File::Read",
        "flags |= MDB_NOSYNC;": "LMDB's default mode",
        "gf_gen_rs_matrix(a, m, k);": "gf_gen_cauchy1_matrix",
        "std::printf(x);": "fmt::format",
        "snprintf(b, 1, x);": "fmt::format",
        "std::cerr << 1;": "fmt::format",
        "absl::string_view s;": "std::string_view",
        "absl::StrCat(a);": "fmt::format",
        "absl::optional<int> a;": "std::",
        "atoi(x);": "std::from_chars",
        "absl::MutexLock lock(&m);": "std::mutex",
        "thread.detach();": "joins",
        "reinterpret_cast<int*>(p);": "std::as_bytes",
        "const_cast<int*>(p);": "who may write",
        "goto end;": "early returns",
        "using namespace std;": "one by one",
        "int timeout_ms = 1;": "absl::Duration",
        "#pragma once": "a header guard",
        "#include <filesystem>": "Drive and File",
        "#include <cassert>": "base/check.h",
        "#include <iostream>": "fmt::format",
    }

    GOOD = (
        "Foo(const Foo&) = delete;",
        "#include <new>",
        "// a new log is made; delete, then throw away",
        'Fail("cannot throw");',
        "auto p = std::make_unique<Foo>();",
        "static_assert(sizeof(int) == 4);",
        "ring.free(1); queue->signal(2); request.time(0);",
        "clock.Steady();",
        "SeededRandom random(7);",
        "std::string_view text; std::from_chars(a, b, c);",
        "void* operator new(std::size_t size);",
        "const int renewed = bonus; int items = 1;",
    )

    def test_bans_catches_each_and_names_the_replacement(self):
        for code, replacement in self.BANNED.items():
            with self.subTest(code):
                self.assert_caught("bans", source_file(code + "\n"),
                                   replacement)

    def test_bans_accepts_what_only_looks_like_it(self):
        for code in self.GOOD:
            with self.subTest(code):
                self.assert_accepted("bans", source_file(code + "\n"))

    def test_bans_do_not_hold_where_a_thing_belongs(self):
        self.assert_accepted("bans", {
            "lib/format/a.cc": "reinterpret_cast<int*>(p);\n",
            "lib/drive/a.cc": "::fdatasync(fd);\n",
            "lib/base/check.cc": "std::abort();\n",
            "bench/a.cc": "std::chrono::steady_clock::now();\n",
            "tests/a.cc": "std::filesystem::path p;\n"})

    def test_an_exception_needs_a_reason(self):
        code = "goto end;  // tidy:{}\n"
        self.assert_accepted("bans", source_file(code.format(" a C idiom")))
        self.assert_caught("bans", source_file(code.format("")), "goto")
        self.assert_caught("comments", source_file(code.format(" ")),
                           "say why")

    def test_an_exception_may_stand_on_the_line_before_and_no_further(self):
        self.assert_accepted("bans", source_file(
            "// tidy: a C idiom\ngoto end;\n"))
        self.assert_caught("bans", source_file(
            "// tidy: a C idiom\n\ngoto end;\n"), "goto")

    def test_an_exception_that_excuses_nothing_is_found(self):
        found = self.check({"lib/set/a.cc": "// tidy: no reason\nint x;\n"},
                           RULES)["comments"]
        self.assertIn("excuses nothing", str(found[0]))

    def test_comments_catches_open_ends(self):
        self.assert_caught("comments", source_file("// TODO: more\n"),
                           "an open end")

    def test_comments_accepts_sentences(self):
        self.assert_accepted("comments", source_file("// All is done.\n"))


class IncludesTest(RuleTest):

    def test_guards_catches_a_wrong_or_missing_guard(self):
        for text in ("int x;\n", "#ifndef CAIRN_A_H_\n#define CAIRN_A_H_\n"
                     "#endif  // CAIRN_A_H_\n"):
            self.assert_caught("guards", {"lib/set/a.h": text},
                               "begin with #ifndef CAIRN_LIB_SET_A_H_")

    def test_guards_catches_a_wrong_end(self):
        self.assert_caught("guards", {
            "lib/set/a.h": "#ifndef CAIRN_LIB_SET_A_H_\n"
                           "#define CAIRN_LIB_SET_A_H_\n#endif\n"},
            "end with #endif  // CAIRN_LIB_SET_A_H_")

    def test_guards_accepts_the_spelling_of_each_folder(self):
        for path, guard in (("lib/set/a.h", "CAIRN_LIB_SET_A_H_"),
                            ("include/cairn/a.h", "CAIRN_A_H_"),
                            ("tests/support/a.h", "CAIRN_TESTS_SUPPORT_A_H_")):
            self.assert_accepted("guards", {
                path: f"// x\n\n#ifndef {guard}\n#define {guard}\n\n"
                      f"#endif  // {guard}\n"})

    def test_layers_catches_up_sideways_and_outward(self):
        for path, name, target in (
                ("lib/format/a.cc", "set/b.h", "lib/set/b.h"),
                ("lib/index/a.cc", "catalog/b.h", "lib/catalog/b.h"),
                ("lib/digest/a.cc", "erasure/b.h", "lib/erasure/b.h")):
            self.assert_caught("layers", {
                path: f'#include "{name}"\n', target: ""}, "may not include")
        self.assert_caught("layers", {
            "bindings/cli/a.cc": '#include "set/b.h"\n', "lib/set/b.h": ""},
            "use include/cairn")
        self.assert_caught("layers", {
            "bench/a.cc": '#include "support/b.h"\n',
            "tests/support/b.h": ""}, "a test's")

    def test_layers_catches_a_module_that_is_no_layer(self):
        self.assert_caught("layers", {
            "lib/util/a.cc": '#include "base/b.h"\n', "lib/base/b.h": ""},
            "lib/util is no layer")

    def test_layers_accepts_down_own_and_public(self):
        self.assert_accepted("layers", {
            "lib/set/a.cc": '#include "set/a.h"\n#include "base/b.h"\n'
                            '#include "cairn/c.h"\n#include "fmt/format.h"\n',
            "lib/set/a.h": "", "lib/base/b.h": "", "include/cairn/c.h": "",
            "bench/micro/a.cc": '#include "set/a.h"\n',
            "tests/unit/a.cc": '#include "set/a.h"\n'})

    def test_confinement_catches_a_library_out_of_its_module(self):
        for name in ("<lmdb.h>", "<liburing.h>", "<fcntl.h>", "<unistd.h>",
                     "<isa-l.h>", "<isa-l/crc.h>", "<openssl/evp.h>",
                     "<sys/stat.h>", "<immintrin.h>"):
            self.assert_caught("confinement", source_file(
                f"#include {name}\n"), "belongs to")

    def test_confinement_catches_an_unknown_library_and_a_lost_file(self):
        for name in ("<boost/asio.hpp>", '"gtest/gtest.h"', '"set/gone.h"'):
            self.assert_caught("confinement", source_file(
                f"#include {name}\n"), "is no file of the project")
        self.assert_caught("confinement", {
            "tests/a.cc": '#include "set/gone.h"\n'}, "no known library")

    def test_confinement_accepts_each_in_its_module(self):
        self.assert_accepted("confinement", {
            "lib/catalog/a.cc": "#include <lmdb.h>\n",
            "lib/drive/a.cc": "#include <liburing.h>\n#include <fcntl.h>\n",
            "lib/erasure/a.cc": "#include <isa-l/erasure_code.h>\n",
            "lib/digest/a.cc": "#include <openssl/evp.h>\n",
            "lib/set/a.cc": '#include <vector>\n#include <stdint.h>\n'
                            '#include "absl/status/status.h"\n'
                            '#include "fmt/format.h"\n',
            "tests/a.cc": '#include "gtest/gtest.h"\n#include <fcntl.h>\n',
            "bench/a.cc": '#include "rocksdb/db.h"\n'})

    def test_public_catches_lib_and_other_libraries(self):
        for name in ('"base/b.h"', '"fmt/format.h"', '"absl/time/time.h"',
                     "<sys/stat.h>"):
            self.assert_caught("public", {
                "include/cairn/a.h": f"#include {name}\n", "lib/base/b.h": ""},
                "is not public")

    def test_public_accepts_the_standard_absl_status_and_cairn(self):
        self.assert_accepted("public", {
            "include/cairn/a.h": '#include <span>\n#include <stdint.h>\n'
                                 '#include "absl/status/statusor.h"\n'
                                 '#include "cairn/b.h"\n',
            "include/cairn/b.h": ""})


class CompilesTest(RuleTest):

    def test_headers_alone_catches_one_that_leans_on_its_includer(self):
        self.assert_caught("headers-alone", {
            "lib/set/a.h": "std::vector<int> F();\n"}, "does not compile")

    def test_headers_alone_is_not_proved_by_a_source_with_another_first(self):
        self.assert_caught("headers-alone", {
            "lib/set/a.h": "std::vector<int> F();\n",
            "lib/set/a.cc": '#include <vector>\n#include "set/a.h"\n'},
            "does not compile")

    def test_headers_alone_accepts_one_that_compiles(self):
        self.assert_accepted("headers-alone", {
            "lib/set/a.h": '#include <vector>\n#include "base/b.h"\n'
                           "std::vector<B> F();\n",
            "lib/base/b.h": "struct B {};\n"})

    def test_headers_alone_forgets_its_proof_when_an_included_file_changes(
            self):
        files = {"lib/set/a.h": '#include "base/b.h"\nB F();\n',
                 "lib/base/b.h": "struct B {};\n"}
        self.assert_accepted("headers-alone", files)
        files["lib/base/b.h"] = "struct C {};\n"
        self.assert_caught("headers-alone", files, "lib/set/a.h")

    def test_public_flags_catches_exceptions_and_narrowing(self):
        for code in ("inline void F() { throw 1; }\n",
                     "inline int F(long a) { return a; }\n"):
            self.assert_caught("public-flags", {"include/cairn/a.h": code},
                               "does not compile")

    def test_public_flags_accepts_plain_declarations(self):
        self.assert_accepted("public-flags", {
            "include/cairn/a.h": "#include <string>\nstd::string F();\n"})


class LayoutTest(RuleTest):

    def test_top_level_catches_one_more(self):
        self.assert_caught("top-level", {"docs/a.md": "", "x.txt": ""},
                           "docs: the top level is fixed")

    def test_top_level_accepts_the_list(self):
        self.assert_accepted("top-level", {
            "README.md": "", ".ci/run": "", "lib/set/a.cc": ""})

    def test_generated_catches_names_and_marks(self):
        self.assert_caught("generated", {"lib/set/a.pb.cc": ""}, "generated")
        self.assert_caught("generated", source_file(
            "// Generated by a tool. DO NOT EDIT.\n"), "generated")

    def test_generated_accepts_hand_written_code(self):
        self.assert_accepted("generated", source_file(
            "// The ids generated by the committer are random.\n"))

    def test_dead_files_catches_unbuilt_sources_and_unused_headers(self):
        files = {"lib/set/meson.build": "x = ['b.cc']\n",
                 "lib/set/a.cc": "", "lib/set/b.cc": "", "lib/set/c.h": ""}
        self.assert_caught("dead-files", files, "lib/set/a.cc: no meson")
        self.assert_caught("dead-files", files, "lib/set/c.h: nothing")

    def test_dead_files_accepts_what_is_built_and_included(self):
        self.assert_accepted("dead-files", {
            "lib/set/meson.build": "x = ['b.cc']\n",
            "lib/set/b.cc": '#include "set/b.h"\n', "lib/set/b.h": "",
            "include/cairn/a.h": "",
            "tests/unit/set/meson.build": "t += ['unit/set/b_test.cc']\n",
            "tests/unit/set/b_test.cc": ""})


class CompletenessTest(unittest.TestCase):

    def test_every_rule_is_caught_and_accepted_somewhere_above(self):
        text = pathlib.Path(__file__).read_text()
        for rule in RULES:
            method = rule.name.replace("-", "_")
            self.assertIn(f"def test_{method}_catches", text)
            self.assertIn(f"def test_{method}_accepts", text)


if __name__ == "__main__":
    unittest.main()
