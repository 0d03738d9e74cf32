"""The scoring pipeline's own steps: FindModel, Prepare, CreateModel, Join, and the drift gate.

DriftKnown  if true:  DriftGate  if false: Drifted (fails)
            if false: DriftUnknown (fails)
"""

from __future__ import annotations

from pipeline_steps.context import Context, step_retries
from pipeline_steps.parameters import ScoreParameters
from pipeline_steps.sdk import (
    ConditionEquals,
    ConditionLessThanOrEqualTo,
    ConditionStep,
    ExecutionVariables,
    FailStep,
    FoundModelStep,
    Join,
    JsonGet,
    ProcessingStep,
    PropertyFile,
    TransformStep,
)
from pipeline_steps.steps.networking import model_vpc
from pipeline_steps.steps.processing_step import input_options, output_of, processing_step
from processing import names

_VERSION = PropertyFile(name="Version", output_name=names.VERSION, path=names.VERSION_FILE)
_DRIFT = PropertyFile(name="Drift", output_name=names.DRIFT, path=names.DRIFT_FILE)


def find_model_step(context: Context[ScoreParameters]) -> ProcessingStep:
    """Find the model version that scores, and the artifacts of its preprocessing.

    Never cached, because its result depends on approvals.
    """
    return processing_step(
        context,
        name=names.Step.FIND_MODEL,
        display_name="Find-model",
        description="Finds the version in the model registry; needs a network.",
        arguments=[
            *("--group", context.deployment.model_package_group_name),
            *("--version", context.parameters.model_version),
            *("--output", names.OUTPUT),
        ],
        inputs={},
        outputs={names.VERSION: context.work_uri},
        isolated=False,
        job=names.FIND_MODEL,
        property_files=[_VERSION],
    )


def of_version(version: ProcessingStep, path: str) -> JsonGet:
    """Return a reference to a value in FindModel's description of the version."""
    return JsonGet(step_name=version.name, property_file=_VERSION, json_path=path)


def prepare_step(context: Context[ScoreParameters], *, version: ProcessingStep) -> ProcessingStep:
    """Turn reviews into features with the version's vocabulary.

    SageMaker copies the reviews from DatasetUri, as it copies Preprocess's without Download. Never
    cached, because other reviews may be in the same place.
    """
    parameters = context.parameters
    return processing_step(
        context,
        name=names.Step.PREPARE,
        display_name="Text-to-features",
        description="Turns reviews into the features that the version was trained on.",
        arguments=[
            *("--raw", names.input_path(names.RAW)),
            *("--version", names.input_path(names.VERSION)),
            *("--output", names.OUTPUT),
            *("--text-column", parameters.text_column),
            *("--id-column", parameters.id_column),
        ],
        inputs={
            names.RAW: parameters.dataset_uri,
            names.VERSION: output_of(version, names.VERSION),
        },
        outputs={names.FEATURES: context.work_uri, names.ROWS: context.work_uri},
        isolated=True,
    )


def model_of_version_step(
    context: Context[ScoreParameters], *, version: ProcessingStep
) -> FoundModelStep:
    """Create the model resource that Batch Transform uses: the version's model without its code.

    The version itself takes text, and Batch Transform sends rows of features.
    """
    return FoundModelStep(
        name=names.Step.CREATE_MODEL,
        display_name="Create-model",
        description="Creates the version's model for Batch Transform, without a network.",
        request={
            "EnableNetworkIsolation": True,
            "ExecutionRoleArn": context.deployment.execution_role_arn,
            "PrimaryContainer": {
                "Image": of_version(version, names.IMAGE_PATH),
                "ModelDataUrl": of_version(version, names.MODEL_URI_PATH),
            },
            **model_vpc(context),
        },
        retry_policies=step_retries(),
    )


def join_step(
    context: Context[ScoreParameters],
    *,
    version: ProcessingStep,
    prepare: ProcessingStep,
    transform: TransformStep,
) -> ProcessingStep:
    """Write each review's ID with its score in input order, and the drift of the reviews."""
    inputs = {
        names.PREDICTIONS: transform.properties.TransformOutput.S3OutputPath,
        names.ROWS: output_of(prepare, names.ROWS),
        names.VERSION: output_of(version, names.VERSION),
    }
    return processing_step(
        context,
        name=names.Step.JOIN,
        display_name="Join-scores",
        description="Joins IDs, labels and probabilities; measures the drift of the reviews.",
        arguments=[
            *input_options(inputs),
            *("--output", names.OUTPUT),
            *("--pipeline", ExecutionVariables.PIPELINE_NAME),
        ],
        inputs=inputs,
        outputs={names.SCORES: context.scores_uri, names.DRIFT: context.scores_uri},
        isolated=True,
        property_files=[_DRIFT],
    )


def drift_known_step(*, join: ProcessingStep, gate: ConditionStep) -> ConditionStep:
    """Check that drift was measured, which requires a reference profile.

    A step of its own, because ``max_drift`` is null if drift wasn't measured: the service has no
    condition for null, and it resolves all conditions of a step.
    """
    return ConditionStep(
        name=names.Step.DRIFT_KNOWN,
        display_name="Drift-measured",
        description="Checks that the version has a reference profile to measure drift with.",
        conditions=[
            ConditionEquals(left=_drift(join, names.DRIFT_STATUS), right=names.DRIFT_MEASURED)
        ],
        if_steps=[gate],
        else_steps=[_drift_unknown_step(join)],
    )


def drift_gate_step(context: Context[ScoreParameters], *, join: ProcessingStep) -> ConditionStep:
    """Check that drift, the distance to the reviews of the test set, is within DriftThreshold."""
    drift, threshold = _drift(join, names.MAX_DRIFT), context.parameters.drift_threshold
    return ConditionStep(
        name=names.Step.DRIFT_GATE,
        display_name="Drift-gate",
        description="Compares the largest drift measure with DriftThreshold.",
        conditions=[ConditionLessThanOrEqualTo(left=drift, right=threshold)],
        if_steps=[],
        else_steps=[_drifted_step(context, join)],
    )


def _drifted_step(context: Context[ScoreParameters], join: ProcessingStep) -> FailStep:
    return FailStep(
        name=names.Step.DRIFTED,
        display_name="Data-drifted",
        description="Fails the execution because of drift; the scores are written.",
        error_message=Join(
            on="",
            values=[
                *("The reviews drifted from the test set by ", _drift(join, names.MAX_DRIFT)),
                *(" (", _drift(join, names.MAX_DRIFT_MEASURE), "), more than DriftThreshold "),
                *(context.parameters.drift_threshold, "; the scores were written."),
            ],
        ),
    )


def _drift_unknown_step(join: ProcessingStep) -> FailStep:
    """Fail the execution: success would mean that drift is within the threshold."""
    return FailStep(
        name=names.Step.DRIFT_UNKNOWN,
        display_name="Drift-unknown",
        description="Fails the execution because drift is unknown; the scores are written.",
        error_message=Join(
            on="",
            values=[
                *("Drift is unknown: ", _drift(join, names.DRIFT_REASON)),
                "; the scores were written. Train a new version to have drift measured.",
            ],
        ),
    )


def _drift(join: ProcessingStep, path: str) -> JsonGet:
    return JsonGet(step_name=join.name, property_file=_DRIFT, json_path=path)
