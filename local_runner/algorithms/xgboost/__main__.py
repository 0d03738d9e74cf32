"""The image's program. Exit codes: 0 done, 1 failed, the reason in ``/opt/ml/output/failure``."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
import warnings
from pathlib import Path

# XGBoost imports these two where it finds them, for interfaces that aren't the image's. They would
# take three quarters of the program's start.
sys.modules.update(dict.fromkeys(("pandas", "sklearn")))  # type: ignore[arg-type]

from local_runner.algorithms.xgboost.errors import UserError  # noqa: E402
from local_runner.algorithms.xgboost.train import train  # noqa: E402
from local_runner.algorithms.xgboost.transform import (  # noqa: E402
    MULTI_RECORD,
    SINGLE_RECORD,
    transform,
)


def main() -> int:
    """Runs the verb that the platform asks for; returns the exit code."""
    options = _parser().parse_args()
    opt_ml = Path(os.environ.get("OPT_ML", "/opt/ml"))
    # The image reads text files through the same deprecated door of XGBoost 3.0.
    warnings.filterwarnings("ignore", module="xgboost")
    network = os.environ.get("LOCAL_NETWORK")
    try:
        if options.verb == "train":
            train(opt_ml, Path(network) if network else None)
        else:
            transform(opt_ml, options.content_type, options.batch_strategy, options.max_payload_mb)
    except UserError as error:
        return _failed(str(error), opt_ml)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="xgboost")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("train")
    scoring = verbs.add_parser("transform")
    scoring.add_argument("--content-type", required=True)
    scoring.add_argument("--batch-strategy", choices=(MULTI_RECORD, SINGLE_RECORD), required=True)
    scoring.add_argument("--max-payload-mb", type=int, required=True)
    return parser


def _failed(message: str, opt_ml: Path) -> int:
    print(f"error: {message}", file=sys.stderr, flush=True)
    folder = opt_ml / "output"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "failure").write_text(message, encoding="utf-8")
    return 1


def _leave(code: int) -> None:
    """Ends the process here and now, as the image does.

    XGBoost's collective would wait for hosts that are gone, or crash without them.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    try:
        _leave(main())
    except Exception:
        traceback.print_exc()
        _leave(1)
