"""ARNs, times and identifiers in SageMaker's formats."""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime

from emulator.clients import Place


def arn(place: Place, kind: str, name: str) -> str:
    """Return the ARN of a resource of SageMaker."""
    return place.arn("sagemaker", f"{kind}/{name}")


def name_of(name_or_arn: str) -> str:
    """Return the name in an ARN such as ``.../pipeline/reviews``, or a plain name itself."""
    return name_or_arn.partition("/")[2] if name_or_arn.startswith("arn:") else name_or_arn


def now() -> datetime:
    """Return the time in milliseconds, as the services do."""
    time = datetime.now(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def random_id(length: int = 12) -> str:
    """Return lower-case letters and digits, as in the ids of executions and the names of jobs."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(length))
