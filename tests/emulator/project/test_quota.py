"""A quota of 0 in the emulated AWS: the step retries without a job, and `watch` says why."""

from __future__ import annotations

from tests.support.emulated_pipelines import create_pipeline
from tests.support.emulator_process import POLL, Emulator
from tests.support.runner_samples import document, parameter, processing

QUOTA = "ml.m5.large for processing job usage"


def test_quota_of_0_is_explained_and_a_retry_succeeds_without_it(emulator: Emulator) -> None:
    step = processing("Work", program=("-c", "print('working')"))
    step["Arguments"]["ProcessingResources"] = {
        "ClusterConfig": {
            "InstanceCount": 1,
            "InstanceType": {"Get": "Parameters.ProcessingInstanceType"},
            "VolumeSizeInGB": 30,
        }
    }
    exceptions = ["SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT"]
    retries = {"ExceptionType": exceptions, "IntervalSeconds": 1, "BackoffRate": 2}
    step["RetryPolicies"] = [{**retries, "MaxAttempts": 3}]
    instance = parameter("ProcessingInstanceType", DefaultValue="ml.m5.large")
    pipeline = create_pipeline(emulator, "sentiment-dev", document(step, parameters=(instance,)))
    emulator.set_quota(QUOTA, 0)
    arn = pipeline.start()
    result = emulator.sentiment("watch", arn, *POLL)
    emulator.set_quota(QUOTA, 20)
    assert result.returncode == 1
    [note] = [line for line in result.stderr.splitlines() if line.startswith("  ! Work: ")]
    assert QUOTA in note
    assert "--parameter ProcessingInstanceType=TYPE" in note
    found = pipeline.steps(arn)["Work"]
    assert (found["AttemptCount"], found.get("Metadata")) == (4, None)
    assert f"'{QUOTA}' is 0 Instances" in found["FailureReason"]
    assert f"sentiment retry {arn.rpartition('/')[2]} " in result.stdout
    assert emulator.sentiment("retry", arn, "--wait", *POLL).returncode == 0
    assert pipeline.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
