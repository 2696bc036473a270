"""The command `cairn`: what it says, where it says it, what it returns.

What inspect finds out is tested by tests/unit/inspect.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CAIRN = sys.argv.pop()


COMMANDS = ("create", "get", "heal", "info", "inspect", "ls", "put", "rm")
LOG_BYTES = 8 << 20


def cairn(*arguments, **how):
    return subprocess.run([CAIRN, *map(str, arguments)], capture_output=True,
                          text=True, check=False, **how)


class Refusals(unittest.TestCase):

    def expect_refusal(self, arguments, message, **how):
        result = cairn(*arguments, **how)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertIn(message, result.stderr)
        return result.stderr


class CliTest(Refusals):

    def test_help_names_the_commands(self):
        result = cairn("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for command in COMMANDS:
            self.assertRegex(result.stdout, rf"\n  {command} ")
            self.assertIn("Returns 0", cairn(command, "--help").stdout)

    def test_help_of_inspect_names_its_options(self):
        result = cairn("inspect", "--help")
        self.assertEqual(result.returncode, 0)
        for option in ("FILE", "--offset", "--list", "--limit", "--json"):
            self.assertIn(option, result.stdout)

    def test_a_wrong_command_line_is_refused_and_help_is_named(self):
        for arguments, message in (
                ((), "A subcommand is required"),
                (("frobnicate",), 'no command "frobnicate"'),
                (("inspect",), "FILE is required"),
                (("inspect", "a", "b"), "not expected: b"),
                (("inspect", "a", "--offset", "x"), "--offset = x"),
                (("inspect", "a", "--offset", "-1"), "less than 0"),
                (("inspect", "a", "--list", "--offset", "1"), "excludes"),
                (("put", "a"), "BUCKET/KEY is required"),
                (("rm",), "BUCKET/KEY is required"),
                (("create", "--log-bytes", "-1"), "less than 0"),
                (("create", "--data", "2"), "--data requires --parity")):
            error = self.expect_refusal(arguments, message)
            self.assertIn("--help' tells", error)

    def test_what_cannot_be_inspected_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            self.expect_refusal(("inspect", folder), "no drive of Cairn")
            path = pathlib.Path(folder, "letter")
            self.expect_refusal(("inspect", path), "no such file")
            path.write_text("Dear reader")
            self.expect_refusal(("inspect", path), "a file of Cairn")

    def test_damage_is_told_by_what_it_returns(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "cairn.format")
            path.write_bytes(bytes(4096))
            result = cairn("inspect", path)
            self.assertEqual((result.returncode, result.stderr), (1, ""))
            self.assertIn("DAMAGED", result.stdout)
            self.expect_refusal(("inspect", path, "--offset", "4096"),
                                "behind the end")
            self.assertEqual(path.read_bytes(), bytes(4096))

    def test_json_is_json_whatever_the_path(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, 'a"\\\n\u00e9\udcff', "cairn.format")
            path.parent.mkdir()
            path.write_bytes(bytes(100))
            result = cairn("inspect", "--json", "--offset", "0x10", path)
            self.assertEqual(result.returncode, 1)
            report = json.loads(result.stdout)
            self.assertEqual(report["path"].encode("latin-1"), bytes(path))
            self.assertEqual(report["kind"], "cairn.format")
            self.assertEqual(report["items"][0]["parts"][0]["name"],
                             "deployment")


def contents(folder):
    """{path: (time of last change, SHA-256)} of everything below `folder`."""
    return {path: (path.stat().st_mtime_ns,
                   hashlib.sha256(path.read_bytes()).digest()
                   if path.is_file() else None)
            for path in pathlib.Path(folder).rglob("*")}


class NoStoreTest(Refusals):

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.folder = pathlib.Path(directory.name)
        self.drives = [self.folder / name for name in "abc"]
        for drive in self.drives:
            drive.mkdir()
        self.named = [f"--drive={drive}" for drive in self.drives]

    def assert_unformatted(self):
        # Whether a drive is in use is asked before whether it is formatted.
        self.assertLessEqual({path.name for path in self.folder.rglob("*")},
                             {"a", "b", "c", "lock"})

    def commands(self):
        """A command line of every command that must not format a drive."""
        return (("info",), ("ls",), ("ls", "b"), ("put", __file__, "b/k"),
                ("put", __file__, "b/k", "--create-bucket"), ("get", "b/k"),
                ("rm", "b/k"), ("heal",), ("heal", "--replace-missing"))

    def test_nothing_but_create_formats_a_drive(self):
        for command in self.commands():
            self.expect_refusal((*command, *self.named), f"cairn {command[0]}:")
        self.assert_unformatted()

    def test_a_store_without_drives_is_refused(self):
        environment = {**os.environ, "CAIRN_DRIVES": ":"}
        for command in (("create",), *self.commands()):
            self.expect_refusal(command, "no drive is named", env=environment)

    def test_create_formats_once(self):
        create = ("create", *self.named, "--data", 2, "--parity", 1,
                  "--log-bytes", LOG_BYTES)
        result = cairn(*create)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r"geometry +2 data \+ 1 parity")
        before = contents(self.folder)
        self.expect_refusal(create, "hold a store already")
        self.assertEqual(contents(self.folder), before)

    def test_create_wants_a_geometry_of_its_drives(self):
        for data, parity in ((1, 1), (3, 1), (-1, 4), (0, 3)):
            self.expect_refusal(("create", *self.named, "--data", data,
                                 "--parity", parity), "cairn create:")
        self.assert_unformatted()


class StoreTest(Refusals):

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.folder = pathlib.Path(directory.name)
        self.stores = self.folder / "drives"
        self.drives = [self.stores / name for name in "abc"]
        for drive in self.drives:
            drive.mkdir(parents=True)
        self.run_on(self.drives, "create", "--log-bytes", LOG_BYTES)

    def run_on(self, drives, command, *arguments, code=0, **how):
        named = [f"--drive={drive}" for drive in drives]
        result = subprocess.run([CAIRN, command, *named,
                                 *map(str, arguments)],
                                capture_output=True, check=False, **how)
        self.assertEqual(result.returncode, code,
                         (command, arguments, result.stderr))
        return result

    def cairn(self, command, *arguments, **how):
        return self.run_on(self.drives, command, *arguments, **how)

    def json(self, command, *arguments, **how):
        output = self.cairn(command, "--json", *arguments, **how).stdout
        self.assertEqual(output.count(b"\n"), 1)
        return json.loads(output.decode("ascii"))

    def put(self, name, body=b"x"):
        return self.json("put", "-", name, "--create-bucket", input=body)

    def get(self, name, *arguments):
        return self.cairn("get", name, *arguments).stdout

    def refuse(self, message, command, *arguments):
        result = self.cairn(command, *arguments, code=2)
        self.assertEqual(result.stdout, b"")
        self.assertIn(message, result.stderr.decode())

    def test_what_is_put_is_got(self):
        for size in (0, 1, 100_000, 3 << 20):
            body = os.urandom(size)
            report = self.put("bucket/a/key", body)
            self.assertEqual(self.get("bucket/a/key"), body)
            self.assertEqual(report["size"], size)
            self.assertEqual(report["replaced"], size > 0)
            self.assertEqual(report["etag"], hashlib.md5(body).hexdigest())
            self.assertEqual((report["bucket"], report["key"]),
                             ("bucket", "a/key"))

    def test_a_file_is_put_and_got(self):
        source = self.folder / "source"
        source.write_bytes(bytes(range(256)) * 1000)
        result = self.cairn("put", source, "bucket/key", "--create-bucket")
        self.assertRegex(result.stdout.decode(),
                         r"^stored bucket/key: 256000 bytes, ETag \w{32}\n$")
        target = self.folder / "target"
        umask = os.umask(0o027)
        self.addCleanup(os.umask, umask)
        self.assertEqual(self.cairn("get", "bucket/key", target).stdout, b"")
        self.assertEqual(target.read_bytes(), source.read_bytes())
        self.assertEqual(target.stat().st_mode & 0o777, 0o640)

    def test_a_file_is_replaced_whole_or_not_at_all(self):
        self.put("bucket/key", b"new")
        target = self.folder / "target"
        target.write_bytes(b"old")
        self.refuse("", "get", "bucket/other", target)
        self.refuse("", "get", "bucket/key", target, "--range", "3-")
        self.assertEqual(target.read_bytes(), b"old")
        link = self.folder / "link"
        link.symlink_to(target)
        self.cairn("get", "bucket/key", link)
        self.assertTrue(link.is_symlink())
        self.assertEqual(target.read_bytes(), b"new")
        self.assertEqual({path.name for path in self.folder.iterdir()},
                         {"drives", "link", "target"})

    def test_what_is_no_file_is_not_replaced(self):
        self.put("bucket/key", b"body")
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
            self.cairn("get", "bucket/key", pipe)
            self.assertEqual(reader.stdout.read(), b"body")
        self.assertTrue(pipe.is_fifo())
        self.refuse("", "get", "bucket/key", self.folder)

    def test_ranges_are_those_of_http(self):
        self.put("bucket/key", b"0123456789")
        for text, wanted in (("0-0", b"0"), ("2-4", b"234"), ("7-", b"789"),
                             ("-3", b"789"), ("5-99", b"56789"),
                             ("-99", b"0123456789"), ("bytes=1-2", b"12")):
            self.assertEqual(self.get("bucket/key", f"--range={text}"), wanted)
        self.assertEqual(self.get("bucket/key", "--range", "-3"), b"789")
        for text in ("", "-", "3", "4-2", "a-b", "1-2-3", "+1-2", "bytes=",
                     "1-2,4-5", "99999999999999999999-"):
            if text:
                self.refuse("is no range", "get", "bucket/key",
                            f"--range={text}")
        for text in ("10-", "-0"):
            self.refuse("cairn get:", "get", "bucket/key", f"--range={text}")

    def test_a_bucket_is_made_only_when_it_is_wanted(self):
        self.refuse("cairn put:", "put", __file__, "bucket/key")
        self.assertEqual(self.json("ls"), {"buckets": []})
        self.cairn("put", __file__, "bucket/key", "--create-bucket")
        self.cairn("put", __file__, "bucket/key", "--create-bucket")
        self.cairn("put", __file__, "bucket/key")
        self.refuse("cairn put:", "put", __file__, "B/key", "--create-bucket")

    def test_what_cannot_be_put_is_refused(self):
        for name in ("bucket", "bucket/", ""):
            self.refuse("say BUCKET/KEY", "put", __file__, name)
        self.put("bucket/key")
        self.refuse("No such file", "put", self.folder / "x", "bucket/key")
        self.refuse("directory", "put", self.folder, "bucket/key")
        self.refuse("cairn put:", "put", __file__, "bucket/key",
                    "--content-type", "a\nb")
        self.assertEqual(self.get("bucket/key"), b"x")

    def test_lists_by_prefix_and_delimiter(self):
        for key in ("a", "b/1", "b/2", "c/d/3", "b"):
            self.put(f"bucket/{key}", key.encode())
        self.put("another/key")

        def entries(*arguments):
            listed = self.json("ls", *arguments)
            self.assertEqual(f"{listed['bucket']}/{listed['prefix']}",
                             arguments[0] if "/" in arguments[0]
                             else arguments[0] + "/")
            return [entry.get("key") or entry["common_prefix"]
                    for entry in listed["entries"]]

        self.assertEqual([bucket["name"]
                          for bucket in self.json("ls")["buckets"]],
                         ["another", "bucket"])
        self.assertEqual(entries("bucket"), ["a", "b", "b/", "c/"])
        self.assertEqual(entries("bucket", "-r"),
                         ["a", "b", "b/1", "b/2", "c/d/3"])
        self.assertEqual(entries("bucket/b"), ["b", "b/"])
        self.assertEqual(entries("bucket/b/"), ["b/1", "b/2"])
        self.assertEqual(entries("bucket/c/", "-r"), ["c/d/3"])
        self.assertEqual(entries("bucket/x"), [])
        self.refuse("cairn ls:", "ls", "nobucket")

    def test_a_listing_is_a_table(self):
        self.put("bucket/some/key", b"123")
        self.put("bucket/key", b"12345")
        time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
        for arguments, wanted in (
                ((), rf"^{time}  bucket\n$"),
                (("bucket",), rf"^{time}  +5  key\n +\.\.\.  some/\n$"),
                (("bucket/some/",), rf"^{time}  +3  some/key\n$")):
            self.assertRegex(self.cairn("ls", *arguments).stdout.decode(),
                             wanted)

    def test_no_terminal_obeys_a_key(self):
        keys = {"esc\x1b[2J": r"esc\x1b[2J", "line\nbreak": r"line\x0abreak",
                "c1\u009b": r"c1\xc2\x9b", "back\\slash": r"back\x5cslash",
                "turn\u202e": r"turn\xe2\x80\xae", "caf\u00e9": "caf\u00e9",
                "\U0001f600": "\U0001f600"}
        for key in keys:
            self.put(f"bucket/{key}")
        listed = self.cairn("ls", "bucket").stdout.decode()
        self.assertEqual(len(listed.splitlines()), len(keys))
        for shown in keys.values():
            self.assertIn(f"  {shown}\n", listed)
        entries = self.json("ls", "bucket")["entries"]
        self.assertEqual({entry["key"] for entry in entries}, set(keys))
        for key, shown in keys.items():
            for result in (
                    self.cairn("put", __file__, f"bucket/{key}"),
                    self.cairn("rm", f"bucket/{key}")):
                self.assertIn(f"bucket/{shown}", result.stdout.decode())

    def test_no_terminal_obeys_a_complaint(self):
        self.put("bucket/key")
        for arguments in (("get", "bucket/\x1b[2J"), ("get", "\x1b[2J/key"),
                          ("get", "\x1b"), ("rm", "\x1b[2J/key"),
                          ("put", "/\x1b[2J", "bucket/key"),
                          ("get", "bucket/key", "--range=\x1b")):
            result = self.cairn(*arguments, code=2)
            self.assertNotIn(b"\x1b", result.stderr)

    def test_rm_deletes_what_it_can(self):
        for key in ("a", "b", "c"):
            self.put(f"bucket/{key}")
        report = self.json("rm", "bucket/a", "bucket/none")
        self.assertEqual(report, {"deleted": ["bucket/a", "bucket/none"]})
        result = self.cairn("rm", "bucket", "bucket/b", "none/x", "bucket/",
                            code=2)
        self.assertEqual(result.stdout, b"deleted bucket/b\n")
        self.assertEqual(result.stderr.count(b"cairn rm:"), 3)
        self.assertEqual(self.get("bucket/c"), b"x")
        self.cairn("rm", "bucket/c", "bucket")
        self.assertEqual(self.json("ls"), {"buckets": []})

    def test_reading_writes_nothing(self):
        self.put("bucket/key", bytes(200_000))
        before = contents(self.stores)
        self.assertTrue(self.json("info")["read_only"])
        self.cairn("ls")
        self.cairn("ls", "bucket")
        self.get("bucket/key")
        self.assertEqual(contents(self.stores), before)

    def test_info_tells_the_drives(self):
        self.put("bucket/key")
        info = self.json("info")
        self.assertRegex(info["deployment"], r"^[0-9a-f-]{36}$")
        self.assertEqual((info["data"], info["parity"], info["write_quorum"]),
                         (2, 1, 2))
        self.assertEqual([(drive["position"], drive["state"])
                          for drive in info["drives"]],
                         [(i, "serving") for i in range(3)])
        self.assertEqual({drive["path"] for drive in info["drives"]},
                         set(map(str, self.drives)))
        for drive in info["drives"]:
            self.assertGreater(drive["bytes_available"], 0)
            self.assertGreater(drive["bytes_total"], drive["bytes_available"])
        table = self.cairn("info").stdout.decode()
        self.assertIn("3 of 3 serve, 2 are needed to write", table)
        for drive in self.drives:
            self.assertRegex(table, rf"\d +serving .*[KMGTP]iB +{drive}\n")

    def files(self, pattern="*"):
        return [path for drive in self.drives for path in drive.rglob(pattern)
                if path.is_file()]

    def inspect(self, path, *arguments, code=0):
        result = cairn("inspect", "--json", path, *arguments)
        self.assertEqual((result.returncode, result.stderr), (code, ""), path)
        return json.loads(result.stdout)

    def test_every_file_of_a_drive_is_explained(self):
        for size in (100, 50_000, 300_000, 3 << 20):
            self.put(f"bucket/{size}", os.urandom(size))
        self.cairn("rm", "bucket/300000")
        self.put("bucket/again", os.urandom(200_000))
        before = contents(self.stores)
        kinds = {}
        for path in self.files():
            kind = self.inspect(path, "--list")["kind"]
            kinds[kind] = kinds.get(kind, 0) + 1
            size = path.stat().st_size
            for at in range(0, size, size // 9 + 1):
                self.assertEqual(
                    self.inspect(path, f"--offset={at}")["kind"], kind)
        for kind in ("cairn.format", "catalogue", "log", "lock", "blob",
                     "open pack"):
            self.assertGreaterEqual(kinds[kind], 3, kind)
        for drive in self.drives:
            facts = {item["name"]: item["value"]
                     for item in self.inspect(drive)["items"]}
            self.assertRegex(facts["blobs"], r"^1 file, \d+ bytes$")
            self.assertRegex(facts["open packs"], r"^\d files?, \d+ bytes$")
            self.assertNotIn("not in the catalogue", facts)
        self.assertEqual(contents(self.stores), before)

    def test_inspect_finds_a_flipped_bit_of_a_blob(self):
        self.put("bucket/large", os.urandom(3 << 20))
        self.put("bucket/middle", os.urandom(300_000))
        for folder, name in (("blobs", "frame 1"),
                             ("open_packs", "slice at 0, frame 1")):
            path = next((self.drives[1] / folder).rglob("*-*"))
            with open(path, "r+b") as file:
                file.seek(70_000)
                byte = file.read(1)
                file.seek(70_000)
                file.write(bytes([byte[0] ^ 1]))
            report = self.inspect(path, code=1)
            self.assertEqual(report["damage_count"], 1)
            self.assertEqual(report["damages"][0]["name"], name)
            self.inspect(path, "--offset=70000", code=1)
            self.inspect(path, "--offset=5", code=0)

    def test_drives_are_taken_from_the_environment(self):
        self.put("bucket/key")
        named = ":".join(map(str, self.drives))
        self.run_on((), "ls", env={**os.environ, "CAIRN_DRIVES": named})
        self.run_on(self.drives, "ls",
                    env={**os.environ, "CAIRN_DRIVES": str(self.folder)})

    def test_a_drive_that_is_gone_is_told_and_done_without(self):
        self.put("bucket/key", b"body")
        shutil.rmtree(self.drives[1])
        left = (self.drives[0], self.drives[2])
        info = json.loads(self.run_on(left, "info", "--json", code=1).stdout)
        self.assertEqual(sorted(drive["state"] for drive in info["drives"]),
                         ["missing", "serving", "serving"])
        self.assertEqual(self.run_on(left, "get", "bucket/key").stdout, b"body")
        self.run_on(left, "put", __file__, "bucket/other")
        result = self.run_on(left[:1], "get", "bucket/key", code=2)
        self.assertIn(b"cairn get:", result.stderr)

    def test_a_drive_is_replaced_and_healed(self):
        bodies = {f"bucket/{size}": os.urandom(size)
                  for size in (1, 50_000, 2 << 20)}
        for name, body in bodies.items():
            self.put(name, body)
        shutil.rmtree(self.drives[1])
        self.drives[1].mkdir()
        self.refuse("cairn heal:", "heal")
        result = self.cairn("heal", "--json", "--replace-missing")
        self.assertIn(b"healing: 100 %", result.stderr)
        report = json.loads(result.stdout)
        # The engine heals on its own meanwhile: then less is left to do.
        self.assertGreater(report["checked"], 0)
        self.assertEqual((report["unrecoverable"], report["postponed"]), (0, 0))
        self.cairn("info")
        self.assertRegex(self.cairn("heal").stdout.decode(), r"healed +0\n")
        for name, body in bodies.items():
            self.assertEqual(
                self.run_on(self.drives[1:], "get", name).stdout, body)

    def test_output_that_cannot_be_written_is_a_failure(self):
        self.put("bucket/key")
        for arguments in (("ls",), ("info",), ("get", "bucket/key", "-")):
            named = [f"--drive={drive}" for drive in self.drives]
            with open("/dev/full", "wb") as full:
                result = subprocess.run([CAIRN, *arguments, *named],
                                        stdout=full, stderr=subprocess.PIPE,
                                        check=False)
            self.assertEqual(result.returncode, 2)
            self.assertTrue(result.stderr)


if __name__ == "__main__":
    unittest.main()
