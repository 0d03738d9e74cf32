"""The gate: QualityGate with its two ways on, RegisterModel or Reject."""

from __future__ import annotations

from pipeline_steps.context import Context
from pipeline_steps.processing_steps import EVALUATION_REPORT
from pipeline_steps.sdk import (
    ConditionGreaterThanOrEqualTo,
    ConditionStep,
    FailStep,
    Join,
    JsonGet,
    ModelStep,
    ProcessingStep,
)
from processing.names import ACCURACY_PATH


def quality_gate_step(
    context: Context, *, evaluate: ProcessingStep, passed: ModelStep, failed: FailStep
) -> ConditionStep:
    """The measured accuracy against the threshold."""
    return ConditionStep(
        name="QualityGate",
        display_name="Good-enough",
        description="Compares the accuracy on the test set with AccuracyThreshold.",
        conditions=[
            ConditionGreaterThanOrEqualTo(
                left=_accuracy(evaluate), right=context.parameters.accuracy_threshold
            )
        ],
        if_steps=[passed],
        else_steps=[failed],
    )


def reject_step(context: Context, *, evaluate: ProcessingStep) -> FailStep:
    """Ends the execution as failed, so that nobody takes it for a success."""
    return FailStep(
        name="Reject",
        display_name="Reject-model",
        description="Fails the execution with the measured accuracy and the threshold.",
        error_message=Join(
            on="",
            values=[
                "The model's accuracy ",
                _accuracy(evaluate),
                " is below AccuracyThreshold ",
                context.parameters.accuracy_threshold,
                "; it was not registered.",
            ],
        ),
    )


def _accuracy(evaluate: ProcessingStep) -> JsonGet:
    return JsonGet(
        step_name=evaluate.name, property_file=EVALUATION_REPORT, json_path=ACCURACY_PATH
    )
