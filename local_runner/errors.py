"""What can go wrong, as a tree.

LocalRunnerError
├── DefinitionError     the definition can't be run here; nothing was started
├── ParameterError      a value for a parameter is unknown, missing or of the wrong type
├── WorkdirError        the work folder can't be used
└── JobFailed           a job ended badly: `reason` as SageMaker's FailureReason would say it
    └── JobInterrupted  not the job's own fault (killed from outside); a retry policy may apply
"""

from __future__ import annotations


class LocalRunnerError(Exception):
    """The root; its message is one line that says what to do."""


class DefinitionError(LocalRunnerError):
    """The definition can't be run here; nothing was started."""


class ParameterError(LocalRunnerError):
    """A value for a parameter is unknown, missing or of the wrong type."""


class WorkdirError(LocalRunnerError):
    """The work folder can't be used."""


class JobFailed(LocalRunnerError):
    """A job ended badly; the message is its FailureReason."""


class JobInterrupted(JobFailed):
    """A job was ended from outside; ``SageMaker.JOB_INTERNAL_ERROR`` for the retry policies."""
