"""The jobs' one entry point: ``python3 processing.pyz JOB ...``.

Exit codes: 0 done; 1 bad data, or a machine that failed; 2 bad arguments. What is bad is told in
one line on stderr and in ``/opt/ml/output/message``, which SageMaker shows as the job's exit
message.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from processing.errors import DataError, JobError, UsageError, printable
from processing.names import PREPROCESS_ON_SPARK

JOBS = {
    "download": "processing.jobs.download",
    "preprocess": "processing.jobs.preprocess",
    PREPROCESS_ON_SPARK: "processing.spark.submit",
    "champion": "processing.jobs.champion",
    "evaluate": "processing.jobs.evaluate",
    "report": "processing.jobs.report",
    "find-model": "processing.jobs.find_model",
    "prepare": "processing.jobs.prepare",
    "join": "processing.jobs.join",
    "predict": "processing.jobs.predict",
}


def main(arguments: Sequence[str]) -> int:
    """Runs the job that the first argument names; returns the exit code."""
    # A container's /opt/ml; a host that runs the job without a container names its own.
    opt_ml = Path(os.environ.get("OPT_ML", "/opt/ml"))
    if not arguments or arguments[0] not in JOBS:
        return _failed(f"the first argument must be one of {', '.join(JOBS)}", 2, opt_ml)
    return run_job(JOBS[arguments[0]], arguments[1:], opt_ml)


def run_job(module: str, arguments: Sequence[str], opt_ml: Path) -> int:
    """Runs the job in ``module``; a failure's reason goes to ``output/message`` in ``opt_ml``."""
    # No job multiplies matrices, so NumPy needs no threads for it: they take a sixth of the start,
    # and a process that forks should have none.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    job = importlib.import_module(module)
    try:
        job.run(job.parser().parse_args(arguments))
    except (DataError, JobError) as error:
        return _failed(str(error), 1, opt_ml)
    except UsageError as error:
        return _failed(str(error), 2, opt_ml)
    except OSError as error:  # a full disk, a file that can't be read
        return _failed(printable(f"{error.filename or 'the job'}: {error.strerror}"), 1, opt_ml)
    return 0


def _failed(message: str, code: int, opt_ml: Path) -> int:
    print(f"error: {message}", file=sys.stderr, flush=True)
    if opt_ml.is_dir():
        (opt_ml / "output").mkdir(exist_ok=True)
        (opt_ml / "output" / "message").write_text(message[:1024], encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
