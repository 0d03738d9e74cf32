"""What may differ between environments: typed, checked, read from cdk.json and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from pipeline_steps.presets import PRESETS
from pipeline_steps.settings import SINGLE, SPARK, PipelineSettings, setting
from processing.names import EVIDENCE

_NAME = re.compile(r"[a-z][a-z0-9]{0,15}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_ACCOUNT = re.compile(r"\d{12}")
_SUBNET = re.compile(r"subnet-[0-9a-f]{8,17}")
_SECURITY_GROUP = re.compile(r"sg-[0-9a-f]{8,17}")
_POLICY = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy/.+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DATASET = re.compile(r"https?://\S+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^*?\s]+|raw/[^*?\s]+")
_SCHEDULE = re.compile(
    r"rate\([1-9]\d* (minute|hour|day)s?\)|cron\((\S+ ){2}(\? \S+ \S+|\S+ \S+ \?) \S+\)"
)
_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922),
    *(3288, 3653),
)
_INSTANCE_TYPE = re.compile(r"ml\.[a-z0-9-]+\.(\d*xlarge|large|medium|metal)")
_INSTANCE_TYPES = ("processing", "spark", "training", "transform")
_MOST_MINUTES = 9 * 24 * 60
"""What a processing job may ask for at most, says its API."""
_MOST_SUBNETS, _MOST_SECURITY_GROUPS = 16, 5

# Instance families whose volumes are local disks, which a customer's key can't encrypt.
_LOCAL_DISKS = re.compile(
    r"ml\.([a-z]+\d[a-z]*d[a-z]*|g4dn|g5|g6|g6e|i3|i3en|p3dn|p4d|p4de|p5|p5e|p5en|p6[a-z0-9-]*"
    r"|trn\d[a-z]*)\."
)


class SettingsError(Exception):
    """A setting in cdk.json is wrong; the message names it and says what to write."""


@dataclass(frozen=True)
class Settings:
    """One environment: its name, what it deploys, and what is decided about the pipeline."""

    name: str
    region: str = setting("where it is deployed; decides the registries of the built-in images")
    account: str | None = setting(
        "the AWS account, 12 digits; without it, that of the credentials", default=None
    )
    keep_data: bool = setting(
        "bucket, key and model package group outlive the stack; false empties and deletes them",
        default=True,
    )
    run_days: int = setting(
        "how long the outputs of executions are kept; must exceed cache_days", default=90
    )
    permission_boundary: str | None = setting(
        "ARN of a managed policy that bounds every role of the stack", default=None
    )
    alert_email: str | None = setting(
        "who is told of failures, refused models and models that wait for approval", default=None
    )
    monthly_budget_usd: int | None = setting(
        "what the environment may cost in a month before alert_email is told", default=None
    )
    dashboard: bool = setting(
        "a CloudWatch dashboard; an alarm with alert_email, the accuracy with log_retention_days",
        default=False,
    )
    log_retention_days: int | None = setting(
        "how long the jobs' logs are kept; the log groups belong to the whole account and region, "
        "so only one environment may set it",
        default=None,
    )
    schedule: str | None = setting(
        "starts executions by itself, in UTC: cron(0 6 ? * MON *), rate(7 days); never while one "
        "is running",
        default=None,
    )
    start_on_new_data: bool = setting(
        "starts an execution for an archive that arrives below raw/ in the bucket; never while "
        "one is running",
        default=False,
    )
    pipeline: PipelineSettings = field(default_factory=PipelineSettings)

    @property
    def resource_name(self) -> str:
        """The name of the stack, of the pipeline that trains, and of the model package group."""
        return f"sentiment-{self.name}"

    @property
    def score_name(self) -> str:
        """The name of the pipeline that scores."""
        return f"{self.resource_name}-score"

    @property
    def scores(self) -> bool:
        """Whether there is a pipeline that scores: one of its jobs asks the model registry."""
        return not self.pipeline.no_network


def environments(context: Any) -> list[Settings]:
    """The environments of cdk.json's context, sorted by name. Raises SettingsError."""
    if not isinstance(context, Mapping) or not context:
        raise SettingsError('cdk.json: context "environments" must name at least one environment')
    found = [_environment(name, context[name]) for name in sorted(context)]
    _insist_one_owner_of_logs(found)
    return found


