"""One command, with a time limit, its output in a log file."""

import dataclasses
import os
import pathlib
import signal
import subprocess
import time

TAIL_LINES = 60
TAIL_BYTES = 64 << 10


@dataclasses.dataclass
class Ended:
    """How a command ended. `code` is negative for a signal."""

    code: int
    seconds: float
    timed_out: bool
    log: pathlib.Path

    @property
    def ok(self):
        return self.code == 0 and not self.timed_out

    def how(self):
        """The end in words, such as "killed by SIGSEGV"."""
        if self.timed_out:
            return f"timed out after {self.seconds:.0f} s"
        if self.code < 0:
            return f"killed by {signal.Signals(-self.code).name}"
        return f"exit code {self.code}"

    def tail(self, lines=TAIL_LINES):
        return tail(self.log, lines)


def tail(path, lines=TAIL_LINES):
    """The last lines of a file."""
    with open(path, "rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - TAIL_BYTES))
        text = file.read().decode("utf-8", "replace")
    return "\n".join(text.splitlines()[-lines:])


def run(command, *, log, cwd=None, env=None, timeout=None, watch=None):
    """Runs `command` and waits for its end or for `timeout` seconds.

    Standard output and error go to the file `log`; `env` is added to the
    environment. The command gets a process group of its own, and nothing of
    that group is left when this returns. `watch`, if given, is called a few
    times a second with the output that has come since.

    Errors: FileNotFoundError when there is no such command.
    """
    log = pathlib.Path(log)
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, cwd=cwd,
            env={**os.environ, **(env or {})}, start_new_session=True)
        try:
            timed_out = not _wait(process, log, timeout, watch)
        finally:
            _kill_group(process)
            process.wait()
    return Ended(process.returncode, time.monotonic() - started, timed_out, log)


def _wait(process, log, timeout, watch):
    """True when `process` ended by itself."""
    if watch is None:
        try:
            process.wait(timeout)
            return True
        except subprocess.TimeoutExpired:
            return False
    deadline = time.monotonic() + (timeout or float("inf"))
    with open(log, encoding="utf-8", errors="replace") as lines:
        while time.monotonic() < deadline:
            try:
                process.wait(0.25)
                return True
            except subprocess.TimeoutExpired:
                watch(lines.read())
    return False


def _kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
