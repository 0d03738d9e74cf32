"""Every change of a definition is reported."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from local_runner.errors import DefinitionError
from pipeline_diff.compare import compare
from pipeline_diff.diff import Diff
from pipeline_diff.render.json_document import json_document
from pipeline_diff.render.markdown import markdown
from tests.support.diff_samples import (
    Document,
    committed,
    compared,
    markdown_between,
    pipeline,
)

Path = tuple[str | int, ...]

BASE = committed()
SIDE = pipeline(BASE)
GONE = object()

# Values that mean the same to the service and the local runner: defaults of a retry policy.
SAME_MEANING = {("BackoffRate", 2.0), ("MaxAttempts", 5), ("Type", "String")}


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every leaf of the steps and the parameters."""
    items: Iterator[tuple[Any, Any]] = iter(())
    if isinstance(value, dict):
        items = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    elif path[0] in ("Steps", "Parameters"):
        yield path
    for key, item in items:
        yield from paths(item, (*path, key))


LEAVES = list(paths(BASE))


def at(document: Any, path: Path) -> Any:
    for key in path:
        document = document[key]
    return document


def changed(path: Path, value: Any) -> Document:
    """The committed definition with another value at a path, or with none."""
    document = copy.deepcopy(BASE)
    parent = at(document, path[:-1])
    if value is GONE:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return document


def other(value: Any) -> Any:
    """Return another value of the same type."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else f"{value}x"


def owner(path: Path) -> str:
    """Return the base's name of the innermost step or parameter that contains a path."""
    named = [at(BASE, path[:length]) for length in range(len(path))]
    return str([it["Name"] for it in named if isinstance(it, dict) and "Name" in it][-1])


def assert_reported(path: Path, new: object) -> None:
    """A report that names the step or parameter, or a refusal that does."""
    try:
        found = compare(SIDE, pipeline(changed(path, new)))
    except DefinitionError as error:
        refusal = str(error)
    else:
        assert f"`{owner(path)}`" in markdown(Diff("old", "new", (found,))), path
        return
    # Without a name, the error can only be about the name.
    assert owner(path) in refusal or path[-1] == "Name", path


def test_every_changed_leaf_is_reported_with_its_step_or_parameter() -> None:
    for path in LEAVES:
        assert_reported(path, other(at(BASE, path)))


def test_every_removed_leaf_is_reported_with_its_step_or_parameter() -> None:
    for path in LEAVES[::3]:
        if (path[-1], at(BASE, path)) not in SAME_MEANING:
            assert_reported(path, GONE)


@settings(max_examples=60, deadline=None)
@given(
    path=st.sampled_from([leaf[:length] for leaf in LEAVES for length in range(2, len(leaf) + 1)]),
    value=st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(max_size=5),
        st.lists(st.integers(), max_size=2),
        st.dictionaries(st.sampled_from(["Get", "Std:Join", "Std:Foo", "a|b"]), st.integers()),
    ),
)
def test_any_damage_is_reported_or_refused_in_one_line(path: Path, value: Any) -> None:
    try:
        found = compared(BASE, changed(path, value))
    except DefinitionError as error:
        assume("\n" in str(error))  # else it is refused as it should be
        raise
    report = Diff("old", "new", (found,))
    markdown(report)
    assert json.loads(json_document(report))["differs"] is found.differs


def test_the_same_comparison_gives_the_same_bytes() -> None:
    new = changed(("Steps", 2, "Name"), "Fit")
    for it in (
        markdown_between,
        lambda old, new: json_document(Diff("a", "b", (compared(old, new),))),
    ):
        assert it(BASE, new) == it(copy.deepcopy(BASE), copy.deepcopy(new))


def test_every_definition_equals_itself() -> None:
    for path in LEAVES[::20]:
        document = changed(path, other(at(BASE, path)))
        try:
            side = pipeline(document)
            assert not compare(side, pipeline(copy.deepcopy(document))).differs
        except DefinitionError:
            continue
