"""The environment of a training job."""

from __future__ import annotations

from local_runner.algorithms.script_mode.job_environment import Environment

__all__ = ["Environment"]
