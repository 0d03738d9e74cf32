"""The settings of the delivery: absent, parsed, or rejected with their name."""

from __future__ import annotations

from typing import Any

import pytest

from infra.delivery.settings import Delivery, DeliverySettings, deliveries
from infra.settings import Settings, environments
from infra.settings_errors import SettingsError

GOOD = {"repository": "octo-org@123456/octo-repo@456789", "region": "us-east-1"}
GITLAB = {"gitlab_project": "group/sub-group/my.project_2", "region": "us-east-1"}
ONE, OTHER = "111122223333", "444455556666"


def _environments(**accounts: str | None) -> list[Settings]:
    return environments(
        {
            name: {"region": "us-east-1", **({"account": account} if account else {})}
            for name, account in accounts.items()
        }
    )


def test_delivery_is_optional() -> None:
    assert deliveries(None, _environments(dev=None)) == []


def test_environments_without_account_share_a_delivery() -> None:
    found = _environments(dev=None, prod=None)
    settings = DeliverySettings.model_validate(GOOD)
    assert deliveries(GOOD, found) == [Delivery(settings, None, tuple(found))]


def test_each_account_has_its_own_delivery() -> None:
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
def test_repository_may_have_ids(repository: str) -> None:
    [made] = deliveries(GOOD | {"repository": repository}, _environments(dev=None))
    assert made.settings.repository == repository


@pytest.mark.parametrize(
    "repository",
    [
        pytest.param("", id="empty"),
        pytest.param("octo-repo", id="no-owner"),
        pytest.param("octo-org/", id="no-name"),
        pytest.param("octo-org/*", id="any-of-an-owner"),
        pytest.param("*/*", id="any-repository"),
        pytest.param("octo-org/octo-rep?", id="any-character"),
        pytest.param("octo-org/octo-repo:environment", id="more-of-the-subject"),
        pytest.param("octo-org/octo-repo/main", id="branch"),
        pytest.param("https://github.com/octo-org/octo-repo", id="address"),
        pytest.param("octo-org@123456/octo-repo", id="id-of-the-owner-alone"),
        pytest.param("octo-org/octo-repo@456789", id="id-of-the-repository-alone"),
        pytest.param("octo-org@x/octo-repo@y", id="ids-that-are-not-numbers"),
        pytest.param("octo-org/octo-repo\n", id="line-end"),
        pytest.param("öcto/repo", id="other-letters"),
    ],
)
def test_text_that_names_no_single_repository_is_rejected(repository: str) -> None:
    with pytest.raises(SettingsError) as error:
        deliveries(GOOD | {"repository": repository}, _environments(dev=None))
    assert str(error.value).startswith("cdk.json: delivery: repository must be owner@id/name@id")
    assert "\n" not in str(error.value)


