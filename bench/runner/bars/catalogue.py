"""The bars: what is measured how, and what it must reach."""

import dataclasses
from typing import Callable

from bars import ways
from bars.bench import Command
from bars.judge import Limit
from bars.ways import LikeCairn, Rival

KIB = 1 << 10
MIB = 1 << 20
GIB = 1 << 30

# 3 checkpoints of the default log are in a run, however slow it is: half a log
# is 32 MiB, and 4 KiB on 2+2 take at least 2 KiB of each.
_SUSTAINED = 50_000


@dataclasses.dataclass(frozen=True)
class Bar:
    """`way` measures it; see bars.ways."""

    name: str
    what: str
    limit: Limit
    way: Callable


def put(**options):
    return Command("cairn_put", options)


def put4k(threads, data, parity):
    return put(threads=threads, data=data, parity=parity, size=4 * KIB,
               keys=1_000_000, seconds=1.5, operations_min=_SUSTAINED)


def object_files():
    """A file per object, with no more threads than the bar has."""
    return [Command("object_files",
                    {"variant": variant, "fanout": fanout, "threads": threads,
                     "data": 2, "parity": 2, "size": 4 * KIB, "seconds": 2})
            for variant in ("rename", "tmpfile")
            for fanout in (1, 256)
            for threads in (8, 32)]


def rocksdb_puts():
    return [Command("rocksdb_puts",
                    {"variant": variant, "threads": threads, "size": 4 * KIB,
                     "keys": 1_000_000, "seconds": 2})
            for variant in ("tuned", "pipelined", "unordered", "blobs")
            for threads in (16, 32)]


def appends():
    return [Command("append", {"variant": variant, "size": 4 * KIB,
                               "seconds": 1.5}, keeps="append")
            for variant in ("dsync", "rwf_dsync", "fdatasync",
                            "direct_fdatasync", "uring_dsync", "uring_linked")]


def put4k_t128():
    puts = put4k(128, 2, 2)
    like_cairn = LikeCairn(files=4, size=2 * 4 * KIB)
    return ways.either(
        ways.against(puts, "Cairn with 32 threads", [put4k(32, 2, 2)]),
        ways.versus(puts, Rival("the device", like_cairn.candidates,
                                like_cairn.rate_of)),
        Limit(">=", 0.7, "x device"))


def put256k():
    # Each put takes new room on the drives.
    like_cairn = LikeCairn(files=6, size=256 * KIB * 3 // 2, piece=64 * KIB,
                           new_files=True, file_size=256 * MIB)
    way = ways.versus(
        put(threads=16, data=4, parity=2, size=256 * KIB, keys=4000,
            seconds=2),
        Rival("the device", like_cairn.candidates, like_cairn.rate_of))
    return beside_written_files(way, size=64 * KIB)


def cached_gets():
    gets = Command("cairn_get", {"objects": 2000, "warm": "objects",
                                 "size": 4 * KIB, "seconds": 3})
    return ways.with_condition(
        ways.single(gets, lambda report: 1e6 / report["rate"]),
        "system_calls", Limit("<=", 0, "in 100,000"),
        ways.calls_of(gets.having(marked=100_000, operations_max=1)))


def cold_gets():
    # A part of the objects, so that no get finds what another one fetched;
    # others behind them, so that none of them is in the log any more.
    gets = Command("cairn_get", {
        "objects": 100_000, "others": 50_000, "size": 4 * KIB, "data": 2,
        "parity": 2, "operations_min": 5000, "operations_max": 5000})
    bare = gets.having(warm="nothing", cache_bytes=0)
    return ways.with_condition(
        ways.single(gets.having(warm="index", cache_bytes=256 * MIB),
                    ways.drive_reads_per_get),
        "reads_with_nothing_cached", Limit("<=", 2.1, "reads per get"),
        lambda bench: ways.drive_reads_per_get(bench.run(bare)))


