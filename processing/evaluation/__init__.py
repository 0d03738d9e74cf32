"""Evaluation: metrics, calibration, significance, drift, and the comparison with the champion.

Input: part files of predictions, labels and rows. Output: plain data for JSON files and the report.
Modules that import scikit-learn or SciPy (`calibration`, `metrics`, `significance`, and
`champion_comparison` through the last) are for Evaluate and Report; the other jobs don't wait a
second for that import.
"""
