"""The reviews in the body of a request.

    application/json        a text, a list of reviews, {"instances": [...], "explain": true}, or
                            one review as an object
    application/jsonlines   a review a line
    text/plain              one text
    text/csv                a column without a header, or a header with `text`, and maybe `id`

A review is a text, or an object with `text`, and maybe `id` and `explain`. As in the scoring
pipeline, a review among others may lack a usable text.
"""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from processing.dataset.reviews import Unusable, usable_text
from processing.names import Serving
from processing.serving.errors import TOO_LARGE, RequestError

MAX_REVIEWS = 10_000
MAX_EXPLAINED = 100
"""The most reviews in a request, and the most that are explained."""

MAX_CHARACTERS = 1_000_000
MAX_EXPLAINED_CHARACTERS = 500_000
"""The longest text, and the most characters that are explained in a request.

They bound memory and time for texts in which each word is another one.
"""

TEXT_KEY, ID_KEY, EXPLAIN_KEY, INSTANCES_KEY = "text", "id", "explain", "instances"

_MAX_QUOTED = 40


@dataclass(frozen=True)
class Review:
    """A review to score: its text or None, its id if it has one, and whether to explain it."""

    text: str | None
    id: str | int | float | None = None
    explained: bool = False


def read_reviews(body: bytes, request_type: str, *, explained: bool = False) -> list[Review]:
    """Return the reviews in a body. explained: whether all are to be explained.

    Raise RequestError if there are none, or too many, and for a body that isn't of its type.
    """
    text = _decoded(body)
    found = _READERS[request_type](text, explained)
    reviews = list(islice(found, MAX_REVIEWS + 1))
    if not reviews:
        raise RequestError("the request has no reviews; send at least one")
    if len(reviews) > MAX_REVIEWS:
        raise RequestError(
            f"a request has at most {MAX_REVIEWS:,} reviews; send several requests", TOO_LARGE
        )
    for number, review in enumerate(reviews, start=1):
        if len(review.text or "") > MAX_CHARACTERS:
            raise RequestError(
                f"review {number} has more than {MAX_CHARACTERS:,} characters; shorten it",
                TOO_LARGE,
            )
    explained_lengths = [len(review.text or "") for review in reviews if review.explained]
    if len(explained_lengths) > MAX_EXPLAINED or sum(explained_lengths) > MAX_EXPLAINED_CHARACTERS:
        raise RequestError(
            f"at most {MAX_EXPLAINED} reviews with {MAX_EXPLAINED_CHARACTERS:,} characters are "
            "explained in a request; send several requests",
            TOO_LARGE,
        )
    return reviews


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(f"the body isn't UTF-8 at byte {error.start}") from None


def _from_text(text: str, explained: bool) -> Iterator[Review]:
    yield _single(Review(text, explained=explained))


def _from_json(text: str, explained: bool) -> Iterator[Review]:
    content = _parsed(text, "the body")
    if isinstance(content, dict) and INSTANCES_KEY in content:
        explained = _flag(content, explained, "the body")
        content = content[INSTANCES_KEY]
        if not isinstance(content, list):
            raise RequestError(f'"{INSTANCES_KEY}" must be a list, got {_quoted(content)}')
    if isinstance(content, list):
        for number, item in enumerate(content, start=1):
            yield _review(item, explained, f"review {number}")
    else:
        if isinstance(content, dict) and TEXT_KEY not in content:
            raise RequestError(f'the body must have "{INSTANCES_KEY}" or "{TEXT_KEY}"')
        yield _single(_review(content, explained, "the body"))


def _from_json_lines(text: str, explained: bool) -> Iterator[Review]:
    for number, line in enumerate(io.StringIO(text, newline="\n"), start=1):
        if line.strip():
            where = f"line {number}"
            yield _review(_parsed(line, where), explained, where)


