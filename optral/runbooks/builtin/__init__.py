"""The runbooks that come with Optral."""
