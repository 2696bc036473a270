#!/usr/bin/env python3
"""Writes the corpus: one or two inputs for each target of each fuzzer.

An input is the target's number, what the target takes for itself, and then
what TakeHostile() in hostile.h reads. The samples are in the fuzzers, so a few
bytes lead to every decoder: "edited" changes a byte of the sample and repairs
the checksums, "raw" repairs them over zeros.

The targets stand here in the order of kTargets in NAME.cc.
"""

import pathlib
import shutil

CORPUS = pathlib.Path(__file__).parent / "corpus"

EDITED = bytes([0x02, 0x00, 0x09, 0x01])
RAW = bytes([0x07])

# Edits that chance would hardly find: the size of a stripe in the metadata of
# the slot's frame, which begins in its second sector.
OTHERS = {
    "log_fuzz/slot_stripe_size": bytes([6, 0x02, 0x81, 0x14, 0x02, 0x40, 0x20]),
}

WISHES = (b"\0\0\0", b"\4\x09\0")

# Of each target its name and what it takes for itself, which may be several.
FUZZERS = {
    "drive_fuzz": [
        ("identity", b""), ("promise", b""), ("catalogue", b""),
        ("change", b""), ("pack_object", b""), ("pack_blocks", b""),
        ("blob_footer", b""), ("blob_tail", b""), ("blob_place", bytes(4)),
        ("blob_name", b"")],
    "log_fuzz": [
        ("header", b""), ("commit", b""), ("opening", b""),
        ("checkpoint", b""), ("entry", b"\0", b"\1", b"\2"),
        ("place", b"\0", b"\1"), ("slot", b""), ("stamp", b"")],
    "record_fuzz": [
        ("object", b"\0", b"\1", b"\2"), ("bucket", b""), ("fields", b""),
        ("varint", b""), ("continuation", b"\0", b"\1"), ("counter", b"")],
    "run_fuzz": [
        ("footer", b""), ("index", bytes(2)), ("block", b"\0", b"\3" + b"009"),
        ("filter", bytes(16)), ("file", b"")],
    "set_fuzz": [
        ("blob_entry", b""), ("heal_entry", b""), ("sealed", b""),
        ("key", b""), ("slice", bytes(8) + b"\0\0\1\0\7\0\0\x80"),
        ("pack_name", b"")],
    # The flags of Wish, and an offset.
    "inspect_fuzz": [
        (name, *WISHES) for name in (
            "identity", "log", "catalogue", "run", "pack", "parity")] + [
        ("drive", b"\1\x04" + b"name" + bytes(8))] + [
        (name, *WISHES) for name in ("blob", "open_pack")],
}


def main():
    shutil.rmtree(CORPUS, ignore_errors=True)
    for fuzzer, targets in FUZZERS.items():
        (CORPUS / fuzzer).mkdir(parents=True)
        for number, (name, *own) in enumerate(targets):
            for i, taken in enumerate(own):
                begin = bytes([number]) + taken
                path = CORPUS / fuzzer / f"{name}_{i}"
                path.with_suffix(".edited").write_bytes(begin + EDITED)
                if i == 0:
                    path.with_suffix(".raw").write_bytes(begin + RAW)
    for name, content in OTHERS.items():
        (CORPUS / name).with_suffix(".edited").write_bytes(content)


if __name__ == "__main__":
    main()