def _from_csv(text: str, explained: bool) -> Iterator[Review]:
    csv.field_size_limit(sys.maxsize)  # the default is 131,072
    records = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns, width = {TEXT_KEY: 0}, 1
    try:
        for number, cells in enumerate(filter(None, records)):
            if number == 0 and (named := _csv_columns(cells)):
                columns, width = named, len(cells)
                continue
            if len(cells) != width:
                raise RequestError(
                    f"line {records.line_num}: {len(cells)} cells instead of {width}; name the "
                    'columns in a header with "text", and quote texts that contain commas'
                )
            id_ = cells[columns[ID_KEY]] if ID_KEY in columns else None
            yield Review(cells[columns[TEXT_KEY]], id_, explained)
    except csv.Error as error:
        raise RequestError(
            f"line {records.line_num}: invalid CSV ({error}); check the quotes"
        ) from None


def _csv_columns(cells: Sequence[str]) -> dict[str, int]:
    """Return the positions of the columns that are read, or nothing if it isn't a header.

    Raise RequestError if one of them occurs twice.
    """
    names = (cell.strip().lower() for cell in cells)
    found = [(name, at) for at, name in enumerate(names) if name in (TEXT_KEY, ID_KEY)]
    columns = dict(found)
    if TEXT_KEY not in columns:
        return {}
    if len(columns) < len(found):
        raise RequestError(f'the header has "{TEXT_KEY}" or "{ID_KEY}" twice; rename one')
    return columns


_READERS: Mapping[str, Callable[[str, bool], Iterator[Review]]] = {
    Serving.JSON: _from_json,
    Serving.JSON_LINES: _from_json_lines,
    Serving.TEXT: _from_text,
    Serving.CSV: _from_csv,
}


def _single(review: Review) -> Review:
    """Return the only review of a request. Raise RequestError if its text can't be used."""
    text = usable_text(review.text)
    if isinstance(text, Unusable):
        raise RequestError(f"the review can't be scored: {text.reason}")
    return review


def _review(item: Any, explained: bool, where: str) -> Review:
    """Return the review that an item of JSON is. Raise RequestError for anything else."""
    if isinstance(item, str) or item is None:
        return Review(item, explained=explained)
    if not isinstance(item, dict):
        raise RequestError(
            f'{where} must be a text, or an object with "{TEXT_KEY}", got {_quoted(item)}'
        )
    if TEXT_KEY not in item:
        raise RequestError(f'{where} has no "{TEXT_KEY}"')
    text = item[TEXT_KEY]
    return Review(
        text if isinstance(text, str) else None,
        _id(item.get(ID_KEY), where),
        _flag(item, explained, where),
    )


def _id(value: Any, where: str) -> str | int | float | None:
    is_text_or_integer = isinstance(value, str | int) and not isinstance(value, bool)
    if value is None or is_text_or_integer or (isinstance(value, float) and math.isfinite(value)):
        return value  # type: ignore[no-any-return]
    raise RequestError(f'{where}: "{ID_KEY}" must be a text or a number, got {_quoted(value)}')


def _flag(item: Mapping[str, Any], default: bool, where: str) -> bool:
    value = item.get(EXPLAIN_KEY, default)
    if not isinstance(value, bool):
        raise RequestError(f'{where}: "{EXPLAIN_KEY}" must be true or false, got {_quoted(value)}')
    return value


def _parsed(text: str, where: str) -> Any:
    """Return the content of a JSON text. Raise RequestError if it isn't JSON."""
    try:
        return json.loads(text, parse_constant=partial(_refuse_constant, where))
    except json.JSONDecodeError as error:
        reason = f"{error.msg} at character {error.pos + 1:,}"
    except RecursionError:
        reason = "too deeply nested"
    except ValueError:
        reason = "a number has thousands of digits"
    raise RequestError(f"{where} isn't JSON: {reason}")


def _refuse_constant(where: str, name: str) -> None:
    raise RequestError(f"{where} isn't JSON: it contains {name}")


def _quoted(value: Any) -> str:
    """Return the beginning of a value as JSON, or its type if it is a list or an object.

    >>> _quoted(1.5), _quoted([1]), _quoted("a" * 50)
    ('1.5', 'a list', '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')
    """
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return json.dumps(value)[:_MAX_QUOTED]
