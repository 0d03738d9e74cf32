"""`sentiment invoke`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.answering_model import PREDICTION
from tests.support.aws_samples import HERE
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.endpoint_samples import ENDPOINT, SERVERLESS, answered, model_error, serve
from tests.support.scripted_aws import ScriptedAws, error

SHORT = {"label": "pos", "probability": 0.75}


@pytest.fixture
def serving(aws: ScriptedAws) -> ScriptedAws:
    """An endpoint that answers."""
    serve(aws)
    aws.on("InvokeEndpoint", lambda _: answered({"predictions": [SHORT], "model_version": "3"}))
    return aws


def test_text_is_sent_as_json(serving: ScriptedAws) -> None:
    document = json_output(invoke("invoke", "A good film.", "--json"))
    [request] = serving.requests("InvokeEndpoint")
    body = json.loads(request.pop("Body"))
    assert body == {"explain": False, "instances": [{"text": "A good film."}]}
    assert request == {
        "EndpointName": ENDPOINT,
        "ContentType": "application/json",
        "Accept": "application/json",
    }
    assert document == {**SHORT, "endpoint": ENDPOINT, "model_version": "3"}


def test_text_is_read_from_stdin(serving: ScriptedAws) -> None:
    assert invoke("invoke", "-", input="Good.").exit_code == 0
    [request] = serving.requests("InvokeEndpoint")
    assert json.loads(request["Body"])["instances"] == [{"text": "Good."}]


def test_prediction_is_printed(serving: ScriptedAws) -> None:
    lines = invoke("invoke", "A good film.").stdout.splitlines()
    assert lines[0].startswith("pos ")
    assert "0.750" in lines[0]
    assert lines[-1].split()[:3] == ["model", "version", "3,"]


def test_explanation_is_requested_and_printed(serving: ScriptedAws) -> None:
    serving.on("InvokeEndpoint", answered({"predictions": [PREDICTION], "model_version": "3"}))
    result = invoke("invoke", "A good film.", "--explain")
    [request] = serving.requests("InvokeEndpoint")
    assert json.loads(request["Body"])["explain"] is True
    assert "very good" in result.stdout


@pytest.mark.parametrize(
    ("name", "content_type", "accept"),
    [
        ("a.csv", "text/csv", "text/csv"),
        ("a.json", "application/json", "application/json"),
        ("a.JSONL", "application/jsonlines", "application/jsonlines"),
        ("a.txt", "text/plain", "application/json"),
    ],
)
def test_file_is_sent_as_it_is(
    serving: ScriptedAws, tmp_path: Path, name: str, content_type: str, accept: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"text\nGood.\n")
    serving.on("InvokeEndpoint", answered(b"label\npos\n"))
    result = invoke("invoke", str(path), "--explain")
    assert result.stdout == "label\npos\n"
    [request] = serving.requests("InvokeEndpoint")
    assert request == {
        "EndpointName": ENDPOINT,
        "Body": b"text\nGood.\n",
        "ContentType": content_type,
        "Accept": accept,
        "CustomAttributes": "explain=true",
    }


def test_answer_to_a_file_is_one_object_with_json(serving: ScriptedAws, tmp_path: Path) -> None:
    path = tmp_path / "reviews"
    path.write_text("Good.")
    options = ("--content-type", "text/csv", "--json")
    document = json_output(invoke("invoke", str(path), *options))
    assert document == {"predictions": [SHORT], "model_version": "3"}
    [request] = serving.requests("InvokeEndpoint")
    assert (request["ContentType"], request["Accept"]) == ("text/csv", "application/json")


def test_file_of_an_unknown_type_is_refused(serving: ScriptedAws, tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("")
    assert_refused(invoke("invoke", str(tmp_path / "a.parquet")), 2, "--content-type")


@pytest.mark.parametrize(
    ("variant", "limit"),
    [
        (SERVERLESS, 4 * 1024 * 1024),
        ({"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}, 6 * 1024 * 1024),
    ],
)
def test_file_above_the_limit_of_a_request_is_refused(
    aws: ScriptedAws, tmp_path: Path, variant: Mapping[str, Any], limit: int
) -> None:
    serve(aws, **variant)
    aws.on("InvokeEndpoint", answered(b"label\n"))
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * (limit + 1))
    assert_refused(invoke("invoke", str(path)), 2, f"{limit:,}", "start --scoring")
    assert aws.requests("InvokeEndpoint") == []
    path.write_bytes(b"x" * limit)
    assert invoke("invoke", str(path)).exit_code == 0


@pytest.mark.parametrize(
    "arguments", [("good", "--content-type", "text/csv"), (" ",), ("a\udcff",)]
)
def test_wrong_usage_is_refused(serving: ScriptedAws, arguments: tuple[str, ...]) -> None:
    assert_refused(invoke("invoke", *arguments), 2)
    assert serving.requests("InvokeEndpoint") == []


@pytest.mark.parametrize(
    ("message", "shown"), [('{"error": "no review"}', "no review"), ("<html>\noops", "<html> oops")]
)
def test_error_of_the_container_is_shown_with_its_status(
    serving: ScriptedAws, message: str, shown: str
) -> None:
    serving.on("InvokeEndpoint", model_error(415, message))
    assert_refused(invoke("invoke", "good"), 1, f"415: {shown}")


def test_review_that_cannot_be_scored_is_an_error(serving: ScriptedAws) -> None:
    answer = {"predictions": [{"error": "its text is empty"}], "model_version": "3"}
    serving.on("InvokeEndpoint", answered(answer))
    assert_refused(invoke("invoke", "..."), 1, "its text is empty")


def test_answer_of_another_endpoint_is_an_error(serving: ScriptedAws) -> None:
    serving.on("InvokeEndpoint", answered(b"0.75"))
    assert_refused(invoke("invoke", "good"), 1)


def test_missing_endpoint_is_an_error_with_the_command_that_shows_its_state(
    serving: ScriptedAws,
) -> None:
    missing = error("ValidationError", "Endpoint sentiment-dev of account 1 not found.")
    serving.on("InvokeEndpoint", missing)
    assert_refused(invoke("invoke", "good"), 1, f"sentiment endpoint {HERE}")


def test_other_errors_of_aws_are_reported(serving: ScriptedAws) -> None:
    serving.on("InvokeEndpoint", error("AccessDeniedException", "no", "InvokeEndpoint"))
    assert_refused(invoke("invoke", "good"), 1, "InvokeEndpoint", "policy")


@pytest.mark.parametrize(
    "address",
    [
        "https://runtime.sagemaker.eu-west-1.amazonaws.com",
        "https://runtime-fips.sagemaker.eu-west-1.amazonaws.com",
        "https://runtime.sagemaker.eu-west-1.api.aws",
    ],
)
def test_predict_sends_a_signed_request_to_the_url_of_an_endpoint(
    serving: ScriptedAws, address: str
) -> None:
    serving.on("InvokeEndpoint", answered({"predictions": [PREDICTION], "model_version": "3"}))
    url = f"{address}/endpoints/{ENDPOINT}/invocations"
    document = json_output(invoke("predict", "--url", url, "Good.", "--json"))
    assert document == {**PREDICTION, "endpoint": ENDPOINT, "model_version": "3"}
    [request] = serving.requests("InvokeEndpoint")
    assert request["EndpointName"] == ENDPOINT


def test_predict_refuses_the_endpoint_of_another_project(serving: ScriptedAws) -> None:
    url = "https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/prices/invocations"
    assert_refused(invoke("predict", "--url", url, "Good."), 2, "--url")


def test_answer_without_the_explanation_is_refused(serving: ScriptedAws) -> None:
    assert_refused(invoke("invoke", "--explain", "Good."), 1, f"endpoint {ENDPOINT}")
