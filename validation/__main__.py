"""``python -m validation FILE...``: print a line for each problem; exit with 1 if there are any."""

from __future__ import annotations

import sys
from pathlib import Path

from validation.definition import problems

if __name__ == "__main__":
    found = [
        f"{path}: {problem}"
        for path in sys.argv[1:]
        for problem in problems(Path(path).read_text(encoding="utf-8"))
    ]
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)
