"""``diff``: changes between two versions of the pipelines."""

from __future__ import annotations

from typing import Any

import click

from operations.command_line.completion import complete_files
from operations.command_line.target import region_option
from operations.errors import FAILURE, SUCCESS
from operations.options import json_option


@click.command()
@click.argument("old", shell_complete=complete_files)
@click.argument("new", shell_complete=complete_files)
@json_option
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there are differences.")
@region_option
def diff(old: str, new: str, as_json: bool, exit_code: bool, region: str | None) -> int:
    """Show the changes from OLD to NEW as Markdown.

    OLD and NEW are each one of: a pipeline definition (JSON); a CloudFormation template; a folder
    of templates, such as cdk.out; a git revision (main, HEAD~1, v1:path/to/file); or
    deployed:ENVIRONMENT. Permissions are compared only between templates and deployed stacks.
    """
    from operations.errors import CliError, UsageError
    from pipeline_diff import errors
    from pipeline_diff.diff import diff as compare
    from pipeline_diff.render.json_document import json_document
    from pipeline_diff.render.markdown import markdown

    def deployed(environment: str) -> tuple[str, Any]:
        from operations.aws.pipelines import deployed_template

        return deployed_template(environment, region)

    try:
        found = compare(old, new, deployed)
    except errors.SourceError as error:
        raise UsageError(str(error)) from None
    except errors.DiffError as error:
        raise CliError(str(error)) from None
    click.echo((json_document if as_json else markdown)(found), nl=False)
    return FAILURE if exit_code and found.differs else SUCCESS
