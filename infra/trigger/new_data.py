"""From an object that arrived below ``raw/`` to the dataset that is complete with it, if any.

An object directly below ``raw/`` is a dataset. A folder is one as soon as it has the marker
``_SUCCESS``, which Spark, Hadoop and others write last.
"""

from __future__ import annotations

from aws_cdk import aws_events as events
from aws_cdk import aws_stepfunctions as states
from constructs import Construct

from infra.storage import RAW
from processing.dataset.files.file_formats import COMPRESSED_SUFFIXES, DATA_SUFFIXES

_MARKER = "_SUCCESS"
_DEEPEST = 5
"""Levels of folders below raw/, the last of which may have a marker."""

_KEY, _BUCKET = "$.key", "$.bucket"
_PARTS = f"States.StringSplit({_KEY}, '/')"


def arrived() -> events.RuleTargetInput:
    """Return the input of the state machine for an event of S3."""
    field = events.EventField.from_path
    return events.RuleTargetInput.from_object(
        {
            "bucket": field("$.detail.bucket.name"),
            "key": field("$.detail.object.key"),
            "size": field("$.detail.object.size"),
        }
    )


def with_complete_dataset(scope: Construct, start: states.IChainable) -> states.IChainable:
    """Return a state that turns such an input into ``{"dataset": ...}`` for ``start``, or ends.

    Any other input is passed to ``start`` as it is.
    """
    split = states.Pass(
        scope,
        "SplitKey",
        parameters={
            "bucket": states.JsonPath.string_at(_BUCKET),
            "key": states.JsonPath.string_at(_KEY),
            "size": states.JsonPath.string_at("$.size"),
            "parts": states.JsonPath.string_at(_PARTS),
            "depth": states.JsonPath.string_at(f"States.ArrayLength({_PARTS})"),
        },
    )
    condition = states.Condition
    choice = states.Choice(scope, "IsDatasetComplete")
    for folders in range(1, _DEEPEST + 1):
        is_marker = condition.and_(
            condition.string_matches(_KEY, f"{RAW}*/{_MARKER}"),
            condition.number_equals("$.depth", folders + 2),
        )
        uri = "s3://{}/" + "{}/" * (folders + 1)
        parts = [f"States.ArrayGetItem($.parts, {number})" for number in range(folders + 1)]
        choice.when(is_marker, _dataset(scope, f"Folder{folders}", uri, parts).next(start))
    is_object = condition.and_(
        condition.number_equals("$.depth", 2),
        condition.number_greater_than("$.size", 0),
        condition.not_(condition.string_matches(_KEY, f"{RAW}.*")),
        condition.not_(condition.string_matches(_KEY, f"{RAW}_*")),
        condition.or_(*(condition.string_matches(_KEY, f"{RAW}*{end}") for end in _ends())),
    )
    choice.when(is_object, _dataset(scope, "Object", "s3://{}/{}", [_KEY]).next(start))
    choice.otherwise(states.Succeed(scope, "NothingIsComplete"))
    return (
        states.Choice(scope, "IsObjectGiven")
        .when(condition.is_present(_KEY), split.next(choice))
        .otherwise(start)
    )


def _dataset(scope: Construct, id: str, uri: str, parts: list[str]) -> states.Pass:
    expression = f"States.Format('{uri}', {', '.join([_BUCKET, *parts])})"
    return states.Pass(scope, id, parameters={"dataset": states.JsonPath.string_at(expression)})


def _ends() -> list[str]:
    """Return the ends of the names of data, in lower and in upper case."""
    ends = [
        suffix + compression
        for suffix in DATA_SUFFIXES
        for compression in ("", *COMPRESSED_SUFFIXES)
    ]
    return [*ends, *map(str.upper, ends)]
