"""Access to AWS: region, environment, retries, and errors as one line with the remedy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from botocore import exceptions
from botocore.credentials import Credentials
from botocore.stub import Stubber

from operations.aws.client import Deployment
from operations.aws.errors import is_transient
from tests.support.aws_samples import ID, deploy, execution, execution_arn
from tests.support.clean_room import ROOT
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.scripted_aws import ScriptedAws, error


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (
            exceptions.NoCredentialsError(),
            "no AWS credentials (Unable to locate credentials); set AWS_PROFILE, or log in with "
            "`aws sso login`",
        ),
        (
            exceptions.UnauthorizedSSOTokenError(),
            "no AWS credentials (The SSO session associated with this profile has "
            "expired or is otherwise invalid. To refresh this SSO session run aws sso login with "
            "the corresponding profile.); set AWS_PROFILE, or log in with `aws sso login`",
        ),
        (
            error("ExpiredTokenException", "expired", "DescribePipeline"),
            "the AWS credentials are expired or invalid (ExpiredTokenException); log in again",
        ),
        (
            error("AccessDeniedException", "not\nyours", "DescribePipeline"),
            "access denied to DescribePipeline: not yours; see the operator's policy in "
            "docs/operations.md",
        ),
        (
            error("ThrottlingException", "Rate exceeded", "DescribePipeline"),
            "AWS throttled DescribePipeline (ThrottlingException); try again in a minute",
        ),
        (
            error("InternalFailure", "sorry", "DescribePipeline", 500),
            "DescribePipeline failed in us-east-1 (AWS_DEFAULT_REGION): sorry (InternalFailure)",
        ),
        (
            exceptions.EndpointConnectionError(endpoint_url="https://api.sagemaker"),
            "can't connect to https://api.sagemaker; check the network connection and the region "
            "us-east-1 (AWS_DEFAULT_REGION)",
        ),
        (
            exceptions.ReadTimeoutError(endpoint_url="https://api.sagemaker"),
            'the request to AWS failed: Read timeout on endpoint URL: "https://api.sagemaker"',
        ),
    ],
    ids=[
        *("none", "sso", "expired", "denied", "throttled", "fault", "no way", "timeout"),
    ],
)
def test_aws_error_is_one_line_with_the_remedy(
    aws: ScriptedAws, trouble: Exception, message: str
) -> None:
    aws.on("DescribePipeline", trouble)
    assert_refused(invoke("list"), 1, message)


def test_missing_region_is_a_usage_error(aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert_refused(invoke("list"), 2, "--region")


def test_unknown_profile_is_a_usage_error(
    aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    assert_refused(invoke("list"), 2, "nope", "AWS_PROFILE")


def test_unreadable_configuration_is_a_usage_error(
    aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[broken")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    assert_refused(invoke("list"), 2, str(config))


def test_invalid_endpoint_is_a_usage_error(
    aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")
    assert_refused(invoke("list"), 2, "nonsense", "AWS_ENDPOINT_URL")


@pytest.mark.parametrize(
    ("arguments", "variable", "name"),
    [
        ((), None, "sentiment-dev"),
        (("-e", "prod"), None, "sentiment-prod"),
        ((), "test", "sentiment-test"),
        (("--environment", "prod"), "test", "sentiment-prod"),
    ],
)
def test_the_environment_is_chosen_by_option_then_variable_then_default(
    aws: ScriptedAws,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    variable: str | None,
    name: str,
) -> None:
    if variable:
        monkeypatch.setenv("SENTIMENT_ENVIRONMENT", variable)
    deploy(aws)
    invoke("list", *arguments)
    assert aws.requests("DescribePipeline") == [{"PipelineName": name}]


@pytest.fixture
def cdk_json(aws: ScriptedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cdk.json that configures the region of dev."""
    path = tmp_path / "cdk.json"
    path.write_text('{"context": {"environments": {"dev": {"region": "eu-west-3"}}}}')
    monkeypatch.setattr("operations.environments.CDK_JSON", path)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    deploy(aws)
    return path


