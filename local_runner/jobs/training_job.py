"""CreateTrainingJob: fetch channels, write the configuration, train, archive the model."""

from __future__ import annotations

import gzip
import shutil
import tarfile
from pathlib import Path

from local_runner.definition.model import Json
from local_runner.errors import JobFailed
from local_runner.jobs import script_mode
from local_runner.jobs.context import Arguments, JobContext, Properties
from local_runner.jobs.description import describe, final_metrics, now
from local_runner.jobs.hosts import REPLICATED, Hosts
from local_runner.jobs.limits import require_supported
from local_runner.platform.object_store import files_below

_BUILT_IN = ("train",)
_EPOCH = 0  # modification times, so that equal models have equal archives


def create_training_job(arguments: Arguments, context: JobContext) -> Properties:
    """Run the training job; its model is what all hosts wrote to ``/opt/ml/model``."""
    require_supported("Training", arguments)
    started = now()
    algorithm, resources = arguments["AlgorithmSpecification"], arguments.get("ResourceConfig", {})
    hosts = Hosts(resources.get("InstanceCount", 1), context)
    channels = {
        channel["ChannelName"]: _fetch_channel(channel, hosts)
        for channel in arguments.get("InputDataConfig", ())
    }
    hosts.write_config(
        "/opt/ml/input/config",
        {
            "hyperparameters.json": _hyperparameters(arguments),
            "inputdataconfig.json": channels,
        },
        current_instance_type=resources.get("InstanceType", "local"),
        network_interface_name="lo",
    )
    for folder in ("/opt/ml/model", "/opt/ml/output/data"):
        hosts.make_folder(folder)
    command = _command(arguments, hosts)
    is_built_in = command == _BUILT_IN

    hosts.launch(
        algorithm["TrainingImage"],
        (*command, *algorithm.get("ContainerArguments", ())),
        {
            "TRAINING_JOB_ARN": context.arn("training-job"),
            "TRAINING_JOB_NAME": context.name,
            **arguments.get("Environment", {}),
            **(context.network(arguments) if not is_built_in else {}),
        },
        arguments.get("StoppingCondition", {}).get("MaxRuntimeInSeconds"),
    )
    model = hosts.collect("/opt/ml/model")
    if is_built_in and not files_below(model):
        raise JobFailed("AlgorithmError: the algorithm wrote no model to /opt/ml/model")
    prefix = arguments["OutputDataConfig"]["S3OutputPath"].rstrip("/")
    output = f"{prefix}/{context.name}/output"
    artifact = f"{output}/model.tar.gz"
    context.store.publish(_archive(model, context.sandbox / "model.tar.gz"), artifact)
    data = hosts.collect("/opt/ml/output/data")
    if files_below(data):
        archive = _archive(data, context.sandbox / "output.tar.gz")
        context.store.publish(archive, f"{output}/output.tar.gz")
    return describe(
        "Training",
        arguments,
        context,
        started,
        FinalMetricDataList=final_metrics(
            algorithm.get("MetricDefinitions"), hosts.output(), now()
        ),
        ModelArtifacts={"S3ModelArtifacts": artifact},
        SecondaryStatus="Completed",
    )


def _command(arguments: Arguments, hosts: Hosts) -> tuple[str, ...]:
    """Return the job's command without its arguments; of a script, fetch the source."""
    if entry_point := arguments["AlgorithmSpecification"].get("ContainerEntrypoint"):
        return tuple(entry_point)
    if not script_mode.is_script_mode(arguments):
        return _BUILT_IN
    for message in script_mode.source_faults(arguments, script_mode.CHANNELS):
        raise JobFailed(f"ClientError: {message}")
    script_mode.fetch_source(arguments, hosts)
    return (*script_mode.COMMAND, "train")


def _fetch_channel(channel: Arguments, hosts: Hosts) -> dict[str, Json]:
    """Fetch a channel's objects; return its entry in ``inputdataconfig.json``."""
    source = channel["DataSource"]["S3DataSource"]
    distribution = source.get("S3DataDistributionType", REPLICATED)
    hosts.fetch(source["S3Uri"], f"/opt/ml/input/data/{channel['ChannelName']}", distribution)
    return {
        "ContentType": channel.get("ContentType"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        "S3DistributionType": distribution,
        "TrainingInputMode": "File",
    }


def _hyperparameters(arguments: Arguments) -> dict[str, str]:
    hyperparameters: dict[str, str] = arguments.get("HyperParameters", {})
    for name, value in hyperparameters.items():
        if not isinstance(value, str):
            raise JobFailed(f"ClientError: hyperparameter {name} must be a string, got {value!r}")
    return hyperparameters


def _archive(model: Path, target: Path) -> Path:
    """Write ``model.tar.gz``, as the service does, but without times and owners."""
    plain = target.with_suffix("")
    with tarfile.open(plain, "w", format=tarfile.USTAR_FORMAT) as archive:
        for path in files_below(model):
            member = tarfile.TarInfo(path.relative_to(model).as_posix())
            member.size = path.stat().st_size
            member.mtime = _EPOCH
            with path.open("rb") as file:
                archive.addfile(member, file)
    _gzip(plain, target)
    return target


def _gzip(source: Path, target: Path) -> None:
    with (
        source.open("rb") as plain,
        target.open("wb") as file,
        gzip.GzipFile("", "wb", 6, file, _EPOCH) as compressed,
    ):
        shutil.copyfileobj(plain, compressed, 1 << 20)
