"""The command that usually comes next after an execution on AWS."""

from __future__ import annotations

from dataclasses import replace

from operations.aws.client import Deployment
from operations.errors import CliError
from operations.execution_summary import ExecutionSummary
from operations.model_version import PENDING
from operations.next_command import next_words


def next_command(deployment: Deployment, summary: ExecutionSummary) -> str:
    """Return the command; empty if nothing suggests itself."""

    def is_pending(arn: str) -> bool:
        sagemaker = deployment.client("sagemaker")
        try:
            with deployment.translated_errors():
                package = sagemaker.describe_model_package(ModelPackageName=arn)
        except CliError:
            return False
        return bool(package.get("ModelApprovalStatus") == PENDING)

    words = next_words(summary, is_pending)
    if words is None:
        return ""
    is_for_either_pipeline = words[0] == "watch"
    asked = deployment if is_for_either_pipeline else replace(deployment, scoring=False)
    return asked.command(*words)
