"""The Compare job: what differs between executions, and what that does to the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from processing.errors import DataError
from processing.evaluation.decision_threshold import chosen_threshold, fixed_threshold
from tests.support.comparison_samples import REVIEWS, compared, execution, labels
from tests.support.evaluation_samples import changed, put, run_of, with_threshold

Execution = dict[str, Any]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Execution:
    return execution(tmp_path_factory.mktemp("base"), "base", 40)


def one_comparison(folder: Path, *executions: Execution) -> Any:
    [found] = compared(folder, executions)["comparisons"]
    return found


def test_only_parameters_that_differ_are_listed(tmp_path: Path, base: Execution) -> None:
    deeper = {**base, "name": "deeper", "parameters": {"MaxDepth": 7, "Eta": 0.2}}
    base = {**base, "parameters": {"MaxDepth": 5, "Eta": 0.2}}
    found = compared(tmp_path, [base, deeper])
    assert found["differences"] == {"parameters": {"MaxDepth": ["5", "7"]}}
    assert [it["name"] for it in found["executions"]] == ["base", "deeper"]
    assert found["comparisons"][0]["same_model"] is True


def test_each_execution_is_judged_by_its_own_decision_threshold(
    tmp_path: Path, base: Execution
) -> None:
    run = with_threshold(tmp_path / "run", fixed_threshold(0.9))
    strict = execution(tmp_path, "strict", 40, run=run)
    strict["parameters"] = {**base["parameters"], "DecisionThreshold": "0.9"}
    base = {**base, "parameters": {**base["parameters"], "DecisionThreshold": "0.5"}}
    found = compared(tmp_path / "compared", [base, strict])
    assert found["differences"] == {"parameters": {"DecisionThreshold": ["0.5", "0.9"]}}
    [comparison] = found["comparisons"]
    # No score is above 0.9, so every positive review is misclassified, and no negative one.
    assert comparison["metrics"]["accuracy"]["difference"] == pytest.approx(0.5 - 0.8)
    assert comparison["metrics"]["auc"]["difference"] == 0
    assert comparison["changed"]["newly_correct"]["reviews"] == 20
    assert comparison["changed"]["newly_wrong"]["reviews"] == 80


def test_thresholds_that_were_chosen_for_a_goal_are_differences(
    tmp_path: Path, base: Execution
) -> None:
    chosen = [
        chosen_threshold("f1", np.array([0, 1], np.uint8), np.array([0.1, high]))
        for high in (0.5, 0.9)
    ]
    runs = [with_threshold(tmp_path / f"run{number}", it) for number, it in enumerate(chosen)]
    executions = [execution(tmp_path / "executions", run.name, 40, run=run) for run in runs]
    found = compared(tmp_path / "compared", executions)
    assert found["differences"] == {"outcome": {"decision threshold": ["0.3", "0.5"]}}


@pytest.mark.parametrize(
    ("changes", "group", "name", "values"),
    [
        ({"parameters": {"CodeFile": "b.pyz"}}, "code", "code", ["a.pyz", "b.pyz"]),
        ({"settings": {"Train: image": "v2"}}, "settings", "Train: image", ["v1", "v2"]),
        ({"settings": {"Train: image": "v1", "x": "y"}}, "settings", "x", [None, "y"]),
        ({"environment": "dev"}, "environment", "environment", ["local", "dev"]),
        ({"status": "Failed"}, "outcome", "status", ["Succeeded", "Failed"]),
        (
            {"parameters": {"DatasetUri": "https://me:secret@host/a.csv?X-Amz-Signature=x"}},
            "data",
            "dataset",
            ["own.csv", "https://host/a.csv"],
        ),
    ],
    ids=["code", "setting", "new-setting", "environment", "status", "dataset"],
)
def test_difference_is_in_its_group(
    tmp_path: Path,
    base: Execution,
    changes: Execution,
    group: str,
    name: str,
    values: list[str | None],
) -> None:
    parameters = {"CodeFile": "a.pyz", "DatasetUri": "file:///runs/own.csv"}
    base = {**base, "parameters": parameters, "settings": {"Train: image": "v1"}}
    changes = {**changes, "parameters": {**parameters, **changes.get("parameters", {})}}
    assert compared(tmp_path, [base, {**base, **changes}])["differences"] == {group: {name: values}}


def test_code_is_compared_by_its_content_if_that_is_known(tmp_path: Path, base: Execution) -> None:
    names = ("a.pyz", "0123456789abcdef.pyz", "b.pyz")
    executions = [{**base, "parameters": {"CodeFile": name}} for name in names]
    for number, (one, content) in enumerate(zip(executions, "aab", strict=True)):
        evaluation = json.loads((Path(base["evaluation"]) / "evaluation.json").read_text())
        assert evaluation["code_sha256"] is None, "the tests run the code from a folder"
        text = json.dumps({**evaluation, "code_sha256": content})
        one["evaluation"] = str(put(tmp_path / str(number), {"evaluation.json": text}))
    assert compared(tmp_path / "1", executions[:2])["differences"] == {}
    found = compared(tmp_path / "2", executions)["differences"]
    assert found == {"code": {"code (SHA-256)": ["a", "a", "b"]}}


def test_values_of_the_deployment_and_unknown_settings_are_no_differences(
    tmp_path: Path, base: Execution
) -> None:
    elsewhere = {**base, "parameters": {**base["parameters"], "ArtifactsUri": "s3://bucket"}}
    known = {**base, "settings": {"Train: image": "v1"}}
    assert compared(tmp_path, [base, elsewhere, known])["differences"] == {}


def test_models_of_the_same_test_set_are_compared_review_by_review(
    tmp_path: Path, base: Execution
) -> None:
    better = execution(tmp_path, "better", 12, first=36)
    found = one_comparison(tmp_path / "out", base, better)
    assert (found["baseline"], found["name"]) == ("base", "better")
    assert found["verdict"] == "better"
    test = found["test"]
    assert test["kind"] == "mcnemar"
    # Rows 36 to 39 are misclassified by both.
    assert (test["only_this"], test["only_baseline"]) == (36, 8)
    assert test["difference"] == pytest.approx(28 / REVIEWS)
    assert found["metrics"]["accuracy"]["paired"] is True
    for bound in ("low", "high"):
        assert found["metrics"]["accuracy"][bound] == pytest.approx(test[bound])
    assert found["unpaired_reason"] is None


def test_errors_are_compared_by_class(tmp_path: Path, base: Execution) -> None:
    worse = execution(tmp_path, "worse", 60)
    document = compared(tmp_path / "out", [base, worse])
    [found] = document["comparisons"]
    errors = [
        {key: (it["errors"], it["reviews"]) for key, it in execution["classes"].items()}
        for execution in document["executions"]
    ]
    assert errors == [
        {"negative": (20, 100), "positive": (20, 100)},
        {"negative": (30, 100), "positive": (30, 100)},
    ]
    assert found["classes"]["negative"]["difference"] == pytest.approx(0.1)
    assert 0 < found["classes"]["negative"]["low"] < 0.1 < found["classes"]["negative"]["high"]


def test_reviews_that_changed_sides_are_counted_and_the_clearest_are_listed(
    tmp_path: Path, base: Execution
) -> None:
    other = execution(tmp_path, "other", 40, first=30)
    changes = one_comparison(tmp_path / "out", base, other)["changed"]
    assert [changes[side]["reviews"] for side in ("newly_correct", "newly_wrong")] == [30, 30]
    examples = changes["newly_correct"]["examples"]
    assert len(examples) == 10
    # Equal changes are in the order of the rows.
    assert examples[0] == {"id": "part-00000/1", "label": "neg", "scores": [0.8, 0.2]}
    assert changes["newly_wrong"]["examples"][0]["id"] == "part-00000/41"


def test_reviews_in_another_order_are_paired_by_their_ids(tmp_path: Path, base: Execution) -> None:
    same, moved = (
        execution(tmp_path, name, 40, first=30, reverse=reverse)
        for name, reverse in (("same", False), ("moved", True))
    )
    one, other = compared(tmp_path / "out", [base, same, moved])["comparisons"]
    assert one["changed"]["newly_correct"]["reviews"] == 30
    assert {**other, "name": "same"} == one


@pytest.mark.parametrize(
    ("output", "reverse"), [("predictions", False), ("labels", False), ("rows", True)]
)
def test_without_the_predictions_only_the_accuracy_is_paired(
    tmp_path: Path, base: Execution, output: str, reverse: bool
) -> None:
    other = execution(tmp_path, "other", 20, reverse=reverse)
    del other[output]
    found = one_comparison(tmp_path / "out", base, other)
    assert found["test"]["kind"] == "mcnemar"
    assert (found["test"]["only_this"], found["test"]["only_baseline"]) == (20, 0)
    assert found["changed"] is None
    assert found["metrics"]["auc"]["paired"] is False
    assert found["metrics"]["auc"]["low"] < found["metrics"]["auc"]["difference"]
    assert found["metrics"]["brier"]["low"] is None
    assert "other" in found["unpaired_reason"]


def with_test_set(folder: Path, base: Execution, **changes: str) -> Execution:
    """The same execution with another test set in its evaluation, without predictions."""
    evaluation = json.loads((Path(base["evaluation"]) / "evaluation.json").read_text())
    evaluation["test_set"] |= changes
    put(folder / "evaluation", {"evaluation.json": json.dumps(evaluation)})
    return {"evaluation": str(folder / "evaluation"), "name": "other", **_described(base)}


def _described(base: Execution) -> Execution:
    kept = ("environment", "parameters", "started", "status")
    return {key: base[key] for key in kept}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"ids_sha256": "0"}, "different reviews"), ({"labels_sha256": "0"}, "different labels")],
    ids=["ids", "labels"],
)
def test_reason_for_an_unpaired_test_is_given(
    tmp_path: Path, base: Execution, changes: dict[str, str], reason: str
) -> None:
    found = one_comparison(tmp_path / "out", base, with_test_set(tmp_path, base, **changes))
    assert found["test"]["kind"] == "unpaired"
    assert reason in found["unpaired_reason"]


def test_test_sets_of_different_size_are_compared_unpaired(tmp_path: Path, base: Execution) -> None:
    found = one_comparison(tmp_path / "out", base, execution(tmp_path, "small", 5, reviews=50))
    assert found["test"]["kind"] == "unpaired"
    assert "200 and 50 reviews" in found["unpaired_reason"]
    assert found["changed"] is None
    assert found["metrics"]["log_loss"]["paired"] is False
    assert found["metrics"]["log_loss"]["low"] < found["metrics"]["log_loss"]["difference"]


def test_dataset_and_splits_are_part_of_what_differs(tmp_path: Path, base: Execution) -> None:
    files = [{"name": "other.csv", "sha256": "12"}]
    run = changed(run_of(), tmp_path / "run", "manifest", {"files": files, "test_texts_hash": "0"})
    from tests.support.comparison_samples import scores
    from tests.support.evaluation_samples import arguments, measured

    measured(tmp_path / "out", arguments(tmp_path / "in", scores(40), labels(), run=run))
    other = {**base, "evaluation": str(tmp_path / "out" / "evaluation")}
    data = compared(tmp_path / "found", [base, other])["differences"]["data"]
    assert data.keys() == {"content (SHA-256)", "test texts (hash)"}


def test_verdict_of_the_gate_is_not_compared_if_an_older_evaluation_lacks_it(
    tmp_path: Path, base: Execution
) -> None:
    evaluation = json.loads((Path(base["evaluation"]) / "evaluation.json").read_text())
    del evaluation["gate"]["passed"]
    (tmp_path / "older").mkdir()
    (tmp_path / "older" / "evaluation.json").write_text(json.dumps(evaluation))
    older = {**base, "evaluation": str(tmp_path / "older")}
    assert compared(tmp_path / "found", [base, older])["differences"] == {}


def test_execution_without_an_evaluation_still_shows_what_differs(
    tmp_path: Path, base: Execution
) -> None:
    failed = {
        **_described(base),
        "name": "failed",
        "parameters": {"MaxDepth": 9},
        "reason": "step Train: out of memory",
        "status": "Failed",
    }
    found = compared(tmp_path, [base, failed])
    assert found["differences"] == {
        "outcome": {"status": ["Succeeded", "Failed"]},
        "parameters": {"MaxDepth": ["5", "9"]},
    }
    assert found["executions"][1]["reason"] == "step Train: out of memory"
    [comparison] = found["comparisons"]
    assert (comparison["test"], comparison["metrics"]) == (None, {})


def test_metrics_of_another_definition_are_compared_without_intervals(tmp_path: Path) -> None:
    executions = []
    for name, error in (("one", 4.5), ("two", 4.25)):
        metrics = {"regression_metrics": {"mse": {"value": error, "standard_deviation": 1.0}}}
        put(tmp_path / name, {"evaluation.json": json.dumps(metrics)})
        described = {"environment": "local", "started": "", "status": "Succeeded"}
        executions.append({**described, "name": name, "evaluation": str(tmp_path / name)})
    found = one_comparison(tmp_path / "out", *executions)
    assert found["metrics"]["mse"] == {
        "difference": -0.25,
        "high": None,
        "low": None,
        "paired": False,
    }
    assert found["test"] is None


@pytest.mark.parametrize(
    "other",
    [
        {"labels": ["a"], "data": [1], "gate": 1, "calibration": "x", "code_sha256": 5},
        {"binary_classification_metrics": 7, "test_set": 8},
        {"binary_classification_metrics": {"confusion_matrix": [[1]]}, "test_set": {}},
        {"mse_metrics": {"mse": {"value": float("nan")}, "r2": {"value": True}, "x": None}},
        {"metrics": 0.5},
    ],
    ids=["keys", "groups", "matrix", "numbers", "flat"],
)
def test_evaluations_of_any_shape_have_nothing_to_compare(
    tmp_path: Path, base: Execution, other: Execution
) -> None:
    put(tmp_path / "other", {"evaluation.json": json.dumps(other)})
    foreign = {**_described(base), "name": "other", "evaluation": str(tmp_path / "other")}
    found = compared(tmp_path / "out", [base, foreign], "--page")
    [comparison] = found["comparisons"]
    assert (comparison["metrics"], comparison["test"]) == ({}, None)
    assert found["executions"][1]["metrics"] == {}


def test_each_execution_is_compared_with_the_first_one(tmp_path: Path, base: Execution) -> None:
    others = [execution(tmp_path, name, errors) for name, errors in (("a", 30), ("b", 50))]
    found = compared(tmp_path / "out", [base, *others])["comparisons"]
    assert [(it["baseline"], it["name"]) for it in found] == [("base", "a"), ("base", "b")]
    signs = [it["metrics"]["accuracy"]["difference"] for it in found]
    assert signs == pytest.approx([0.05, -0.05])


def test_predictions_of_another_test_set_are_refused(tmp_path: Path, base: Execution) -> None:
    small = execution(tmp_path, "small", 5, reviews=50)
    mixed = {
        **base,
        "name": "mixed",
        **{key: small[key] for key in ("predictions", "labels", "rows")},
    }
    with pytest.raises(DataError, match="mixed"):
        compared(tmp_path / "out", [base, mixed])


@pytest.mark.parametrize("content", ["", "[]", "\x00"])
def test_damaged_evaluation_is_refused(tmp_path: Path, base: Execution, content: str) -> None:
    folder = put(tmp_path / "damaged", {"evaluation.json": content})
    with pytest.raises(DataError, match="isn't a JSON object"):
        compared(tmp_path / "out", [base, {**base, "evaluation": str(folder)}])


def test_same_executions_give_the_same_bytes(tmp_path: Path, base: Execution) -> None:
    other = execution(tmp_path, "other", 20)
    for name in ("one", "two"):
        compared(tmp_path / name, [base, other])
    one, two = (tmp_path / name / "comparison.json" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_texts_are_added_only_if_the_raw_reviews_are_given(tmp_path: Path, base: Execution) -> None:
    other = execution(tmp_path, "other", 0)
    lines = [{"id": "part-00000/1", "text": "So <b>bad</b>.", "label": "neg"}]
    raw = put(tmp_path / "raw", {"r.jsonl": "".join(json.dumps(it) + "\n" for it in lines)})
    found = compared(tmp_path / "out", [base, other], "--raw", str(raw))
    first, second, *_ = found["comparisons"][0]["changed"]["newly_correct"]["examples"]
    assert first["text"] == "So bad ."
    assert "text" not in second
