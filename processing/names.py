"""Names that several modules share: steps, parameters, inputs and outputs, files, JSON keys.

A literal that must be equal in two places is one name here: the path that the definition mounts and
a job reads, the JSON key that a job writes and a condition or a command reads. Standard library
only; every package except ``local_runner``, which runs any definition, may import it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar


class Step:
    """Names of the pipelines' steps."""

    DOWNLOAD = "Download"
    PREPROCESS = "Preprocess"
    TRAIN = "Train"
    CREATE_MODEL = "CreateModel"
    TRANSFORM = "Transform"
    PACKAGE = "Package"
    CHAMPION = "Champion"
    EVALUATE = "Evaluate"
    QUALITY_GATE = "QualityGate"
    REGISTER_MODEL = "RegisterModel"
    REJECT = "Reject"
    FIND_MODEL = "FindModel"
    PREPARE = "Prepare"
    JOIN = "Join"
    DRIFT_KNOWN = "DriftKnown"
    DRIFT_UNKNOWN = "DriftUnknown"
    DRIFT_GATE = "DriftGate"
    DRIFTED = "Drifted"


class Parameter:
    """Names of the pipeline parameters that code outside ``pipeline_steps`` reads or sets."""

    ARTIFACTS_URI = "ArtifactsUri"
    CODE_URI = "CodeUri"
    CODE_FILE = "CodeFile"
    EXECUTION_ROLE_ARN = "ExecutionRoleArn"
    MODEL_PACKAGE_GROUP_NAME = "ModelPackageGroupName"
    KMS_KEY_ARN = "KmsKeyArn"
    COMMIT = "Commit"

    DATASET_URI = "DatasetUri"
    DATASET_VERSION = "DatasetVersion"
    TEXT_COLUMN = "TextColumn"
    LABEL_COLUMN = "LabelColumn"
    ID_COLUMN = "IdColumn"
    POSITIVE_LABEL = "PositiveLabel"
    TEST_FRACTION = "TestFraction"
    VALIDATION_FRACTION = "ValidationFraction"
    SEED = "Seed"
    EVAL_METRIC = "EvalMetric"
    ETA = "Eta"
    FEATURES = "Features"
    TRAINING_INSTANCE_COUNT = "TrainingInstanceCount"
    MODEL_VERSION = "ModelVersion"
    DRIFT_THRESHOLD = "DriftThreshold"


# Paths in a job's container.
INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/output"

CODE_FILE = "processing.pyz"
"""File name of the code asset where CDK doesn't name it by its content's hash."""

# Jobs: the first argument of the code asset.
PREPROCESS_ON_SPARK = "preprocess-on-spark"
"""The job that does the work of Preprocess on a Spark cluster."""

FIND_MODEL = "find-model"
INSPECT = "inspect"
COMPARE = "compare"
FEEDBACK = "feedback"

JOBS = {
    "download": "processing.jobs.download",
    "preprocess": "processing.jobs.preprocess",
    PREPROCESS_ON_SPARK: "processing.spark.submit",
    "package": "processing.jobs.package",
    "champion": "processing.jobs.champion",
    "evaluate": "processing.jobs.evaluate",
    "report": "processing.jobs.report",
    COMPARE: "processing.jobs.compare",
    FIND_MODEL: "processing.jobs.find_model",
    "prepare": "processing.jobs.prepare",
    "join": "processing.jobs.join",
    "predict": "processing.jobs.predict",
    FEEDBACK: "processing.jobs.feedback",
    INSPECT: "processing.jobs.inspect",
}
"""The modules of the jobs."""

# Inputs and outputs of the steps, which are the options of their jobs, too.
RAW = "raw"
TRAIN = "train"
VALIDATION = "validation"
TEST = "test"
LABELS = "labels"
ROWS = "rows"
VOCABULARY = "vocabulary"
MANIFEST = "manifest"
MODEL = "model"
PACKAGE = "package"
PREDICTIONS = "predictions"
EVALUATION = "evaluation"
CHAMPION = "champion"
VERSION = "version"
FEATURES = "features"
SCORES = "scores"
DRIFT = "drift"

