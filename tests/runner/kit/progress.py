"""A line of progress that works in a terminal and in a log.

In a terminal one line is rewritten in place. In a log a line is printed when
the last one is more than a few seconds old, so that a log of an hour stays
readable and is never silent.
"""

import shutil
import sys
import threading
import time

LOG_INTERVAL = 10.0


class Progress:
    """Thread safety: all methods may be called from any thread."""

    def __init__(self, stream=None):
        self._stream = stream or sys.stdout
        self._is_terminal = self._stream.isatty()
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._last = time.monotonic()
        self._shown = False

    def update(self, text):
        """Says how far things are; may be dropped in a log."""
        with self._lock:
            if self._is_terminal:
                width = shutil.get_terminal_size().columns - 1
                self._write("\r\033[K" + text[:width])
                self._shown = True
            elif time.monotonic() - self._last >= LOG_INTERVAL:
                self._write(f"  [{self._elapsed()}] {text}\n")

    def say(self, text=""):
        """Prints lines that stay."""
        with self._lock:
            if self._shown:
                self._write("\r\033[K")
                self._shown = False
            self._write(text + "\n")

    def _elapsed(self):
        seconds = int(time.monotonic() - self._started)
        return f"{seconds // 60:d}:{seconds % 60:02d}"

    def _write(self, text):
        self._stream.write(text)
        self._stream.flush()
        self._last = time.monotonic()


def follow(progress, prefix):
    """A `watch` for process.run(): shows the command's last line."""
    last = [""]

    def watch(text):
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        last[0] = lines[-1] if lines else last[0]
        progress.update(f"{prefix}: {last[0]}")
    return watch
