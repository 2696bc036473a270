"""What figures were measured on."""

import os
import pathlib
import platform


def describe(directory="."):
    """The machine, and the file system and device that hold `directory`."""
    fs, device = _mount_of(directory)
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "fs": fs,
        "device": device,
    }


def cores():
    """How many things may run at the same time."""
    return len(os.sched_getaffinity(0))


def _cpu_model():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _mount_of(directory):
    """(type and options of the file system, its device)."""
    path = os.path.realpath(directory)
    best = ("", "", "")
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        device, point, kind, options = line.split()[:4]
        point = point.encode().decode("unicode_escape")
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best[0]):
            best = (point, f"{kind} ({options})", device)
    return best[1], best[2]
