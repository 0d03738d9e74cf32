"""The image's entry point. Exits with 1 on failure, the reason in ``/opt/ml/output/failure``."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
import warnings
from functools import partial
from pathlib import Path

from local_runner.algorithms.xgboost.lean_import import without_optional_packages

with without_optional_packages():
    from local_runner.algorithms.batch_transform import add_options, given_options, transform
    from local_runner.algorithms.failure import fail
    from local_runner.algorithms.xgboost.channels import DEFAULT_CONTENT_TYPE
    from local_runner.algorithms.xgboost.errors import UserError
    from local_runner.algorithms.xgboost.older_images import IMAGE_VERSION
    from local_runner.algorithms.xgboost.selected_output import VARIABLE
    from local_runner.algorithms.xgboost.serve import Model
    from local_runner.algorithms.xgboost.train import train


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
            given = given_options(options)
            model = Model(
                opt_ml / "model",
                os.environ.get(VARIABLE),
                options.image_version,
                given.accept,
                os.environ.get("SAGEMAKER_INFERENCE_ENSEMBLE", "true") == "true",
            )
            invoke = partial(model.invoke, content_type=given.content_type or DEFAULT_CONTENT_TYPE)
            transform(opt_ml, invoke, given)
    except UserError as error:
        return fail(str(error), opt_ml)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="xgboost")
    parser.add_argument("--image-version", default=IMAGE_VERSION)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("train")
    add_options(commands.add_parser("transform"))
    return parser


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
