"""The setting `delivery`: absent, taken, or refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.delivery.settings import Delivery, DeliverySettings, deliveries
from infra.settings import Settings, SettingsError, environments
from tests.support.clean_room import ROOT

GOOD = {"repository": "octo-org@123456/octo-repo@456789", "region": "us-east-1"}
ONE, OTHER = "111122223333", "444455556666"


def _environments(**accounts: str | None) -> list[Settings]:
    return environments(
        {
            name: {"region": "us-east-1", **({"account": account} if account else {})}
            for name, account in accounts.items()
        }
    )


def test_committed_settings_deliver_nothing() -> None:
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    assert deliveries(context.get("delivery"), environments(context["environments"])) == []


def test_environments_of_the_credentials_account_are_delivered_together() -> None:
    found = _environments(dev=None, prod=None)
    settings = DeliverySettings(GOOD["repository"], "us-east-1", create_provider=True)
    assert deliveries(GOOD, found) == [Delivery(settings, None, tuple(found))]


def test_each_account_has_a_delivery_of_its_own_environments() -> None:
    made = deliveries(GOOD, _environments(dev=ONE, prod=OTHER, test=ONE))
    assert [(item.account, [one.name for one in item.environments]) for item in made] == [
        (ONE, ["dev", "test"]),
        (OTHER, ["prod"]),
    ]


@pytest.mark.parametrize(
    "repository",
    [
        "octo-org@123456/octo-repo@456789",
        "octo-org/octo-repo",
        "Octo/.github",
        "user_company@1/my.repo_2@2",
    ],
)
def test_repository_is_taken_as_github_writes_it(repository: str) -> None:
    [made] = deliveries(GOOD | {"repository": repository}, _environments(dev=None))
    assert made.settings.repository == repository


@pytest.mark.parametrize(
    "repository",
    [
        pytest.param("", id="empty"),
        pytest.param("octo-repo", id="no-owner"),
        pytest.param("octo-org/", id="no-name"),
        pytest.param("octo-org/*", id="any-of-an-owner"),
        pytest.param("*/*", id="anybody"),
        pytest.param("octo-org/octo-rep?", id="any-character"),
        pytest.param("octo-org/octo-repo:environment", id="more-of-the-subject"),
        pytest.param("octo-org/octo-repo/main", id="branch"),
        pytest.param("https://github.com/octo-org/octo-repo", id="address"),
        pytest.param("octo-org@123456/octo-repo", id="id-of-the-owner-alone"),
        pytest.param("octo-org/octo-repo@456789", id="id-of-the-repository-alone"),
        pytest.param("octo-org@x/octo-repo@y", id="ids-that-are-no-numbers"),
        pytest.param("octo-org/octo-repo\n", id="line-end"),
        pytest.param("öcto/repo", id="other-letters"),
    ],
)
def test_repository_that_is_none_or_several_is_refused(repository: str) -> None:
    with pytest.raises(
        SettingsError, match=r"^cdk\.json: delivery: repository .* must read"
    ) as told:
        deliveries(GOOD | {"repository": repository}, _environments(dev=None))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("context", "told"),
    [
        pytest.param("octo-org/octo-repo", "must be an object of settings", id="text"),
        pytest.param([], "must be an object of settings", id="list"),
        pytest.param(False, "must be an object of settings", id="false"),
        pytest.param({}, "repository is missing", id="empty"),
        pytest.param({"repository": "a/b"}, "region is missing", id="no-region"),
        pytest.param({"region": "us-east-1"}, "repository is missing", id="no-repository"),
        pytest.param(GOOD | {"region": "Ohio"}, "region 'Ohio' is no AWS region", id="no-region"),
        pytest.param(GOOD | {"repository": 1}, "repository must be str, not 1", id="number"),
        pytest.param(GOOD | {"create_provider": "no"}, "create_provider must be bool", id="word"),
        pytest.param(GOOD | {"branch": "main"}, "unknown setting 'branch'; use create_", id="more"),
    ],
)
def test_wrong_setting_is_refused_by_name(context: Any, told: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        deliveries(context, _environments(dev=None))
    assert str(refusal.value).startswith("cdk.json: delivery: ")
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_account_known_for_some_environments_only_is_refused() -> None:
    # If both lie in one account, the second deployment would take the first one's roles away.
    with pytest.raises(SettingsError, match="give every environment its account, or none"):
        deliveries(GOOD, _environments(dev=None, prod=ONE))
