"""AWS errors: what they mean, and one line with the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions

from operations.errors import CliError

# HeadObject and HeadBucket have no body, so their error code is the HTTP status.
_DENIED = ("403", "AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId")
_THROTTLED = (
    "RequestLimitExceeded",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
)
_NOT_FOUND = (
    "ParameterNotFound",
    "RepositoryNotFoundException",
    "ResourceNotFound",
    "ResourceNotFoundException",
    "ValidationException",
)
_NO_CREDENTIALS = (
    exceptions.CredentialRetrievalError,
    exceptions.LoginError,
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.SSOError,
    exceptions.TokenRetrievalError,
)


def error_code(error: exceptions.ClientError) -> str:
    """Return AWS's code of the error."""
    return str(error.response["Error"].get("Code", "Unknown"))


def error_message(error: exceptions.ClientError) -> str:
    """Return AWS's message on one line."""
    return _one_line(error.response["Error"].get("Message", ""))


def is_not_found(error: exceptions.ClientError) -> bool:
    """Whether the resource doesn't exist.

    For its oldest resource types, SageMaker reports that as a ValidationException.
    """
    return error_code(error) in _NOT_FOUND


def is_denied(error: exceptions.ClientError) -> bool:
    """Whether the caller lacks a permission."""
    return error_code(error) in _DENIED


def is_transient(error: Exception) -> bool:
    """Whether a retry may succeed: throttling, a server error, no connection."""
    if isinstance(error, exceptions.ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error_code(error) in _THROTTLED or status >= 500
    is_broken = isinstance(error, (exceptions.ConnectionError, exceptions.HTTPClientError))
    return is_broken and not isinstance(error, exceptions.SSLError)


def short_reason(error: exceptions.BotoCoreError | exceptions.ClientError) -> str:
    """Return AWS's error code, or botocore's message."""
    if isinstance(error, exceptions.ClientError):
        return error_code(error)
    return _one_line(str(error))


@contextmanager
def translated_errors(place: str) -> Iterator[None]:
    """Raise errors of AWS and botocore inside the block as CliError, with the remedy.

    place: the region, and where it comes from.
    """
    try:
        yield
    except _NO_CREDENTIALS as error:
        raise CliError(
            f"no AWS credentials ({_one_line(str(error))}); set AWS_PROFILE, or log in with "
            "`aws sso login`"
        ) from None
    except exceptions.EndpointConnectionError as error:
        endpoint = error.kwargs["endpoint_url"]
        raise CliError(
            f"can't connect to {endpoint}; check the network connection and the region {place}"
        ) from None
    except exceptions.ClientError as error:
        raise CliError(_message(error, place)) from None
    except exceptions.BotoCoreError as error:
        raise CliError(f"the request to AWS failed: {_one_line(str(error))}") from None


def _message(error: exceptions.ClientError, place: str) -> str:
    code, message = error_code(error), error_message(error)
    if is_denied(error):
        return (
            f"access denied to {error.operation_name}: {message}; see the operator's policy in "
            "docs/operations.md"
        )
    if code in _EXPIRED:
        return f"the AWS credentials are expired or invalid ({code}); log in again"
    if code in _THROTTLED:
        return f"AWS throttled {error.operation_name} ({code}); try again in a minute"
    return f"{error.operation_name} failed in {place}: {message} ({code})"


def _one_line(text: str) -> str:
    return " ".join(text.split())
