"""CreateTrainingJob: channels and hyperparameters laid out as the image expects them."""

from __future__ import annotations

import gzip
import shutil
import tarfile
from pathlib import Path

from local_runner.definition.model import Json
from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties, refuse
from local_runner.jobs.hosts import REPLICATED, Hosts

_EPOCH = 0  # so that equal models are equal archives


def run(arguments: Arguments, context: JobContext) -> Properties:
    """Runs the training job; its model is what all hosts left in ``/opt/ml/model``."""
    algorithm, resources = arguments["AlgorithmSpecification"], arguments.get("ResourceConfig", {})
    refuse("TrainingInputMode", algorithm.get("TrainingInputMode", "File"), ("File",))
    refuse("InstanceGroups", resources.get("InstanceGroups"), (None,))
    hosts = Hosts(resources.get("InstanceCount", 1), context)
    channels = {
        channel["ChannelName"]: _laid_ready(channel, hosts)
        for channel in arguments["InputDataConfig"]
    }
    hosts.configure(
        "/opt/ml/input/config",
        {
            "hyperparameters.json": _hyperparameters(arguments),
            "inputdataconfig.json": channels,
        },
    )
    hosts.make("/opt/ml/model")

    hosts.invoke(
        algorithm["TrainingImage"],
        ("train",),
        arguments.get("Environment", {}),
        arguments.get("StoppingCondition", {}).get("MaxRuntimeInSeconds"),
    )
    model = hosts.gathered("/opt/ml/model")
    artifact = f"{arguments['OutputDataConfig']['S3OutputPath']}/{context.name}/output/model.tar.gz"
    context.store.publish(_archived(model, context.sandbox / "model.tar.gz"), artifact)
    return {
        **arguments,
        "ModelArtifacts": {"S3ModelArtifacts": artifact},
        "TrainingJobArn": context.arn("training-job"),
        "TrainingJobName": context.name,
        "TrainingJobStatus": "Completed",
    }


def _laid_ready(channel: Arguments, hosts: Hosts) -> dict[str, Json]:
    """Lays a channel's objects onto the hosts; returns what the image is told of it."""
    refuse("InputMode", channel.get("InputMode", "File"), ("File",))
    refuse("CompressionType", channel.get("CompressionType", "None"), ("None",))
    refuse("ShuffleConfig", channel.get("ShuffleConfig"), (None,))
    source = channel["DataSource"]["S3DataSource"]
    refuse("S3DataType", source["S3DataType"], ("S3Prefix",))
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
            raise JobFailed(f"ClientError: hyperparameter {name} must be a string, not {value!r}")
    return hyperparameters


def _archived(model: Path, target: Path) -> Path:
    """``model.tar.gz`` as the service makes it of ``/opt/ml/model``, without times and owners."""
    files = sorted(path for path in model.rglob("*") if path.is_file())
    if not files:
        raise JobFailed("AlgorithmError: the algorithm left no model in /opt/ml/model")
    plain = target.with_suffix("")
    with tarfile.open(plain, "w", format=tarfile.USTAR_FORMAT) as archive:
        for path in files:
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
