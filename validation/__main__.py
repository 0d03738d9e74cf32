"""``python -m validation DEFINITION``: exit code 0 if sound, 1 with a line for each problem."""

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
