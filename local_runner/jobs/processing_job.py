"""CreateProcessingJob: fetch inputs, run a program, publish outputs."""

from __future__ import annotations

from pathlib import Path

from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties
from local_runner.jobs.description import describe, exit_message, now
from local_runner.jobs.hosts import REPLICATED, Hosts
from local_runner.jobs.limits import require_supported
from local_runner.platform.images import entry_point
from local_runner.platform.object_store import files_below


def create_processing_job(arguments: Arguments, context: JobContext) -> Properties:
    """Run the processing job; outputs are published only if the program succeeds on every host."""
    require_supported("Processing", arguments)
    started = now()
    cluster = arguments.get("ProcessingResources", {}).get("ClusterConfig", {})
    hosts = Hosts(cluster.get("InstanceCount", 1), context)
    for item in arguments.get("ProcessingInputs", ()):
        source = item["S3Input"]
        distribution = source.get("S3DataDistributionType", REPLICATED)
        hosts.fetch(source["S3Uri"], source["LocalPath"], distribution)
    outputs = arguments.get("ProcessingOutputConfig", {}).get("Outputs", ())
    for item in outputs:
        hosts.make_folder(item["S3Output"]["LocalPath"])
    hosts.make_folder("/opt/ml/output")
    hosts.write_config("/opt/ml/config", {"processingjobconfig.json": {**arguments}})

    application = arguments["AppSpecification"]
    image = application["ImageUri"]
    hosts.launch(
        image,
        (
            *application.get("ContainerEntrypoint", entry_point(image)),
            *application.get("ContainerArguments", ()),
        ),
        {**arguments.get("Environment", {}), **context.network(arguments.get("NetworkConfig", {}))},
        arguments.get("StoppingCondition", {}).get("MaxRuntimeInSeconds"),
    )
    # Nothing is published unless every output has files.
    for item, folder in [(item, _collect(item, hosts)) for item in outputs]:
        context.store.publish(folder, item["S3Output"]["S3Uri"])
    message = exit_message(hosts.message_file())
    return describe("Processing", arguments, context, started, ExitMessage=message)


def _collect(output: Arguments, hosts: Hosts) -> Path:
    """Return the folder of an output's files. Raise JobFailed if there are none."""
    folder = hosts.collect(output["S3Output"]["LocalPath"])
    if not files_below(folder):
        raise JobFailed(
            f"ClientError: the program wrote nothing to {output['S3Output']['LocalPath']}, "
            f"the folder of output {output['OutputName']!r}"
        )
    return folder
