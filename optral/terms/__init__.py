"""Words that every package shares: ids, references, severities, actors and the kinds of errors. No I/O, no behavior of a package."""
