"""The required access of each route of the contract. A new route needs a row, decided by a person and not copied from the code.

Columns: the route; the required scope (two as `logs+issues:read`, or with a comma; `any`: every key or person; `session`:
signed-in people; `public`: no credentials); the lowest role that has it; the callers (`all`, or `people` if keys are refused); the reach of
a key that is limited to clusters: `clusters` (only objects of its clusters), `named` (the clusters in the request; a request without one is
refused) or `organisation` (always refused); the reach of a member who is bound as admin to a namespace: `within` (only what is in it),
`named`, `whole` (refused: it concerns whole clusters) or `org` (refused: it concerns the organization); whether a member whose only binding
has ended is `refused` or may ask what `any` caller may, who then finds nothing; and the reach of a member who is bound as operator to a
cluster: `within`, `named`, `role` (refused, as to any operator) or `org`.
"""

from typing import NamedTuple

ROUTES = """
GET    /api/events                                                   events:read      viewer   all    clusters     within refused within
GET    /v1/ai                                                        issues:read      viewer   all    clusters     within refused within
GET    /v1/ai/usage                                                  issues:read      viewer   all    clusters     within refused within
PATCH  /v1/ai                                                        detectors:write  admin    all    organisation org    refused org
GET    /v1/analyses/{analysis_id}                                    issues:read      viewer   all    clusters     within refused within
GET    /v1/alert-receivers                                           webhooks:read    admin    all    organisation org    refused org
POST   /v1/alert-receivers                                           webhooks:write   admin    all    organisation org    refused org
GET    /v1/alert-receivers/{receiver_id}                             webhooks:read    admin    all    organisation org    refused org
PATCH  /v1/alert-receivers/{receiver_id}                             webhooks:write   admin    all    organisation org    refused org
DELETE /v1/alert-receivers/{receiver_id}                             webhooks:write   admin    all    organisation org    refused org
GET    /v1/alert-receivers/{receiver_id}/rejected                    webhooks:read    admin    all    organisation org    refused org
POST   /v1/alert-receivers/{receiver_id}/roll                        webhooks:write   admin    all    organisation org    refused org
GET    /v1/alerts                                                    issues:read      viewer   all    clusters     within refused within
GET    /v1/alerts/quality                                            issues:read      viewer   all    clusters     within refused within
POST   /v1/alerts/rule-changes                                       forges:write     admin    all    organisation org    refused org
GET    /v1/alerts/{alert_id}                                         issues:read      viewer   all    clusters     within refused within
GET    /v1/api-keys                                                  keys:read        admin    all    organisation org    refused org
POST   /v1/api-keys                                                  keys:write       admin    people organisation org    refused org
GET    /v1/api-keys/{key_id}                                         keys:read        admin    all    organisation org    refused org
DELETE /v1/api-keys/{key_id}                                         keys:write       admin    all    organisation org    refused org
POST   /v1/api-keys/{key_id}/roll                                    keys:write       admin    people organisation org    refused org
GET    /v1/audit                                                     audit:read       admin    all    organisation org    refused org
GET    /v1/audit/verify                                              audit:read       admin    all    organisation org    refused org
GET    /v1/audit/export                                              audit:read       admin    all    organisation org    refused org
GET    /v1/automatic-analysis                                        issues:read      viewer   all    clusters     within refused within
PATCH  /v1/automatic-analysis                                        detectors:write  admin    all    organisation org    refused org
GET    /v1/clusters                                                  clusters:read    viewer   all    clusters     within refused within
POST   /v1/clusters                                                  clusters:write   admin    all    organisation org    refused org
GET    /v1/clusters/{cluster_id}                                     clusters:read    viewer   all    clusters     within refused within
PATCH  /v1/clusters/{cluster_id}                                     clusters:write   admin    all    clusters     whole  refused role
DELETE /v1/clusters/{cluster_id}                                     clusters:write   admin    all    clusters     whole  refused role
POST   /v1/clusters/{cluster_id}/approve                             clusters:write   admin    all    clusters     whole  refused role
POST   /v1/clusters/{cluster_id}/reject                              clusters:write   admin    all    clusters     whole  refused role
GET    /v1/fleet-tokens                                              clusters:write   admin    all    organisation org    refused org
POST   /v1/fleet-tokens                                              clusters:write   admin    all    organisation org    refused org
GET    /v1/fleet-tokens/waiting                                      clusters:write   admin    all    organisation org    refused org
GET    /v1/fleet-tokens/{token_id}                                   clusters:write   admin    all    organisation org    refused org
DELETE /v1/fleet-tokens/{token_id}                                   clusters:write   admin    all    organisation org    refused org
GET    /v1/clusters/{cluster_id}/connection                          clusters:read    viewer   all    clusters     whole  refused within
POST   /v1/clusters/{cluster_id}/enrollment-tokens                   clusters:write   admin    all    clusters     whole  refused role
GET    /v1/clusters/{cluster_id}/install                             clusters:write   admin    all    clusters     whole  refused role
GET    /v1/clusters/{cluster_id}/kinds                               clusters:read    viewer   all    clusters     whole  refused within
GET    /v1/clusters/{cluster_id}/map                                 resources:read   viewer   all    clusters     whole  refused within
POST   /v1/clusters/{cluster_id}/revoke-credentials                  clusters:write   admin    all    clusters     whole  refused role
GET    /v1/detectors                                                 issues:read      viewer   all    clusters     within refused within
PATCH  /v1/detectors                                                 detectors:write  admin    all    organisation org    refused org
POST   /v1/detectors/test                                            issues:read      viewer   all    clusters     within refused within
GET    /v1/detectors/{detector_type}                                 issues:read      viewer   all    clusters     within refused within
PATCH  /v1/detectors/{detector_type}                                 detectors:write  admin    all    named        whole  refused role
POST   /v1/device/approve                                            session          viewer   people -            -      -       -
POST   /v1/device/check                                              session          viewer   people -            -      -       -
POST   /v1/device/code                                               public           -        all    -            -      -       -
POST   /v1/device/deny                                               session          viewer   people -            -      -       -
POST   /v1/assistants/approve                                        session          viewer   people -            -      -       -
POST   /v1/assistants/check                                          session          viewer   people -            -      -       -
POST   /v1/device/token                                              public           -        all    -            -      -       -
GET    /v1/events                                                    events:read      viewer   all    clusters     within refused within
GET    /v1/events/stream                                             events:read      viewer   all    clusters     within refused within
POST   /v1/events/tickets                                            events:read      viewer   all    clusters     within refused within
GET    /v1/executions                                                runbooks:read    viewer   all    clusters     within refused within
GET    /v1/executions/pause                                          runbooks:read    viewer   all    clusters     within refused within
POST   /v1/executions/pause                                          runbooks:approve admin    all    organisation org    refused org
POST   /v1/executions/resume                                         runbooks:approve admin    all    organisation org    refused org
GET    /v1/executions/{execution_id}                                 runbooks:read    viewer   all    clusters     within refused within
POST   /v1/executions/{execution_id}/approve                         runbooks:approve admin    all    clusters     within refused role
POST   /v1/executions/{execution_id}/cancel                          runbooks:execute operator all    clusters     within refused within
GET    /v1/executions/{execution_id}/change-record                   runbooks:read    viewer   all    clusters     within refused within
GET    /v1/executions/{execution_id}/logs                            runbooks:read    viewer   all    clusters     within refused within
POST   /v1/executions/{execution_id}/reject                          runbooks:approve admin    all    clusters     within refused role
POST   /v1/executions/{execution_id}/again                           runbooks:execute operator all    clusters     within refused within
POST   /v1/executions/{execution_id}/retry                           runbooks:execute operator all    clusters     within refused within
POST   /v1/executions/{execution_id}/undo                            runbooks:execute operator all    clusters     within refused within
GET    /v1/invites                                                   members:write    admin    people organisation org    refused org
POST   /v1/invites                                                   members:write    admin    people organisation org    refused org
POST   /v1/invites/accept                                            public           -        all    -            -      -       -
POST   /v1/invites/check                                             public           -        all    -            -      -       -
DELETE /v1/invites/{invite_id}                                       members:write    admin    people organisation org    refused org
GET    /v1/digest                                                    issues:read      viewer   all    clusters     within refused within
GET    /v1/handover                                                  issues:read      viewer   all    clusters     within refused within
GET    /v1/issues                                                    issues:read      viewer   all    clusters     within refused within
POST   /v1/issues/bulk                                               issues:write     operator all    clusters     within refused within
GET    /v1/issues/facets                                             issues:read      viewer   all    clusters     within refused within
GET    /v1/issues/groups                                             issues:read      viewer   all    clusters     within refused within
GET    /v1/coverage                                                  issues:read      viewer   all    clusters     within refused within
GET    /v1/issues/trends                                             issues:read      viewer   all    clusters     within refused within
GET    /v1/issues/{issue_id}                                         issues:read      viewer   all    clusters     within refused within
PATCH  /v1/issues/{issue_id}                                         issues:write     operator all    clusters     within refused within
GET    /v1/issues/{issue_id}/activity                                issues:read      viewer   all    clusters     within refused within
GET    /v1/issues/{issue_id}/analyses                                issues:read      viewer   all    clusters     within refused within
POST   /v1/issues/{issue_id}/analyze                                 issues:analyze   operator all    clusters     within refused within
GET    /v1/issues/{issue_id}/captured                                logs+issues:read operator all    clusters     within refused within
GET    /v1/issues/{issue_id}/comments                                issues:read      viewer   all    clusters     within refused within
POST   /v1/issues/{issue_id}/comments                                issues:write     operator all    clusters     within refused within
PATCH  /v1/issues/{issue_id}/comments/{comment_id}                   issues:write     operator all    clusters     within refused within
DELETE /v1/issues/{issue_id}/comments/{comment_id}                   issues:write     operator all    clusters     within refused within
GET    /v1/issues/{issue_id}/alerts                                  issues:read      viewer   all    clusters     within refused within
GET    /v1/issues/{issue_id}/silences                                issues:read      viewer   all    clusters     within refused within
POST   /v1/issues/{issue_id}/silences                                issues:write     operator all    clusters     within refused within
DELETE /v1/issues/{issue_id}/silences/{silence_id}                   issues:write     operator all    clusters     within refused within
GET    /v1/issues/{issue_id}/tickets                                 issues:read      viewer   all    clusters     within refused within
POST   /v1/issues/{issue_id}/tickets                                 issues:write     operator all    clusters     within refused within
POST   /v1/issues/{issue_id}/runbook-drafts                          runbooks:write,issues:read admin all organisation org    refused org
POST   /v1/issues/{issue_id}/questions                               issues:read      viewer   all    clusters     within refused within
POST   /v1/clusters/{cluster_id}/questions                           issues:read      viewer   all    clusters     within refused within
GET    /v1/issues/{issue_id}/post-mortem                             issues:read      viewer   all    clusters     within refused within
GET    /v1/issues/{issue_id}/similar                                 issues:read      viewer   all    clusters     within refused within
GET    /v1/issues/{issue_id}/topology                                issues:read      viewer   all    clusters     within refused within
GET    /v1/log-capture                                               issues:read      viewer   all    clusters     within refused within
PATCH  /v1/log-capture                                               detectors:write  admin    all    organisation org    refused org
GET    /v1/delegations                                               any              viewer   all    clusters     within any     within
POST   /v1/delegations                                               session          viewer   people -            -      -       -
DELETE /v1/delegations/{delegation_id}                               session          viewer   people -            -      -       -
POST   /v1/executions/{execution_id}/approve-on-behalf               session          viewer   people -            -      -       -
GET    /v1/me                                                        any              viewer   all    clusters     within any     within
GET    /v1/members                                                   members:read     viewer   all    organisation org    refused org
PATCH  /v1/members/{member_id}                                       members:write    admin    people organisation org    refused org
DELETE /v1/members/{member_id}                                       members:write    admin    people organisation org    refused org
GET    /v1/members/{member_id}/removal                               members:write    admin    people organisation org    refused org
GET    /v1/members/{member_id}/bindings                              members:read     viewer   all    organisation org    refused org
POST   /v1/members/{member_id}/bindings                              members:write    admin    people organisation org    refused org
DELETE /v1/members/{member_id}/bindings/{binding_id}                 members:write    admin    people organisation org    refused org
GET    /v1/mute-rules                                                issues:read      viewer   all    clusters     within refused within
POST   /v1/mute-rules                                                issues:write     operator all    named        named  refused named
GET    /v1/mute-rules/{rule_id}                                      issues:read      viewer   all    clusters     within refused within
PATCH  /v1/mute-rules/{rule_id}                                      issues:write     operator all    clusters     within refused within
DELETE /v1/mute-rules/{rule_id}                                      issues:write     operator all    clusters     within refused within
GET    /v1/openapi.json                                              any              viewer   all    clusters     within any     within
GET    /v1/openapi.yaml                                              any              viewer   all    clusters     within any     within
GET    /v1/overview                                                  issues:read      viewer   all    clusters     within refused within
GET    /v1/owners                                                    issues:read      viewer   all    clusters     within refused within
GET    /v1/owners/rules                                              issues:read      viewer   all    organisation org    refused org
PATCH  /v1/owners/rules                                              detectors:write  admin    all    organisation org    refused org
GET    /v1/plan                                                      any              viewer   all    clusters     within any     within
GET    /v1/resources                                                 resources:read   viewer   all    clusters     within refused within
GET    /v1/resources/counts                                          resources:read   viewer   all    clusters     within refused within
GET    /v1/resources/{resource_id}                                   resources:read   viewer   all    clusters     within refused within
GET    /v1/resources/{resource_id}/events                            resources:read   viewer   all    clusters     within refused within
GET    /v1/resources/{resource_id}/history                           resources:read   viewer   all    clusters     within refused within
GET    /v1/resources/{resource_id}/logs                              logs:read        operator all    clusters     within refused within
POST   /v1/resources/{resource_id}/probe                             resources:probe  operator all    clusters     whole  refused within
GET    /v1/resources/{resource_id}/rollout                           issues:read      viewer   all    clusters     within refused within
GET    /v1/resources/{resource_id}/tree                              resources:read   viewer   all    clusters     within refused within
GET    /v1/resources/{resource_id}/usage                             resources:read   viewer   all    clusters     within refused within
GET    /v1/runbooks                                                  runbooks:read    viewer   all    clusters     within refused within
POST   /v1/runbooks                                                  runbooks:write   admin    all    organisation org    refused org
POST   /v1/runbooks/validate                                         runbooks:write   admin    all    organisation org    refused org
GET    /v1/runbooks/{runbook_id}                                     runbooks:read    viewer   all    clusters     within refused within
PATCH  /v1/runbooks/{runbook_id}                                     runbooks:write   admin    all    organisation org    refused org
DELETE /v1/runbooks/{runbook_id}                                     runbooks:write   admin    all    organisation org    refused org
POST   /v1/runbooks/{runbook_id}/execute                             runbooks:execute operator all    clusters     within refused within
POST   /v1/runbooks/{runbook_id}/plan                                runbooks:plan    operator all    clusters     within refused within
POST   /v1/password-resets                                           public           -        all    -            -      -       -
POST   /v1/password-resets/check                                     public           -        all    -            -      -       -
POST   /v1/password-resets/complete                                  public           -        all    -            -      -       -
POST   /v1/session                                                   public           -        all    -            -      -       -
GET    /v1/search                                                    any              viewer   all    clusters     within any     within
GET    /v1/session                                                   session          viewer   people -            -      -       -
POST   /v1/session/confirm                                           session          viewer   people -            -      -       -
POST   /v1/session/confirm/provider                                  session          viewer   people -            -      -       -
POST   /v1/session/confirm/provider/callback                         session          viewer   people -            -      -       -
POST   /v1/session/provider                                          public           -        all    -            -      -       -
POST   /v1/session/provider/callback                                 public           -        all    -            -      -       -
POST   /v1/session/providers                                         public           -        all    -            -      -       -
GET    /v1/identity-providers                                        identity:write   owner    people organisation org    refused org
POST   /v1/identity-providers                                        identity:write   owner    people organisation org    refused org
GET    /v1/identity-providers/{provider_id}                          identity:write   owner    people organisation org    refused org
PATCH  /v1/identity-providers/{provider_id}                          identity:write   owner    people organisation org    refused org
DELETE /v1/identity-providers/{provider_id}                          identity:write   owner    people organisation org    refused org
POST   /v1/identity-providers/{provider_id}/test                        identity:write   owner    people organisation org    refused org
GET    /v1/identity-providers/{provider_id}/scim                     identity:write   owner    people organisation org    refused org
POST   /v1/identity-providers/{provider_id}/scim                     identity:write   owner    people organisation org    refused org
POST   /v1/identity-providers/{provider_id}/scim/roll                identity:write   owner    people organisation org    refused org
DELETE /v1/identity-providers/{provider_id}/scim                     identity:write   owner    people organisation org    refused org
GET    /v1/sign-in-policy                                            identity:write   owner    people organisation org    refused org
PATCH  /v1/sign-in-policy                                            identity:write   owner    people organisation org    refused org
POST   /v1/hooks/identity-providers/{provider_id}                    public           -        all    -            -      -       -
POST   /v1/session/password                                          session          viewer   people -            -      -       -
GET    /v1/sessions                                                  session          viewer   people -            -      -       -
POST   /v1/setup                                                     public           -        all    -            -      -       -
POST   /v1/setup/check                                               public           -        all    -            -      -       -
GET    /v1/runbooks/schema                                           runbooks:read    viewer   all    clusters     within refused within
GET    /v1/mail                                                      webhooks:read    admin    all    organisation org    refused org
POST   /v1/mail/test                                                 webhooks:write   admin    all    organisation org    refused org
GET    /v1/forges                                                    forges:read      admin    all    organisation org    refused org
POST   /v1/forges                                                    forges:write     admin    all    organisation org    refused org
GET    /v1/forges/{forge_id}                                         forges:read      admin    all    organisation org    refused org
PATCH  /v1/forges/{forge_id}                                         forges:write     admin    all    organisation org    refused org
DELETE /v1/forges/{forge_id}                                         forges:write     admin    all    organisation org    refused org
POST   /v1/forges/{forge_id}/roll                                    forges:write     admin    all    organisation org    refused org
POST   /v1/forges/{forge_id}/test                                    forges:write     admin    all    organisation org    refused org
GET    /v1/analyses/feedback                                         issues:read      viewer   all    clusters     whole  refused within
GET    /v1/analyses/{analysis_id}/feedback                           issues:read      viewer   all    clusters     within refused within
PUT    /v1/analyses/{analysis_id}/feedback                           issues:analyze   operator all    clusters     within refused within
DELETE /v1/analyses/{analysis_id}/feedback                           issues:analyze   operator all    clusters     within refused within
POST   /v1/executions/{execution_id}/propose                         runbooks:execute operator all    clusters     within refused within
GET    /v1/logs                                                      logs:read        operator all    clusters     within refused within
GET    /v1/resources/compare                                         resources:manifest operator all    clusters     within refused within
GET    /v1/runbooks/{runbook_id}/suggestions                         runbooks+issues:read viewer   all    clusters     within refused within
GET    /v1/runbooks/{runbook_id}/versions                            runbooks:read    viewer   all    organisation org    refused org
GET    /v1/runbooks/{runbook_id}/versions/{version}                  runbooks:read    viewer   all    organisation org    refused org
GET    /v1/me/notifications                                          session          viewer   people -            -      -       -
PUT    /v1/me/notifications                                          session          viewer   people -            -      -       -
GET    /v1/change-windows                                            runbooks:read    viewer   all    clusters     whole  refused within
POST   /v1/change-windows                                            runbooks:write   admin    all    organisation org    refused org
GET    /v1/change-windows/{window_id}                                runbooks:read    viewer   all    clusters     whole  refused within
PATCH  /v1/change-windows/{window_id}                                runbooks:write   admin    all    organisation org    refused org
DELETE /v1/change-windows/{window_id}                                runbooks:write   admin    all    organisation org    refused org
POST   /v1/executions/stop                                           runbooks:execute operator all    organisation org    refused org
POST   /v1/hooks/forges/{forge_id}                                   public           -        all    -            -      -       -
POST   /v1/hooks/on-call/{webhook_id}                                public           -        all    -            -      -       -
POST   /v1/hooks/alertmanager/{receiver_id}                          public           -        all    -            -      -       -
POST   /v1/hooks/alerts/{receiver_id}                                public           -        all    -            -      -       -
POST   /v1/hooks/{trigger_id}                                        public           -        all    -            -      -       -
GET    /v1/safeguards                                                runbooks:read    viewer   all    clusters     whole  refused within
PATCH  /v1/safeguards                                                runbooks:write   admin    all    organisation org    refused org
GET    /v1/triggers                                                  runbooks:read    viewer   all    organisation org    refused org
POST   /v1/triggers                                                  runbooks:write+execute admin    all    organisation org    refused org
POST   /v1/triggers/preview                                          issues:read      viewer   all    clusters     within refused within
GET    /v1/triggers/{trigger_id}                                     runbooks:read    viewer   all    organisation org    refused org
PATCH  /v1/triggers/{trigger_id}                                     runbooks:write+execute admin    all    organisation org    refused org
DELETE /v1/triggers/{trigger_id}                                     runbooks:write   admin    all    organisation org    refused org
GET    /v1/triggers/{trigger_id}/firings                             runbooks:read    viewer   all    organisation org    refused org
POST   /v1/triggers/{trigger_id}/roll                                runbooks:write+execute admin    all    organisation org    refused org
POST   /v1/triggers/{trigger_id}/unblock                             runbooks:write   admin    all    organisation org    refused org
GET    /v1/webhooks                                                  webhooks:read    admin    all    clusters     whole  refused role
POST   /v1/webhooks                                                  webhooks:write   admin    all    named        whole  refused role
POST   /v1/webhooks/preview                                          issues:read      viewer   all    clusters     within refused within
GET    /v1/webhooks/{webhook_id}                                     webhooks:read    admin    all    clusters     whole  refused role
PATCH  /v1/webhooks/{webhook_id}                                     webhooks:write   admin    all    clusters     whole  refused role
DELETE /v1/webhooks/{webhook_id}                                     webhooks:write   admin    all    clusters     whole  refused role
GET    /v1/webhooks/{webhook_id}/deliveries                          webhooks:read    admin    all    clusters     whole  refused role
GET    /v1/webhooks/{webhook_id}/deliveries/{delivery_id}            webhooks:read    admin    all    clusters     whole  refused role
POST   /v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver  webhooks:write   admin    all    clusters     whole  refused role
POST   /v1/webhooks/{webhook_id}/roll                                webhooks:write   admin    all    clusters     whole  refused role
POST   /v1/webhooks/{webhook_id}/test                                webhooks:write   admin    all    clusters     whole  refused role
GET    /v1/views                                                     issues:read      viewer   all    organisation org    refused org
POST   /v1/views                                                     issues:read      viewer   all    organisation org    refused org
PATCH  /v1/views/{view_id}                                           issues:read      viewer   all    organisation org    refused org
DELETE /v1/views/{view_id}                                           issues:read      viewer   all    organisation org    refused org
DELETE /v1/sessions/{session_id}                                     session          viewer   people -            -      -       -
DELETE /v1/sessions                                                  session          viewer   people -            -      -       -
DELETE /v1/me/key                                                    any              viewer   all    clusters     within any     within
DELETE /v1/session                                                   session          viewer   people -            -      -       -
"""


class Row(NamedTuple):
    method: str
    path: str
    scope: str
    role: str
    callers: str
    reach: str
    in_namespace: str
    after_end: str
    as_operator: str

    @property
    def scopes(self) -> frozenset[str]:
        """All required scopes; empty for `any`, `session` and `public`."""
        parts = [part.split(":") for part in self.scope.split(",") if ":" in part]
        return frozenset(f"{subject}:{verb}" for subjects, verbs in parts for subject in subjects.split("+") for verb in verbs.split("+"))


TABLE = tuple(Row(*line.split()) for line in ROUTES.strip().splitlines())
"""In this order a person signs out last."""
