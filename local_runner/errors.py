"""The errors of this package, as a tree.

LocalRunnerError
├── DefinitionError     the definition can't be run here; nothing was started
├── ParameterError      a value for a parameter is unknown, missing or of the wrong type
├── SelectionError      the selected steps can't be run, or results that they need are missing
├── WorkdirError        the work folder can't be used
├── ServingError        a model can't be served
└── JobFailed           a job failed; the message is its FailureReason, as SageMaker words it
    └── JobInterrupted  the job was killed from outside; a retry policy may apply
"""

from __future__ import annotations


class LocalRunnerError(Exception):
    """The root; the message is one line and includes the remedy."""


class DefinitionError(LocalRunnerError):
    """The definition can't be run here; nothing was started."""


class ParameterError(LocalRunnerError):
    """A value for a parameter is unknown, missing or of the wrong type."""


class SelectionError(LocalRunnerError):
    """The selected steps can't be run, or results that they need are missing."""


class WorkdirError(LocalRunnerError):
    """The work folder can't be used."""


class ServingError(LocalRunnerError):
    """A model can't be served: its archive, its code, or the port."""


class JobFailed(LocalRunnerError):
    """A job failed; the message is its FailureReason."""


class JobInterrupted(JobFailed):
    """A job was killed from outside. exception: its name in retry policies."""

    exception = "SageMaker.JOB_INTERNAL_ERROR"
