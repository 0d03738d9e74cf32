"""The quality gate: QualityGate leads to RegisterModel or to Reject."""

from __future__ import annotations

from typing import Any

from pipeline_steps.context import Context
from pipeline_steps.parameters import Parameters
from pipeline_steps.sdk import (
    ConditionGreaterThanOrEqualTo,
    ConditionStep,
    FailStep,
    Join,
    JsonGet,
    ModelStep,
    ProcessingStep,
)
from pipeline_steps.steps.processing import EVALUATION_REPORT
from processing.names import MEASURED_PATH, REQUIRED_PATH, Step


def quality_gate_step(
    context: Context[Parameters],
    *,
    evaluate: ProcessingStep,
    passed: ModelStep,
    failed: FailStep,
) -> ConditionStep:
    """Compare GateMetric with GateThreshold, and with the champion's if there is one."""
    required = [context.parameters.gate_threshold]
    if context.settings.has_champion:
        required.append(_measured(evaluate, REQUIRED_PATH))
    return ConditionStep(
        name=Step.QUALITY_GATE,
        display_name="Quality-gate",
        description="Compares GateMetric on the test set with the required value.",
        conditions=[
            ConditionGreaterThanOrEqualTo(left=_measured(evaluate, MEASURED_PATH), right=value)
            for value in required
        ],
        if_steps=[passed],
        else_steps=[failed],
    )


def reject_step(context: Context[Parameters], *, evaluate: ProcessingStep) -> FailStep:
    """Fail the execution, so that its status shows that no model was registered."""
    return FailStep(
        name=Step.REJECT,
        display_name="Reject-model",
        description="Fails the execution with the measured and the required value.",
        error_message=Join(on="", values=_rejection(context, evaluate)),
    )


def _rejection(context: Context[Parameters], evaluate: ProcessingStep) -> list[Any]:
    parameters = context.parameters
    words: list[Any] = ["The model's ", parameters.gate_metric, " "]
    words += [
        _measured(evaluate, MEASURED_PATH),
        " is below GateThreshold ",
        parameters.gate_threshold,
    ]
    if parameters.champion_margin is not None:
        words += [" or below ", _measured(evaluate, REQUIRED_PATH)]
        words += [", the champion's minus ChampionMargin ", parameters.champion_margin]
    return [*words, "; it was not registered."]


def _measured(evaluate: ProcessingStep, path: str) -> JsonGet:
    return JsonGet(step_name=evaluate.name, property_file=EVALUATION_REPORT, json_path=path)
