"""Settings of an environment for tests: one case for each setting, and combinations."""

from __future__ import annotations

from typing import Any

from tests.support.templates import ACCOUNT

EMAIL = "ml@example.com"
SLACK = "T01ABC2DEF/C01ABC2DEF3"
TENANT, TEAM = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"
TEAMS = f"{TENANT}/{TEAM}/19%3Ax%40thread.tacv2"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/limits"
ASSET_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
DATASET_PREFIXES = [
    *("s3://another-owners-reviews/movies/", "s3://another-owners-reviews/books/"),
    *(f"s3://reviews-of-owner-{number}/movies/" for number in range(8)),
]
DATASET_KEY = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
DATASET_KEYS = [DATASET_KEY, *(f"{DATASET_KEY[:-1]}{number}" for number in range(4))]
TRACKING_SERVER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:mlflow-tracking-server/mine"
MLFLOW_APP = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:mlflow-app/app-ABC123"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
SECURITY_GROUPS = ["sg-0123456789abcdef0"]

READER = "999988887777"
"""An account that may read model versions."""

_NOTIFIED = {"alert_email": EMAIL}
_SCORE_SCHEDULE = {
    "score_schedule": "cron(0 6 ? * MON *)",
    "score_dataset": "exports/{date}.csv",
}
_VPC = {"subnets": SUBNETS, "security_groups": SECURITY_GROUPS}

EACH: dict[str, dict[str, Any]] = {
    "region": {"region": "eu-west-1"},
    "dataset_uri": {"dataset_uri": "s3://somebodys-reviews/imdb/"},
    "preset": {"preset": "accurate"},
    "champion_margin": {"champion_margin": 0.005},
    "no_network": {"no_network": True, "dataset_uri": "raw/reviews.tar.gz"},
    "tuning": {"tuning": {"jobs": 4}},
    "processing_engine": {"processing_engine": "spark"},
    "spark_instance_type": {
        "spark_instance_type": "ml.m5.2xlarge",
        "processing_engine": "spark",
    },
    "processing_instance_type": {"processing_instance_type": "ml.m5.xlarge"},
    "training_instance_type": {"training_instance_type": "ml.m5.xlarge"},
    "transform_instance_type": {"transform_instance_type": "ml.m5.xlarge"},
    "cache_days": {"cache_days": 31},
    "max_runtime_minutes": {"max_runtime_minutes": 61},
    "customer_key": {"customer_key": True},
    "subnets": _VPC,
    "security_groups": {**_VPC, "security_groups": [*SECURITY_GROUPS, "sg-0123456789abcdef1"]},
    "encrypt_traffic": {"encrypt_traffic": True},
    "spot": {"spot": True},
    "mlflow_tracking_server": {"mlflow_tracking_server": TRACKING_SERVER},
    "account": {"account": "111122223333"},
    "keep_data": {"keep_data": True},
    "run_days": {"run_days": 91},
    "access_log_days": {"access_log_days": 90},
    "permission_boundary": {"permission_boundary": BOUNDARY},
    "tags": {"tags": {"cost-center": "4711", "Environment": "development"}},
    "asset_key": {"asset_key": ASSET_KEY},
    "dataset_prefixes": {"dataset_prefixes": DATASET_PREFIXES},
    "dataset_keys": {"dataset_prefixes": DATASET_PREFIXES, "dataset_keys": DATASET_KEYS},
    "model_readers": {"model_readers": [READER]},
    "alert_email": _NOTIFIED,
    "alert_slack": {"alert_slack": SLACK},
    "alert_teams": {"alert_teams": TEAMS},
    "min_feedback_accuracy": {**_NOTIFIED, "min_feedback_accuracy": 0.8},
    "monthly_budget_usd": {**_NOTIFIED, "monthly_budget_usd": 50},
    "dashboard": {"dashboard": True},
    "log_retention_days": {"log_retention_days": 30},
    "schedule": {"schedule": "cron(0 6 ? * MON *)"},
    "start_on_new_data": {"start_on_new_data": True},
    "quiet_minutes": {"start_on_new_data": True, "quiet_minutes": 15},
    "score_on_new_data": {"score_on_new_data": True},
    "incoming_prefix": {"score_on_new_data": True, "incoming_prefix": "deliveries/"},
    "incoming_days": {"score_on_new_data": True, "incoming_days": 30},
    "score_schedule": _SCORE_SCHEDULE,
    "score_dataset": {**_SCORE_SCHEDULE, "score_dataset": "exports/{date}/reviews-{date}.csv"},
    "retrain_on_drift": {"retrain_on_drift": True},
    "retrain_at_most": {"retrain_on_drift": True, "retrain_at_most": "monthly"},
    "endpoint": {"endpoint": {"serverless": {}}},
}
"""For each setting: a value other than dev's, and the settings that it requires."""