# Files in the outputs.
MODEL_ARCHIVE = "model.tar.gz"
MODEL_FILE = "xgboost-model"
"""The archives that Train and Package write, and the file in both."""

VOCABULARY_FILE = "vocabulary.json"
NGRAM_SCORES_FILE = "ngram-scores.npy"
"""Beside the vocabulary if the features are `NGRAMS`: the weights of n-grams."""

THRESHOLD_FILE = "decision-threshold.json"
"""The decision threshold, beside the package and in it."""

MANIFEST_FILE = "manifest.json"
EXAMPLE_WORDS_FILE = "example-words.json"
"""Beside the manifest: the most frequent word of each stem, for the HTML report."""

EVALUATION_FILE = "evaluation.json"
MODEL_CARD_FILE = "model-card.json"
REPORT_FILE = "report.html"
COMPARISON_FILE = "comparison.json"
COMPARISON_PAGE = "comparison.html"
CHAMPION_FILE = "champion.json"
VERSION_FILE = "version.json"
SCORES_FILE = "scores.csv"
DRIFT_FILE = "drift.json"
DRIFT_PAGE = "drift.html"
FEEDBACK_FILE = "feedback.json"
FEEDBACK_PAGE = "feedback.html"
LABELS_FILE = "labels.csv"
"""Beside `FEEDBACK_FILE` of a scoring execution: the labels of its reviews."""

MODEL_VERSION_VARIABLE = "SENTIMENT_MODEL_VERSION"
"""In the environment of a container that serves: the version that its answers name."""

# Values of parameters.
AUTO = "auto"
"""Of a column or a label: it is found by its name."""

STEMS, NGRAMS = "stems", "ngrams"
"""The feature sets: counts of stems, as in the article; or words and the scores of n-grams."""

LIBSVM = "text/libsvm"
CSV = "text/csv"

# Keys of the manifest.
SOURCE = "source"
"""Of a split: where it comes from. Of `LABELS`: why the positive class is the positive one."""

BY_PARAMETER, BY_PAIR, BY_ALPHABET = "PositiveLabel", "common pair", "alphabetical order"
"""The values of the latter."""

TEST_TEXTS_HASH = "test_texts_hash"
"""A hash of the test set's texts, independent of their order, names and files."""

# Keys of the evaluation report. `LABELS` is one, too: the names of the classes.
METRICS = "binary_classification_metrics"
"""The root of SageMaker's model-quality report for two classes."""

ACCURACY = "accuracy"
CONFUSION_MATRIX = "confusion_matrix"
VALUE = "value"
STANDARD_DEVIATION = "standard_deviation"

TEST_SET = "test_set"
CALIBRATION = "calibration"
DATA = "data"
INPUTS_SHA256 = "inputs_sha256"
CODE_SHA256 = "code_sha256"
"""Of the code asset's content, whose file name differs between AWS and this machine."""

GATE = "gate"
GATE_METRIC = "metric"
GATE_MEASURED = "measured"
GATE_THRESHOLD = "threshold"
GATE_PASSED = "passed"
GATE_METRICS = (ACCURACY, "f1", "auc")
"""The metrics that the gate can check, by their keys in the model-quality report."""

DECISION_THRESHOLD = "decision_threshold"
"""Also the content of `THRESHOLD_FILE`; its keys are in `DecisionThreshold`."""

PROVENANCE = "provenance"
EXECUTION = "execution"
COMMIT = "commit"
STARTED = "started"
DATASET = "dataset"
"""The root of what produced the model, and those of its keys that the HTML report begins with."""

DEMO_TRAIN, DEMO_TEST = 20_000, 5_000
DEMO_FILE = f"demo-{DEMO_TRAIN}-{DEMO_TEST}.tar"
"""The numbers of reviews of the demo dataset, and its file; a local run uses it by default."""

UNKNOWN_COMMIT = "unknown"
"""Instead of a commit, without Git."""

REFERENCE_PROFILE = "reference_profile"
"""Lengths and scores of the test set, with which drift is measured."""

