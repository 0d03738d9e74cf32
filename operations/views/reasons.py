"""Why a step runs, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local_runner.execution import reasons as kinds
from processing.names import Parameter

_MAX_LENGTH = 40
MOST, FEW = 4, 2
"""Reasons that are listed of a forecast, and in the progress of an execution."""

_TEXTS = {
    kinds.NEVER_CACHED: "never cached",
    kinds.NOT_RUN_BEFORE: "not run before",
    kinds.FORCED: "forced",
    kinds.OUTPUTS_DELETED: "its outputs were deleted",
    kinds.RESULT_DELETED: "its cached result was deleted",
    kinds.NOT_FINISHED: "didn't succeed in {name}",
    kinds.INPUT: "input {name} changed",
    kinds.RESULTS: "results of {name} changed",
    kinds.FUNCTION: "function changed",
    kinds.EMULATION: "local emulation changed",
    kinds.VARIABLE: "{name} is new in each execution",
}
_EXPECTED = (kinds.NEVER_CACHED, kinds.NOT_RUN_BEFORE, kinds.FORCED)
"""Reasons that need no mention when a step has run."""


def with_texts(reasons: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the reasons with their texts, for JSON."""
    return [{**reason, "text": text} for reason in reasons for text in _texts([reason])]


def listed(reasons: Sequence[Mapping[str, Any]], most: int = MOST) -> str:
    """Return the texts of the reasons; of many, the first ones.

    >>> reason = {"kind": "input", "before": None, "now": None}
    >>> listed([{**reason, "name": name} for name in "abcd"], FEW)
    'input a changed, input b changed, 2 more changes'
    """
    texts = list(dict.fromkeys(_texts(reasons)))
    more = len(texts) - most
    return ", ".join(texts if more <= 1 else [*texts[:most], f"{more} more changes"])


def unexpected(reasons: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the reasons that the user who started the execution may not know."""
    return [reason for reason in reasons if reason["kind"] not in _EXPECTED]


def _texts(reasons: Sequence[Mapping[str, Any]]) -> list[str]:
    return [_text(**reason) for reason in reasons if reason]


def _text(kind: str, name: str, before: Any, now: Any, **_others: Any) -> str:
    """Return the text of a reason.

    >>> _text("parameter", "MaxDepth", 5, 7), _text("parameter", "CodeFile", "a.pyz", "b.pyz")
    ('MaxDepth 5 -> 7', 'code changed')
    >>> _text("expired", "", None, 2_592_000.0), _text("input", "raw", None, None)
    ('cache expired (30 d)', 'input raw changed')
    >>> _text("image", "", "1.dkr.ecr/xgboost:1.7-1", "1.dkr.ecr/xgboost:3.0-5")
    'image xgboost:1.7-1 -> xgboost:3.0-5'
    """
    if kind == kinds.EXPIRED:
        return f"cache expired ({_age(now)})"
    if kind == kinds.PARAMETER and name == Parameter.CODE_FILE:
        return "code changed"
    if kind in _TEXTS:
        return _TEXTS[kind].format(name=name)
    return f"{name or kind} {_change(before, now)}"


def _change(before: Any, now: Any) -> str:
    """Return both values; of paths only the last parts, if these differ.

    >>> _change("s3://b/a/one.csv", "s3://b/c/two.csv"), _change("", "x"), _change(None, 1)
    ('one.csv -> two.csv', "'' -> x", 'none -> 1')
    >>> _change("a/one.csv", "b/one.csv"), _change("a" * 50, "a" * 60), _change(None, None)
    ('a/one.csv -> b/one.csv', 'changed', 'changed')
    """
    texts = [_shown(before), _shown(now)]
    last = [text.rstrip("/").rpartition("/")[2] for text in texts]
    texts = [_cut(text) for text in (texts if last[0] == last[1] else last)]
    return "changed" if texts[0] == texts[1] else " -> ".join(texts)


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}..."


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else " ".join(str(value).split()) or "''"


def _age(seconds: float) -> str:
    units = ((86_400, "d"), (3_600, "h"), (60, "min"))
    size, unit = next((it for it in units if seconds >= it[0]), (1, "s"))
    return f"{seconds / size:g} {unit}"
