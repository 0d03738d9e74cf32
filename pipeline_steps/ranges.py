"""Ranges of parameters: what an execution may set, known before any job starts.

``python -m pipeline_steps`` renders them into ``parameter_ranges.json``, which commands read
without the SDK. The keys are JSON Schema's, apart from ``expected``, the words of error messages
and of docs/parameters.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from processing.names import DecisionThreshold

Range = Mapping[str, str | int | float]

ARGUMENT_LENGTH = 256
"""Characters of an argument of a processing job; an environment value may have as many."""

VALUE_LENGTH = 1024
"""Characters of a parameter's value."""

_MAX_INTEGER = 2**31 - 1  # XGBoost's integers have 32 bits

_INSTANCE_TYPE = r"ml\.[a-z0-9-]+\.([0-9]*xlarge|large|medium|metal)"
_METRICS = ("auc", "aucpr", "error", "logloss", "mae", "map", "ndcg", "rmse")
_METRIC = rf"({'|'.join(_METRICS)}|error@[0-9]*\.?[0-9]+)"

_SIGNS = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}


def number(**bounds: float) -> Range:
    """Return the range of a number, with bounds such as ``minimum`` and ``exclusiveMaximum``.

    >>> number(minimum=0, maximum=1)["expected"], number(exclusiveMinimum=0, maximum=1)["expected"]
    ('a number from 0 to 1', 'a number > 0 and <= 1')
    """
    return {"type": "number", **bounds, "expected": interval("a number", bounds)}


def integer(minimum: int, maximum: int = _MAX_INTEGER) -> Range:
    """Return the range of an integer.

    >>> integer(1, 100)["expected"]
    'an integer from 1 to 100'
    """
    bounds = {"minimum": minimum, "maximum": maximum}
    return {"type": "integer", **bounds, "expected": interval("an integer", bounds)}


def text(expected: str, pattern: str = ".+", max_length: int = ARGUMENT_LENGTH) -> Range:
    """Return the range of a text, all of which must match ``pattern``.

    expected: what documentation and error messages call such a text.
    """
    return {"type": "string", "pattern": pattern, "maxLength": max_length, "expected": expected}


def interval(noun: str, schema: Mapping[str, Any]) -> str:
    """Return the words for a number within the bounds of a JSON schema.

    >>> interval("an integer", {"minimum": 1}), interval("a number", {})
    ('an integer >= 1', 'a number')
    """
    if "minimum" in schema and "maximum" in schema:
        return f"{noun} from {schema['minimum']} to {schema['maximum']}"
    limits = [f"{sign} {schema[key]}" for key, sign in _SIGNS.items() if key in schema]
    return f"{noun} {' and '.join(limits)}" if limits else noun


DATASET = text("a URI that begins with https://, http:// or s3://", r"(https?|s3)://.+")
DATASET_VERSION = text("any text")
COLUMN = text("the name of a column, or auto", r".*\S.*", ARGUMENT_LENGTH - len("label_column="))
ID_COLUMN = text("the name of a column", r".*\S.*", ARGUMENT_LENGTH - len("id_column="))
LABEL = text("a label, or auto", r".*\S.*", ARGUMENT_LENGTH - len("positive_label="))
PART = number(exclusiveMinimum=0, exclusiveMaximum=1)
UNIT = number(minimum=0, maximum=1)
NOT_NEGATIVE = number(minimum=0)
VERSION = text(
    "approved, or a version's number or ARN",
    r"approved|[0-9]+|arn:[^/]*:model-package/[^/]+/[0-9]+",
)
INSTANCE_TYPE = text("a SageMaker instance type such as ml.m5.large", _INSTANCE_TYPE)

# XGBoost's own: those of the image.
SHARE = number(exclusiveMinimum=0, maximum=1)
DECISION_THRESHOLD = text(
    DecisionThreshold.EXPECTED,
    DecisionThreshold.PATTERN,
    ARGUMENT_LENGTH - len("decision_threshold="),
)
SEED = integer(-(2**31) + 1, 2**31 - 2)
METRICS = text(
    f"names from {', '.join(_METRICS)}, separated by commas; error@0.4 sets its threshold",
    rf"{_METRIC}(,{_METRIC})*",
    ARGUMENT_LENGTH - len("eval_metric="),
)

# Set by a deployment.
COMMIT = text("a commit", r"\S+", ARGUMENT_LENGTH - len("commit="))
CODE_FILE = text("a file name", r"[^/]+", 200)
GROUP = text("a model package group's name", r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", 63)
ARN = text("an ARN", r"arn:.+", VALUE_LENGTH)
S3_URI = text("an s3:// URI", r"s3://.+", VALUE_LENGTH - 300)  # executions append to it
