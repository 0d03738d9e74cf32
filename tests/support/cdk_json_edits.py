"""Nine ways in which a user edits cdk.json, each applied to the tests' own.

The documentation's own examples are read from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.support.cdk_context import ENVIRONMENTS
from tests.support.clean_room import ROOT
from tests.support.settings_cases import EACH, EMAIL, SETTINGS
from tests.support.templates import ACCOUNT

_ACCOUNTS = {"dev": "111122223333", "prod": "444455556666"}
_ELSEWHERE = {"region": "eu-west-1"}
_DEV, _PROD = ENVIRONMENTS["dev"], ENVIRONMENTS["prod"]


def _documented(page: str, pattern: str) -> dict[str, Any]:
    """Return the object in the first group of a pattern's only match in a page of docs/."""
    [example] = re.findall(pattern, (ROOT / "docs" / page).read_text(encoding="utf-8"), re.DOTALL)
    found: dict[str, Any] = json.loads(f"{{{example}}}")
    return found


def _environments(**environments: Mapping[str, Any]) -> dict[str, Any]:
    return {"environments": environments}


EDITS: Mapping[str, Mapping[str, Any]] = {
    "alert_email": _environments(dev={**_DEV, "alert_email": EMAIL}, prod=_PROD),
    "another region": _environments(dev={**_DEV, **_ELSEWHERE}, prod={**_PROD, **_ELSEWHERE}),
    "two accounts": _environments(
        dev={**_DEV, "account": _ACCOUNTS["dev"]}, prod={**_PROD, "account": _ACCOUNTS["prod"]}
    ),
    "delivery": {
        **_environments(**ENVIRONMENTS),
        **_documented("delivery.md", r'`("delivery": \{"repository"[^`]*\})`'),
    },
    "delivery from GitLab, qualifier": {
        **_environments(**ENVIRONMENTS),
        **_documented("delivery.md", r'`("delivery": \{"gitlab_project"[^`]*\})`'),
        **_documented("delivery.md", r'`("@aws-cdk/core:bootstrapQualifier": "[^`"]*")`'),
    },
    "spark": _environments(
        **{**ENVIRONMENTS, **_documented("spark.md", r"```json\n(.*?)```")},
    ),
    "prod removed": _environments(dev=_DEV),
    "prod renamed and staging added": _environments(dev=_DEV, live=_PROD, staging=_DEV),
    "many settings": {
        **_environments(
            dev={**SETTINGS["everything"], **_DEV, "account": ACCOUNT},
            prod={
                **EACH["no_network"],
                **EACH["preset"],
                **_ELSEWHERE,
                "account": _ACCOUNTS["prod"],
            },
        ),
        "delivery": {
            "repository": "someone/sentiment",
            "region": "us-east-1",
            "create_provider": False,
        },
        "pull_request": {"allowed_accuracy_loss": 0.005},
        "commit": "0123456789abcdef0123456789abcdef01234567",
    },
}
"""The context of each edited cdk.json."""
