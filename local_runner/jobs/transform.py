"""CreateTransformJob: every object below the input prefix is scored into ``<its name>.out``."""

from __future__ import annotations

import gzip
import posixpath
import shutil
import tarfile
import zlib
from pathlib import Path

from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties, refuse
from local_runner.jobs.hosts import SHARDED, Hosts
from local_runner.jobs.model import container_of, describe

DEFAULT_PAYLOAD_MB = 6


def run(arguments: Arguments, context: JobContext) -> Properties:
    """Runs the transform job; each object is scored by one of its hosts."""
    source, target = arguments["TransformInput"], arguments["TransformOutput"]
    refuse("CompressionType", source.get("CompressionType", "None"), ("None",))
    refuse("SplitType", source.get("SplitType", "None"), ("Line",))
    refuse("AssembleWith", target.get("AssembleWith", "None"), ("Line",))
    refuse("DataProcessing", arguments.get("DataProcessing"), (None,))
    hosts = Hosts(arguments.get("TransformResources", {}).get("InstanceCount", 1), context)
    hosts.fetch(source["DataSource"]["S3DataSource"]["S3Uri"], "/opt/ml/input/data", SHARDED)
    container = container_of(describe(arguments["ModelName"], context))
    hosts.lay(_unpacked(container["ModelDataUrl"], context), "/opt/ml/model")
    hosts.make("/opt/ml/output/data")

    hosts.invoke(
        container["Image"],
        (
            "transform",
            *("--content-type", source.get("ContentType", "text/csv")),
            *("--batch-strategy", arguments.get("BatchStrategy", "MultiRecord")),
            *("--max-payload-mb", str(arguments.get("MaxPayloadInMB", DEFAULT_PAYLOAD_MB))),
        ),
        {**container.get("Environment", {}), **arguments.get("Environment", {})},
    )
    context.store.publish(hosts.gathered("/opt/ml/output/data"), target["S3OutputPath"])
    return {
        **arguments,
        "TransformJobArn": context.arn("transform-job"),
        "TransformJobName": context.name,
        "TransformJobStatus": "Completed",
    }


def _unpacked(uri: str, context: JobContext) -> Path:
    """A folder with the archive's files."""
    folder = context.sandbox / "model"
    folder.mkdir()
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
    return folder
