"""Entry point of all jobs: ``python3 processing.pyz JOB ...``.

Exit codes are those of `processing.errors`. The message of an error goes to stderr and to
``/opt/ml/output/message``, which SageMaker shows as the job's exit message.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from processing.errors import ProcessingError, UsageError, printable
from processing.names import JOBS


def main(arguments: Sequence[str]) -> int:
    """Run the job that the first argument names, and return the exit code."""
    # Set where jobs run without a container.
    opt_ml = Path(os.environ.get("OPT_ML", "/opt/ml"))
    if not arguments or arguments[0] not in JOBS:
        message = f"the first argument must be one of {', '.join(JOBS)}"
        return _failed(message, UsageError.exit_code, opt_ml)
    return run_job(JOBS[arguments[0]], arguments[1:], opt_ml)


def run_job(module: str, arguments: Sequence[str], opt_ml: Path) -> int:
    """Run the job in ``module``, and return the exit code."""
    # No job multiplies matrices, so NumPy needs no threads for it: starting them takes time, and a
    # process that forks should have none.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    job = importlib.import_module(module)
    try:
        job.run(job.parser().parse_args(arguments))
    except ProcessingError as error:
        return _failed(str(error), error.exit_code, opt_ml)
    except OSError as error:  # such as a full disk, or a file without read permission
        message = f"{error.filename or 'the job'}: {error.strerror or error}"
        return _failed(printable(message), 1, opt_ml)
    return 0


def _failed(message: str, code: int, opt_ml: Path) -> int:
    print(f"error: {message}", file=sys.stderr, flush=True)
    if opt_ml.is_dir():
        (opt_ml / "output").mkdir(exist_ok=True)
        (opt_ml / "output" / "message").write_text(message[:1024], encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
