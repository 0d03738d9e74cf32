"""`sentiment compare` of local executions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from operations.model_change.accuracy_loss import excessive_losses
from operations.views.comparison.markdown import comparison_markdown
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.comparison_samples import local_execution
from tests.support.local_samples import SKLEARN

pytestmark = pytest.mark.usefixtures("comparison_in_process")


@pytest.fixture(scope="module")
def workdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Executions that differ in a parameter, and one that failed."""
    folder = tmp_path_factory.mktemp("work")
    local_execution(folder, 40, {"MaxDepth": 5})
    local_execution(folder, 12, {"MaxDepth": 7})
    local_execution(folder, None, {"MaxDepth": 5, "Eta": 0.1}, reason="out of `memory`")
    return folder


def compared(workdir: Path, *words: str) -> Any:
    return json_output(invoke("compare", *words, "--workdir", str(workdir), "--json"))


def test_comparison_has_what_differs_the_metrics_and_the_paired_test(workdir: Path) -> None:
    found = compared(workdir, "local-0001", "local-0002")
    assert found["differences"] == {"parameters": {"MaxDepth": ["5", "7"]}}
    [comparison] = found["comparisons"]
    assert comparison["test"]["kind"] == "mcnemar"
    assert comparison["changed"]["newly_correct"]["reviews"] == 28


def test_first_execution_is_the_baseline(workdir: Path) -> None:
    arn = "arn:aws:sagemaker:local-1:000000000000:pipeline/local/execution/local-0001"
    [comparison] = compared(workdir, "local-0002", arn)["comparisons"]
    assert (comparison["baseline"], comparison["name"]) == ("local-0002", "local-0001")
    assert comparison["verdict"] == "worse"


def test_failed_execution_is_compared_with_its_reason(workdir: Path) -> None:
    found = compared(workdir, "local-0001", "local-0003")
    assert found["executions"][1]["reason"] == "step Train: out of `memory`"
    assert found["differences"]["parameters"] == {"Eta": [None, "0.1"]}
    assert found["differences"]["outcome"]["status"] == ["Succeeded", "Failed"]


def test_evaluation_that_was_deleted_is_the_reason(tmp_path: Path) -> None:
    local_execution(tmp_path, 12, {})
    for path in tmp_path.rglob("evaluation.json"):
        path.unlink()
    found = compared(tmp_path, "local-0001", "local-0001")
    assert "evaluation.json" in found["executions"][0]["reason"]


