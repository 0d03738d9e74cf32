"""The registries of SageMaker's built-in images, which belong to accounts of AWS.

The SageMaker SDK lists the images; their layers don't exist here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from emulator.service import ApiError, Call, Handler

_SDK_LISTS = ("sklearn.json", "xgboost.json")


def handlers() -> dict[str, Handler]:
    """Return the operations by name."""
    return {"BatchGetImage": _images}


def _images(call: Call) -> dict[str, Any]:
    registry, repository = call.get("registryId", call.place.account), call["repositoryName"]
    if registry == call.place.account:
        raise ApiError(
            "UnknownOperationException", "images in the account's own registry aren't emulated"
        )
    tags = [
        version
        for version, image in _known()
        if image["repository"] == repository
        and image["registries"].get(call.place.region) == registry
    ]
    if not tags:
        raise ApiError(
            "RepositoryNotFoundException",
            f"The repository with name '{repository}' does not exist in the registry with id "
            f"'{registry}'",
        )
    answer: dict[str, Any] = {"images": [], "failures": []}
    for wanted in call["imageIds"]:
        tag = wanted["imageTag"]
        if any(tag == version or tag.startswith(f"{version}-") for version in tags):
            digest = f"sha256:{hashlib.sha256(tag.encode()).hexdigest()}"
            image = {"imageId": {"imageDigest": digest, "imageTag": tag}}
            answer["images"].append({**image, "registryId": registry, "repositoryName": repository})
        else:
            failure = {"failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
            answer["failures"].append({**failure, "imageId": wanted})
    return answer


@cache
def _known() -> list[tuple[str, Mapping[str, Any]]]:
    """Return (version, repository and registries by region) of the images for training."""
    return [
        item
        for name in _SDK_LISTS
        for item in json.loads(_sdk_list(name).read_text())["training"]["versions"].items()
    ]


def _sdk_list(name: str) -> Path:
    """Return the path without importing the SDK, which takes seconds."""
    path = distribution("sagemaker-core").locate_file(f"sagemaker/core/image_uri_config/{name}")
    return Path(str(path))
