"""The definitions of the built-in runbooks by subject: for each slug its version and its YAML without the slug."""