MODEL_CARD_CONTENT = "ModelCardContent"
"""Key of the model card: JSON as a string, as CreateModelPackage takes it."""

# Keys of the line of JSON that Evaluate and Join log: the pipeline's name and a metric, which
# CloudWatch extracts.
LOG_PIPELINE = "pipeline"
LOG_METRICS = (ACCURACY, DRIFT)

METRIC_NAMESPACE = "Sentiment"
METRIC_DIMENSION = "PipelineName"
"""Of this project's metrics in CloudWatch."""

FEEDBACK_METRIC, FEEDBACK_BOUND_METRIC = "FeedbackAccuracy", "FeedbackAccuracyUpperBound"
"""The metrics that the command ``feedback`` publishes: the accuracy of the scored reviews in the
executions that got labels, and the upper bound of its 95% interval."""


class Serving:
    """The model package: its container's variables, and the media types that it takes and gives."""

    JSON, JSON_LINES = "application/json", "application/jsonlines"
    CSV, TEXT = "text/csv", "text/plain"
    REQUEST_TYPES = (JSON, JSON_LINES, TEXT, CSV)
    ANSWER_TYPES = (JSON, JSON_LINES, CSV)

    CODE = f"code/{CODE_FILE}"
    """The path of the jobs' code in the package."""

    ENVIRONMENT: ClassVar[Mapping[str, str]] = {
        "PYTHONPATH": f"/opt/ml/model/{CODE}",
        "SAGEMAKER_SERVING_MODULE": "processing.serving.wsgi:application",
    }
    """Variables with which AWS's images serve the package."""


class DecisionThreshold:
    """The decision threshold: values of the parameter, and keys of its JSON.

    ``goal`` and ``validation`` are None for a threshold that the parameter gives. ``validation``
    has the number of reviews that the threshold was chosen on, and the metrics on these.
    """

    DEFAULT = 0.5
    GOAL, VALUE, VALIDATION, REVIEWS = "goal", "value", "validation", "reviews"
    COST = "cost"

    NUMBER = r"0?\.[0-9]*[1-9][0-9]*"
    """A number > 0 and < 1."""

    _COST = r"(0*[1-9][0-9]{0,8}(\.[0-9]*)?|0*\.[0-9]*[1-9][0-9]*)"
    PATTERN = (
        rf"{NUMBER}|accuracy|f1|(precision|recall)>=({NUMBER}|1(\.0*)?)"
        rf"|cost\(fp={_COST},fn={_COST}\)"
    )
    EXPECTED = (
        "a number > 0 and < 1, or a goal: accuracy, f1, precision>=0.95, recall>=0.9 or "
        "cost(fp=1,fn=5)"
    )
    """What messages and documentation call a value."""


class Inspection:
    """Keys of the JSON that the job Inspect prints, beside `ROWS`, `LABELS` and `SOURCE`."""

    COMPLETE = "complete"
    """Whether all was read, not only the head."""

    FILES = "files"
    NAME, FORMAT, BYTES, COLUMNS = "name", "format", "bytes", "columns"
    SHA256 = "sha256"
    """Of a file in the manifest."""

    CLASSES = "classes"
    SPLITS = "splits"
    DUPLICATES = "duplicates"
    SKIPPED, REASONS, FIRST = "skipped", "reasons", "first"
    WORDS, HISTOGRAM = "words", "histogram"
    NOTES = "notes"


