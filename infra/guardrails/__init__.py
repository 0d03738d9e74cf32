"""What the rules of an organization require: tags, access to datasets."""
