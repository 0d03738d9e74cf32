"""The pipelines' parameters: what one execution may choose, and what a deployment sets.

The SDK gives parameters no description, so their names have to say it all;
docs/parameters.md tells more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from pipeline_steps.presets import PRESETS
from pipeline_steps.sdk import ParameterFloat, ParameterInteger, ParameterString
from pipeline_steps.settings import PipelineSettings
from processing.names import CSV, EVIDENCE, GATE_METRICS, LIBSVM, STEMS


@dataclass(frozen=True)
class Parameters:
    """What one execution of the training pipeline may choose, in the console's order."""

    dataset_uri: ParameterString
    text_column: ParameterString
    label_column: ParameterString
    id_column: ParameterString
    positive_label: ParameterString
    test_fraction: ParameterFloat
    validation_fraction: ParameterFloat
    features: ParameterString
    vocabulary_size: ParameterInteger
    feature_format: ParameterString
    max_depth: ParameterInteger
    eta: ParameterFloat
    gamma: ParameterFloat
    min_child_weight: ParameterFloat
    subsample: ParameterFloat
    colsample_bytree: ParameterFloat
    num_round: ParameterInteger
    early_stopping_rounds: ParameterInteger
    eval_metric: ParameterString
    seed: ParameterInteger
    gate_metric: ParameterString
    gate_threshold: ParameterFloat
    champion_margin: ParameterFloat | None
    model_approval_status: ParameterString
    processing_instance_type: ParameterString
    spark_instance_type: ParameterString | None
    spark_instance_count: ParameterInteger | None
    training_instance_type: ParameterString
    training_instance_count: ParameterInteger
    transform_instance_type: ParameterString
    transform_instance_count: ParameterInteger
    commit: ParameterString

    @classmethod
    def of(cls, settings: PipelineSettings) -> Parameters:
        """The parameters; their defaults are the preset's, or else the article's."""
        preset = _Preset(PRESETS[settings.preset])
        return cls(
            dataset_uri=ParameterString("DatasetUri", settings.dataset_uri),
            **_columns(),
            label_column=ParameterString("LabelColumn", "label"),
            positive_label=ParameterString("PositiveLabel", "auto"),
            test_fraction=ParameterFloat("TestFraction", 0.2),
            validation_fraction=preset.float("ValidationFraction", 0.4),
            features=preset.string("Features", STEMS, _features(settings)),
            vocabulary_size=preset.integer("VocabularySize", 5_000),
            feature_format=preset.string("FeatureFormat", LIBSVM, [LIBSVM, CSV]),
            max_depth=preset.integer("MaxDepth", 5),
            eta=preset.float("Eta", 0.2),
            gamma=preset.float("Gamma", 4.0),
            min_child_weight=preset.float("MinChildWeight", 6.0),
            subsample=preset.float("Subsample", 0.8),
            colsample_bytree=preset.float("ColsampleBytree", 1.0),
            num_round=preset.integer("NumRound", 500),
            early_stopping_rounds=preset.integer("EarlyStoppingRounds", 10),
            # The image stops early by the last metric; by none if there is none. By `error`, as the
            # article's image did, today's XGBoost stops too early: docs/decisions/0004.
            eval_metric=preset.string("EvalMetric", "error,logloss"),
            seed=ParameterInteger("Seed", 0),
            gate_metric=ParameterString("GateMetric", GATE_METRICS[0], list(GATE_METRICS)),
            gate_threshold=ParameterFloat("GateThreshold", 0.80),
            champion_margin=_champion_margin(settings),
            model_approval_status=ParameterString(
                "ModelApprovalStatus",
                "PendingManualApproval",
                ["PendingManualApproval", "Approved", "Rejected"],
            ),
            spark_instance_type=_spark(
                settings, ParameterString("SparkInstanceType", settings.spark_instance_type)
            ),
            spark_instance_count=_spark(settings, ParameterInteger("SparkInstanceCount", 2)),
            training_instance_type=ParameterString(
                "TrainingInstanceType", settings.training_instance_type
            ),
            training_instance_count=ParameterInteger("TrainingInstanceCount", 1),
            **_machines(settings),
            commit=ParameterString("Commit", "unknown"),
        )


