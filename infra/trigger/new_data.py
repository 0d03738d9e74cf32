"""From an object that arrived below a prefix to the dataset that is complete with it, if any.

An object directly below the prefix is a dataset. A folder is one as soon as it has the marker
``_SUCCESS``, which Spark, Hadoop and others write last. With quiet_minutes, a folder directly below
the prefix is one, too, when no further file has arrived in it for these minutes.

The states are SplitKey -> IsDatasetComplete, then for a marker Folder1, Folder2 and so on by its
depth; for data IsFileOfFolder -> Object or, in a folder, QuietFolder -> AnnounceFile ->
WaitForQuiet -> FindLastFile -> IsLastFile.
"""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as states
from constructs import Construct

from infra.trigger.arrivals import Arrivals
from infra.trigger.calls import Calls
from infra.trigger.prefixes import TRIGGERS
from processing.dataset.files.file_formats import (
    COMPANION_NAMES,
    COMPRESSED_SUFFIXES,
    DATA_SUFFIXES,
)

_MARKER = "_SUCCESS"
_DEEPEST = 5
"""Levels of folders below the prefix, the last of which may have a marker."""

_KEY, _SIZE, _DEPTH = "$.key", "$.size", "$.depth"
# The parts of a key; without empty ones, which States.StringSplit drops.
_PARTS = f"States.StringSplit({_KEY}, '/')"

Condition = states.Condition


def watch(scope: Construct, bucket: s3.IBucket, prefix: str, machine: states.StateMachine) -> None:
    """Send new objects to the state machine.

    Executions write elsewhere, so that none of them starts another.
    """
    field = events.EventField.from_path
    arrived = {"key": field("$.detail.object.key"), "size": field("$.detail.object.size")}
    events.Rule(
        scope,
        "NewData",
        event_pattern=events.EventPattern(
            source=["aws.s3"],
            detail_type=["Object Created"],
            detail={
                "bucket": {"name": [bucket.bucket_name]},
                "object": {"key": [{"prefix": prefix}]},
            },
        ),
        targets=[
            targets.SfnStateMachine(machine, input=events.RuleTargetInput.from_object(arrived))
        ],
    )


