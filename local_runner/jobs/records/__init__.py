"""DataProcessing of transform jobs: filter the records, and join predictions with them."""
