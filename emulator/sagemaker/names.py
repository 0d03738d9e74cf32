"""ARNs, times and identifiers as SageMaker makes them."""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime

from emulator.clients import ACCOUNT
from local_runner.platform.identity import Identity


def arn(region: str, kind: str, name: str) -> str:
    """The ARN of something in the emulated account."""
    return Identity(region=region, account=ACCOUNT).arn(kind, name)


def name_of(name_or_arn: str) -> str:
    """The name in an ARN such as ``.../pipeline/reviews``; a plain name is itself."""
    return name_or_arn.partition("/")[2] if name_or_arn.startswith("arn:") else name_or_arn


def now() -> datetime:
    """The time, to the millisecond, as the services tell it."""
    time = datetime.now(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def random_id(length: int = 12) -> str:
    """Small letters and digits, as in the ids of executions and the names of their jobs."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(length))