def test_project_on_gitlab_may_be_in_subgroups_of_any_instance() -> None:
    context = {**GITLAB, "gitlab_url": "https://git.example.com/gitlab"}
    [made] = deliveries(context, _environments(dev=None))
    assert made.settings.gitlab_project == GITLAB["gitlab_project"]
    assert made.settings.repositories == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("gitlab_project", value) for value in ("", "project", "group/", "group/*", "g/p:ref")),
        *(("gitlab_project", value) for value in ("group//project", "/group/project", "g/p\n")),
        *(("gitlab_url", f"https://{value}") for value in ("", "a.b/", "a.b:8443", "a.b?x", "*.b")),
        ("gitlab_url", "http://gitlab.example.com"),
    ],
)
def test_text_that_names_no_single_project_is_rejected(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^cdk.json: delivery: {name} must be "):
        deliveries({**GITLAB, name: value}, _environments(dev=None))


@pytest.mark.parametrize(
    ("context", "name"),
    [
        pytest.param("octo-org/octo-repo", "object", id="text"),
        pytest.param([], "object", id="list"),
        pytest.param(False, "object", id="false"),
        pytest.param({}, "region", id="empty"),
        pytest.param({"repository": "a/b"}, "region", id="no-region"),
        pytest.param({"region": "us-east-1"}, "repository", id="no-repository"),
        pytest.param(GOOD | GITLAB, "gitlab_project", id="repository-and-project"),
        pytest.param(
            GITLAB | {"previous_repository": "a/b"},
            "previous_repository",
            id="previous-of-a-project",
        ),
        pytest.param(GOOD | {"gitlab_url": "https://gitlab.com"}, "gitlab_url", id="url-alone"),
        pytest.param(GOOD | {"region": "Ohio"}, "region", id="unknown-region"),
        pytest.param(GOOD | {"repository": 1}, "repository", id="number"),
        pytest.param(GOOD | {"create_provider": "no"}, "create_provider", id="word"),
        pytest.param(GOOD | {"branch": "main"}, "'branch'", id="unknown-setting"),
        pytest.param(
            GOOD | {"previous_repository": "octo-org/*"}, "previous_repository", id="wildcard"
        ),
        pytest.param(
            GOOD | {"previous_repository": GOOD["repository"]},
            "previous_repository",
            id="previous-repository-is-the-same",
        ),
    ],
)
def test_wrong_setting_is_rejected_with_its_name(context: Any, name: str) -> None:
    with pytest.raises(SettingsError) as error:
        deliveries(context, _environments(dev=None))
    assert str(error.value).startswith("cdk.json: delivery: ")
    assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_account_must_be_set_for_all_environments_or_none() -> None:
    # In one account, the second deployment would delete the roles of the first.
    for given in (GOOD, GOOD | {"promotions": {"dev": "prod"}}):
        with pytest.raises(SettingsError, match="account for every environment"):
            deliveries(given, _environments(dev=None, prod=ONE))


@pytest.mark.parametrize(
    ("region", "environment"),
    [("us-gov-west-1", "us-east-1"), ("us-east-1", "us-gov-west-1")],
    ids=["of-the-stack", "of-an-environment"],
)
def test_delivery_outside_partition_aws_is_rejected(region: str, environment: str) -> None:
    found = environments({"dev": {"region": environment}})
    with pytest.raises(SettingsError, match="'aws-us-gov'"):
        deliveries({**GOOD, "region": region}, found)


# Promotions


def _delivered(**settings: dict[str, Any]) -> list[Delivery]:
    found = {name: {"region": "us-east-1", **given} for name, given in settings.items()}
    return deliveries(GOOD | {"promotions": {"prod": "dev"}}, environments(found))


def test_promotions_name_the_source_of_each_target() -> None:
    [made] = _delivered(dev={}, prod={})
    assert {target: source.name for target, source in made.sources.items()} == {"prod": "dev"}


def test_promotions_to_another_account_need_it_among_the_readers() -> None:
    dev, prod = {"account": ONE}, {"account": OTHER}
    with pytest.raises(SettingsError, match=f"{OTHER} in model_readers of dev"):
        _delivered(dev=dev, prod=prod)
    assert len(_delivered(dev={**dev, "model_readers": [OTHER]}, prod=prod)) == 2


@pytest.mark.parametrize(
    "settings", [{"dev": {}}, {"prod": {}}, {"dev": {"region": "eu-west-1"}, "prod": {}}]
)
def test_promotions_between_unknown_or_distant_environments_are_refused(
    settings: dict[str, dict[str, Any]],
) -> None:
    with pytest.raises(SettingsError, match="promotions"):
        _delivered(**settings)


@pytest.mark.parametrize("promotions", [["prod"], {"prod": 1}, {"prod": "prod"}, "prod"])
def test_promotions_of_another_form_are_refused(promotions: object) -> None:
    with pytest.raises(SettingsError, match="promotions"):
        deliveries(GOOD | {"promotions": promotions}, _environments(dev=None, prod=None))


def test_account_among_its_own_readers_is_refused() -> None:
    own = {"region": "us-east-1", "account": ONE, "model_readers": [ONE]}
    with pytest.raises(SettingsError, match="model_readers"):
        environments({"dev": own})
