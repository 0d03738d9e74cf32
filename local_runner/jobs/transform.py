"""CreateTransformJob: every object below the input prefix is scored into ``<its name>.out``."""

from __future__ import annotations

import gzip
import posixpath
import shutil
import tarfile
import zlib

from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties, refuse
from local_runner.jobs.model import container_of, describe

DEFAULT_PAYLOAD_MB = 6


def run(arguments: Arguments, context: JobContext) -> Properties:
    """Runs the transform job on one host, whatever its InstanceCount."""
    source, target = arguments["TransformInput"], arguments["TransformOutput"]
    refuse("CompressionType", source.get("CompressionType", "None"), ("None",))
    refuse("SplitType", source.get("SplitType", "None"), ("Line",))
    refuse("AssembleWith", target.get("AssembleWith", "None"), ("Line",))
    refuse("DataProcessing", arguments.get("DataProcessing"), (None,))
    context.store.fetch(
        source["DataSource"]["S3DataSource"]["S3Uri"], context.opt_ml / "input" / "data"
    )
    container = container_of(describe(arguments["ModelName"], context))
    _unpack(container["ModelDataUrl"], context)
    output = context.opt_ml / "output" / "data"
    output.mkdir(parents=True)

    context.invoke(
        container["Image"],
        (
            "transform",
            *("--content-type", source.get("ContentType", "text/csv")),
            *("--batch-strategy", arguments.get("BatchStrategy", "MultiRecord")),
            *("--max-payload-mb", str(arguments.get("MaxPayloadInMB", DEFAULT_PAYLOAD_MB))),
        ),
        {**container.get("Environment", {}), **arguments.get("Environment", {})},
    )
    context.store.publish(output, target["S3OutputPath"])
    return {
        **arguments,
        "TransformJobArn": context.arn("transform-job"),
        "TransformJobName": context.name,
        "TransformJobStatus": "Completed",
    }


def _unpack(uri: str, context: JobContext) -> None:
    """Puts the archive's files where the image looks for its model."""
    folder = context.opt_ml / "model"
    folder.mkdir(parents=True)
    try:
        with (
            context.store.open(uri) as file,
            gzip.open(file) as plain,
            tarfile.open(fileobj=plain, mode="r|") as archive,
        ):
            for member in archive:
                if content := archive.extractfile(member):
                    # Below a root of its own, no path can lead out of the folder.
                    path = folder / posixpath.normpath(f"/{member.name}").lstrip("/")
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with content, path.open("wb") as target:
                        shutil.copyfileobj(content, target)
            while plain.read(1 << 20):
                pass  # to the end, where gzip's checksum is
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise JobFailed(f"ClientError: {uri} can't be unpacked ({error})") from None