class Compared:
    """Keys and values of the comparison of executions, beside those of the evaluation report.

    ``executions`` has the results of each, ``differences`` the values that differ between them, and
    ``comparisons`` each but the first minus the first, the baseline.
    """

    EXECUTIONS = "executions"
    DIFFERENCES = "differences"
    COMPARISONS = "comparisons"

    # Of an execution.
    NAME, ENVIRONMENT, STATUS, STARTED = "name", "environment", "status", "started"
    REASON = "reason"
    """Why it has no evaluation."""

    REVIEWS, METRICS, CLASSES, CURVE = "reviews", "metrics", "classes", "curve"
    LOW, HIGH, ERRORS, SHARE = "low", "high", "errors", "share"

    # Groups of what differs, beside the environment.
    PARAMETERS, CODE, DATA, SETTINGS = "parameters", "code", "data", "settings"
    OUTCOME = "outcome"

    KINDS: ClassVar[Mapping[str, str]] = {
        PARAMETERS: "parameter",
        CODE: "code",
        DATA: "data",
        SETTINGS: "setting",
        ENVIRONMENT: "setting",
        OUTCOME: "outcome",
    }
    """The groups in the order in which they are shown, and the word for a value of each."""

    METRIC_LABELS: ClassVar[Mapping[str, str]] = {
        ACCURACY: "accuracy",
        "auc": "AUC",
        "f1": "F1",
        "precision": "precision",
        "recall": "recall",
        "log_loss": "log loss",
        "brier": "Brier score",
        "expected_calibration_error": "ECE",
    }
    """The metrics that are shown, in this order; the document has all."""

    LOWER_IS_BETTER = frozenset({"log_loss", "brier", "expected_calibration_error"})

    # Of a comparison.
    BASELINE, SAME_MODEL, VERDICT = "baseline", "same_model", "verdict"
    TEST, KIND, P_VALUE, DIFFERENCE, PAIRED = "test", "kind", "p_value", "difference", "paired"
    ONLY_THIS, ONLY_BASELINE = "only_this", "only_baseline"
    UNPAIRED_REASON = "unpaired_reason"
    CHANGED, NEWLY_CORRECT, NEWLY_WRONG = "changed", "newly_correct", "newly_wrong"
    SIDES: ClassVar[Mapping[str, str]] = {
        NEWLY_CORRECT: "Newly correct",
        NEWLY_WRONG: "Newly wrong",
    }
    EXAMPLES, ID, LABEL, SCORES, TEXT = "examples", "id", "label", "scores", "text"

    # Values of the verdict and of the kind of test.
    BETTER, WORSE, NOT_SIGNIFICANT = "better", "worse", "not significant"
    MCNEMAR, UNPAIRED = "mcnemar", "unpaired"

    @staticmethod
    def metric_labels(metrics: Iterable[str]) -> dict[str, str]:
        """Return this project's metrics with their labels; without any of them, all that there are.

        >>> Compared.metric_labels(["x", "auc", "accuracy"]), Compared.metric_labels(["mse"])
        ({'accuracy': 'accuracy', 'auc': 'AUC'}, {'mse': 'mse'})
        """
        found = dict.fromkeys(metrics)
        shown = {name: label for name, label in Compared.METRIC_LABELS.items() if name in found}
        return shown or {name: name for name in found}

    @staticmethod
    def is_same(comparison: Mapping[str, Any]) -> bool:
        """Return whether a comparison is one of the same model with the same metrics."""
        metrics = comparison[Compared.METRICS].values()
        return bool(comparison[Compared.SAME_MODEL] and metrics) and all(
            metric[Compared.DIFFERENCE] == 0 for metric in metrics
        )


class Feedback:
    """Keys of the JSON that the job Feedback reads and writes, beside those of the drift report.

    An execution has `NAME`, `STARTED`, `ROWS`, `UNSCORED`, the measures and the status of its
    drift (`DRIFT`), and the `ACCURACY`, `PRECISION` and `RECALL` of its labeled reviews, each
    with the bounds of its 95% interval, or None if there are no reviews to compute it from.
    """

    EXECUTIONS = "executions"
    TOTAL = "total"
    """The shares of all executions together."""

    UPDATED = "updated"
    """Those of the executions that got labels now."""

    # Of an execution.
    NAME, STARTED = "name", "started"
    TEXT_COLUMN, ID_COLUMN = "text_column", "id_column"
    MODEL_VERSION, TEST_ACCURACY = "model_package_arn", "test_accuracy"
    LABELED, ADDED, CORRECTED, CORRECT = "labeled", "added", "corrected", "correct"
    """Numbers of reviews: with a label and a score; that got a label now; whose label is another
    now; that are classified correctly."""

    PRECISION, RECALL = "precision", "recall"
    LOW, HIGH = "low", "high"

    # Of the file of labels.
    UNLABELED, KNOWN, UNKNOWN, EXAMPLES = "unlabeled", "known", "unknown", "examples"
    """Numbers of rows without a label, of ids with and without a score, and some of the latter."""

    # Of the export.
    EXPORTED, WITHOUT_TEXT = "exported", "without_text"


