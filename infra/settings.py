"""What may differ between environments: typed, checked, read from cdk.json and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from pipeline_steps.settings import PipelineSettings

_NAME = re.compile(r"[a-z][a-z0-9]{0,15}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_ACCOUNT = re.compile(r"\d{12}")


class SettingsError(Exception):
    """A setting in cdk.json is wrong; the message names it and says what to write."""


@dataclass(frozen=True)
class Settings:
    """One environment.

    name: part of every resource's name, so that environments can share an account.
    region: where it is deployed; decides the registries of the built-in images.
    account: the AWS account; None takes the one of the credentials at deployment.
    keep_data: whether bucket and model package group outlive the stack (True for production).
    run_days: how long the outputs of executions are kept; must exceed the cache's days.
    pipeline: what is decided at synth about the pipeline itself.
    """

    name: str
    region: str
    account: str | None = None
    keep_data: bool = True
    run_days: int = 90
    pipeline: PipelineSettings = field(default_factory=PipelineSettings)

    @property
    def resource_name(self) -> str:
        """The name of the stack, the pipeline and the model package group."""
        return f"sentiment-{self.name}"


def environments(context: Any) -> list[Settings]:
    """The environments of cdk.json's context, sorted by name. Raises SettingsError."""
    if not isinstance(context, Mapping) or not context:
        raise SettingsError('cdk.json: context "environments" must name at least one environment')
    return [_environment(name, context[name]) for name in sorted(context)]


def _environment(name: str, values: Any) -> Settings:
    where = f"cdk.json: environment {name!r}"
    if not _NAME.fullmatch(name):
        raise SettingsError(f"{where}: a name has up to 16 lower-case letters and digits")
    if not isinstance(values, Mapping):
        raise SettingsError(f"{where}: must be an object of settings")
    own, pipeline = _known(Settings, {"name", "pipeline"}), _known(PipelineSettings, {"region"})
    if unknown := sorted(values.keys() - own.keys() - pipeline.keys()):
        raise SettingsError(
            f"{where}: unknown setting {unknown[0]!r}; use {', '.join(sorted({**own, **pipeline}))}"
        )
    for key, value in values.items():
        expected = {**own, **pipeline}[key]
        if not _fits(value, expected):
            raise SettingsError(f"{where}: {key} must be {expected}, not {value!r}")
    if "region" not in values:
        raise SettingsError(f"{where}: region is missing")
    settings = Settings(
        name=name,
        **{key: value for key, value in values.items() if key in own},
        pipeline=PipelineSettings(
            region=values["region"],
            **{key: value for key, value in values.items() if key in pipeline},
        ),
    )
    _insist_sensible(settings, where)
    return settings


def _known(kind: type[Any], hidden: set[str]) -> dict[str, str]:
    """The settings of a dataclass with their types as written."""
    return {item.name: str(item.type) for item in fields(kind) if item.name not in hidden}


def _fits(value: Any, expected: str) -> bool:
    """Whether a value of cdk.json is of the type that the dataclass writes."""
    kind = "None" if value is None else type(value).__name__
    return kind in expected.split(" | ")


def _insist_sensible(settings: Settings, where: str) -> None:
    if not _REGION.fullmatch(settings.region):
        raise SettingsError(f"{where}: region {settings.region!r} is no AWS region (us-east-1)")
    if settings.account is not None and not _ACCOUNT.fullmatch(settings.account):
        raise SettingsError(f"{where}: account {settings.account!r} must have 12 digits")
    if settings.pipeline.cache_days < 1 or settings.pipeline.max_runtime_minutes < 1:
        raise SettingsError(f"{where}: cache_days and max_runtime_minutes must be at least 1")
    if settings.run_days <= settings.pipeline.cache_days:
        raise SettingsError(
            f"{where}: run_days ({settings.run_days}) must exceed cache_days "
            f"({settings.pipeline.cache_days}), or a cached step points at outputs that are gone"
        )
    for name in ("processing", "training", "transform"):
        instance_type = getattr(settings.pipeline, f"{name}_instance_type")
        if not instance_type.startswith("ml."):
            raise SettingsError(
                f"{where}: {name}_instance_type {instance_type!r} must begin with 'ml.'"
            )