@pytest.mark.parametrize(
    ("arguments", "variables", "region"),
    [
        (("--region", "eu-central-1"), {"AWS_REGION": "eu-north-1"}, "eu-central-1"),
        ((), {"AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "eu-north-1"}, "eu-west-3"),
        (
            ("-e", "test"),
            {"AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "eu-south-1"},
            "eu-north-1",
        ),
        (("-e", "test"), {"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-south-1"}, "eu-south-1"),
        (("-e", "test"), {}, "eu-south-2"),
    ],
    ids=["option", "cdk.json", "AWS_REGION", "AWS_DEFAULT_REGION", "profile"],
)
def test_region_is_that_of_option_then_cdk_json_then_variables_then_profile(
    aws: ScriptedAws,
    cdk_json: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    variables: dict[str, str],
    region: str,
) -> None:
    config = cdk_json.with_name("config")
    config.write_text("[default]\nregion = eu-south-2\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert invoke("list", *arguments).exit_code == 0
    assert aws.regions["ListPipelineExecutions"] == region


@pytest.mark.parametrize("content", ["", "[]", '{"context": {"environments": {"dev": 1}}}'])
def test_broken_cdk_json_is_ignored(
    aws: ScriptedAws, cdk_json: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    cdk_json.write_text(content)
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert invoke("list").stderr == ""
    assert aws.regions["ListPipelineExecutions"] == "eu-north-1"


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_variable_that_contradicts_cdk_json_is_noted_once_on_stderr(
    aws: ScriptedAws, cdk_json: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "eu-north-1")
    result = invoke("list", "--json")
    assert json_output(result)["executions"]
    assert result.stderr == (
        f"note: using eu-west-3, the region of dev in cdk.json; {name} is eu-north-1, and "
        "--region overrides both\n"
    )
    for arguments in (("--region", "eu-central-1"), ("-e", "test")):
        assert invoke("list", *arguments).stderr == ""
    monkeypatch.setenv(name, "eu-west-3")
    assert invoke("list").stderr == ""


def test_missing_pipeline_is_refused_with_the_source_of_the_region_and_known_environments(
    aws: ScriptedAws, cdk_json: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.on("DescribePipeline", error("ResourceNotFound", "no such pipeline"))
    aws.on("ListPipelines", {"PipelineSummaries": []})
    assert_refused(invoke("list"), 1, "eu-west-3 (region of dev in cdk.json)", "ENVIRONMENT=dev")
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    unknown = invoke("list", "-e", "tset")
    assert_refused(unknown, 2, "eu-north-1 (AWS_REGION)", "environments in cdk.json: dev")
    assert "make deploy" not in unknown.stderr


def test_next_command_has_no_region_that_cdk_json_has(aws: ScriptedAws, cdk_json: Path) -> None:
    aws.on("StartPipelineExecution", {"PipelineExecutionArn": execution_arn()})
    aws.on("DescribePipelineExecution", execution("Executing"))
    assert f" sentiment watch {ID} -e dev\n" in invoke("start").stdout
    elsewhere = invoke("start", "--region", "eu-north-1").stdout
    assert f" sentiment watch {ID} -e dev --region eu-north-1\n" in elsewhere


@pytest.mark.usefixtures("operator")
def test_throttling_is_recognized_in_errors_of_botocore_itself() -> None:
    """The scripted AWS replaces botocore; this test doesn't."""
    deployment = Deployment.of("dev", "us-east-1")
    client = deployment.client("sagemaker")
    with Stubber(client) as stub:
        stub.add_client_error("describe_pipeline", "ThrottlingException", "slow down", 400)
        with pytest.raises(exceptions.ClientError) as raised:
            client.describe_pipeline(PipelineName="x")
    assert is_transient(raised.value)


@pytest.mark.parametrize(
    ("trouble", "passes"),
    [
        (error("Throttling", "slow down"), True),
        (error("ServiceUnavailable", "later", status=503), True),
        (error("ValidationException", "never"), False),
        (error("AccessDenied", "never", status=403), False),
        (exceptions.ConnectTimeoutError(endpoint_url="https://x"), True),
        (exceptions.SSLError(endpoint_url="https://x", error=ValueError("bad certificate")), False),
        (exceptions.NoCredentialsError(), False),
        (KeyError("a bug"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_transient_errors_are_retried(trouble: Exception, passes: bool) -> None:
    assert is_transient(trouble) is passes


@pytest.mark.usefixtures("operator")
def test_repr_of_a_deployment_has_no_secret() -> None:
    deployment = Deployment.of("dev", "us-east-1")
    assert isinstance(deployment.session.get_credentials(), Credentials)
    assert "test" not in repr(deployment)


@pytest.mark.parametrize(
    ("modules", "slow"),
    [
        ("operations.cli", ("boto3", "botocore", "rich", "numpy")),
        (
            "operations.cli, operations.views.prediction, operations.local.scoring.predict",
            ("boto3", "botocore", "numpy", "http.server", "operations.local.results"),
        ),
    ],
)
def test_command_line_imports_no_slow_modules(modules: str, slow: Sequence[str]) -> None:
    program = (
        f"import sys; import {modules}; print([name for name in {slow} if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert ended.stdout == "[]\n"
