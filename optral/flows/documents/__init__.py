"""Documents from what Optral recorded: the post-mortem of an issue, the handover of a shift, the change record of an execution."""
