"""Members, keys, sign-in and the audit log over HTTP."""
