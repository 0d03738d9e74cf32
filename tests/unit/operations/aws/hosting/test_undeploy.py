"""`sentiment undeploy`, and what `sentiment clean` deletes of endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.aws_samples import GROUP
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.endpoint_samples import ENDPOINT, NAME, list_hosting, listed, serve
from tests.support.scripted_aws import ScriptedAws, error

CANDIDATE = f"{GROUP}-candidate"
OLD = f"{GROUP}-v2-0a0a0a0a"
FOREIGN = [f"{GROUP}2-v3-1a2b3c4d", f"{GROUP}-v3-mine", f"x-{NAME}"]


@pytest.fixture
def used(aws: ScriptedAws) -> ScriptedAws:
    """An endpoint, a candidate, an old configuration and model, and those of others."""
    serve(aws)
    aws.pages("ListModelPackages", "ModelPackageSummaryList", [])
    list_hosting(
        aws,
        endpoints=[ENDPOINT, CANDIDATE, f"{GROUP}2"],
        configurations=[NAME, OLD, *FOREIGN],
        models=[OLD, NAME, *FOREIGN],
    )
    return aws


def deleted(aws: ScriptedAws) -> dict[str, list[Any]]:
    """The deleted names by kind."""
    return {
        kind: [request[f"{kind}Name"] for request in aws.requests(f"Delete{kind}")]
        for kind in ("Endpoint", "EndpointConfig", "Model")
    }


def test_undeploy_only_lists_by_default(used: ScriptedAws) -> None:
    document = json_output(invoke("undeploy", "--json"))
    assert document == {
        "configurations": [NAME, OLD],
        "dry_run": True,
        "endpoints": [ENDPOINT, CANDIDATE],
        "failures": {},
        "models": [OLD, NAME],
    }
    assert not any(deleted(used).values())
    assert "--yes" in invoke("undeploy").stdout


def test_undeploy_deletes_what_belongs_to_the_environment(used: ScriptedAws) -> None:
    result = invoke("undeploy", "--yes")
    assert result.exit_code == 0
    assert deleted(used) == {
        "Endpoint": [ENDPOINT, CANDIDATE],
        "EndpointConfig": [NAME, OLD],
        "Model": [OLD, NAME],
    }
    [target] = used.requests("DeregisterScalableTarget")
    assert target["ResourceId"] == f"endpoint/{ENDPOINT}/variant/AllTraffic"


def test_undeploy_works_without_autoscaling_and_without_the_stack(used: ScriptedAws) -> None:
    used.on("GetParameter", error("ParameterNotFound", "no"))
    used.on("DeregisterScalableTarget", error("ObjectNotFoundException", "no"))
    assert invoke("undeploy", "--yes").exit_code == 0
    assert deleted(used)["Endpoint"] == [ENDPOINT, CANDIDATE]


def test_undeploy_reports_what_cannot_be_deleted(used: ScriptedAws) -> None:
    used.on("DeleteEndpoint", error("ValidationException", "Cannot update in-progress endpoint"))
    result = invoke("undeploy", "--yes", "--json")
    assert result.exit_code == 1
    assert list(json_output(result)["failures"]) == [
        f"endpoint {ENDPOINT}",
        f"endpoint {CANDIDATE}",
    ]
    assert deleted(used)["Model"] == [OLD, NAME]
    assert "in-progress" in invoke("undeploy", "--yes").stdout


@pytest.mark.parametrize("command", ["undeploy", "clean"])
def test_running_deployment_is_refused(used: ScriptedAws, command: str) -> None:
    used.on("ListExecutions", listed("RUNNING"))
    assert_refused(invoke(command, "--yes"), 1, "running")
    assert not any(deleted(used).values())


def test_clean_keeps_what_the_endpoint_serves(used: ScriptedAws) -> None:
    document = json_output(invoke("clean", "--yes", "--json"))
    assert document["endpoints"] == [CANDIDATE]
    assert document["endpoint_configurations"] == [OLD]
    assert document["models"] == [OLD]
    assert deleted(used) == {"Endpoint": [CANDIDATE], "EndpointConfig": [OLD], "Model": [OLD]}
    assert used.requests("DeregisterScalableTarget") == []


def test_clean_deletes_the_endpoint_of_a_stack_that_has_none_any_more(used: ScriptedAws) -> None:
    used.on("GetParameter", error("ParameterNotFound", "no"))
    used.on("DescribePipeline", error("ResourceNotFound", "no"))
    used.on("ListTags", {"Tags": []})
    document = json_output(invoke("clean", "--yes", "--json"))
    assert document["endpoints"] == [ENDPOINT, CANDIDATE]
    assert deleted(used)["EndpointConfig"] == [NAME, OLD]
    assert len(used.requests("DeregisterScalableTarget")) == 1
