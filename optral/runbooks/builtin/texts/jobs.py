"""Runbooks for Jobs and CronJobs."""

from optral.runbooks.builtin.texts.pieces import Texts

TEXTS: Texts = {
    "rerun-job": (
        1,
        """
name: Run a failed Job again
description: >-
  Creates a copy of a failed Job; the failed one stays. Use it when the cause is gone, such as a dependency that is available again. Do not
  use it when the work must not be done twice, or would fail in the same way.
match: {issueTypes: [JobFailed]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the Job}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name (the failed run of a CronJob)}
  - {name: ofCronJob, type: boolean, default: false, description: Allow it for a run of a CronJob beside its schedule}
steps:
  - name: Run it again
    action: rerunJob
    with: {namespace: "${parameters.namespace}", name: "${parameters.name}", ofCronJob: "${parameters.ofCronJob}"}
""",
    ),
    "restart-job": (
        1,
        """
name: Restart a stuck Job
description: >-
  Suspends a Job, which deletes its running pods, waits until they are gone, and resumes it, so that new pods start. Completed pods still
  count. Use it when a run is stuck and a new one would succeed, such as after a lost connection. Do not use it when the Job is only slow,
  or when its work must not be done twice.
match: {issueTypes: [JobNotCompleted, CronJobMissedSchedule, ConcurrencyForbidLongJobs]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the Job}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name (the run of a CronJob that hangs)}
steps:
  - name: Suspend
    action: patch
    with: {kind: Job, namespace: "${parameters.namespace}", name: "${parameters.name}", field: suspend, value: true}
  - name: Wait until its pods are gone
    action: wait
    timeoutSeconds: 300
    onError: rollback
    with:
      until:
        all:
          - not: {field: object.status.active, is: moreThan, value: 0}
          - not: {field: object.status.terminating, is: moreThan, value: 0}
  - name: Resume
    action: patch
    onError: rollback
    with: {kind: Job, namespace: "${parameters.namespace}", name: "${parameters.name}", field: suspend, value: false}
""",
    ),
    "suspend-cronjob": (
        1,
        """
name: Suspend a CronJob
description: >-
  Stops the schedule from starting new runs; a run in progress continues. Use it while every run fails. It is not a fix: nothing runs until
  the CronJob is resumed.
match: {issueTypes: [JobFailed, ConcurrencyForbidLongJobs]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the CronJob}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
steps:
  - name: Suspend
    action: patch
    with: {kind: CronJob, namespace: "${parameters.namespace}", name: "${parameters.name}", field: suspend, value: true}
""",
    ),
    "resume-cronjob": (
        1,
        """
name: Resume a CronJob
description: >-
  Lets the schedule start runs again; a missed run that is still within its starting deadline starts immediately. Use it when the reason for
  the suspension is gone. Do not use it while its runs would still fail.
match: {issueTypes: [CronJobSuspended]}
parameters:
  - {name: namespace, type: string, required: true, default: "${target.namespace}", description: Namespace of the CronJob}
  - {name: name, type: string, required: true, default: "${target.name}", description: Its name}
steps:
  - name: Resume
    action: patch
    with: {kind: CronJob, namespace: "${parameters.namespace}", name: "${parameters.name}", field: suspend, value: false}
""",
    ),
}
