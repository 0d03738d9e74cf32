"""The state machine that deploys a version: plan, roll out, clean up, report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from infra.endpoint.machine import autoscaling, clean_up, planning, rollout
from infra.endpoint.machine.paths import REPORT
from infra.endpoint.machine.states import IGNORED, State, States, catch
from infra.endpoint.requests import Requests

DEPLOY = "Deploy"
TIMEOUT_HOURS = 12
"""Enough for several deployments that wait for each other, each with a canary."""


def definition(
    requests: Requests, *, group: str, notifications: Sequence[State] = ()
) -> dict[str, Any]:
    """Return the state machine's definition.

    Its input is `{"version": ARN}` from an operator, `{"approvedVersion": ARN}` after an approval,
    and `{}` after a rejection or a deletion. Executions wait for each other, and plan when it is
    their turn, so that repeated and reordered events do no harm.

    group: the model package group. notifications: the states that report a failure at
    `states.ERROR`.
    """
    names = requests.names
    states: States = {
        **planning.planning(names, group, then=DEPLOY),
        DEPLOY: {
            "Type": "Parallel",
            "Branches": [{"StartAt": rollout.FIRST, "States": rollout.rollout(requests)}],
            "ResultPath": IGNORED,
            "Catch": [catch(clean_up.AFTER_FAILURE)],
            "Next": clean_up.AFTER_SUCCESS,
        },
        **_after_success(requests),
        **clean_up.deployed(),
        **clean_up.after_failure(requests),
        **clean_up.report(notifications),
    }
    for state in states.values():
        if state["Type"] == "Task" and "Catch" not in state:
            state["Catch"] = [catch(REPORT)]
    return {
        "Comment": f"Deploys approved versions of {group} to endpoint {names.endpoint}",
        "StartAt": planning.FIRST,
        "States": states,
        "TimeoutSeconds": TIMEOUT_HOURS * 3600,
    }


def _after_success(requests: Requests) -> States:
    instances = requests.settings.instance_endpoint
    if instances and instances.is_scaled:
        return {
            **clean_up.after_success(then=autoscaling.FIRST),
            **autoscaling.autoscaling(requests.names, instances, then="Deployed"),
        }
    if instances:
        return {
            **clean_up.after_success(then="EndScaling"),
            **autoscaling.without_autoscaling("EndScaling", requests.names, then="Deployed"),
        }
    return clean_up.after_success(then="Deployed")
