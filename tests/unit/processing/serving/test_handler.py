"""Handler: requests of every type, and those that can't be answered."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from processing.serving.answers import Answer
from processing.serving.handler import MAX_BYTES, Handler
from processing.serving.reviews import (
    MAX_CHARACTERS,
    MAX_EXPLAINED,
    MAX_EXPLAINED_CHARACTERS,
    MAX_REVIEWS,
)

GOOD, BAD = "great moving film", 'boring awful, "boring" awful'

JSON, JSON_LINES, CSV, TEXT = (
    "application/json",
    "application/jsonlines",
    "text/csv",
    "text/plain",
)


def predictions(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.body
    content = json.loads(answer.body)
    assert content["model_version"] == "7"
    found: list[dict[str, Any]] = content["predictions"]
    return found


def error(answer: Answer, status: int = 400) -> str:
    assert (answer.status, answer.content_type) == (status, JSON)
    [(key, message)] = json.loads(answer.body).items()
    assert key == "error"
    assert "\n" not in message
    return str(message)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps(GOOD), JSON),
        (json.dumps([GOOD]), JSON),
        (json.dumps({"text": GOOD}), "application/json; charset=UTF-8"),
        (json.dumps({"instances": [GOOD]}), JSON),
        (json.dumps({"instances": [{"text": GOOD, "stars": 5}]}), JSON),
        ("\ufeff" + json.dumps(GOOD), JSON),
        (json.dumps(GOOD), JSON_LINES),
        (json.dumps({"text": GOOD}) + "\r\n\n", "application/x-ndjson"),
        (GOOD, TEXT),
        (GOOD + "\n", "text/plain;charset=utf-8"),
        (GOOD, CSV),
        (f'text\n"{GOOD}"\n', CSV),
        (f"stars,Text\n5,{GOOD}\n", CSV),
    ],
)
def test_a_review_has_the_same_prediction_in_every_form_of_request(
    handler: Handler, body: str, content_type: str
) -> None:
    [probability] = handler.scorer.probabilities([GOOD])
    expected = {"label": "pos", "probability": probability}
    answer = handler.answer(body.encode(), content_type, accept=JSON)
    assert predictions(answer) == [expected]


ROWS: list[dict[str, Any]] = [{"id": "a,1", "text": GOOD}, {"id": 2, "text": BAD}, {"text": ""}]


def in_csv() -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerows([["id", "text"], *([row.get("id", ""), row["text"]] for row in ROWS)])
    return file.getvalue()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps(ROWS), JSON),
        (json.dumps({"instances": ROWS}), JSON),
        ("\n".join(map(json.dumps, ROWS)), JSON_LINES),
        (in_csv(), CSV),
    ],
)
def test_predictions_have_the_ids_and_the_order_of_the_reviews(
    handler: Handler, body: str, content_type: str
) -> None:
    first, second, third = predictions(handler.answer(body.encode(), content_type, accept=JSON))
    assert (first["id"], first["label"]) == ("a,1", "pos")
    assert (str(second["id"]), second["label"]) == ("2", "neg")
    assert third.get("id", "") == ""
    assert {key: third[key] for key in ("label", "probability", "error")} == {
        "label": None,
        "probability": None,
        "error": "empty",
    }


@pytest.mark.parametrize("text", [None, "", " \n", 5, ["great"], "\ud800"])
def test_one_unusable_text_among_others_has_an_error_of_its_own(
    handler: Handler, text: object
) -> None:
    body = json.dumps([{"text": GOOD}, {"id": 1, "text": text}]).encode()
    good, unusable = predictions(handler.answer(body, JSON))
    assert good["label"] == "pos"
    assert unusable["id"] == 1
    assert unusable["error"]


def test_the_answer_has_the_type_of_the_request_unless_another_is_accepted(
    handler: Handler,
) -> None:
    body = json.dumps({"id": "a,1", "text": GOOD}).encode()
    lines = handler.answer(body, JSON_LINES)
    assert lines.content_type == JSON_LINES
    [line] = lines.body.decode().splitlines()
    assert {"id", "label", "probability", "model_version"} == json.loads(line).keys()
    table = handler.answer(body, JSON_LINES, accept=CSV)
    assert table.content_type == CSV
    probability = json.loads(line)["probability"]
    assert table.body.decode() == f'id,label,probability\n"a,1",pos,{probability}\n'
    assert handler.answer(GOOD.encode(), TEXT).content_type == JSON


@pytest.mark.parametrize(
    ("body", "content_type", "attributes"),
    [
        ({"instances": [GOOD], "explain": True}, JSON, ""),
        ({"instances": [{"text": GOOD, "explain": True}]}, JSON, ""),
        ({"text": GOOD, "explain": True}, JSON_LINES, ""),
        (GOOD, JSON, "trace=1, explain=true"),
        (GOOD, TEXT, "explain=true"),
        (GOOD, CSV, "Explain=True"),
    ],
)
def test_a_prediction_is_explained_on_request(
    handler: Handler, body: object, content_type: str, attributes: str
) -> None:
    data = str(body) if content_type in (TEXT, CSV) else json.dumps(body)
    answer = handler.answer(data.encode(), content_type, JSON, attributes)
    assert predictions(answer) == [json.loads(json.dumps(handler.scorer.explain(GOOD)))]


def test_only_the_reviews_that_ask_for_it_are_explained(handler: Handler) -> None:
    body = {"explain": True, "instances": [GOOD, {"text": BAD, "explain": False}, {"text": None}]}
    explained, plain, unusable = predictions(handler.answer(json.dumps(body).encode(), JSON))
    assert "words" in explained
    assert "words" not in plain
    assert unusable["error"] == "no text"


def test_the_version_is_the_digest_of_the_model_if_it_has_no_name(handler: Handler) -> None:
    unnamed = Handler(handler.scorer, "sha256:123456789abc")
    assert json.loads(unnamed.answer(b'"great"', JSON).body)["model_version"].startswith("sha256:")


BOMB = b"[" * 1_000_000

REFUSED = {
    "empty": (b"", JSON),
    "no reviews": (b"[]", JSON),
    "no lines": (b"\n\n", JSON_LINES),
    "no rows": (b"text\n", CSV),
    "an empty text": (b" \n", TEXT),
    "an empty text of JSON": (b'""', JSON),
    "null": (b"null", JSON),
    "a number": (b"5", JSON),
    "a list of lists": (b"[[1, 2]]", JSON),
    "no instances": (b'{"inputs": []}', JSON),
    "instances of another type": (b'{"instances": "great"}', JSON),
    "an object without a text": (b'[{"review": "great"}]', JSON),
    "explain of another type": (b'{"instances": ["a"], "explain": "yes"}', JSON),
    "an id of another type": (b'[{"text": "a", "id": [1]}]', JSON),
    "an infinite id": (b'[{"text": "a", "id": 1e999}]', JSON),
    "NaN": (b'[{"text": "a", "id": NaN}]', JSON),
    "a huge number": (b"9" * 100_000, JSON),
    "a nested bomb": (BOMB, JSON),
    "a nested bomb of objects": (b'{"a":' * 100_000, JSON),
    "a nested bomb in a line": (BOMB, JSON_LINES),
    "truncated JSON": (b'["great', JSON),
    "a truncated line": (b'"great"\n{"text": "gre', JSON_LINES),
    "invalid UTF-8": (b'"caf\xe9"', JSON),
    "invalid UTF-8 text": (b"caf\xe9", TEXT),
    "UTF-16": ('"great"'.encode("utf-16"), JSON),
    "a lone surrogate": (b'"\\ud800"', JSON),
    "a row with too many cells": (b"great, moving film\n", CSV),
    "a row with too few cells": (b"id,text\n1\n", CSV),
    "two columns of texts": (b"text,Text\ngreat,awful\n", CSV),
    "an open quote": (b'text\n"great', CSV),
    "a carriage return": (b"great\rfilm,a", CSV),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_body_that_cannot_be_scored_is_refused_with_a_sentence(
    handler: Handler, name: str
) -> None:
    assert error(handler.answer(*REFUSED[name]))


@pytest.mark.parametrize(
    ("body", "content_type", "where"),
    [
        (b'["a", 5]', JSON, "review 2"),
        (b'"a"\n\n{"id": 1}', JSON_LINES, "line 3"),
        (b'"a"\nNaN', JSON_LINES, "line 2"),
        (b"id,text\n1,a\n2,b,c\n", CSV, "line 3"),
        (b'"great\x80"', JSON, "byte 6"),
        (b'{"instances": ["a" "b"]}', JSON, "character 20"),
    ],
)
def test_the_sentence_names_the_place(
    handler: Handler, body: bytes, content_type: str, where: str
) -> None:
    assert where in error(handler.answer(body, content_type))


def test_id_may_be_any_finite_number(handler: Handler) -> None:
    ids = [int("9" * 400), -0.5, 0, "", "\ud800"]
    body = json.dumps([{"id": id_, "text": GOOD} for id_ in ids]).encode()
    assert [it["id"] for it in predictions(handler.answer(body, JSON))] == ids
    assert handler.answer(body, JSON, CSV).body.count(b"pos") == len(ids)


@pytest.mark.parametrize(
    "body",
    [b'"great \\u0000 film"', b'"great \\ud83d\\ude00"', '"\U0001f600"'.encode(), b'"zebra"'],
)
def test_unusual_characters_are_scored(handler: Handler, body: bytes) -> None:
    assert len(predictions(handler.answer(body, JSON))) == 1


@pytest.mark.parametrize(
    ("content_type", "accept", "status"),
    [
        ("", "", 415),
        ("text/libsvm", "", 415),
        ("application/x-www-form-urlencoded", "", 415),
        ("text/plain; charset=utf-16", "", 415),
        (JSON, "text/html", 406),
        (JSON, "application/json;q=0", 406),
    ],
)
def test_unsupported_types_are_refused(
    handler: Handler, content_type: str, accept: str, status: int
) -> None:
    assert error(handler.answer(b'"great"', content_type, accept), status)


@pytest.mark.parametrize(
    "body",
    [
        b'"' + b"a" * MAX_BYTES + b'"',
        json.dumps(["great"] * (MAX_REVIEWS + 1)).encode(),
        json.dumps("a" * (MAX_CHARACTERS + 1)).encode(),
        json.dumps({"instances": ["a"] * (MAX_EXPLAINED + 1), "explain": True}).encode(),
        json.dumps({"text": "a" * (MAX_EXPLAINED_CHARACTERS + 1), "explain": True}).encode(),
    ],
)
def test_too_much_at_once_is_refused(handler: Handler, body: bytes) -> None:
    assert error(handler.answer(body, JSON), 413)


def test_csv_has_no_explanations(handler: Handler) -> None:
    assert error(handler.answer(b"great", CSV, attributes="explain=true"))
