"""The door to AWS: its errors as one line that says what to do."""

from __future__ import annotations

import subprocess
import sys

import pytest
from botocore import exceptions
from botocore.credentials import Credentials
from botocore.stub import Stubber

from operations.aws.client import Deployment, is_passing
from tests.support.aws_samples import deploy, insist_refused, invoke
from tests.support.clean_room import ROOT
from tests.support.scripted_aws import ScriptedAws, error


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (
            exceptions.NoCredentialsError(),
            "there are no AWS credentials (Unable to locate credentials); set AWS_PROFILE, or log "
            "in with `aws sso login`",
        ),
        (
            exceptions.UnauthorizedSSOTokenError(),
            "there are no AWS credentials (The SSO session associated with this profile has "
            "expired or is otherwise invalid. To refresh this SSO session run aws sso login with "
            "the corresponding profile.); set AWS_PROFILE, or log in with `aws sso login`",
        ),
        (
            error("ExpiredTokenException", "expired", "DescribePipeline"),
            "the AWS credentials are expired or unknown (ExpiredTokenException); log in again",
        ),
        (
            error("AccessDeniedException", "not\nyours", "DescribePipeline"),
            "AWS refuses DescribePipeline: not yours; docs/operations.md lists what an operator "
            "must be allowed",
        ),
        (
            error("ThrottlingException", "Rate exceeded", "DescribePipeline"),
            "AWS throttles DescribePipeline (ThrottlingException); try again in a minute",
        ),
        (
            error("InternalFailure", "sorry", "DescribePipeline", 500),
            "DescribePipeline in us-east-1 failed: sorry (InternalFailure)",
        ),
        (
            exceptions.EndpointConnectionError(endpoint_url="https://api.sagemaker"),
            "https://api.sagemaker can't be reached; check the network and the region us-east-1",
        ),
        (
            exceptions.ReadTimeoutError(endpoint_url="https://api.sagemaker"),
            'AWS can\'t be asked: Read timeout on endpoint URL: "https://api.sagemaker"',
        ),
    ],
    ids=[
        *("none", "sso", "expired", "denied", "throttled", "fault", "no way", "timeout"),
    ],
)
def test_an_error_of_aws_is_one_line_with_the_remedy(
    aws: ScriptedAws, trouble: Exception, message: str
) -> None:
    aws.on("DescribePipeline", trouble)
    insist_refused(invoke("list"), 1, message)


def test_without_a_region_the_user_is_told_to_choose_one(
    aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    message = "no AWS region is configured; give --region or set AWS_REGION"
    insist_refused(invoke("list"), 2, message)


def test_a_profile_that_does_not_exist_is_named(
    aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    message = "The config profile (nope) could not be found; set AWS_PROFILE to one that exists"
    insist_refused(invoke("list"), 2, message)


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


def test_the_region_of_the_option_is_the_one_that_is_asked(aws: ScriptedAws) -> None:
    deploy(aws)
    invoke("list", "--region", "eu-central-1")
    assert aws.regions["ListPipelineExecutions"] == "eu-central-1"


@pytest.mark.usefixtures("_credentials")
def test_a_call_through_botocores_own_stub_is_told_alike() -> None:
    """The script above stands for botocore; here botocore stands for itself."""
    deployment = Deployment.of("dev", "us-east-1")
    client = deployment.client("sagemaker")
    with Stubber(client) as stub:
        stub.add_client_error("describe_pipeline", "ThrottlingException", "slow down", 400)
        with pytest.raises(exceptions.ClientError) as raised:
            client.describe_pipeline(PipelineName="x")
    assert is_passing(raised.value)


@pytest.mark.parametrize(
    ("trouble", "passes"),
    [
        (error("Throttling", "slow down"), True),
        (error("ServiceUnavailable", "later", status=503), True),
        (error("ValidationException", "never"), False),
        (error("AccessDenied", "never", status=403), False),
        (exceptions.ConnectTimeoutError(endpoint_url="https://x"), True),
        (exceptions.SSLError(endpoint_url="https://x", error="bad certificate"), False),
        (exceptions.NoCredentialsError(), False),
        (KeyError("a bug"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_what_may_pass_is_worth_another_try(trouble: Exception, passes: bool) -> None:
    assert is_passing(trouble) is passes


@pytest.mark.usefixtures("_credentials")
def test_what_a_deployment_shows_of_itself_holds_no_secret() -> None:
    deployment = Deployment.of("dev", "us-east-1")
    assert isinstance(deployment.session.get_credentials(), Credentials)
    assert "test" not in repr(deployment)


def test_the_help_loads_nothing_that_takes_time() -> None:
    program = (
        "import sys; import operations.cli; "
        "print([name for name in ('boto3', 'botocore', 'rich', 'numpy') if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert ended.stdout == "[]\n"
