"""What the rules of an organization require: tags, access to data and models, access logs."""
