#!/usr/bin/env python3
"""Writes each course's data as CSV and as chat (JSONL) from its instruction JSON, the one that is edited.

    python3 tutorial/scripts/write_forms.py

`tests/tutorial/test_datasets.py` fails where the three do not hold the same.
"""

import csv
import json
from pathlib import Path

DATASETS = Path(__file__).parents[1] / "datasets"
TAUGHT = ("level1_basic", "level1_basic_en", "level2_technical", "level3_medical")


def main() -> None:
    """Write the two other forms beside each instruction JSON."""
    for name in TAUGHT:
        rows = json.loads((DATASETS / f"{name}.json").read_text(encoding="utf-8"))
        with (DATASETS / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, ("instruction", "output"), lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
        turns = (
            {
                "messages": [
                    {"role": "user", "content": row["instruction"]},
                    {"role": "assistant", "content": row["output"]},
                ]
            }
            for row in rows
        )
        lines = "".join(json.dumps(turn, ensure_ascii=False) + "\n" for turn in turns)
        (DATASETS / f"{name}_chat.jsonl").write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    main()