def _environment(name: str, values: Any) -> Settings:
    where = f"cdk.json: environment {name!r}"
    if not _NAME.fullmatch(name):
        raise SettingsError(f"{where}: a name has up to 16 lower-case letters and digits")
    if not isinstance(values, Mapping):
        raise SettingsError(f"{where}: must be an object of settings")
    own, pipeline = known(Settings, {"name", "pipeline"}), known(PipelineSettings, {"region"})
    insist_known(values, {**own, **pipeline}, where)
    if "region" not in values:
        raise SettingsError(f"{where}: region is missing")
    settings = Settings(
        name=name,
        **{key: value for key, value in values.items() if key in own},
        pipeline=PipelineSettings(
            region=values["region"],
            **{key: _frozen(value) for key, value in values.items() if key in pipeline},
        ),
    )
    _insist_sensible(settings, where)
    return settings


def _insist_one_owner_of_logs(found: list[Settings]) -> None:
    owners = [(item.account, item.region) for item in found if item.log_retention_days]
    for item in found:
        if item.log_retention_days and owners.count((item.account, item.region)) > 1:
            raise SettingsError(
                f"cdk.json: environment {item.name!r}: log_retention_days is set twice for one "
                "account and region, whose log groups its environments share; set it in one"
            )


def known(kind: type[Any], hidden: Collection[str] = ()) -> dict[str, str]:
    """The settings of a dataclass with their types as written."""
    return {item.name: str(item.type) for item in fields(kind) if item.name not in hidden}


def insist_known(values: Mapping[str, Any], types: Mapping[str, str], where: str) -> None:
    """Raises SettingsError for a setting that isn't among ``types`` or isn't of its type."""
    if unknown := sorted(values.keys() - types.keys()):
        raise SettingsError(
            f"{where}: unknown setting {unknown[0]!r}; use {', '.join(sorted(types))}"
        )
    for key, value in values.items():
        if not _fits(value, types[key]):
            raise SettingsError(f"{where}: {key} must be {types[key]}, not {value!r}")


def _fits(value: Any, expected: str) -> bool:
    """Whether a value of cdk.json is of the type that the dataclass writes."""
    if expected == "tuple[str, ...]":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    kind = "None" if value is None else type(value).__name__
    kinds = expected.split(" | ")
    return kind in kinds or (kind == "int" and "float" in kinds)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def insist_region(region: str, where: str) -> None:
    """Raises SettingsError for a text that is no region's name."""
    if not _REGION.fullmatch(region):
        raise SettingsError(f"{where}: region {region!r} is no AWS region (us-east-1)")


def _insist_sensible(settings: Settings, where: str) -> None:
    insist_region(settings.region, where)
    if settings.account is not None and not _ACCOUNT.fullmatch(settings.account):
        raise SettingsError(f"{where}: account {settings.account!r} must have 12 digits")
    if settings.pipeline.cache_days < 1:
        raise SettingsError(f"{where}: cache_days must be at least 1")
    if not 1 <= settings.pipeline.max_runtime_minutes <= _MOST_MINUTES:
        raise SettingsError(f"{where}: max_runtime_minutes must be from 1 to {_MOST_MINUTES}")
    if settings.pipeline.spot_wait_minutes < 0:
        raise SettingsError(f"{where}: spot_wait_minutes can't be negative")
    if settings.run_days <= settings.pipeline.cache_days:
        raise SettingsError(
            f"{where}: run_days ({settings.run_days}) must exceed cache_days "
            f"({settings.pipeline.cache_days}), or a cached step points at outputs that are gone"
        )
    _insist_dataset(settings, where)
    _insist_preset(settings, where)
    _insist_engine(settings, where)
    _insist_private(settings, where)
    _insist_notified(settings, where)
    for name in _INSTANCE_TYPES:
        instance_type = getattr(settings.pipeline, f"{name}_instance_type")
        if not _INSTANCE_TYPE.fullmatch(instance_type):
            raise SettingsError(
                f"{where}: {name}_instance_type {instance_type!r} is no instance type (ml.m5.large)"
            )


