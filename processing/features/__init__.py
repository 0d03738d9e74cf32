"""Features: vocabulary, bag of words, n-gram scores, splits and the files that XGBoost reads."""
