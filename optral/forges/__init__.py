"""Connections to GitHub, GitLab and Gitea, and the pull requests that executions open there."""