# JSON paths that conditions read.
MEASURED_PATH = f"{GATE}.{GATE_MEASURED}"
REQUIRED_PATH = f"{CHAMPION}.required"
PACKAGE_ARN_PATH = "model_package_arn"
FEATURE_FORMAT_PATH = "feature_format"
IMAGE_PATH, MODEL_URI_PATH = "image", "model_uri"
"""Of a version: the image that serves it, and the archive that Train wrote."""

# Keys of the drift report, which also has `REFERENCE_PROFILE` and `ROWS`. Conditions read the first
# four.
DRIFT_STATUS = "status"
DRIFT_REASON = "reason"
MAX_DRIFT = "max_drift"
MAX_DRIFT_MEASURE = "max_drift_measure"
UNSCORED = "unscored"
MEASURES = "measures"
CURRENT_PROFILE = "current_profile"
"""The profile of the reviews that were scored."""

DRIFT_MEASURED, DRIFT_UNKNOWN = "measured", "unknown"
"""Values of the status. With the second, there is no drift to compare with a threshold."""


_ROLES = ("text", "label", "id", "split")


def columns_of(files: Iterable[Mapping[str, Any]]) -> str:
    """Return which columns of the tables were read, each choice once; "" without a table.

    files: of the manifest, or that Inspect prints.

    >>> columns_of([{"columns": {"text": "review", "label": "stars"}}, {"name": "a.tar"}])
    "text 'review', label 'stars'"
    """
    chosen = [it[Inspection.COLUMNS] for it in files if it.get(Inspection.COLUMNS)]
    listed = (
        ", ".join(f"{role} {columns[role]!r}" for role in _ROLES if role in columns)
        for columns in chosen
    )
    return "; ".join(dict.fromkeys(listed))


def input_path(name: str) -> str:
    """Return the path at which the input ``name`` is mounted in the job.

    >>> input_path("raw")
    '/opt/ml/processing/input/raw'
    """
    return f"{INPUT}/{name}"


def output_path(name: str) -> str:
    """Return the path to which the job writes the output ``name``.

    >>> output_path("train")
    '/opt/ml/processing/output/train'
    """
    return f"{OUTPUT}/{name}"


def positive_class(labels: Mapping[str, str]) -> str:
    """Return which class is the positive one, and how to change it if its name is unknown.

    labels: the value of `LABELS` in the manifest or in the evaluation report.

    >>> labels = {"negative": "fresh", "positive": "rotten", "source": "alphabetical order"}
    >>> positive_class(labels)
    'rotten (of fresh, rotten); set PositiveLabel to change it'
    """
    remedy = "; set PositiveLabel to change it" if labels.get(SOURCE) == BY_ALPHABET else ""
    return f"{labels['positive']} (of {labels['negative']}, {labels['positive']}){remedy}"


def decision_threshold(evaluation: Mapping[str, Any]) -> float:
    """Return the decision threshold of an evaluation; older evaluations don't have it.

    >>> decision_threshold({"decision_threshold": {"value": 0.73}}), decision_threshold({})
    (0.73, 0.5)
    """
    found = evaluation.get(DECISION_THRESHOLD, {})
    threshold: float = found.get(DecisionThreshold.VALUE, DecisionThreshold.DEFAULT)
    return threshold


def is_positive(score: Any, threshold: float) -> Any:
    """Return whether a score, or each score of an array, is predicted positive.

    The article rounds a score of 0.5 to 0, so a score equal to the threshold is negative.

    >>> is_positive(0.51, 0.5), is_positive(0.5, 0.5)
    (True, False)
    """
    return score > threshold


def parameter_name(field: str) -> str:
    """Return the name of the pipeline parameter that a field or a hyperparameter stands for.

    >>> parameter_name("artifacts_uri")
    'ArtifactsUri'
    """
    return "".join(word.capitalize() for word in field.split("_"))
