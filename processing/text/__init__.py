"""The text path, as `str -> str` functions with doctests. Standard library only.

    review -> strip_html -> letters_and_digits -> split -> drop stop words -> stem

All jobs and engines call these functions: Preprocess, Preprocess on Spark, Prepare and Predict.
"""
