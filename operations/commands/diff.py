"""``diff``: what a change does to the pipeline, in words."""

from __future__ import annotations

from typing import Any

import click

from operations.options import (
    DONE,
    FAILED,
    json_option,
    region_option,
)


@click.command()
@click.argument("old")
@click.argument("new")
@json_option
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there are differences.")
@region_option
def diff(old: str, new: str, as_json: bool, exit_code: bool, region: str | None) -> int:
    """Tell what changes from OLD to NEW, as Markdown.

    OLD and NEW are each a definition (JSON), a template or the folder cdk.out of `make synth`, a
    revision of git (main, HEAD~1, v1:path/to/file), or deployed:ENVIRONMENT. Templates and what is
    deployed tell of permissions, too.
    """
    from pipeline_diff.render.as_json import as_json as json_of
    from pipeline_diff.render.markdown import markdown
    from pipeline_diff.report import report

    def deployed(environment: str) -> tuple[str, Any]:
        from operations.aws.templates import deployed_template

        return deployed_template(environment, region)

    found = report(old, new, deployed)
    click.echo((json_of if as_json else markdown)(found), nl=False)
    return FAILED if exit_code and found.differs else DONE
