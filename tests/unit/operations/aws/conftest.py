"""A pipeline on the scripted AWS."""

from __future__ import annotations

import pytest

from tests.support.aws_samples import deploy, execution_arn
from tests.support.scripted_aws import ScriptedAws


@pytest.fixture
def ready(aws: ScriptedAws) -> ScriptedAws:
    """A pipeline that can be started."""
    deploy(aws, "Executing")
    aws.on("StartPipelineExecution", {"PipelineExecutionArn": execution_arn()})
    return aws
