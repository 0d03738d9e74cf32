"""CreateTrainingJob: channels and hyperparameters laid out as the image expects them."""

from __future__ import annotations

import gzip
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties, refuse

_EPOCH = 0  # so that equal models are equal archives


def run(arguments: Arguments, context: JobContext) -> Properties:
    """Runs the training job on one host, whatever its InstanceCount."""
    refuse(
        "TrainingInputMode",
        arguments["AlgorithmSpecification"].get("TrainingInputMode", "File"),
        ("File",),
    )
    channels: dict[str, Any] = {}
    for channel in arguments["InputDataConfig"]:
        name = channel["ChannelName"]
        refuse("InputMode", channel.get("InputMode", "File"), ("File",))
        refuse("CompressionType", channel.get("CompressionType", "None"), ("None",))
        refuse("ShuffleConfig", channel.get("ShuffleConfig"), (None,))
        source = channel["DataSource"]["S3DataSource"]
        refuse("S3DataType", source["S3DataType"], ("S3Prefix",))
        context.store.fetch(source["S3Uri"], context.opt_ml / "input" / "data" / name)
        channels[name] = {
            "ContentType": channel.get("ContentType"),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
            "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
            "TrainingInputMode": "File",
        }
    config = context.opt_ml / "input" / "config"
    config.mkdir(parents=True)
    hyperparameters = arguments.get("HyperParameters", {})
    for name, value in hyperparameters.items():
        if not isinstance(value, str):
            raise JobFailed(f"ClientError: hyperparameter {name} must be a string, not {value!r}")
    _write_json(config / "hyperparameters.json", hyperparameters)
    _write_json(config / "inputdataconfig.json", channels)
    _write_json(config / "resourceconfig.json", {"current_host": "algo-1", "hosts": ["algo-1"]})
    model = context.opt_ml / "model"
    model.mkdir()

    context.invoke(
        arguments["AlgorithmSpecification"]["TrainingImage"],
        ("train",),
        arguments.get("Environment", {}),
        arguments.get("StoppingCondition", {}).get("MaxRuntimeInSeconds"),
    )
    artifact = f"{arguments['OutputDataConfig']['S3OutputPath']}/{context.name}/output/model.tar.gz"
    context.store.publish(_archived(model, context.sandbox / "model.tar.gz"), artifact)
    return {
        **arguments,
        "ModelArtifacts": {"S3ModelArtifacts": artifact},
        "TrainingJobArn": context.arn("training-job"),
        "TrainingJobName": context.name,
        "TrainingJobStatus": "Completed",
    }


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


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, sort_keys=True), encoding="utf-8")