def _insist_dataset(settings: Settings, where: str) -> None:
    """Where the reviews come from, whether the jobs can get at them, what the gate asks for."""
    pipeline = settings.pipeline
    if not _DATASET.fullmatch(pipeline.dataset_uri):
        raise SettingsError(
            f"{where}: dataset_uri {pipeline.dataset_uri!r} must be https://..., "
            "s3://bucket/key, or raw/... in the environment's own bucket"
        )
    if pipeline.no_network and not pipeline.dataset_uri.startswith(("s3://", "raw/")):
        raise SettingsError(
            f"{where}: no_network leaves no job that could download; set dataset_uri to "
            "s3://bucket/key or raw/..."
        )
    margin = pipeline.champion_margin
    if margin is not None and not 0 <= margin <= 1:
        raise SettingsError(f"{where}: champion_margin must be from 0 to 1, as accuracies are")
    if margin is not None and pipeline.no_network:
        raise SettingsError(
            f"{where}: champion_margin needs a job that may ask the model registry, no_network "
            "allows none; choose one of them"
        )


def _insist_preset(settings: Settings, where: str) -> None:
    """The parameters' defaults."""
    pipeline = settings.pipeline
    if pipeline.preset not in PRESETS:
        raise SettingsError(
            f"{where}: preset must be one of {', '.join(sorted(PRESETS))}, not {pipeline.preset!r}"
        )
    if pipeline.on_spark and PRESETS[pipeline.preset].get("Features") == EVIDENCE:
        raise SettingsError(
            f"{where}: preset {pipeline.preset!r} weighs n-grams, which processing_engine 'spark' "
            "doesn't; choose another preset, or the engine 'single'"
        )


def _insist_engine(settings: Settings, where: str) -> None:
    """What Preprocess runs on."""
    pipeline = settings.pipeline
    if pipeline.processing_engine not in (SINGLE, SPARK):
        raise SettingsError(
            f"{where}: processing_engine must be {SINGLE!r} or {SPARK!r}, not "
            f"{pipeline.processing_engine!r}"
        )
    if pipeline.on_spark and pipeline.no_network:
        raise SettingsError(
            f"{where}: processing_engine 'spark' needs hosts that speak to each other, no_network "
            "allows none; choose one of them"
        )


def _insist_private(settings: Settings, where: str) -> None:
    """VPC, key and boundary: complete, well-formed, possible."""
    pipeline = settings.pipeline
    if bool(pipeline.subnets) != bool(pipeline.security_groups):
        raise SettingsError(f"{where}: subnets and security_groups go together; set both or none")
    for key, pattern, most in (
        ("subnets", _SUBNET, _MOST_SUBNETS),
        ("security_groups", _SECURITY_GROUP, _MOST_SECURITY_GROUPS),
    ):
        if len(getattr(pipeline, key)) > most:
            raise SettingsError(f"{where}: {key}: at most {most}")
        for value in getattr(pipeline, key):
            if not pattern.fullmatch(value):
                raise SettingsError(f"{where}: {key}: {value!r} is no such id")
    boundary = settings.permission_boundary
    if boundary is not None and not _POLICY.fullmatch(boundary):
        raise SettingsError(f"{where}: permission_boundary must be the ARN of a managed policy")
    for kind in _INSTANCE_TYPES:
        instance_type = getattr(pipeline, f"{kind}_instance_type")
        if pipeline.customer_key and _LOCAL_DISKS.match(instance_type):
            raise SettingsError(
                f"{where}: customer_key can't encrypt the local disks of {instance_type}; choose "
                f"a {kind}_instance_type without them (ml.m5.large)"
            )


def _insist_notified(settings: Settings, where: str) -> None:
    """Alerts, money, logs and starts."""
    if settings.alert_email is not None and not _EMAIL.fullmatch(settings.alert_email):
        raise SettingsError(f"{where}: alert_email {settings.alert_email!r} is no address")
    if settings.monthly_budget_usd is not None:
        if settings.monthly_budget_usd < 1:
            raise SettingsError(f"{where}: monthly_budget_usd must be at least 1")
        if settings.alert_email is None:
            raise SettingsError(f"{where}: monthly_budget_usd needs an alert_email to tell")
    if settings.log_retention_days not in (None, *_RETENTION_DAYS):
        raise SettingsError(
            f"{where}: log_retention_days must be one of {', '.join(map(str, _RETENTION_DAYS))}"
        )
    if settings.schedule is not None and not _SCHEDULE.fullmatch(settings.schedule):
        raise SettingsError(f"{where}: schedule must read cron(0 6 ? * MON *) or rate(7 days)")
