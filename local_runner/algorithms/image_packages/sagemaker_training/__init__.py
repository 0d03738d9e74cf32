"""The part of AWS's package of the same name that scripts of the images import and use."""
