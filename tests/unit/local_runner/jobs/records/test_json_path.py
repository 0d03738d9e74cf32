"""JSONPath as Batch Transform documents it."""

from __future__ import annotations

from typing import Any

import pytest

from local_runner.jobs.records.json_path import parse_path, select

RECORD = {
    "id": 7,
    "a b": {"x": [1, 2, 3, 4], "y": None},
    "rows": [{"v": 1}, {"v": 2}],
    "naïve": "text",
}


@pytest.mark.parametrize(
    ("path", "selected"),
    [
        ("$", RECORD),
        ("$.id", 7),
        ("$['id']", 7),
        ('$["a b"].y', None),
        ("$['a b'].x[0]", 1),
        ("$['a b'].x[-1]", 4),
        ("$['a b'].x[1, 3]", [2, 4]),
        ("$['a b'].x[1:3]", [2, 3]),
        ("$['a b'].x[:-1]", [1, 2, 3]),
        ("$['a b'].*", [[1, 2, 3, 4], None]),
        ("$['a b'].['x','z']", {"x": [1, 2, 3, 4]}),
        ("$['id', 'naïve']", {"id": 7, "naïve": "text"}),
        ("$.rows[*].v", [1, 2]),
        ("$.rows[0:1]", [{"v": 1}]),
        ("$.naïve", "text"),
    ],
)
def test_path_selects_as_documented(path: str, selected: Any) -> None:
    assert select(parse_path(path), RECORD) == selected


@pytest.mark.parametrize("path", ["$.none", "$['id'].x", "$.id[0]", "$.rows[2]", "$.rows[0,5]"])
def test_path_without_a_value_is_an_error(path: str) -> None:
    with pytest.raises(LookupError):
        select(parse_path(path), RECORD)


@pytest.mark.parametrize(
    "path",
    [
        *("", "id", "$id", "$..id", "$.", "$[", "$['a", "$[0:2,5:]", "$[0,5:]", "$[?(@.id)]"),
        *("$[1:2:3]", "$['a','b'].c", "$.id.length()", "$.a b", "$ .id"),
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"must begin|supported"):
        parse_path(path)
