"""The image's entry point. Exits with 1 on failure, the reason in ``/opt/ml/output/failure``."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
import warnings
from pathlib import Path

# XGBoost imports these two if they are installed, for interfaces that aren't used here. They would
# take three quarters of the start-up time.
sys.modules.update(dict.fromkeys(("pandas", "sklearn")))  # type: ignore[arg-type]

from local_runner.algorithms.xgboost.errors import UserError  # noqa: E402
from local_runner.algorithms.xgboost.older_images import IMAGE_VERSION  # noqa: E402
from local_runner.algorithms.xgboost.selected_output import VARIABLE  # noqa: E402
from local_runner.algorithms.xgboost.train import train  # noqa: E402
from local_runner.algorithms.xgboost.transform import (  # noqa: E402
    MULTI_RECORD,
    SINGLE_RECORD,
    transform,
)


def main() -> int:
    """Run the given command; return the exit code."""
    options = _parser().parse_args()
    opt_ml = Path(os.environ.get("OPT_ML", "/opt/ml"))
    # The image reads text files in the same way, which XGBoost 3.0 deprecates.
    warnings.filterwarnings("ignore", module="xgboost")
    network = os.environ.get("LOCAL_NETWORK")
    try:
        if options.command == "train":
            train(opt_ml, Path(network) if network else None, options.image_version)
        else:
            transform(
                opt_ml,
                options.content_type,
                options.batch_strategy,
                options.max_payload_mb,
                os.environ.get(VARIABLE),
                options.image_version,
            )
    except UserError as error:
        return _fail(str(error), opt_ml)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="xgboost")
    parser.add_argument("--image-version", default=IMAGE_VERSION)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("train")
    scoring = commands.add_parser("transform")
    scoring.add_argument("--content-type", default="text/libsvm")
    scoring.add_argument("--batch-strategy", choices=(MULTI_RECORD, SINGLE_RECORD), required=True)
    scoring.add_argument("--max-payload-mb", type=int, required=True)
    return parser


def _fail(message: str, opt_ml: Path) -> int:
    print(f"error: {message}", file=sys.stderr, flush=True)
    folder = opt_ml / "output"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "failure").write_text(message, encoding="utf-8")
    return 1


def _exit_at_once(code: int) -> None:
    """End the process without cleanup, as the image does.

    XGBoost's collective would wait for hosts that have ended, or crash without them.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    try:
        _exit_at_once(main())
    except Exception:
        traceback.print_exc()
        _exit_at_once(1)
