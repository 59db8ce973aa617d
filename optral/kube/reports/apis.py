"""What the API server reports about aggregated APIs and the definitions of custom resources."""

AVAILABLE = "Available"
NAMES_ACCEPTED, ESTABLISHED = "NamesAccepted", "Established"
REQUIRED = (NAMES_ACCEPTED, ESTABLISHED, AVAILABLE)
"""Conditions that are true while the API is served, the most specific first."""
TERMINATING = "Terminating"


def is_unmet(condition: str, status: str) -> bool:
    """Whether a required condition reports that the API is not served. Whether an aggregated API is, may be unknown; then it is not."""
    return status == "False" or (condition == AVAILABLE and status == "Unknown")
