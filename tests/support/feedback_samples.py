"""Scores of executions, for tests of labels that arrive later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from processing.jobs import join
from processing.row_files import write_row_file
from tests.support.aws_samples import ID, START, Body
from tests.support.model_versions import evaluation, version_folder
from tests.support.scripted_aws import ScriptedAws, error

ACCURACY = 0.86
"""Of the model version on its test set."""


def scored(folder: Path, scores: Mapping[str, float | None], **other: Any) -> Path:
    """Run Join on reviews by id, and return the folder of its outputs. None: without a score."""
    report = {
        **evaluation(),
        "binary_classification_metrics": {"accuracy": {"value": ACCURACY}},
    }
    version = version_folder(folder / "version", report=report, **other)
    rows = [(name, -1 if it is None else 3, 0) for name, it in scores.items()]
    write_row_file(folder / "rows/part-00000.csv", rows)
    (folder / "predictions").mkdir()
    text = "".join(f"{it or 0}\n" for it in scores.values())
    (folder / "predictions/part-00000.libsvm.out").write_text(text)
    inputs = {
        "predictions": folder / "predictions",
        "rows": folder / "rows",
        "version": version,
        "output": folder / "out",
    }
    join.run(join.parser().parse_args([f"--{name}={path}" for name, path in inputs.items()]))
    return folder / "out"


def scored_objects(folder: Path, execution: str = ID) -> dict[str, bytes]:
    """Return the objects of an execution that scored the reviews 1 to 4, by key."""
    out = scored(folder, {"1": 0.9, "2": 0.8, "3": 0.1, "4": None})
    return {
        f"scores/{execution}/{path.relative_to(out).as_posix()}": path.read_bytes()
        for path in out.rglob("*")
        if path.is_file()
    }


def serve_objects(
    aws: ScriptedAws, objects: dict[str, bytes], before_put: Callable[[], Any] = lambda: None
) -> None:
    """Answer for a bucket with these objects, to which conditional writes are made."""

    def listed(request: dict[str, Any]) -> dict[str, Any]:
        prefix = request["Prefix"]
        found = [key for key in objects if key.startswith(prefix)]
        return {
            "Contents": [
                {"Key": key, "ETag": _tag(objects[key]), "LastModified": START} for key in found
            ]
        }

    def read(request: dict[str, Any]) -> Any:
        key = request["Key"]
        if key not in objects:
            return error("NoSuchKey", "no such key", "GetObject", 404)
        return {"Body": Body(objects[key])}

    def put(request: dict[str, Any]) -> dict[str, Any] | ClientError:
        before_put()
        key, before = request["Key"], objects.get(request["Key"])
        wanted = request.get("IfMatch")
        is_changed = wanted is not None and (before is None or _tag(before) != wanted)
        if is_changed or ("IfNoneMatch" in request and before is not None):
            return error("PreconditionFailed", "changed", "PutObject", 412)
        objects[key] = request["Body"]
        return {}

    aws.on("ListObjectsV2", listed)
    aws.on("GetObject", read)
    aws.on("PutObject", put)
    aws.on("PutMetricData", {})


def _tag(content: bytes) -> str:
    return json.dumps(hashlib.sha256(content).hexdigest())
