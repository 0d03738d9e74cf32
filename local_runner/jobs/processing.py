"""CreateProcessingJob: inputs mounted, a program run, outputs published."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties, refuse
from local_runner.jobs.hosts import REPLICATED, Hosts


def run(arguments: Arguments, context: JobContext) -> Properties:
    """Runs the processing job; its outputs appear only if its program ended well on each host."""
    cluster = arguments.get("ProcessingResources", {}).get("ClusterConfig", {})
    hosts = Hosts(cluster.get("InstanceCount", 1), context)
    for item in arguments.get("ProcessingInputs", ()):
        source = item["S3Input"]
        refuse("S3InputMode", source.get("S3InputMode", "File"), ("File",))
        refuse("S3CompressionType", source.get("S3CompressionType", "None"), ("None",))
        distribution = source.get("S3DataDistributionType", REPLICATED)
        hosts.fetch(source["S3Uri"], source["LocalPath"], distribution)
    outputs = arguments.get("ProcessingOutputConfig", {}).get("Outputs", ())
    for item in outputs:
        refuse("S3UploadMode", item["S3Output"].get("S3UploadMode", "EndOfJob"), ("EndOfJob",))
        hosts.make(item["S3Output"]["LocalPath"])
    hosts.configure("/opt/ml/config", {})

    application = arguments["AppSpecification"]
    hosts.invoke(
        application["ImageUri"],
        (*application.get("ContainerEntrypoint", ()), *application.get("ContainerArguments", ())),
        {**arguments.get("Environment", {}), **_aws(arguments, context)},
        arguments.get("StoppingCondition", {}).get("MaxRuntimeInSeconds"),
    )
    filled = [(item, _filled(item, hosts)) for item in outputs]
    for item, folder in filled:
        context.store.publish(folder, item["S3Output"]["S3Uri"])
    return {
        **arguments,
        "ProcessingJobArn": context.arn("processing-job"),
        "ProcessingJobName": context.name,
        "ProcessingJobStatus": "Completed",
    }


def _aws(arguments: Arguments, context: JobContext) -> Mapping[str, str]:
    """The variables with which the job calls AWS's API; none under network isolation."""
    is_isolated = arguments.get("NetworkConfig", {}).get("EnableNetworkIsolation")
    return {} if is_isolated else context.aws_environment()


def _filled(output: Arguments, hosts: Hosts) -> Path:
    """The folder with what the program left in the output. Raises JobFailed if it is nothing."""
    folder = hosts.gathered(output["S3Output"]["LocalPath"])
    if not any(folder.rglob("*")):
        raise JobFailed(f"ClientError: the program left nothing in {output['OutputName']!r}")
    return folder
