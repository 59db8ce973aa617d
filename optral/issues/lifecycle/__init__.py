"""The life of issues: conditions of objects, what opens, changes and resolves an issue, and which issue explains which."""
