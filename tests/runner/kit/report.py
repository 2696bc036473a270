"""JSON documents."""

import json
import os


def write(path, document):
    """Writes `document` to `path`, whole or not at all; None writes nothing."""
    if path is None:
        return
    partial = f"{path}.partial"
    with open(partial, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.write("\n")
    os.replace(partial, path)
