"""The entry point of the images' framework containers."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> int:
    """Run the given command; return the exit code."""
    opt_ml = Path(os.environ["OPT_ML"])
    command, *arguments = sys.argv[1:]
    if command == "train":
        from local_runner.algorithms.script_mode.training import train

        train(opt_ml)
    # Imported late: NumPy takes 100 ms, and not every training program needs it.
    from local_runner.algorithms.script_mode.serving import serve

    return serve(opt_ml, arguments)


if __name__ == "__main__":
    sys.exit(main())
