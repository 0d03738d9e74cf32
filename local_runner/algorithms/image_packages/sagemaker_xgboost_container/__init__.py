"""The part of AWS's package of the same name that scripts of the XGBoost image import and use."""
