"""What to do about a cause: runbooks with parameters, edits of fields, and advice."""
