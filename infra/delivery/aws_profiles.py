"""``python -m infra.delivery.aws_profiles NAME ACCOUNT`` writes the profiles of a job in GitLab.

Reads the job's ID token from stdin, and writes it and an AWS configuration below build/aws/. Its
profiles ``deploy``, ``smoke``, ``promote`` and ``drift`` assume the environment's role of that name
by the token. GitHub's jobs assume their roles by an action instead.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from configparser import ConfigParser
from pathlib import Path

from infra.environments import bootstrap_qualifier, context, environment_named
from infra.settings import Settings
from infra.settings_errors import SettingsError, exit_with_settings_error

_FOLDER = Path("build") / "aws"


def profiles(settings: Settings, account: str, qualifier: str, token: Path) -> ConfigParser:
    """Return an AWS configuration; token: the file with the job's ID token."""
    roles = f"arn:aws:iam::{account}:role"
    config = ConfigParser(interpolation=None)
    kinds = {kind: kind for kind in ("deploy", "smoke", "promote")} | {"drift-role": "drift"}
    for profile, kind in kinds.items():
        config[f"profile {profile}"] = {
            "region": settings.region,
            "role_arn": f"{roles}/{settings.resource_name}-{kind}",
            "web_identity_token_file": str(token),
        }
    # The CDK's lookup role, which `cdk drift` doesn't assume itself.
    config["profile drift"] = {
        "region": settings.region,
        "role_arn": f"{roles}/cdk-{qualifier}-lookup-role-{account}-{settings.region}",
        "source_profile": "drift-role",
    }
    return config


def main(words: Sequence[str], token: str) -> None:
    """Write the profiles of the environment that ``words`` names. Raise SettingsError."""
    name, account = words
    settings = environment_named(name)
    if not re.fullmatch("[0-9]{12}", account):
        raise SettingsError(f"set AWS_ACCOUNT to an AWS account ID of 12 digits, got {account!r}")
    if not token.strip():
        raise SettingsError("AWS_ID_TOKEN is empty; add id_tokens to the job in .gitlab-ci.yml")
    _FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = (_FOLDER / "token").resolve()
    file.touch(mode=0o600)
    file.write_text(token.strip(), encoding="utf-8")
    config = profiles(settings, account, bootstrap_qualifier(context()), file)
    with (_FOLDER / "config").open("w", encoding="utf-8") as stream:
        config.write(stream)


if __name__ == "__main__":
    with exit_with_settings_error():
        main(sys.argv[1:], sys.stdin.read())