SCALED = {
    "endpoint": {"instances": {"type": "ml.m5.xlarge", "count": 2, "max_count": 4}},
}
CAPTURING = {"endpoint": {"instances": {"capture_percent": 20}}}

_FOR_ALL = (
    *("dataset_uri", "champion_margin", "processing_engine", "customer_key", "subnets"),
    *(
        "mlflow_tracking_server",
        "encrypt_traffic",
        "spot",
        "permission_boundary",
        "asset_key",
        "tags",
        "dataset_keys",
        "model_readers",
        "min_feedback_accuracy",
        "monthly_budget_usd",
        "alert_slack",
        "alert_teams",
        "dashboard",
        "access_log_days",
    ),
    *("log_retention_days", "schedule", "quiet_minutes", "retrain_on_drift"),
    *("incoming_days", "score_schedule"),
)
_EVERYTHING = {key: value for name in _FOR_ALL for key, value in EACH[name].items()}
# A serverless endpoint can't be in a VPC.
_EVERYTHING["endpoint"] = {
    "instances": {"count": 2, "max_count": 4, "requests_per_instance": 600, "capture_percent": 10}
}

_NOT_IN_GOVCLOUD = ("alert_slack", "alert_teams", "monthly_budget_usd")


def _in_govcloud(value: Any) -> Any:
    """Return a setting's value with its ARNs in GovCloud."""
    if isinstance(value, list):
        return [_in_govcloud(item) for item in value]
    if not isinstance(value, str):
        return value
    return value.replace("arn:aws:", "arn:aws-us-gov:").replace("us-east-1", "us-gov-west-1")


SETTINGS: dict[str, dict[str, Any]] = {
    "nothing": {},
    **EACH,
    "schedule, dataset_uri": {"schedule": "rate(7 days)", "dataset_uri": "raw/reviews/"},
    "retrain_on_drift, dataset_uri": {"retrain_on_drift": True, "dataset_uri": "raw/reviews/"},
    "one object": {"dataset_uri": "s3://reviews/imdb.tar.gz"},
    "app": {"mlflow_tracking_server": MLFLOW_APP},
    "score_on_new_data, quiet_minutes": {"score_on_new_data": True, "quiet_minutes": 15},
    "start_on_new_data, alert_email": {**_NOTIFIED, "start_on_new_data": True},
    "score_on_new_data, alert_email": {**_NOTIFIED, "score_on_new_data": True},
    "retrain_on_drift, alert_email": {**_NOTIFIED, "retrain_on_drift": True},
    "dashboard, alert_email": {**_NOTIFIED, "dashboard": True},
    "dashboard, log_retention_days": {"dashboard": True, "log_retention_days": 30},
    "endpoint on an instance": CAPTURING,
    "endpoint, autoscaling": SCALED,
    "endpoint, alert_email": {**_NOTIFIED, **EACH["endpoint"]},
    "endpoint, dashboard": {"dashboard": True, **EACH["endpoint"]},
    "everything": _EVERYTHING,
    "everything, kept": {**_EVERYTHING, "keep_data": True},
    "everything in GovCloud": {
        **{
            key: _in_govcloud(value)
            for key, value in _EVERYTHING.items()
            if key not in _NOT_IN_GOVCLOUD
        },
        "region": "us-gov-west-1",
    },
}
"""Settings that differ from dev's. Everything excludes no_network."""
