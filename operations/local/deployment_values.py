"""Local values of the pipeline parameters that a deployment sets.

On AWS, ``infra`` sets the defaults of these parameters. A local execution sets local values and
changes nothing else about a definition.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path

from local_runner.definition.expressions import as_text
from local_runner.definition.model import Json
from local_runner.workdir import Workdir
from operations.local.git_commit import checked_out_commit
from operations.local.processing_code import store_code
from processing.names import CODE_FILE, Parameter

BUCKET = "s3://sentiment-local"
GROUP = "sentiment-local"

_ROOT = Path(__file__).resolve().parents[2]
CODE_URI = f"{BUCKET}/code"
FIXED = {
    Parameter.ARTIFACTS_URI: BUCKET,
    Parameter.CODE_URI: CODE_URI,
    Parameter.EXECUTION_ROLE_ARN: "arn:aws:iam::000000000000:role/local",
    Parameter.KMS_KEY_ARN: "arn:aws:kms:local-1:000000000000:key/local",
    Parameter.MODEL_PACKAGE_GROUP_NAME: GROUP,
}
"""Those that are the same in every execution."""

DEPLOYED = frozenset((*FIXED, Parameter.CODE_FILE, Parameter.COMMIT))
"""The parameters whose values depend on the deployment, and not on the user's choice."""

PLACEHOLDERS = {
    **FIXED,
    Parameter.CODE_FILE: CODE_FILE,
    Parameter.DATASET_URI: "set by --dataset, else the demo dataset",
}
"""Values for a plan that is only checked or shown; nothing has been stored for them."""


def chosen_values(parameters: Mapping[str, Json]) -> dict[str, str]:
    """Return an execution's parameter values without those that a deployment sets, as text."""
    deployed = DEPLOYED if Parameter.DATASET_URI in parameters else ()
    return {name: as_text(it) for name, it in parameters.items() if name not in deployed}


def deployment_values(
    workdir: Workdir, parameters: Container[str] = PLACEHOLDERS
) -> dict[str, str]:
    """Return the values for an execution, after storing the code asset.

    parameters: of the definition; without CodeUri no code is stored.
    """
    code_file = store_code(workdir, CODE_URI) if Parameter.CODE_URI in parameters else None
    return values_with_code(code_file)


def values_with_code(code_file: str | None) -> dict[str, str]:
    """Return the values for an execution with the code in this file; None without code."""
    values = {**FIXED, Parameter.COMMIT: checked_out_commit(_ROOT)}
    return values if code_file is None else {**values, Parameter.CODE_FILE: code_file}
