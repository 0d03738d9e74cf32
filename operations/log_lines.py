"""Lines of the logs of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class LogLine:
    """A line of a log. stream: its log stream on AWS, or the name of the file of a local log."""

    stream: str
    message: str


@dataclass(frozen=True)
class TimedLogLine(LogLine):
    """A line of a log on AWS, which stores its time."""

    time: datetime
