"""The look-up of retained resources; tests/emulator/project covers the deployments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from infra.delivery import adoption
from tests.support.cdk_context import write_cdk_json

Adopt = Callable[[str], Path]


@pytest.fixture
def adopt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Adopt:
    """Run the look-up for a stack and return the path of the mapping."""
    monkeypatch.chdir(tmp_path)
    write_cdk_json(tmp_path)

    def run(name: str) -> Path:
        adoption.main([name, str(tmp_path / "mapping.json")])
        return tmp_path / "mapping.json"

    return run


def fail_with(error: Exception) -> Callable[..., NoReturn]:
    def fail(*_: Any) -> NoReturn:
        raise error

    return fail


@pytest.mark.parametrize(
    "error",
    [
        NoCredentialsError(),
        ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeStacks"),
    ],
    ids=["no credentials", "access denied"],
)
def test_failed_look_up_is_a_note_because_the_deployment_may_not_need_it(
    adopt: Adopt,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
) -> None:
    monkeypatch.setattr(adoption, "lookup_session", fail_with(error))
    assert not adopt("prod").exists()
    assert capsys.readouterr().err.startswith("note: ")


def test_roles_of_the_delivery_are_never_looked_up(
    adopt: Adopt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adoption, "lookup_session", fail_with(AssertionError()))
    assert not adopt("delivery-roles").exists()
