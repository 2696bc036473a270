"""The files of the project."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]

# Where everything that a runner makes goes. Git ignores it.
BUILD = ROOT / "build"


def project_files(root=ROOT):
    """Paths, relative to `root`, of every file that git tracks or would add.

    Without git (in a released archive) all files but those under build* and
    hidden folders that hold no source.
    """
    listed = _git(root, "ls-files", "-z", "--cached", "--others",
                  "--exclude-standard")
    if listed is None:
        return sorted(_walk(pathlib.Path(root)))
    names = {name for name in listed.split("\0") if name}
    return sorted(name for name in names
                  if os.path.lexists(os.path.join(root, name)))


def commit(root=ROOT):
    """The commit that is checked out, "" when that is not known.

    "-dirty" follows it when files differ from it.
    """
    head = _git(root, "rev-parse", "HEAD")
    if head is None:
        return ""
    changed = _git(root, "status", "--porcelain")
    return head.strip() + ("-dirty" if changed else "")


def _git(root, *arguments):
    # The owner of a checkout may be another user than the one who tests.
    command = ["git", "-c", "safe.directory=*", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.decode("utf-8", "surrogateescape")


def _walk(root):
    for folder, folders, files in os.walk(root):
        here = pathlib.Path(folder).relative_to(root)
        if folder == str(root):
            folders[:] = [name for name in folders
                          if name != ".git" and not name.startswith("build")]
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in files:
            yield str(here / name)
