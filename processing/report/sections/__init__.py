"""The sections of the HTML report, one module for each group of them."""
