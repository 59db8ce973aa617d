"""People and API keys: sign-in, members, the first organization."""
