#!/usr/bin/env python3
"""例文のファイルを検査します（指定がなければ tutorial/datasets）。 Judges files of examples (none given: tutorial/datasets).

python3 tutorial/scripts/validate_datasets.py [FILE…] [--json]

The code is that of `./llmlora datasets validate`. Exit code 0: all is well; 2: a file has to change; 3: there is no file.
"""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    door = Path(__file__).resolve().parents[2] / "llmlora"
    os.execv(door, [str(door), "datasets", "validate", *sys.argv[1:]])  # noqa: S606 - it is our own door
