"""The job of a Cleanup step: delete outputs of earlier steps from the object store."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from local_runner.definition.model import Json
from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties


def clean_up(arguments: Arguments, context: JobContext) -> Properties:
    """Delete the sources' objects; sources without properties, which didn't succeed, are skipped.

    arguments: each source also has Properties, those of its step. Raise JobFailed, before anything
    is deleted, for a URI that isn't below an output of its step.
    """
    cleaned: dict[str, list[str]] = {}
    skipped: list[str] = []
    for source in arguments["Resources"]["S3"]:
        name = source["StepName"]
        if source["Properties"]:
            cleaned.setdefault(name, []).extend(_objects(source, source["Properties"]))
        else:
            skipped.append(name)
    for uris in cleaned.values():
        for uri in uris:
            context.store.delete(uri)
    return {"CleanedSteps": list(cleaned), "FailedSteps": [], "SkippedSteps": skipped}


def _objects(source: Mapping[str, Json], properties: Properties) -> Iterator[str]:
    if artifacts := properties.get("ModelArtifacts"):
        model = artifacts["S3ModelArtifacts"]
        yield model
        yield f"{posixpath.dirname(model)}/output.tar.gz"
        return
    outputs = [f"{uri.rstrip('/')}/" for uri in _outputs(properties)]
    for uri in source["S3Uris"]:
        if not any(uri.startswith(output) for output in outputs):
            raise JobFailed(
                f"ClientError: {uri} isn't below an output of {source['StepName']}, which are "
                f"{', '.join(outputs) or 'none'}"
            )
        yield uri


def _outputs(properties: Properties) -> Iterator[str]:
    for output in properties.get("ProcessingOutputConfig", {}).get("Outputs", ()):
        yield output["S3Output"]["S3Uri"]
    if transformed := properties.get("TransformOutput"):
        yield transformed["S3OutputPath"]
