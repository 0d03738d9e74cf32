"""Service Quotas: how many instances SageMaker jobs may use. Other services have no quotas here.

``POST /emulator/quota?name=ml.m5.large for training job usage&value=0`` sets one, as AWS Support
does on request. The defaults are invented: AWS's differ from account to account.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from emulator.clients import Place
from emulator.pages import page
from emulator.service import ApiError, Call, Handler

_INSTANCES = [
    f"ml.{family}.{size}"
    for family in ("c5", "m5", "r5")
    for size in ("large", "xlarge", "2xlarge", "4xlarge")
]
_JOBS = ("processing job", "training job", "spot training job", "transform job")
_DEFAULTS = {f"{instance} for {job} usage": 20.0 for instance in _INSTANCES for job in _JOBS}


class Quotas:
    """The quotas. As on AWS, the account's list contains only those that were set."""

    def __init__(self) -> None:
        self._applied: dict[str, float] = {}

    def set(self, name: str, value: float) -> None:
        """Set a quota by name."""
        self._applied[name] = value

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        return {
            "ListAWSDefaultServiceQuotas": lambda call: _listed(call, _DEFAULTS),
            "ListServiceQuotas": lambda call: _listed(call, self._applied),
        }


def _listed(call: Call, quotas: Mapping[str, float]) -> dict[str, Any]:
    if call["ServiceCode"] != "sagemaker":
        raise ApiError("NoSuchResourceException", "only quotas of sagemaker are emulated")
    return page([_described(call.place, *quota) for quota in quotas.items()], call, "Quotas")


def _described(place: Place, name: str, value: float) -> dict[str, Any]:
    code = f"L-{zlib.crc32(name.encode()):08X}"
    return {
        "Adjustable": True,
        "GlobalQuota": False,
        "QuotaArn": place.arn("servicequotas", f"sagemaker/{code}"),
        "QuotaCode": code,
        "QuotaName": name,
        "ServiceCode": "sagemaker",
        "ServiceName": "Amazon SageMaker",
        "Unit": "None",
        "Value": value,
    }
