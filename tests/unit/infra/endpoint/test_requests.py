"""What a deployment sends: names within AWS's limits, requests of every type."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from infra.endpoint.machine.smoke import REQUESTS
from infra.endpoint.names import EndpointNames
from processing.names import Serving
from processing.serving.reviews import read_reviews
from tests.support.endpoint_machine import KEY
from tests.support.hosting import CANDIDATE, LIVE, Hosting, arn
from tests.unit.infra.endpoint.conftest import Deploy

TYPES = [request["type"] for request in REQUESTS]
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


def test_every_type_of_request_is_sent_to_candidate_and_endpoint(
    hosting: Hosting, run: Deploy
) -> None:
    run({"approvedVersion": arn(1)})
    sent = [(it["EndpointName"], it["ContentType"]) for it in hosting.requests("InvokeEndpoint")]
    assert sent == [(name, kind) for name in (CANDIDATE, LIVE) for kind in TYPES]


def test_requests_have_every_type_that_the_model_takes() -> None:
    assert sorted(TYPES) == sorted(Serving.REQUEST_TYPES)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda it: it["type"])
@pytest.mark.parametrize("is_quoted", [True, False], ids=["as-json", "as-text"])
def test_request_has_one_review_however_aws_sends_it(
    request_: dict[str, str], is_quoted: bool
) -> None:
    body = request_["body"]
    text = json.dumps(body) if is_quoted or not isinstance(body, str) else body
    [review] = read_reviews(text.encode(), request_["type"])
    assert review.text


def test_container_gets_the_number_of_the_version(hosting: Hosting, run: Deploy) -> None:
    hosting.approve(17)
    run({"approvedVersion": arn(17)})
    [model] = hosting.models.values()
    container = model["PrimaryContainer"]
    assert container["Environment"] == {**Serving.ENVIRONMENT, "SENTIMENT_MODEL_VERSION": "17"}
    assert container["ModelPackageName"] == arn(17)


@pytest.mark.parametrize("endpoint", [{"serverless": {}}, {"instances": {}}], ids=str)
def test_configuration_has_the_key_of_the_environment(
    hosting: Hosting, run: Deploy, endpoint: dict[str, Any]
) -> None:
    run({"approvedVersion": arn(1)}, endpoint=endpoint, customer_key=True)
    [config] = hosting.configs.values()
    assert config["KmsKeyId"] == KEY


def test_longest_names_are_within_the_limits() -> None:
    longest = EndpointNames(f"sentiment-{'e' * 16}")
    of_version = f"{longest.resources[:-1]}1234567-1a2b3c4d"
    for name in (*longest.both, of_version, longest.state_machine):
        assert NAME.fullmatch(name), name


def test_names_tell_version_and_deployment(hosting: Hosting, run: Deploy) -> None:
    run({"approvedVersion": arn(1)})
    run({"version": arn(1)})
    names = [request["ModelName"] for request in hosting.requests("CreateModel")]
    assert len(set(names)) == 2
    assert all(re.fullmatch(rf"{LIVE}-v1-[0-9a-f]{{8}}", name) for name in names)
