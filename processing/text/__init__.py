"""The text path, as plain functions of strings with doctests. Standard library only.

    review -> strip_html -> letters_and_digits -> split -> words -> term of each word -> tokens

Every job and engine calls these functions: Preprocess on one machine and on Spark, Prepare,
Predict. `processing.feature_sets` says which function of a word makes its terms.
"""
