"""CreateTransformJob: score every object below a prefix into ``<object name>.out``."""

from __future__ import annotations

import gzip
import shutil
import zlib
from pathlib import Path

from local_runner.errors import JobFailed
from local_runner.jobs import script_mode
from local_runner.jobs.context import Arguments, JobContext, Properties
from local_runner.jobs.description import describe, now
from local_runner.jobs.hosts import SHARDED, Hosts
from local_runner.jobs.limits import require_supported
from local_runner.jobs.model_archive import unpack
from local_runner.jobs.model_resource import container_of, describe_model
from local_runner.jobs.records.filters import RecordFilters
from local_runner.jobs.serving import serving_command
from local_runner.platform.object_store import files_below

DEFAULT_PAYLOAD_MB = 6
_WHOLE = "MultiRecord"  # as many lines in a request as it can have
_WHOLE_FILES = ("--batch-strategy", _WHOLE, "--max-payload-mb", "0")
_VARIABLES = {_WHOLE: "MULTI_RECORD", "SingleRecord": "SINGLE_RECORD"}


def create_transform_job(arguments: Arguments, context: JobContext) -> Properties:
    """Run the transform job; each object is scored by one of its hosts."""
    require_supported("Transform", arguments)
    started = now()
    source, target = arguments["TransformInput"], arguments["TransformOutput"]
    hosts = Hosts(arguments.get("TransformResources", {}).get("InstanceCount", 1), context)
    filters = RecordFilters(arguments)
    records = context.sandbox / "records"
    context.store.fetch(source["DataSource"]["S3DataSource"]["S3Uri"], records)
    if source.get("CompressionType") == "Gzip":
        records = _decompressed(records, context.sandbox / "decompressed")
    max_payload = arguments.get("MaxPayloadInMB", DEFAULT_PAYLOAD_MB)
    is_split = source.get("SplitType", "None") == "Line"
    if not is_split:
        _require_size(records, max_payload)
    filtered = filters.filtered(records, context.sandbox / "filtered")
    hosts.distribute(filtered, "/opt/ml/input/data", SHARDED)
    model = describe_model(arguments["ModelName"], context)
    container = container_of(model)
    if "ModelDataUrl" in container:
        hosts.distribute(_unpack(container["ModelDataUrl"], context), "/opt/ml/model")
    for folder in ("/opt/ml/code", "/opt/ml/model", "/opt/ml/output/data"):
        hosts.make_folder(folder)
    environment = {**container.get("Environment", {}), **arguments.get("Environment", {})}
    container = {**container, "Environment": environment}
    strategy = arguments.get("BatchStrategy", _WHOLE) if is_split else _WHOLE
    limits = (
        *(("--batch-strategy", strategy) if "BatchStrategy" in arguments else ()),
        *(("--max-payload-mb", str(max_payload)) if "MaxPayloadInMB" in arguments else ()),
    )

    hosts.launch(
        container["Image"],
        (
            *serving_command(container, hosts),
            *("--content-type", source.get("ContentType", "")),
            *("--accept", target.get("Accept", "")),
            *("--assemble-with", target.get("AssembleWith", "None")),
            *(limits if is_split else _WHOLE_FILES),
        ),
        {
            "SAGEMAKER_BATCH": "true",
            "SAGEMAKER_BATCH_STRATEGY": _VARIABLES[strategy],
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": str(max_payload),
            **environment,
            **(context.network(model) if script_mode.is_script_mode(container) else {}),
        },
    )
    predictions = hosts.collect("/opt/ml/output/data")
    output = filters.applied(predictions, records, context.sandbox / "joined")
    context.store.publish(output, target["S3OutputPath"])
    return describe("Transform", arguments, context, started)


def _decompressed(folder: Path, target: Path) -> Path:
    """Return a folder with the files of ``folder``, decompressed, under their names."""
    for path in files_below(folder):
        plain = target / path.relative_to(folder)
        plain.parent.mkdir(parents=True, exist_ok=True)
        try:
            with gzip.open(path) as content, plain.open("wb") as file:
                shutil.copyfileobj(content, file)
        except (OSError, EOFError, zlib.error) as error:
            raise JobFailed(
                f"ClientError: {path.relative_to(folder)} isn't a gzip file ({error}), as the "
                "CompressionType of the TransformInput says"
            ) from None
    return target


def _require_size(folder: Path, max_payload_mb: int) -> None:
    """Raise JobFailed for a file that is larger than a request, in which it is as a whole."""
    for path in files_below(folder):
        if max_payload_mb and path.stat().st_size > max_payload_mb * 1024**2:
            raise JobFailed(
                f"ClientError: {path.relative_to(folder)} is larger than {max_payload_mb} MB, the "
                "MaxPayloadInMB of a request; use the SplitType 'Line'"
            )


def _unpack(uri: str, context: JobContext) -> Path:
    """Unpack a model archive into a folder."""
    folder = context.sandbox / "model"
    folder.mkdir()
    try:
        with context.store.open(uri) as file:
            unpack(file, folder)
    except OSError as error:
        raise JobFailed(f"ClientError: {uri} can't be unpacked ({error})") from None
    return folder
