"""Print the page of the causes."""

import sys

from optral.analysis import causes

sys.stdout.write(causes.as_markdown())