@dataclass(frozen=True)
class ScoreParameters:
    """What one execution of the scoring pipeline may choose, in the console's order."""

    dataset_uri: ParameterString
    text_column: ParameterString
    id_column: ParameterString
    model_version: ParameterString
    drift_threshold: ParameterFloat
    processing_instance_type: ParameterString
    transform_instance_type: ParameterString
    transform_instance_count: ParameterInteger

    @classmethod
    def of(cls, settings: PipelineSettings) -> ScoreParameters:
        """The parameters; which reviews to score has no default."""
        return cls(
            dataset_uri=ParameterString("DatasetUri"),
            **_columns(),
            model_version=ParameterString("ModelVersion", "approved"),
            drift_threshold=ParameterFloat("DriftThreshold", 0.25),
            **_machines(settings),
        )


@dataclass(frozen=True)
class Deployed:
    """What a deployment sets, and a local run gives: no default of their own."""

    artifacts_uri: ParameterString
    code_uri: ParameterString
    code_file: ParameterString
    execution_role_arn: ParameterString
    model_package_group_name: ParameterString
    kms_key_arn: ParameterString | None

    @classmethod
    def of(cls, settings: PipelineSettings) -> Deployed:
        """The parameters; the key's only with the setting that makes one."""
        return cls(
            artifacts_uri=ParameterString("ArtifactsUri"),
            code_uri=ParameterString("CodeUri"),
            code_file=ParameterString("CodeFile"),
            execution_role_arn=ParameterString("ExecutionRoleArn"),
            model_package_group_name=ParameterString("ModelPackageGroupName"),
            kms_key_arn=ParameterString("KmsKeyArn") if settings.customer_key else None,
        )


def in_order(*groups: Parameters | ScoreParameters | Deployed) -> list[Any]:
    """The groups' parameters as one list; what the settings leave out isn't in it."""
    values = [getattr(group, field.name) for group in groups for field in fields(group)]
    return [value for value in values if value is not None]


class _Preset:
    """Parameters whose default a preset may decide."""

    def __init__(self, values: Mapping[str, str | int | float]) -> None:
        self._values = values

    def string(self, name: str, default: str, choices: list[str] | None = None) -> ParameterString:
        return ParameterString(name, self._values.get(name, default), choices)

    def integer(self, name: str, default: int) -> ParameterInteger:
        return ParameterInteger(name, self._values.get(name, default))

    def float(self, name: str, default: float) -> ParameterFloat:
        return ParameterFloat(name, self._values.get(name, default))


def _columns() -> dict[str, ParameterString]:
    """Where a table has its texts, and what tells its rows apart."""
    return {
        "text_column": ParameterString("TextColumn", "text"),
        "id_column": ParameterString("IdColumn", "id"),
    }


def _machines(settings: PipelineSettings) -> dict[str, Any]:
    """What both pipelines run on."""
    return {
        "processing_instance_type": ParameterString(
            "ProcessingInstanceType", settings.processing_instance_type
        ),
        "transform_instance_type": ParameterString(
            "TransformInstanceType", settings.transform_instance_type
        ),
        "transform_instance_count": ParameterInteger("TransformInstanceCount", 1),
    }


def _features(settings: PipelineSettings) -> list[str]:
    """Evidence is counted on one machine only: docs/decisions/0018."""
    return [STEMS] if settings.on_spark else [STEMS, EVIDENCE]


def _champion_margin(settings: PipelineSettings) -> ParameterFloat | None:
    margin = settings.champion_margin
    return None if margin is None else ParameterFloat("ChampionMargin", margin)


def _spark(settings: PipelineSettings, parameter: Any) -> Any:
    return parameter if settings.on_spark else None
