"""Evaluation: metrics, calibration, significance, drift, comparisons with the champion and others.

Input: part files of predictions, labels and rows. Output: plain data for JSON files and the report.
Modules that import scikit-learn or SciPy (`calibration`, `metrics`, `metric_differences`,
`significance`, and the comparisons through these) are for Evaluate, Report and Compare; the other
jobs don't wait a second for that import.
"""