class NewData:
    """The states from such an object to its dataset."""

    def __init__(
        self,
        scope: Construct,
        bucket: s3.IBucket,
        prefix: str,
        *,
        calls: Calls,
        arrivals: Arrivals,
        quiet_minutes: int | None,
    ) -> None:
        self._scope = scope
        self._uri = f"s3://{bucket.bucket_name}"
        self._prefix = prefix
        self._calls = calls
        self._arrivals = arrivals
        self._quiet_minutes = quiet_minutes

    def followed_by(self, use: states.IChainable, other: states.IChainable) -> states.IChainable:
        """Return the state that turns an object into ``{"dataset": ...}`` for ``use``, or ends.

        Any other input is passed to ``other`` as it is.
        """
        split = states.Pass(
            self._scope,
            "SplitKey",
            parameters={
                "key": states.JsonPath.string_at(_KEY),
                "size": states.JsonPath.string_at(_SIZE),
                "parts": states.JsonPath.string_at(_PARTS),
                "depth": states.JsonPath.string_at(f"States.ArrayLength({_PARTS})"),
            },
        )
        return (
            states.Choice(self._scope, "IsObjectGiven")
            .when(Condition.is_present(_KEY), split.next(self._complete(use)))
            .otherwise(other)
        )

    def _complete(self, use: states.IChainable) -> states.Choice:
        choice = states.Choice(self._scope, "IsDatasetComplete")
        unusable = self._unusable()
        unnamed = Condition.string_matches(_KEY, "*//*")
        too_deep = Condition.number_greater_than(_DEPTH, _DEEPEST + 2)
        choice.when(Condition.and_(self._is_marker(), Condition.or_(unnamed, too_deep)), unusable)
        marked = self._marked(use)
        for folders in range(1, _DEEPEST + 1):
            is_this = Condition.and_(
                self._is_marker(), Condition.number_equals(_DEPTH, folders + 2)
            )
            choice.when(is_this, self._folder(f"Folder{folders}", folders).next(marked))
        nothing = states.Succeed(self._scope, "NothingIsComplete")
        files = states.Choice(self._scope, "IsFileOfFolder")
        whole = self._dataset("Object", f"States.Format('{self._uri}/{{}}', {_KEY})")
        files.when(Condition.number_equals(_DEPTH, 2), whole.next(use))
        if self._quiet_minutes:
            files.when(unnamed, unusable).otherwise(self._quiet(self._quiet_minutes, use))
        else:
            files.otherwise(nothing)
        return choice.when(self._is_data(), files).otherwise(nothing)

    def _is_marker(self) -> states.Condition:
        """Whether the object is a marker, of a folder that isn't hidden."""
        marker = Condition.string_matches(_KEY, f"{self._prefix}*/{_MARKER}")
        return Condition.and_(marker, Condition.not_(_is_any(f"{it}/*" for it in self._hidden())))

    def _is_data(self) -> states.Condition:
        """As `processing.dataset.files.file_formats.is_data` decides, for an object with bytes."""
        companions = [f"*/{name}" for name in sorted(COMPANION_NAMES) if name.endswith(".json")]
        return Condition.and_(
            Condition.number_greater_than(_SIZE, 0),
            Condition.not_(_is_any([*self._hidden(), *companions])),
            _is_any(f"*{end}" for end in _ends()),
        )

    def _hidden(self) -> list[str]:
        """Return the patterns of files and folders whose names begin with ``.`` or ``_``."""
        return [f"{self._prefix}{path}{mark}*" for path in ("", "*/") for mark in "._"]

    def _unusable(self) -> states.IChainable:
        reason = (
            f"{{}} completes no dataset: a folder needs a name, and may be up to {_DEEPEST} levels "
            f"below {self._prefix}."
        )
        return self._calls.failure("NoDataset", f"States.Format('{reason}', {_KEY})")

    def _marked(self, use: states.IChainable) -> states.IChainable:
        """Return the state after a marker: files of the folder needn't wait any more."""
        if not self._quiet_minutes:
            return use
        return self._arrivals.announce("AnnounceMarker", self._last()).next(use)

    def _quiet(self, minutes: int, use: states.IChainable) -> states.IChainable:
        """Return the states that wait until no further file arrives in the folder."""
        return (
            self._folder("QuietFolder", 1)
            .next(self._arrivals.announce("AnnounceFile", self._last()))
            .next(
                states.Wait(
                    self._scope,
                    "WaitForQuiet",
                    time=states.WaitTime.duration(Duration.minutes(minutes)),
                )
            )
            .next(self._arrivals.find_last("FindLastFile", self._last()))
            .next(
                states.Choice(self._scope, "IsLastFile")
                .when(self._arrivals.is_last(), use)
                .otherwise(states.Succeed(self._scope, "AnotherFileArrived"))
            )
        )

    def _last(self) -> str:
        """Return the key under which the last arrival in a folder is announced."""
        return states.JsonPath.string_at(f"States.Format('{TRIGGERS}{self._prefix}{{}}', $.folder)")

    def _folder(self, id: str, folders: int) -> states.Pass:
        parts = [f"States.ArrayGetItem($.parts, {number})" for number in range(folders + 1)]
        uri = f"{self._uri}/" + "{}/" * (folders + 1)
        return self._dataset(
            id,
            f"States.Format('{uri}', {', '.join(parts)})",
            folder=states.JsonPath.string_at(parts[1]),
        )

    def _dataset(self, id: str, expression: str, **more: str) -> states.Pass:
        return states.Pass(
            self._scope,
            id,
            parameters={"dataset": states.JsonPath.string_at(expression), **more},
        )


def _is_any(patterns: Iterable[str]) -> states.Condition:
    """Return the condition that the key matches one of the patterns."""
    return Condition.or_(*(Condition.string_matches(_KEY, pattern) for pattern in patterns))


def _ends() -> list[str]:
    """Return the ends of the names of data, in lower and in upper case."""
    ends = [
        suffix + compression
        for suffix in DATA_SUFFIXES
        for compression in ("", *COMPRESSED_SUFFIXES)
    ]
    return [*ends, *map(str.upper, ends)]
