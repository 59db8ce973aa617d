"""Why an issue exists: evidence out of a cluster's objects, rules over it, ranked causes, every claim checked."""