FOREIGN = {
    "Version": "2020-12-01",
    "Parameters": [{"Name": "Divisor", "Type": "Integer", "DefaultValue": 2}],
    "Steps": [
        {
            "Name": "Measure",
            "Type": "Processing",
            "Arguments": {
                "AppSpecification": {
                    "ImageUri": SKLEARN,
                    "ContainerEntrypoint": [
                        *("python3", "-c"),
                        "import json, pathlib, sys; root = pathlib.Path('/opt/ml/processing'); "
                        "size = len((root / 'input/data/x.csv').read_text()); "
                        "mse = {'value': size / int(sys.argv[1]), 'standard_deviation': 0.5}; "
                        "text = json.dumps({'regression_metrics': {'mse': mse}}); "
                        "(root / 'output/evaluation/evaluation.json').write_text(text)",
                    ],
                    "ContainerArguments": [
                        {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.Divisor"}]}}
                    ],
                },
                "ProcessingInputs": [
                    {
                        "InputName": "data",
                        "S3Input": {
                            "LocalPath": "/opt/ml/processing/input/data",
                            "S3DataType": "S3Prefix",
                            "S3Uri": "s3://theirs/x.csv",
                        },
                    }
                ],
                "ProcessingOutputConfig": {
                    "Outputs": [
                        {
                            "OutputName": "evaluation",
                            "S3Output": {
                                "LocalPath": "/opt/ml/processing/output/evaluation",
                                "S3Uri": "s3://theirs/evaluation",
                            },
                        }
                    ]
                },
            },
        }
    ],
}


def measured(folder: Path, content: str, *words: str, **changes: str) -> None:
    """Run a definition of others on a file with this content."""
    document = json.dumps(FOREIGN)
    for old, new in changes.items():
        document = document.replace(f'"s3://theirs/{old}"', f'"{new}"')
    (folder / "definition.json").write_text(document)
    (folder / "x.csv").write_text(content)
    given = ("--input", f"s3://theirs/x.csv={folder / 'x.csv'}", *words)
    result = invoke(
        *("run", "--definition", str(folder / "definition.json"), *given),
        *("--workdir", str(folder / "runs")),
    )
    assert result.exit_code == 0, result.output


def test_other_definitions_are_compared_by_inputs_settings_and_metrics(tmp_path: Path) -> None:
    measured(tmp_path, "four", evaluation="s3://theirs/1")
    measured(tmp_path, "eleven", "--parameter", "Divisor=1", evaluation="s3://theirs/2")
    found = compared(tmp_path / "runs", "local-0001", "local-0002")
    assert {group: [*names] for group, names in found["differences"].items()} == {
        "data": ["input s3://theirs/x.csv"],
        "parameters": ["Divisor"],
        "settings": ["Measure: output evaluation S3Uri"],
    }
    [comparison] = found["comparisons"]
    assert comparison["metrics"]["mse"]["difference"] == 4.0
    assert comparison["test"] is None
    assert len([*excessive_losses(found, 1)]) == 1  # a limit that can't be checked isn't kept


def test_evaluations_without_a_common_metric_are_reported(workdir: Path) -> None:
    document = compared(workdir, "local-0001", "local-0002")
    document["comparisons"][0] |= {"metrics": {}, "test": None, "changed": None}
    assert "no metric in common" in comparison_markdown(document)
    document["executions"][1]["reason"] = "why"
    assert "no metric in common" not in comparison_markdown(document)


def test_evaluation_that_a_later_execution_has_overwritten_is_not_compared(tmp_path: Path) -> None:
    measured(tmp_path, "four")
    measured(tmp_path, "eleven")
    found = compared(tmp_path / "runs", "local-0001", "local-0002")
    reasons = [it["reason"] for it in found["executions"]]
    assert "local-0002" in reasons[0]
    assert reasons[1] is None
    assert found["comparisons"][0]["metrics"] == {}


def test_table_shows_difference_interval_and_examples(workdir: Path) -> None:
    result = invoke("compare", "local-0001", "local-0002", "--workdir", str(workdir))
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["parameter", "MaxDepth", "5", "7"] in rows
    assert ["accuracy", "0.80000", "0.94000", "+0.14000"] in [row[:4] for row in rows]
    assert ["neg", "20", "(20.00%)", "6", "(6.00%)", "-14.00", "pp"] in [row[:7] for row in rows]
    assert ["part-00000/13", "neg", "0.8000", "0.2000"] in rows


def test_executions_of_one_model_are_reported_as_the_same(workdir: Path) -> None:
    result = invoke("compare", "local-0001", "local-0001", "--workdir", str(workdir))
    assert "No parameter" in result.stdout
    assert "same model" in result.stdout
    assert "AUC" not in result.stdout


def test_markdown_has_the_tables_and_no_text_of_reviews(workdir: Path) -> None:
    document = compared(workdir, "local-0001", "local-0002", "local-0003")
    for side in document["comparisons"][0]["changed"].values():
        for example in side["examples"]:
            example |= {"id": "a|b`c", "text": "secret"}
    text = comparison_markdown(document)
    assert "| accuracy | 0.80000 | 0.94000 | +0.14000 |" in text
    assert "``a\\|b`c``" in text
    assert "secret" not in text
    assert text.count("``") % 2 == 0
    printed = invoke("compare", "local-0001", "local-0002", "--workdir", str(workdir), "--markdown")
    assert printed.stdout.startswith("| differs |")


def test_page_is_saved(workdir: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    words = ("local-0001", "local-0002", "--workdir", str(workdir), "--html", str(page))
    assert invoke("compare", *words).exit_code == 0
    assert page.read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("words", "mention"),
    [
        (("local-0001",), "two executions"),
        (("local-0001", "local-0009"), "local-0009"),
        (("local-0001", "local-0002", "--json", "--markdown"), "--markdown"),
        (("local-0001", "local-0002", "--html", "nowhere/page.html"), "nowhere"),
    ],
    ids=["one", "unknown", "two-formats", "no-folder"],
)
def test_invalid_requests_are_refused(workdir: Path, words: tuple[str, ...], mention: str) -> None:
    result = invoke("compare", *words, "--workdir", str(workdir))
    assert result.exit_code == 2
    if "--json" not in words:
        assert_refused(result, 2, mention)


@pytest.mark.parametrize(
    ("executions", "allowed", "code"),
    [
        (("local-0002", "local-0001"), "0", 1),  # loses 14 points, 95% CI 9.3 to 18.7
        (("local-0002", "local-0001"), "0.05", 1),
        (("local-0002", "local-0001"), "0.1", 0),
        (("local-0001", "local-0002"), "0", 0),
        (("local-0001", "local-0001"), "0", 0),
        (("local-0001", "local-0003"), "1", 1),
    ],
)
def test_exit_code_is_1_only_for_a_loss_whose_interval_is_above_the_limit(
    workdir: Path, executions: tuple[str, str], allowed: str, code: int
) -> None:
    words = (*executions, "--workdir", str(workdir), "--allowed-loss", allowed)
    result = invoke("compare", *words, "--json")
    assert result.exit_code == code
    assert json_output(result)["comparisons"]
    assert result.stderr.count("\n") == code


def test_allowed_loss_must_be_a_number(workdir: Path) -> None:
    words = ("local-0001", "local-0002", "--workdir", str(workdir), "--allowed-loss", "nan")
    assert invoke("compare", *words).exit_code == 2