def stream64(is_read):
    cairn = Command("cairn_stream", {"data": 4, "parity": 2, "size": 64 * MIB,
                                     "read": is_read, "seconds": 2})
    kernels = Command("stream_kernels", {"data": 4, "parity": 2,
                                         "size": MIB, "read": is_read,
                                         "seconds": 0.5})
    # An object's shard is 16 MiB, a new file that is synced once.
    how = ({"read": True, "file_size": 256 * MIB} if is_read else
           {"new_files": True, "file_size": 16 * MIB})
    transfers = [ways.device(files=6, size=size, depth=depth,
                             sync_every=0 if is_read else 16 * MIB // size,
                             **how)
                 for size in (256 * KIB, MIB) for depth in (4, 16)]
    way = ways.stream(cairn, kernels, transfers, 1.0 if is_read else 1.5)
    return way if is_read else beside_written_files(way, size=MIB)


def beside_written_files(way, size):
    """`way`, which says as well what the device does where the files are
    there already."""
    return ways.with_setting(
        way, "bytes_rate_in_written_files",
        ways.device(files=6, size=size, depth=64, sync_every=16,
                    file_size=256 * MIB))


def memory_of_streams():
    return ways.single(
        Command("cairn_memory", {"threads": 16, "data": 4, "parity": 2,
                                 "size": GIB, "cache_bytes": MIB}),
        lambda report: (report["rss_anon"] - report["cache_bytes"]) / MIB)


BARS = (
    Bar("put4k.t32.d4", "puts of 4 KiB, 2+2, 32 threads: to files per object",
        Limit(">=", 20, "x files"),
        ways.against(put4k(32, 2, 2), "a file per object", object_files())),
    Bar("put4k.t128", "the same, 128 threads: to 32 threads, or to the device",
        Limit(">=", 1.5, "x 32 threads"), put4k_t128()),
    Bar("put4k.rocksdb", "puts of 4 KiB, 1+0, 32 threads: to RocksDB, synced",
        Limit(">=", 1, "x RocksDB"),
        ways.against(put4k(32, 1, 0), "RocksDB", rocksdb_puts())),
    Bar("append.t1", "puts of 4 KiB, 1+0, one thread: to bare synced appends",
        Limit(">=", 0.6, "x append"),
        ways.against(put(threads=1, size=4 * KIB, seconds=2),
                     "bare synced appends", appends())),
    Bar("get4k.cached", "gets of 4 KiB, cached, one thread",
        Limit("<=", 5, "us"), cached_gets()),
    Bar("get4k.cold", "gets of 4 KiB from packs, the index cached or nothing",
        Limit("<=", 1, "reads per get"), cold_gets()),
    Bar("stream64.put", "puts of 64 MiB, 4+2: to device or kernels",
        Limit(">=", 0.8, "x bound"), stream64(is_read=False)),
    Bar("stream64.get", "gets of 64 MiB, 4+2: to device or kernels",
        Limit(">=", 0.8, "x bound"), stream64(is_read=True)),
    Bar("put256k", "puts of 256 KiB, 4+2, 16 threads: to the device",
        Limit(">=", 0.7, "x device"), put256k()),
    Bar("open.kill", "opening after a kill, 1 M objects, the log full",
        Limit("<=", 1, "s"),
        ways.single(Command("cairn_open", {"data": 2, "parity": 2}),
                    ways.figure("worst_seconds"))),
    Bar("mem16", "anonymous memory of 16 streams of 1 GiB, beyond caches",
        Limit("<=", 64, "MiB"), memory_of_streams()),
    Bar("idle", "system calls of an idle engine in 60 s",
        Limit("<=", 0, "calls"),
        ways.traced(Command("cairn_idle", {"data": 2, "parity": 2,
                                           "seconds": 60}))),
)


def selected(names):
    """The bars with these names, all of them of no names.

    Errors: KeyError, with the names that no bar has.
    """
    unknown = set(names) - {bar.name for bar in BARS}
    if unknown:
        raise KeyError(*sorted(unknown))
    return [bar for bar in BARS if not names or bar.name in names]
