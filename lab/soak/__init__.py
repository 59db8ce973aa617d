"""`make soak`: long runs that CI has no time for. `make soak ARGS="kill --rounds 50"`, `make soak ARGS="flat --minutes 30"`.

`kill` ends the server with SIGKILL at random moments of ingest and compares what it knows with the cluster after each round. A run that
was cut off goes on where it stood (`--resume FOLDER`). `flat` watches memory and disk under churn. `crowd` holds 1,100 silent and
half-open connections on each listener, and sends heads without end (`--connections`). `rotation` replaces the CA under
`--agents` agents, with a rollback from each phase and with SIGKILL after each command. `ages` compares what lists cost with and
without `--rows` rows of history. Seeds are printed and repeat a run.
"""
