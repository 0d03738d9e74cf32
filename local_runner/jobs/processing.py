"""CreateProcessingJob: inputs mounted, a program run, outputs published."""

from __future__ import annotations

from collections.abc import Sequence

from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties, refuse


def run(arguments: Arguments, context: JobContext) -> Properties:
    """Runs the processing job; its outputs appear only if its program ended well."""
    for item in arguments.get("ProcessingInputs", ()):
        source = item["S3Input"]
        refuse("S3InputMode", source.get("S3InputMode", "File"), ("File",))
        refuse("S3CompressionType", source.get("S3CompressionType", "None"), ("None",))
        context.store.fetch(source["S3Uri"], context.inside(source["LocalPath"]))
    outputs = arguments.get("ProcessingOutputConfig", {}).get("Outputs", ())
    for item in outputs:
        refuse("S3UploadMode", item["S3Output"].get("S3UploadMode", "EndOfJob"), ("EndOfJob",))
        context.inside(item["S3Output"]["LocalPath"]).mkdir(parents=True, exist_ok=True)

    application = arguments["AppSpecification"]
    context.invoke(
        application["ImageUri"],
        (*application.get("ContainerEntrypoint", ()), *application.get("ContainerArguments", ())),
        {**arguments.get("Environment", {}), **_network(arguments, context)},
        arguments.get("StoppingCondition", {}).get("MaxRuntimeInSeconds"),
    )
    _insist_filled(outputs, context)
    for item in outputs:
        output = item["S3Output"]
        context.store.publish(context.inside(output["LocalPath"]), output["S3Uri"])
    return {
        **arguments,
        "ProcessingJobArn": context.arn("processing-job"),
        "ProcessingJobName": context.name,
        "ProcessingJobStatus": "Completed",
    }


def _network(arguments: Arguments, context: JobContext) -> dict[str, str]:
    """What a job that isn't isolated finds outside: the folder that stands for AWS."""
    isolated = arguments.get("NetworkConfig", {}).get("EnableNetworkIsolation")
    return {} if isolated or not context.local_aws else {"LOCAL_AWS": str(context.local_aws)}


def _insist_filled(outputs: Sequence[Arguments], context: JobContext) -> None:
    for item in outputs:
        folder = context.inside(item["S3Output"]["LocalPath"])
        if not any(folder.rglob("*")):
            raise JobFailed(f"ClientError: the program left nothing in {item['OutputName']!r}")
