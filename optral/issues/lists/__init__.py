"""Lists of issues: filters, search, groups, counts, saved views, and what an actor may see."""
