// Generated from contracts/openapi.json by `npm run types`. Do not edit.
export interface paths {
    "/v1/ai": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether a language model may be asked, which one, and what it cost today
         * @description Whether a language model may be asked, which one, and what it cost today
         */
        get: operations["getAi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Let the operator's language model be asked about issues, or not any more
         * @description Let the operator's language model be asked about issues, or not any more
         */
        patch: operations["updateAi"];
        trace?: never;
    };
    "/v1/analyses/{analysis_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One analysis
         * @description One analysis
         */
        get: operations["getAnalysis"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/analyses/{analysis_id}/feedback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say whether an analysis was right
         * @description Say whether an analysis was right
         */
        post: operations["judgeAnalysis"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API keys
         * @description List API keys
         */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Make an API key
         * @description Make an API key
         *
         *     For people who typed their password within 15 minutes; a key makes no key. The answer holds it, this once. It acts for who made it: it
         *     never does more than they may do, and ends with their membership.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One API key, without its secret
         * @description One API key, without its secret
         *
         *     A revoked one is gone from here; the list has it with `withRevoked=true`.
         */
        get: operations["getApiKey"];
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description Revoke an API key
         *
         *     It opens nothing from the next second on; its open streams end within five.
         */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{key_id}/roll": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Roll an API key
         * @description Roll an API key
         *
         *     Makes its successor with the same name, scopes, clusters and length of life; the old one works on for the overlap. Asks what making a
         *     key asks.
         */
        post: operations["rollApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List audit records
         * @description List audit records
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/automatic-analysis": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether severe issues are analysed by themselves when they open
         * @description Whether severe issues are analysed by themselves when they open
         */
        get: operations["getAutomatic"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Switch analyses that run by themselves on or off
         * @description Switch analyses that run by themselves on or off
         */
        patch: operations["updateAutomatic"];
        trace?: never;
    };
    "/v1/clusters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List clusters
         * @description List clusters
         */
        get: operations["listClusters"];
        put?: never;
        /**
         * Connect a cluster
         * @description Connect a cluster
         *
         *     The answer holds the enrolment token of its agent, this once.
         */
        post: operations["createCluster"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clusters/{cluster_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One cluster
         * @description One cluster
         */
        get: operations["getCluster"];
        put?: never;
        post?: never;
        /**
         * Delete a cluster
         * @description Delete a cluster
         *
         *     Its credentials are void, its tunnel ends, its issues are resolved and its name is free at once.
         */
        delete: operations["deleteCluster"];
        options?: never;
        head?: never;
        /**
         * Rename or relabel a cluster
         * @description Rename or relabel a cluster
         */
        patch: operations["updateCluster"];
        trace?: never;
    };
    "/v1/clusters/{cluster_id}/enrollment-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make an enrolment token
         * @description Make an enrolment token
         *
         *     Its first use revokes the older certificates of the cluster.
         */
        post: operations["createEnrollmentToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clusters/{cluster_id}/install": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The command that connects the cluster
         * @description The command that connects the cluster
         *
         *     Every answer holds a fresh token.
         */
        get: operations["installAgent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clusters/{cluster_id}/revoke-credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke the certificates of a cluster's agent
         * @description Revoke the certificates of a cluster's agent
         *
         *     Its tunnel ends within 5 seconds and the certificates are refused from then on. The cluster and its data stay. A new enrolment token
         *     connects it again; tokens that were issued before and not used are void as well.
         */
        post: operations["revokeCredentials"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/detectors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every type of issue that is looked for, with what is set for it
         * @description Every type of issue that is looked for, with what is set for it
         */
        get: operations["listDetectors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Whether risks are told: what works today and will hurt one day; never pages, off at first
         * @description Whether risks are told: what works today and will hurt one day; never pages, off at first
         */
        patch: operations["updateDetectors"];
        trace?: never;
    };
    "/v1/detectors/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What detectors would say of these objects, and why
         * @description What detectors would say of these objects, and why
         *
         *     Nothing is kept. Secrets are dropped, the rest is redacted before it is judged. At most 500 objects, 64 KiB of text or 1 MiB in all.
         */
        post: operations["testDetectors"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/detectors/{detector_type}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One type of issue, with what is set for it
         * @description One type of issue, with what is set for it
         */
        get: operations["getDetector"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Switch a type on or off, or tune it, for everything, a cluster, a namespace or both
         * @description Switch a type on or off, or tune it, for everything, a cluster, a namespace or both
         *
         *     What is nearer to the workload wins, member by member and threshold by threshold. In force within ten seconds; open issues follow.
         */
        patch: operations["updateDetector"];
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List past events
         * @description List past events
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow events as they happen
         * @description Follow events as they happen
         *
         *     Server-sent events, also at `/api/events`: `id`, `event` and one line of JSON as `data`; a comment every 15 seconds. After a gap that is
         *     too old, or a place that is not ours, the first event is `stream.reset`: read the lists again.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a ticket for one event stream
         * @description Make a ticket for one event stream
         *
         *     For browsers, whose EventSource sends no header. It opens one stream within 60 seconds, with the rights of the key that asked.
         */
        post: operations["createTicket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List executions
         * @description List executions
         */
        get: operations["listExecutions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether executions are paused
         * @description Whether executions are paused
         */
        get: operations["getPause"];
        put?: never;
        /**
         * Pause all executions before their next change
         * @description Pause all executions before their next change
         */
        post: operations["pauseExecutions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let executions go on
         * @description Let executions go on
         */
        post: operations["resumeExecutions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{execution_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One execution with its plan and what its steps found
         * @description One execution with its plan and what its steps found
         */
        get: operations["getExecution"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{execution_id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve an execution's plan
         * @description Approve an execution's plan
         */
        post: operations["approveExecution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{execution_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel an execution; a step at work ends first
         * @description Cancel an execution; a step at work ends first
         */
        post: operations["cancelExecution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{execution_id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The log of an execution, by offset
         * @description The log of an execution, by offset
         */
        get: operations["executionLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{execution_id}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reject an execution
         * @description Reject an execution
         */
        post: operations["rejectExecution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{execution_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try an execution again, from the step that did not succeed
         * @description Try an execution again, from the step that did not succeed
         */
        post: operations["retryExecution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List open invitations
         * @description List open invitations
         */
        get: operations["listInvites"];
        put?: never;
        /**
         * Invite somebody by a link
         * @description Invite somebody by a link
         *
         *     The answer holds the link, this once. It works once, within seven days, while you could still make it. The roles admin and owner take
         *     your password.
         */
        post: operations["createInvite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invites/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept an invitation
         * @description Accept an invitation
         *
         *     Makes the member and signs in. Works once.
         */
        post: operations["acceptInvite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invites/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What an invitation would do
         * @description What an invitation would do
         */
        post: operations["checkInvite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invites/{invite_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Withdraw an invitation
         * @description Withdraw an invitation
         */
        delete: operations["withdrawInvite"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List issues
         * @description List issues
         */
        get: operations["listIssues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change many issues at once
         * @description Change many issues at once
         *
         *     Each on its own: what one refuses stops no other; `results` says so, in the order of `ids`.
         */
        post: operations["changeIssues"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/facets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count issues by facet
         * @description Count issues by facet
         */
        get: operations["issueFacets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/{issue_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One issue
         * @description One issue
         */
        get: operations["getIssue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Acknowledge, resolve or open an issue; assign, label or snooze it
         * @description Acknowledge, resolve or open an issue; assign, label or snooze it
         */
        patch: operations["updateIssue"];
        trace?: never;
    };
    "/v1/issues/{issue_id}/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happened to an issue, and who did it
         * @description What happened to an issue, and who did it
         */
        get: operations["issueActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/{issue_id}/analyses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The analyses of an issue, newest first
         * @description The analyses of an issue, newest first
         */
        get: operations["listAnalyses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/{issue_id}/analyze": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find out why an issue exists
         * @description Find out why an issue exists
         */
        post: operations["analyzeIssue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/{issue_id}/captured": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was captured when an issue opened: logs, Kubernetes Events and changes
         * @description What was captured when an issue opened: logs, Kubernetes Events and changes
         */
        get: operations["capturedOfIssue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/{issue_id}/comments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The comments of an issue
         * @description The comments of an issue
         */
        get: operations["listComments"];
        put?: never;
        /**
         * Say something about an issue
         * @description Say something about an issue
         */
        post: operations["addComment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/{issue_id}/comments/{comment_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete a comment of one's own; owners and admins delete any
         * @description Delete a comment of one's own; owners and admins delete any
         */
        delete: operations["deleteComment"];
        options?: never;
        head?: never;
        /**
         * Change a comment of one's own
         * @description Change a comment of one's own
         */
        patch: operations["editComment"];
        trace?: never;
    };
    "/v1/log-capture": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether containers' last lines are fetched when their issue opens
         * @description Whether containers' last lines are fetched when their issue opens
         */
        get: operations["getCapture"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Switch the fetching of containers' last lines on or off
         * @description Switch the fetching of containers' last lines on or off
         */
        patch: operations["updateCapture"];
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who I am
         * @description Who I am
         */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List members
         * @description List members
         */
        get: operations["listMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/members/{member_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a member
         * @description Remove a member
         *
         *     Their sessions and keys end at once.
         */
        delete: operations["removeMember"];
        options?: never;
        head?: never;
        /**
         * Give a member another role
         * @description Give a member another role
         *
         *     Takes effect with the next request, also for the keys they made. Nobody can give more rights than their own; only owners make owners.
         *     The roles admin and owner take your password.
         */
        patch: operations["updateMember"];
        trace?: never;
    };
    "/v1/mute-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The mute rules in force, oldest first
         * @description The mute rules in force, oldest first
         */
        get: operations["listMuteRules"];
        put?: never;
        /**
         * Mute what is known
         * @description Mute what is known
         *
         *     Issues that fit are kept and counted, and nobody is told of them, those that are open and those that come. `reason` and `expiresAt` are
         *     wanted, so that a rule does not outlive what it was made for.
         */
        post: operations["createMuteRule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/mute-rules/{rule_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One mute rule, also after its end
         * @description One mute rule, also after its end
         */
        get: operations["getMuteRule"];
        put?: never;
        post?: never;
        /**
         * End a mute rule: what it muted is told of again
         * @description End a mute rule: what it muted is told of again
         */
        delete: operations["deleteMuteRule"];
        options?: never;
        head?: never;
        /**
         * Give a mute rule another reason or day; what it is about stays
         * @description Give a mute rule another reason or day; what it is about stays
         */
        patch: operations["updateMuteRule"];
        trace?: never;
    };
    "/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This contract as JSON
         * @description This contract as JSON
         */
        get: operations["getOpenApiJson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/openapi.yaml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This contract as YAML
         * @description This contract as YAML
         */
        get: operations["getOpenApiYaml"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the plan allows
         * @description What the plan allows
         */
        get: operations["getPlan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List resources
         * @description List resources
         */
        get: operations["listResources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count resources by cluster, kind and namespace
         * @description Count resources by cluster, kind and namespace
         */
        get: operations["countResources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{resource_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One resource with its manifest
         * @description One resource with its manifest
         */
        get: operations["getResource"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{resource_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Kubernetes Events about a resource, newest first
         * @description Kubernetes Events about a resource, newest first
         */
        get: operations["resourceEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{resource_id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What changed in what is wanted of a resource, newest first
         * @description What changed in what is wanted of a resource, newest first
         */
        get: operations["resourceHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{resource_id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The log of a pod's container
         * @description The log of a pod's container
         */
        get: operations["resourceLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{resource_id}/tree": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A resource with its owners and what it owns
         * @description A resource with its owners and what it owns
         */
        get: operations["resourceTree"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runbooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List runbooks
         * @description List runbooks
         */
        get: operations["listRunbooks"];
        put?: never;
        /**
         * Make a runbook
         * @description Make a runbook
         */
        post: operations["createRunbook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runbooks/{runbook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One runbook, with its newest executions
         * @description One runbook, with its newest executions
         */
        get: operations["getRunbook"];
        put?: never;
        post?: never;
        /**
         * Delete a runbook; its executions stay
         * @description Delete a runbook; its executions stay
         */
        delete: operations["deleteRunbook"];
        options?: never;
        head?: never;
        /**
         * Give a runbook a new version, or switch it on or off
         * @description Give a runbook a new version, or switch it on or off
         */
        patch: operations["updateRunbook"];
        trace?: never;
    };
    "/v1/runbooks/{runbook_id}/execute": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start an execution, or plan it (dryRun)
         * @description Start an execution, or plan it (dryRun)
         */
        post: operations["executeRunbook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The session I am signed in with
         * @description The session I am signed in with
         */
        get: operations["getSession"];
        put?: never;
        /**
         * Sign in
         * @description Sign in
         *
         *     Sets the session cookie. One answer for whatever was wrong; five tries in 15 minutes for an address and account.
         */
        post: operations["signIn"];
        /**
         * Sign out
         * @description Sign out
         *
         *     The cookie opens nothing more, on any server; its open streams end within five seconds.
         */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm that it is me, by my password
         * @description Confirm that it is me, by my password
         */
        post: operations["confirmSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open the first-run link
         * @description Open the first-run link
         *
         *     Makes the first organisation, or gives the owner of the one there is an address and a password; then signs in. Works once.
         */
        post: operations["setUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/setup/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a first-run link would do
         * @description What a first-run link would do
         */
        post: operations["checkSetup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhooks
         * @description List webhooks
         */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Make a webhook
         * @description Make a webhook
         *
         *     The answer holds its secret, this once. Grouped symptoms, muted and preexisting issues are not told.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{webhook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One webhook, without its secret
         * @description One webhook, without its secret
         */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook with its deliveries
         * @description Delete a webhook with its deliveries
         */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        /**
         * Change a webhook, or switch it on or off
         * @description Change a webhook, or switch it on or off
         */
        patch: operations["updateWebhook"];
        trace?: never;
    };
    "/v1/webhooks/{webhook_id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a webhook's deliveries; they are kept for 30 days
         * @description List a webhook's deliveries; they are kept for 30 days
         */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One delivery with its body
         * @description One delivery with its body
         */
        get: operations["getDelivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deliver again, under the same id
         * @description Deliver again, under the same id
         */
        post: operations["redeliver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{webhook_id}/roll": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a webhook a new secret
         * @description Give a webhook a new secret
         *
         *     The old one signs beside it for 24 hours, so the receiver can change at leisure.
         */
        post: operations["rollWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{webhook_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test
         * @description Send a test
         *
         *     It is on its way with the answer; `Location` tells what came back.
         */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** Accept */
        Accept: {
            /**
             * Token
             * @description What stands behind `#` in the link
             */
            token: string;
            /**
             * Email
             * @example ops@example.com
             */
            email: string;
            /**
             * Password
             * @description At least 12 characters, not one of the common ones
             */
            password: string;
        };
        /**
         * ActionShape
         * @description With a runbook it can be executed as it stands; without one a person does it.
         */
        ActionShape: {
            /** Title */
            title: string;
            /** Why */
            why: string;
            /**
             * Risk
             * @enum {string}
             */
            risk: "readOnly" | "low" | "high" | "destructive" | "manual";
            /**
             * Runbook
             * @example raise-memory-limit
             */
            runbook?: string | null;
            /** Parameters */
            parameters?: {
                [key: string]: unknown;
            } | null;
            /** Evidenceids */
            evidenceIds: string[];
        };
        /** ActivityList */
        ActivityList: {
            /** Activity */
            activity: components["schemas"]["ActivityShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** ActivityShape */
        ActivityShape: {
            /** Id */
            id: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /**
             * Actorkind
             * @enum {string}
             */
            actorKind: "person" | "key" | "detector" | "rule" | "system";
            /**
             * Actorid
             * @description usr_…, key_…, mut_…, a type of issue for detectors, or `system`
             */
            actorId: string;
            /**
             * Action
             * @example acknowledged
             */
            action: string;
            /** Detail */
            detail: {
                [key: string]: unknown;
            };
        };
        /** ActorShape */
        ActorShape: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "key" | "person";
            /** Id */
            id: string;
            /** Role */
            role?: string | null;
            /** Scopes */
            scopes: string[];
            /**
             * Clusters
             * @description Ids of the clusters it may see; absent: all
             */
            clusters?: string[] | null;
        };
        /** AffectedShape */
        AffectedShape: {
            /** Kind */
            kind: string;
            /** Namespace */
            namespace?: string | null;
            /** Name */
            name: string;
            /** Since */
            since?: string | null;
        };
        /** AgentShape */
        AgentShape: {
            /** Version */
            version?: string | null;
            /** Capabilities */
            capabilities: string[];
            /**
             * Certexpiresat
             * Format: date-time
             */
            certExpiresAt?: string | null;
        };
        /** AiChange */
        AiChange: {
            /** Enabled */
            enabled: boolean;
            /**
             * Destination
             * @description Where evidence may go: the `destination` that was read. Another than the present one is refused, and so is none while there is an `allowedDestination`. To switch it off nothing needs to be named.
             * @example https://api.openai.com
             */
            destination?: string | null;
        };
        /** AiShape */
        AiShape: {
            /**
             * Enabled
             * @description Whether evidence may go to the model; off unless somebody has switched it on
             */
            enabled: boolean;
            /**
             * Configured
             * @description Whether the operator of the server offers a model
             */
            configured: boolean;
            /**
             * Provider
             * @example ollama
             */
            provider?: string | null;
            /** Model */
            model?: string | null;
            /**
             * Destination
             * @description Where evidence would go; a yes is for this place only
             * @example https://api.openai.com
             */
            destination?: string | null;
            /**
             * Alloweddestination
             * @description Where somebody let it go, when that is not `destination`: nothing is sent
             */
            allowedDestination?: string | null;
            today: components["schemas"]["SpentShape"];
            /** @description What the organisation may use in a day (UTC) */
            daily?: components["schemas"]["DailyShape"] | null;
            /**
             * Resetsat
             * Format: date-time
             */
            resetsAt: string;
        };
        /** AnalysisList */
        AnalysisList: {
            /** Analyses */
            analyses: components["schemas"]["AnalysisShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /**
         * AnalysisShape
         * @description Why an issue exists. All from `summary` on is there once the status is ready or inconclusive.
         */
        AnalysisShape: {
            /**
             * Id
             * @example ana_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Issueid */
            issueId: string;
            /** Clusterid */
            clusterId: string;
            /**
             * Status
             * @enum {string}
             */
            status: "queued" | "running" | "ready" | "inconclusive" | "failed";
            /**
             * Trigger
             * @description `logs`: log lines have arrived since the last answer; `facts`: what the issue shows has changed since then
             * @enum {string}
             */
            trigger: "auto" | "manual" | "logs" | "facts";
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Startedat
             * Format: date-time
             */
            startedAt?: string | null;
            /**
             * Finishedat
             * Format: date-time
             */
            finishedAt?: string | null;
            /** Durationms */
            durationMs?: number | null;
            /** Failure */
            failure?: string | null;
            /**
             * Waitsfor
             * @description The log lines that are being fetched for it; when they arrive, an inconclusive one is followed by another
             */
            waitsFor?: string[] | null;
            /** Summary */
            summary?: string | null;
            rootCause?: components["schemas"]["RootCauseShape"] | null;
            /** Confidence */
            confidence?: number | null;
            /**
             * Confidencelabel
             * @enum {string|null}
             */
            confidenceLabel?: "high" | "medium" | "low" | null;
            /** Hypotheses */
            hypotheses?: components["schemas"]["HypothesisShape"][] | null;
            /** Evidence */
            evidence?: components["schemas"]["EvidenceShape"][] | null;
            /** Changes */
            changes?: components["schemas"]["optral__api__analyses__ChangeShape"][] | null;
            /** Timeline */
            timeline?: components["schemas"]["MomentShape"][] | null;
            /** Affected */
            affected?: components["schemas"]["RefShape"][] | null;
            /** Recommendedactions */
            recommendedActions?: components["schemas"]["ActionShape"][] | null;
            /** Missingevidence */
            missingEvidence?: string[] | null;
            engine?: components["schemas"]["EngineShape"] | null;
            /** Usage */
            usage?: {
                [key: string]: unknown;
            } | null;
            /** Warnings */
            warnings?: string[] | null;
            /**
             * Sameas
             * @description An earlier analysis whose evidence, and so whose answer, is the same
             */
            sameAs?: string | null;
            feedback?: components["schemas"]["FeedbackShape"] | null;
            /**
             * Stale
             * @description The cluster may differ from this by now: its agent is not connected, or does not follow this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description The cluster was last known to be as shown at this time; absent while current, and when no agent ever connected
             */
            staleSince?: string | null;
            /** Version */
            version: number;
        };
        /** AnalyzeRequest */
        AnalyzeRequest: {
            /**
             * Force
             * @description Answer anew even when the evidence is that of an earlier answer
             * @default false
             */
            force: boolean;
        };
        /** ApprovalRule */
        ApprovalRule: {
            /**
             * Required
             * @enum {string}
             */
            required: "never" | "byRisk" | "always";
            /** Expiresafterseconds */
            expiresAfterSeconds: number;
        };
        /** ApprovalShape */
        ApprovalShape: {
            /** Required */
            required: boolean;
            /**
             * Ready
             * @description The plan is there and can be decided on
             */
            ready: boolean;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt?: string | null;
        };
        /** Approve */
        Approve: {
            /**
             * Reason
             * @default
             */
            reason: string;
            /**
             * Planhash
             * @description The plan you looked at; another one is refused
             */
            planHash?: string | null;
            /**
             * Confirm
             * @description The target's name; needed of the only member of an organisation
             * @default
             */
            confirm: string;
        };
        /** AuditList */
        AuditList: {
            /** Audit */
            audit: components["schemas"]["AuditShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** AuditShape */
        AuditShape: {
            /** Id */
            id: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Actorkind */
            actorKind: string;
            /** Actorid */
            actorId: string;
            /**
             * Action
             * @example cluster.create
             */
            action: string;
            /** Target */
            target: string;
            /**
             * Outcome
             * @example success
             */
            outcome: string;
            /** Detail */
            detail: {
                [key: string]: unknown;
            };
        };
        /** AutomaticChange */
        AutomaticChange: {
            /** Enabled */
            enabled: boolean;
        };
        /** AutomaticShape */
        AutomaticShape: {
            /**
             * Enabled
             * @description On unless somebody has switched it off
             */
            enabled: boolean;
        };
        /** BoundShape */
        BoundShape: {
            /**
             * Path
             * @description The end of a path of the diff
             * @example limits.memory
             */
            path: string;
            /** Onlyraise */
            onlyRaise: boolean;
            /** Maxfactor */
            maxFactor?: number | null;
        };
        /** BulkChange */
        BulkChange: {
            /**
             * Ids
             * @description Issues; each is changed on its own
             */
            ids: string[];
            change: components["schemas"]["IssueChange"];
        };
        /** BulkResult */
        BulkResult: {
            /** Id */
            id: string;
            /**
             * Result
             * @enum {string}
             */
            result: "changed" | "unchanged" | "refused";
            /**
             * Version
             * @description The version it has now
             */
            version?: number | null;
            /**
             * Code
             * @description Why it was refused; docs/errors.md
             */
            code?: string | null;
            /** Detail */
            detail?: string | null;
        };
        /** BulkResults */
        BulkResults: {
            /** Results */
            results: components["schemas"]["BulkResult"][];
            /** Changed */
            changed: number;
            /** Unchanged */
            unchanged: number;
            /** Refused */
            refused: number;
        };
        /** CaptureChange */
        CaptureChange: {
            /** Enabled */
            enabled: boolean;
        };
        /** CaptureShape */
        CaptureShape: {
            /**
             * Enabled
             * @description On unless somebody has switched it off
             */
            enabled: boolean;
        };
        /** CapturedChangeShape */
        CapturedChangeShape: {
            /**
             * Kind
             * @example Deployment
             */
            kind: string;
            /** Namespace */
            namespace?: string | null;
            /** Name */
            name: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /**
             * Manager
             * @description The program that wrote the change
             * @example kubectl-client-side-apply
             */
            manager?: string | null;
            /**
             * Diff
             * @description The first 40 fields
             */
            diff: components["schemas"]["DiffEntry"][];
        };
        /** CapturedEventShape */
        CapturedEventShape: {
            /**
             * Type
             * @example Warning
             */
            type: string;
            /**
             * Reason
             * @example BackOff
             */
            reason: string;
            /** Message */
            message: string;
            /** Source */
            source: string;
            /** Count */
            count: number;
            /**
             * Firstat
             * Format: date-time
             */
            firstAt: string;
            /**
             * Lastat
             * Format: date-time
             */
            lastAt: string;
            /**
             * Kind
             * @description What it is about
             * @example Pod
             */
            kind: string;
            /** Namespace */
            namespace: string;
            /** Name */
            name: string;
        };
        /** CapturedLogShape */
        CapturedLogShape: {
            /** Namespace */
            namespace: string;
            /** Pod */
            pod: string;
            /** Container */
            container: string;
            /**
             * Previous
             * @description Of the run before the container's last restart
             */
            previous: boolean;
            /**
             * State
             * @description `wanted`: not here yet; `failed`: there was none to be had; `dropped`: it was not asked for
             * @enum {string}
             */
            state: "wanted" | "captured" | "failed" | "dropped";
            /**
             * Reason
             * @description Why there is none, or none yet
             * @example there was no earlier run
             */
            reason?: string | null;
            /**
             * Capturedat
             * Format: date-time
             * @description When it came, or when its state last changed
             */
            capturedAt: string;
            /**
             * Bytes
             * @description Of the text, in UTF-8; at most 65,536
             */
            bytes: number;
            /**
             * Truncated
             * @description There was more before the first line
             */
            truncated: boolean;
            /**
             * Text
             * @description Redacted in the agent before it left the cluster, and searched again before it was kept; empty with `text=false`
             */
            text: string;
        };
        /**
         * CapturedShape
         * @description At most 20 logs, 50 Events and 10 changes. Kept for 14 days.
         */
        CapturedShape: {
            /**
             * Logs
             * @description By pod, the one last heard of first; of a container the run before comes first
             */
            logs: components["schemas"]["CapturedLogShape"][];
            /**
             * Events
             * @description Kubernetes Events of what shows the issue and of its owners, newest first
             */
            events: components["schemas"]["CapturedEventShape"][];
            /**
             * Changes
             * @description What was last changed about these, newest first
             */
            changes: components["schemas"]["CapturedChangeShape"][];
            /**
             * Surroundingsat
             * Format: date-time
             * @description When Events and changes were kept
             */
            surroundingsAt?: string | null;
            /**
             * Stale
             * @description The cluster may differ from this by now: its agent is not connected, or does not follow this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description The cluster was last known to be as shown at this time; absent while current, and when no agent ever connected
             */
            staleSince?: string | null;
        };
        /** CheckShape */
        CheckShape: {
            /** Name */
            name: string;
            /**
             * Status
             * @enum {string}
             */
            status: "passed" | "failed" | "inconclusive";
            /** Message */
            message: string;
        };
        /**
         * ClaimShape
         * @description One sentence and the evidence it rests on. Names, numbers and quotes stand between backquotes.
         */
        ClaimShape: {
            /** Text */
            text: string;
            /** Evidenceids */
            evidenceIds: string[];
        };
        /** ClusterChange */
        ClusterChange: {
            /** Name */
            name?: string | null;
            /** Labels */
            labels?: {
                [key: string]: string;
            } | null;
        };
        /** ClusterList */
        ClusterList: {
            /** Clusters */
            clusters: components["schemas"]["ClusterShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** ClusterShape */
        ClusterShape: {
            /**
             * Id
             * @example cls_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Name
             * @example production-us-east
             */
            name: string;
            status: components["schemas"]["optral__clusters__model__Status"];
            /** Statusreason */
            statusReason?: string | null;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /**
             * Lastheartbeatat
             * Format: date-time
             */
            lastHeartbeatAt?: string | null;
            agent: components["schemas"]["AgentShape"];
            /** Kubernetesversion */
            kubernetesVersion?: string | null;
            counts: components["schemas"]["CountsShape"];
            /**
             * Clockoffsetms
             * @description The cluster's clock minus ours
             */
            clockOffsetMs?: number | null;
            inventory: components["schemas"]["InventoryShape"];
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /** Version */
            version: number;
        };
        /** CommentList */
        CommentList: {
            /** Comments */
            comments: components["schemas"]["CommentShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** CommentShape */
        CommentShape: {
            /**
             * Id
             * @example cmt_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Issueid */
            issueId: string;
            /**
             * Authorid
             * @description The member who wrote it, or whose key did
             */
            authorId: string;
            /**
             * Author
             * @description Their e-mail address, while they are a member
             */
            author?: string | null;
            /**
             * Keyid
             * @description The key it was written with
             */
            keyId?: string | null;
            /** Body */
            body: string;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Editedat
             * Format: date-time
             */
            editedAt?: string | null;
        };
        /** CommentText */
        CommentText: {
            /**
             * Body
             * @description Text; shown as it stands
             */
            body: string;
        };
        /** Confirm */
        Confirm: {
            /** Password */
            password: string;
        };
        /** Counts */
        Counts: {
            /** Counts */
            counts: components["schemas"]["KindCountShape"][];
            /** Total */
            total: number;
        };
        /** CountsShape */
        CountsShape: {
            /** Openissues */
            openIssues: number;
        };
        /** CreatedCluster */
        CreatedCluster: {
            /**
             * Id
             * @example cls_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Name
             * @example production-us-east
             */
            name: string;
            status: components["schemas"]["optral__clusters__model__Status"];
            /** Statusreason */
            statusReason?: string | null;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /**
             * Lastheartbeatat
             * Format: date-time
             */
            lastHeartbeatAt?: string | null;
            agent: components["schemas"]["AgentShape"];
            /** Kubernetesversion */
            kubernetesVersion?: string | null;
            counts: components["schemas"]["CountsShape"];
            /**
             * Clockoffsetms
             * @description The cluster's clock minus ours
             */
            clockOffsetMs?: number | null;
            inventory: components["schemas"]["InventoryShape"];
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /** Version */
            version: number;
            enrollment: components["schemas"]["Enrollment"];
        };
        /** CreatedInvite */
        CreatedInvite: {
            /** Id */
            id: string;
            /** Role */
            role: string;
            /**
             * Email
             * @description Absent: whoever holds the link chooses
             */
            email?: string | null;
            /** Createdby */
            createdBy: string;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt: string;
            /**
             * Token
             * @description Shown this once; works once
             */
            token: string;
            /**
             * Url
             * @description The link to hand over, shown this once
             */
            url: string;
        };
        /** CreatedKey */
        CreatedKey: {
            /**
             * Id
             * @example key_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            /**
             * Prefix
             * @description The key's beginning and end, enough to recognise it
             */
            prefix: string;
            /** Scopes */
            scopes: string[];
            /**
             * Clusters
             * @description Ids of the clusters it may see; absent: all
             */
            clusters?: string[] | null;
            /**
             * Limitperminute
             * @description Its own lower limit
             */
            limitPerMinute?: number | null;
            /** Createdby */
            createdBy: string;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt?: string | null;
            /**
             * Lastusedat
             * Format: date-time
             */
            lastUsedAt?: string | null;
            /**
             * Revokedat
             * Format: date-time
             */
            revokedAt?: string | null;
            /**
             * Replacedby
             * @description The key it was rolled into
             */
            replacedBy?: string | null;
            /**
             * Key
             * @description The key itself, shown this once
             * @example mht_…
             */
            key: string;
        };
        /** CreatedWebhook */
        CreatedWebhook: {
            /**
             * Id
             * @example whk_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            /**
             * Url
             * @description Without what could be a password: its path and its query are masked
             */
            url: string;
            form: components["schemas"]["Form"];
            /** Enabled */
            enabled: boolean;
            /**
             * Disabledreason
             * @description gone: the endpoint answered 410; failing: five days without one success
             * @enum {string|null}
             */
            disabledReason?: "manual" | "gone" | "failing" | null;
            /**
             * Failingsince
             * Format: date-time
             */
            failingSince?: string | null;
            filters: components["schemas"]["FilterShape"];
            /** Createdby */
            createdBy: string;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Updatedat
             * Format: date-time
             */
            updatedAt: string;
            /**
             * Version
             * @description Sent back as `If-Match: "v3"`, a change made on an old version is refused with 412
             */
            version: number;
            /**
             * Secret
             * @description Signs what is sent (Standard Webhooks); shown this once
             * @example whsec_…
             */
            secret: string;
        };
        /** DailyShape */
        DailyShape: {
            /**
             * Tokens
             * @description Of input and output together
             */
            tokens: number;
            /** Costusd */
            costUsd?: number | null;
        };
        /** Decision */
        Decision: {
            /**
             * Reason
             * @default
             */
            reason: string;
        };
        /** DefaultsShape */
        DefaultsShape: {
            /**
             * Severity
             * @description What it begins with; the workload raises or lowers it
             * @enum {string|null}
             */
            severity?: "critical" | "high" | "medium" | "low" | null;
            /**
             * Openafterseconds
             * @description How long it must be true at least
             */
            openAfterSeconds: number;
            /**
             * Resolveafterseconds
             * @description How long it must be false
             */
            resolveAfterSeconds: number;
        };
        /** DeletedCluster */
        DeletedCluster: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Uninstall
             * @description Commands that remove the agent from Kubernetes
             */
            uninstall: string[];
        };
        /** DeliveryList */
        DeliveryList: {
            /** Deliveries */
            deliveries: components["schemas"]["DeliveryShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** DeliveryShape */
        DeliveryShape: {
            /**
             * Id
             * @description The `webhook-id` that the endpoint got; the same at every attempt
             * @example dlv_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Event
             * @example issue.created
             */
            event: string;
            /**
             * Subjectid
             * @description Id of what the event is about
             */
            subjectId?: string | null;
            /**
             * Status
             * @enum {string}
             */
            status: "pending" | "delivered" | "failed";
            /** Attempts */
            attempts: number;
            /**
             * Statuscode
             * @description What the endpoint answered last; its text is never kept
             */
            statusCode?: number | null;
            /**
             * Error
             * @description refused_address, dns, connect, tls, timeout, unreadable or disabled
             */
            error?: string | null;
            /** Durationms */
            durationMs?: number | null;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Attemptedat
             * Format: date-time
             */
            attemptedAt?: string | null;
            /**
             * Deliveredat
             * Format: date-time
             */
            deliveredAt?: string | null;
            /**
             * Nextattemptat
             * Format: date-time
             */
            nextAttemptAt?: string | null;
            /**
             * Body
             * @description What is sent; with one delivery only
             */
            body?: string | null;
        };
        /**
         * DetectorChange
         * @description What is given is set in that place, null takes it back; what is not given stays.
         */
        DetectorChange: {
            /**
             * Cluster
             * @description Id or name; absent: every cluster
             */
            cluster?: string | null;
            /**
             * Namespace
             * @description Absent: every namespace
             */
            namespace?: string | null;
            /** Enabled */
            enabled?: boolean | null;
            /** Openafterseconds */
            openAfterSeconds?: number | null;
            /** Resolveafterseconds */
            resolveAfterSeconds?: number | null;
            /**
             * Severity
             * @enum {string|null}
             */
            severity?: "critical" | "high" | "medium" | "low" | null;
            /**
             * Thresholds
             * @description Thresholds of the type by name; null for one takes that one back, null for all of them all
             */
            thresholds?: {
                [key: string]: number | null;
            } | null;
        };
        /** DetectorList */
        DetectorList: {
            /** Detectors */
            detectors: components["schemas"]["DetectorShape"][];
            /**
             * Riskchecks
             * @description Whether risks are told
             */
            riskChecks: boolean;
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
        };
        /** DetectorShape */
        DetectorShape: {
            /**
             * Type
             * @example CrashLoopBackOff
             */
            type: string;
            /**
             * Tier
             * @enum {string}
             */
            tier: "core" | "extended" | "risk";
            /** Category */
            category: string;
            /**
             * Page
             * @description Where it is explained, in the source
             * @example docs/detectors/CrashLoopBackOff.md
             */
            page: string;
            /**
             * Looksat
             * @description Kinds of objects
             */
            looksAt: string[];
            /**
             * Needs
             * @description What it sees by beside objects: events, logs, leases, metrics
             */
            needs: string[];
            /**
             * Gates
             * @description The gates against false alarms it passes through
             * @example [
             *       "G1",
             *       "G7"
             *     ]
             */
            gates: string[];
            defaults: components["schemas"]["DefaultsShape"];
            /**
             * Enabled
             * @description Whether it counts at the place that was asked about; a risk also needs `riskChecks`
             */
            enabled: boolean;
            effective: components["schemas"]["EffectiveShape"];
            /**
             * Thresholds
             * @description Its own numbers that can be set; most types have none
             */
            thresholds: components["schemas"]["ThresholdShape"][];
            /**
             * Sees
             * @description Whether agents show what it needs
             * @enum {string}
             */
            sees: "yes" | "partly" | "no";
            /**
             * Blindto
             * @description What is missing for that: kinds that agents may not read, `metrics`
             */
            blindTo: string[];
            /**
             * Openissues
             * @description Issues of this type that are not over
             */
            openIssues: number;
            /**
             * Failures
             * @description How often it failed since this server started; see the server's log
             */
            failures: number;
            /** Tunings */
            tunings: components["schemas"]["TuningShape"][];
        };
        /** DiffEntry */
        DiffEntry: {
            /** Path */
            path: string;
            /**
             * Op
             * @enum {string}
             */
            op: "add" | "remove" | "replace";
            /** From */
            from?: unknown;
            /** To */
            to?: unknown;
        };
        /**
         * EffectiveShape
         * @description What holds at the place that was asked about, annotations aside; absent members are the defaults.
         */
        EffectiveShape: {
            /** Openafterseconds */
            openAfterSeconds?: number | null;
            /** Resolveafterseconds */
            resolveAfterSeconds?: number | null;
            /**
             * Severity
             * @enum {string|null}
             */
            severity?: "critical" | "high" | "medium" | "low" | null;
        };
        /** EngineShape */
        EngineShape: {
            /**
             * Name
             * @description `rules`, or `rules+model` where a language model ranked and told
             * @example rules
             */
            name: string;
            /**
             * Ruleset
             * @description The mark of the rules' versions
             */
            ruleset: string;
            /** Provider */
            provider?: string | null;
            /** Model */
            model?: string | null;
            /**
             * Prompthash
             * @description The mark of the instructions the model was given
             */
            promptHash?: string | null;
        };
        /**
         * Enrollment
         * @description A one-use token with which an agent joins; shown this once.
         */
        Enrollment: {
            /** Token */
            token: string;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt: string;
            /** Capin */
            caPin: string;
        };
        /** EventList */
        EventList: {
            /** Events */
            events: components["schemas"]["EventShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** EventShape */
        EventShape: {
            /**
             * Id
             * @description Rises within the organisation; the `id` of the stream
             */
            id: number;
            /**
             * Type
             * @example issue.created
             */
            type: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Clusterid */
            clusterId?: string | null;
            /**
             * Subjectid
             * @description What it happened to
             */
            subjectId: string;
            /**
             * Data
             * @description The `data` of the stream; contracts/events.json has a schema for each type
             */
            data: {
                [key: string]: unknown;
            };
        };
        /** EvidenceShape */
        EvidenceShape: {
            /**
             * Id
             * @description A hash of what it says and where
             * @example ev_5f0c2a9d17b3e684
             */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "object" | "event" | "log" | "metric" | "change" | "relation" | "absence";
            ref: components["schemas"]["RefShape"];
            /** Path */
            path: string;
            /** Excerpt */
            excerpt: string;
            /**
             * Observedat
             * Format: date-time
             */
            observedAt?: string | null;
            /**
             * Trust
             * @description Who could have written it
             * @enum {string}
             */
            trust: "kube" | "node" | "app_text";
            /**
             * Stance
             * @enum {string}
             */
            stance: "supports" | "contradicts";
        };
        /** ExecuteInput */
        ExecuteInput: {
            /**
             * Clusterid
             * @description Id or name; may be left out with an issue
             */
            clusterId?: string | null;
            /**
             * Issueid
             * @description What it is for; fills parameters that default to `${target.X}`
             */
            issueId?: string | null;
            /** Parameters */
            parameters?: {
                [key: string]: unknown;
            };
            /**
             * Dryrun
             * @description Plan only: the answer's `plan.diff` says what would change
             * @default false
             */
            dryRun: boolean;
            /**
             * Allowdrift
             * @description Also change what Argo CD, Flux, Helm, an operator or an autoscaler manages
             * @default false
             */
            allowDrift: boolean;
            /**
             * Reason
             * @default
             */
            reason: string;
        };
        /** ExecutionList */
        ExecutionList: {
            /** Executions */
            executions: components["schemas"]["ExecutionShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** ExecutionShape */
        ExecutionShape: {
            /**
             * Id
             * @example exe_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            runbook: components["schemas"]["RunbookRef"];
            /**
             * Cluster
             * @description The cluster's name
             */
            cluster: string;
            /** Clusterid */
            clusterId: string;
            /** Issueid */
            issueId?: string | null;
            status: components["schemas"]["optral__runbooks__model__Status"];
            target: components["schemas"]["ObjectShape"];
            /** Parameters */
            parameters: {
                [key: string]: unknown;
            };
            /** Dryrun */
            dryRun: boolean;
            /** Allowdrift */
            allowDrift: boolean;
            /** Reason */
            reason: string;
            approval: components["schemas"]["ApprovalShape"];
            /** @description With one execution only */
            plan?: components["schemas"]["PlanShape"] | null;
            /** Steps */
            steps: components["schemas"]["StepShape"][];
            /** Requestedby */
            requestedBy: string;
            /** Approvedby */
            approvedBy?: string | null;
            /**
             * Canceling
             * @description Somebody asked to cancel; the step at work ends first
             */
            canceling: boolean;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Startedat
             * Format: date-time
             */
            startedAt?: string | null;
            /**
             * Finishedat
             * Format: date-time
             */
            finishedAt?: string | null;
            verification?: components["schemas"]["VerificationShape"] | null;
            failure?: components["schemas"]["FailureShape"] | null;
            /** Retryof */
            retryOf?: string | null;
            /** Version */
            version: number;
        };
        /** Facet */
        Facet: {
            /** Value */
            value: string;
            /** Count */
            count: number;
        };
        /**
         * Facets
         * @description How many issues fit, by each value of each facet.
         */
        Facets: {
            /** Severity */
            severity: components["schemas"]["Facet"][];
            /** Status */
            status: components["schemas"]["Facet"][];
            /** Type */
            type: components["schemas"]["Facet"][];
            /** Cluster */
            cluster: components["schemas"]["Facet"][];
            /** Namespace */
            namespace: components["schemas"]["Facet"][];
            /** Category */
            category: components["schemas"]["Facet"][];
            /** Substatus */
            substatus: components["schemas"]["Facet"][];
            /**
             * Assignee
             * @description Ids of members; `none`: nobody looks after it
             */
            assignee: components["schemas"]["Facet"][];
            /**
             * Label
             * @description `key:value`
             */
            label: components["schemas"]["Facet"][];
            /**
             * Stale
             * @description The cluster may differ from this by now: its agent is not connected, or does not follow this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description The cluster was last known to be as shown at this time; absent while current, and when no agent ever connected
             */
            staleSince?: string | null;
        };
        /** FailureShape */
        FailureShape: {
            /** Code */
            code: string;
            /** Message */
            message: string;
            /** Step */
            step?: string | null;
            /**
             * Changed
             * @description Whether anything was changed in the cluster; null: not known
             */
            changed?: boolean | null;
            /** @description What to look at, when the outcome is not known */
            check?: components["schemas"]["ObjectShape"] | null;
        };
        /** FeedbackRequest */
        FeedbackRequest: {
            /** Isright */
            isRight: boolean;
            /**
             * Cause
             * @description What it really was: one of docs/causes.md
             */
            cause?: string | null;
            /** Comment */
            comment?: string | null;
        };
        /** FeedbackShape */
        FeedbackShape: {
            /** Isright */
            isRight: boolean;
            /** Cause */
            cause?: string | null;
            /** Comment */
            comment?: string | null;
            /** By */
            by: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
        };
        /** FilterInput */
        FilterInput: {
            /**
             * Events
             * @description Which events are told
             * @default [
             *       "issue.created",
             *       "issue.resolved"
             *     ]
             */
            events: ("analysis.ready" | "approval.requested" | "cluster.offline" | "cluster.online" | "issue.created" | "issue.resolved" | "issue.updated" | "runbook.completed" | "runbook.started")[];
            /**
             * Clusters
             * @description Ids or names; absent: all
             */
            clusters?: string[] | null;
            /**
             * Namespaces
             * @description Of the issue; absent: all
             */
            namespaces?: string[] | null;
            /**
             * Issuetypes
             * @description Absent: all
             */
            issueTypes?: string[] | null;
            /**
             * Minseverity
             * @description Issues at least as severe; absent: all
             * @enum {string|null}
             */
            minSeverity?: "critical" | "high" | "medium" | "low" | null;
        };
        /** FilterShape */
        FilterShape: {
            /** Events */
            events: string[];
            /**
             * Clusters
             * @description Ids
             */
            clusters?: string[] | null;
            /** Namespaces */
            namespaces?: string[] | null;
            /** Issuetypes */
            issueTypes?: string[] | null;
            /**
             * Minseverity
             * @enum {string|null}
             */
            minSeverity?: "critical" | "high" | "medium" | "low" | null;
        };
        /**
         * Form
         * @description `json`: the event as it is. `slack`: a message that Slack and what speaks like it can show.
         * @enum {string}
         */
        Form: "json" | "slack";
        /** FoundShape */
        FoundShape: {
            /** Type */
            type: string;
            /**
             * Subject
             * @example Deployment/shop/api
             */
            subject: string;
            /**
             * Shownby
             * @example Pod/shop/api-5d4f9c-x1
             */
            shownBy: string;
            /**
             * Container
             * @description Or another part of the subject
             */
            container?: string | null;
            /**
             * Severity
             * @enum {string}
             */
            severity: "critical" | "high" | "medium" | "low";
            /** Title */
            title: string;
            /** Category */
            category: string;
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /**
             * Opensat
             * Format: date-time
             * @description From then on it counts as an issue
             */
            opensAt: string;
            /** Facts */
            facts: {
                [key: string]: unknown;
            };
            /**
             * Suspects
             * @description Whose own issue would explain it
             */
            suspects: string[];
        };
        /** GateShape */
        GateShape: {
            /**
             * Gate
             * @example G1
             */
            gate: string;
            /** Holdsback */
            holdsBack: boolean;
            /**
             * Asks
             * @example it is being deleted
             */
            asks: string;
        };
        /** History */
        History: {
            /** History */
            history: components["schemas"]["RevisionShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /**
             * Stale
             * @description The cluster may differ from this by now: its agent is not connected, or does not follow this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description The cluster was last known to be as shown at this time; absent while current, and when no agent ever connected
             */
            staleSince?: string | null;
        };
        /** HypothesisShape */
        HypothesisShape: {
            /**
             * Id
             * @description One of docs/causes.md
             */
            id: string;
            /** Title */
            title: string;
            subject: components["schemas"]["RefShape"];
            /** Score */
            score: number;
            /**
             * Verdict
             * @enum {string}
             */
            verdict: "accepted" | "possible" | "rejected";
            /** Why */
            why: string;
            /** Evidenceids */
            evidenceIds: string[];
        };
        /** Install */
        Install: {
            /**
             * Method
             * @enum {string}
             */
            method: "local" | "kubectl";
            /**
             * Command
             * @description Complete, with address, CA pin and a fresh one-use token
             */
            command: string;
            /**
             * Manifest
             * @description The YAML inside the command
             */
            manifest?: string | null;
            /**
             * Expiresat
             * Format: date-time
             * @description When the token ends
             */
            expiresAt: string;
        };
        /** InventoryShape */
        InventoryShape: {
            /**
             * Syncedat
             * Format: date-time
             * @description When the inventory was last complete
             */
            syncedAt?: string | null;
            /**
             * Stale
             * @description The inventory may differ from the cluster now: it was never complete, or the agent is not connected
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description The cluster was last known to be as shown at this time; absent while current, and when no agent ever connected
             */
            staleSince?: string | null;
        };
        /** InviteList */
        InviteList: {
            /** Invites */
            invites: components["schemas"]["InviteShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
        };
        /** InviteShape */
        InviteShape: {
            /** Id */
            id: string;
            /** Role */
            role: string;
            /**
             * Email
             * @description Absent: whoever holds the link chooses
             */
            email?: string | null;
            /** Createdby */
            createdBy: string;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt: string;
        };
        /**
         * IssueChange
         * @description What is not given stays as it is.
         */
        IssueChange: {
            /**
             * Status
             * @description A manual resolve holds while the same occurrence lasts
             * @enum {string}
             */
            status?: "open" | "acknowledged" | "resolved";
            /**
             * Assignee
             * @description A member's id, or `me`; null: nobody
             * @example me
             */
            assignee?: string | null;
            /**
             * Labels
             * @description Put over those there are; null takes a label away
             * @example {
             *       "team": "payments"
             *     }
             */
            labels?: {
                [key: string]: string | null;
            } | null;
            /** @description null ends a snooze */
            snooze?: components["schemas"]["SnoozeWish"] | null;
        };
        /** IssueList */
        IssueList: {
            /** Issues */
            issues: components["schemas"]["IssueShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /**
         * IssueShape
         * @description The nine promised members come first, in this order.
         */
        IssueShape: {
            /**
             * Id
             * @example iss_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Type
             * @example OOMKilled
             */
            type: string;
            severity: components["schemas"]["Severity"];
            /**
             * Status
             * @enum {string}
             */
            status: "open" | "acknowledged" | "resolved";
            /**
             * Cluster
             * @description The cluster's name
             * @example production-us-east
             */
            cluster: string;
            /**
             * Resource
             * @description The newest failing object
             * @example api-server-7d4f8b9c6-xk2lm
             */
            resource: string;
            /**
             * Namespace
             * @description null for cluster-scoped objects
             * @example default
             */
            namespace: string | null;
            /**
             * Detectedat
             * Format: date-time
             * @description When the issue opened, by the server's clock
             */
            detectedAt: string;
            /** Hasanalysis */
            hasAnalysis: boolean;
            /** Clusterid */
            clusterId: string;
            /** Resourceid */
            resourceId?: string | null;
            /** Resourcekind */
            resourceKind: string;
            owner?: components["schemas"]["OwnerShape"] | null;
            /** Container */
            container?: string | null;
            /** Title */
            title: string;
            /** Category */
            category: string;
            /** Substatus */
            substatus: string;
            /**
             * Firstseenat
             * Format: date-time
             */
            firstSeenAt: string;
            /**
             * Lastseenat
             * Format: date-time
             */
            lastSeenAt: string;
            /**
             * Resolvedat
             * Format: date-time
             */
            resolvedAt?: string | null;
            /**
             * Resolvedby
             * @description Who resolved it, or switched its type off; else `system`
             */
            resolvedBy?: string | null;
            /**
             * Resolution
             * @description `recovered`, `resource_deleted`, `superseded`, `manual`, `cluster_deleted`, `detector_disabled`
             */
            resolution?: string | null;
            /** Count */
            count: number;
            /** Affected */
            affected: components["schemas"]["AffectedShape"][];
            /** Assignee */
            assignee?: string | null;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /**
             * Parentissueid
             * @description The issue this one is a symptom of
             */
            parentIssueId?: string | null;
            /**
             * Symptomcount
             * @description How many issues are symptoms of this one, those that are over included
             */
            symptomCount: number;
            /**
             * Symptoms
             * @description At most 100, standing ones first; with one issue only
             */
            symptoms?: components["schemas"]["SymptomShape"][] | null;
            /** Previousissueid */
            previousIssueId?: string | null;
            snooze?: components["schemas"]["SnoozeShape"] | null;
            /**
             * Muteruleid
             * @description The rule by which nobody is told of it
             */
            muteRuleId?: string | null;
            /** Commentcount */
            commentCount: number;
            /** Facts */
            facts: {
                [key: string]: unknown;
            };
            /**
             * Stale
             * @description The cluster may differ from this by now: its agent is not connected, or does not follow this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description The cluster was last known to be as shown at this time; absent while current, and when no agent ever connected
             */
            staleSince?: string | null;
            /**
             * Analysisid
             * @description The newest analysis; with one issue only
             */
            analysisId?: string | null;
            /** @description The newest analysis; with one issue only */
            analysis?: components["schemas"]["AnalysisShape"] | null;
            /**
             * Suggestedrunbooks
             * @description Those that fit its type; with one issue only
             */
            suggestedRunbooks?: components["schemas"]["SuggestedRunbook"][] | null;
            /** Version */
            version: number;
        };
        /** KeyList */
        KeyList: {
            /** Apikeys */
            apiKeys: components["schemas"]["KeyShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** KeyShape */
        KeyShape: {
            /**
             * Id
             * @example key_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            /**
             * Prefix
             * @description The key's beginning and end, enough to recognise it
             */
            prefix: string;
            /** Scopes */
            scopes: string[];
            /**
             * Clusters
             * @description Ids of the clusters it may see; absent: all
             */
            clusters?: string[] | null;
            /**
             * Limitperminute
             * @description Its own lower limit
             */
            limitPerMinute?: number | null;
            /** Createdby */
            createdBy: string;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt?: string | null;
            /**
             * Lastusedat
             * Format: date-time
             */
            lastUsedAt?: string | null;
            /**
             * Revokedat
             * Format: date-time
             */
            revokedAt?: string | null;
            /**
             * Replacedby
             * @description The key it was rolled into
             */
            replacedBy?: string | null;
        };
        /** KindCountShape */
        KindCountShape: {
            /** Cluster */
            cluster: string;
            /** Clusterid */
            clusterId: string;
            /** Kind */
            kind: string;
            /** Group */
            group?: string | null;
            /** Namespace */
            namespace?: string | null;
            /** Count */
            count: number;
            /**
             * Stale
             * @description The cluster may differ from this by now: its agent is not connected, or does not follow this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description The cluster was last known to be as shown at this time; absent while current, and when no agent ever connected
             */
            staleSince?: string | null;
        };
        /** KubernetesEventShape */
        KubernetesEventShape: {
            /**
             * Type
             * @example Warning
             */
            type: string;
            /**
             * Reason
             * @example BackOff
             */
            reason: string;
            /** Message */
            message: string;
            /** Source */
            source: string;
            /** Count */
            count: number;
            /**
             * Firstat
             * Format: date-time
             */
            firstAt: string;
            /**
             * Lastat
             * Format: date-time
             */
            lastAt: string;
        };
        /** KubernetesEvents */
        KubernetesEvents: {
            /** Events */
            events: components["schemas"]["KubernetesEventShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /**
             * Stale
             * @description The cluster may differ from this by now: its agent is not connected, or does not follow this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description The cluster was last known to be as shown at this time; absent while current, and when no agent ever connected
             */
            staleSince?: string | null;
        };
        /** Link */
        Link: {
            /**
             * Token
             * @description What stands behind `#` in the link
             */
            token: string;
        };
        /** LogList */
        LogList: {
            /** Logs */
            logs: components["schemas"]["optral__api__executions__LogShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /**
             * Nextoffset
             * @description Where to go on
             */
            nextOffset: number;
            /**
             * Completed
             * @description The execution has ended and this is the end of its log
             */
            completed: boolean;
        };
        /** ManagerShape */
        ManagerShape: {
            /** Step */
            step: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "argocd" | "flux" | "helm" | "operator" | "hpa";
            /** Name */
            name: string;
        };
        /**
         * MatchInput
         * @description What the issue must be: any of each list, all of the lists that are given; `*` in a pattern stands for any characters.
         */
        MatchInput: {
            /**
             * Types
             * @example [
             *       "OOMKilled"
             *     ]
             */
            types?: string[];
            /**
             * Clusters
             * @description Ids or names
             */
            clusters?: string[];
            /**
             * Namespaces
             * @example [
             *       "dev-*"
             *     ]
             */
            namespaces?: string[];
            /**
             * Kinds
             * @description Kinds of the workload: `Deployment`
             */
            kinds?: string[];
            /**
             * Names
             * @description Names of the workload
             * @example [
             *       "batch-*"
             *     ]
             */
            names?: string[];
            /** Containers */
            containers?: string[];
            /**
             * Labels
             * @description Labels of the issue; all of these
             */
            labels?: {
                [key: string]: string;
            };
        };
        /** Me */
        Me: {
            organisation: components["schemas"]["OrganisationShape"];
            actor: components["schemas"]["ActorShape"];
            /** @description Who is signed in, or made the key and is acted for */
            member?: components["schemas"]["PersonShape"] | null;
        };
        /** MemberChange */
        MemberChange: {
            /**
             * Role
             * @enum {string}
             */
            role: "owner" | "admin" | "operator" | "viewer";
            /**
             * Password
             * @description Your own password; required to give the role admin or owner
             */
            password?: string | null;
        };
        /** MemberList */
        MemberList: {
            /** Members */
            members: components["schemas"]["MemberShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** MemberShape */
        MemberShape: {
            /**
             * Id
             * @example usr_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Email */
            email: string;
            /**
             * Role
             * @example operator
             */
            role: string;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Signedinat
             * Format: date-time
             * @description The last sign-in; absent: never
             */
            signedInAt?: string | null;
        };
        /** MomentShape */
        MomentShape: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Text */
            text: string;
            /** Evidenceid */
            evidenceId?: string | null;
        };
        /** MuteRuleChange */
        MuteRuleChange: {
            /**
             * Reason
             * @example Known: replaced in March, see OPS-17
             */
            reason?: string | null;
            /**
             * Expiresat
             * Format: date-time
             * @description At most a year away
             */
            expiresAt?: string | null;
        };
        /** MuteRuleList */
        MuteRuleList: {
            /** Muterules */
            muteRules: components["schemas"]["MuteRuleShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
        };
        /** MuteRuleShape */
        MuteRuleShape: {
            /**
             * Id
             * @example mut_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            match: components["schemas"]["optral__api__mute_rules__MatchShape"];
            /** Reason */
            reason: string;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt: string;
            /**
             * Mutedissues
             * @description How many issues that are not over it mutes now
             */
            mutedIssues: number;
            /** Createdby */
            createdBy: string;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Updatedat
             * Format: date-time
             */
            updatedAt: string;
            /**
             * Endedat
             * Format: date-time
             * @description When it expired or was deleted
             */
            endedAt?: string | null;
            /** Version */
            version: number;
        };
        /** NearShape */
        NearShape: {
            /** Type */
            type: string;
            /** Shownby */
            shownBy: string;
            /**
             * Verdict
             * @enum {string}
             */
            verdict: "open" | "waits" | "silenced" | "over" | "heldBack" | "off" | "failed";
            /**
             * By
             * @description The type that speaks for it
             */
            by?: string | null;
            /**
             * Opensat
             * Format: date-time
             */
            opensAt?: string | null;
            /** Gates */
            gates: components["schemas"]["GateShape"][];
        };
        /** NewCluster */
        NewCluster: {
            /**
             * Name
             * @example production-us-east
             */
            name: string;
            /** Labels */
            labels?: {
                [key: string]: string;
            };
        };
        /** NewInvite */
        NewInvite: {
            /**
             * Role
             * @enum {string}
             */
            role: "owner" | "admin" | "operator" | "viewer";
            /**
             * Email
             * @description Only this address may accept; absent: any
             */
            email?: string | null;
            /**
             * Password
             * @description Your own password; required to give the role admin or owner
             */
            password?: string | null;
        };
        /** NewKey */
        NewKey: {
            /**
             * Name
             * @example ci
             */
            name: string;
            /**
             * Scopes
             * @description Default: all the role allows such a key
             */
            scopes?: ("audit:read" | "clusters:read" | "clusters:write" | "detectors:write" | "events:read" | "issues:analyze" | "issues:read" | "issues:write" | "keys:read" | "keys:write" | "logs:read" | "members:read" | "resources:manifest" | "resources:read" | "runbooks:approve" | "runbooks:execute" | "runbooks:read" | "runbooks:write" | "webhooks:read" | "webhooks:write")[] | null;
            /**
             * Clusters
             * @description Ids or names; default: all
             */
            clusters?: string[] | null;
            /**
             * Expiresat
             * Format: date-time
             * @description Default: in 90 days; at most a year away
             */
            expiresAt?: string | null;
            /**
             * Limitperminute
             * @description A lower limit of its own
             */
            limitPerMinute?: number | null;
        };
        /** NewMuteRule */
        NewMuteRule: {
            match: components["schemas"]["MatchInput"];
            /**
             * Reason
             * @example Known: replaced in March, see OPS-17
             */
            reason: string;
            /**
             * Expiresat
             * Format: date-time
             * @description At most a year away
             */
            expiresAt: string;
        };
        /** NewRunbook */
        NewRunbook: {
            /**
             * Definition
             * @description The definition as an object; this or `source`
             */
            definition?: {
                [key: string]: unknown;
            } | null;
            /**
             * Source
             * @description The definition as YAML or JSON text; mistakes are named with their line
             */
            source?: string | null;
        };
        /** NewToken */
        NewToken: {
            /**
             * Replace
             * @description Allow another Kubernetes cluster under this name
             * @default false
             */
            replace: boolean;
        };
        /** NewWebhook */
        NewWebhook: {
            /**
             * Name
             * @example on-call
             */
            name: string;
            /**
             * Url
             * @description https://…; plain http only within OPTRAL_WEBHOOK_PRIVATE_NETWORKS
             */
            url: string;
            /**
             * Form
             * @description json: the event, signed; slack: a message that Slack can show
             * @default json
             * @enum {string}
             */
            form: "json" | "slack";
            filters?: components["schemas"]["FilterInput"];
        };
        /** ObjectShape */
        ObjectShape: {
            /**
             * Kind
             * @example Deployment
             */
            kind: string;
            /** Namespace */
            namespace?: string | null;
            /** Name */
            name: string;
            /** Uid */
            uid?: string | null;
        };
        /** OfferShape */
        OfferShape: {
            /**
             * Organisation
             * @description Absent: the link makes the first one, and asks for its name
             */
            organisation?: string | null;
            /**
             * Email
             * @description The address it is for; absent: free to choose
             */
            email?: string | null;
            /** Role */
            role: string;
        };
        /** OrganisationShape */
        OrganisationShape: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Plan */
            plan: string;
        };
        /** OwnerShape */
        OwnerShape: {
            /** Kind */
            kind: string;
            /** Name */
            name: string;
        };
        /** ParameterShape */
        ParameterShape: {
            /**
             * Name
             * @example limit
             */
            name: string;
            /**
             * Type
             * @enum {string}
             */
            type: "string" | "integer" | "boolean" | "enum" | "quantity" | "resource";
            /** Required */
            required: boolean;
            /**
             * Default
             * @description A value, or `${target.X}`: what the issue is about
             */
            default?: unknown;
            /** Enum */
            enum?: string[] | null;
            /**
             * Pattern
             * @description RE2, matched as a whole
             */
            pattern?: string | null;
            /**
             * Minimum
             * @description A whole number, or a quantity as text
             */
            minimum?: unknown;
            /** Maximum */
            maximum?: unknown;
            /** Description */
            description?: string | null;
        };
        /** PersonShape */
        PersonShape: {
            /** Id */
            id: string;
            /** Email */
            email: string;
            /** Role */
            role: string;
        };
        /** Plan */
        Plan: {
            /** Plan */
            plan: string;
            /** Requestsperminute */
            requestsPerMinute: number;
        };
        /**
         * PlanShape
         * @description What would change, as the API server itself worked it out (a dry run).
         */
        PlanShape: {
            /**
             * Hash
             * @description What an approval is bound to
             */
            hash: string;
            /** Steps */
            steps: components["schemas"]["PlannedStep"][];
            /** Diff */
            diff: components["schemas"]["optral__api__executions__ChangeShape"][];
            /**
             * Managers
             * @description Who else keeps these objects as they are
             */
            managers: components["schemas"]["ManagerShape"][];
        };
        /** PlannedStep */
        PlannedStep: {
            /** Name */
            name: string;
            /** Verb */
            verb: string;
            object: components["schemas"]["ObjectShape"];
            /** Values */
            values: {
                [key: string]: unknown;
            };
            /** Iswrite */
            isWrite: boolean;
        };
        /** RefShape */
        RefShape: {
            /**
             * Kind
             * @example Deployment
             */
            kind: string;
            /** Namespace */
            namespace?: string | null;
            /** Name */
            name: string;
        };
        /** ResourceList */
        ResourceList: {
            /** Resources */
            resources: components["schemas"]["ResourceShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** ResourceShape */
        ResourceShape: {
            /**
             * Id
             * @example res_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Kind
             * @example Pod
             */
            kind: string;
            /**
             * Group
             * @description API group; absent for the core group
             */
            group?: string | null;
            /**
             * Namespace
             * @description null for cluster-scoped objects
             */
            namespace: string | null;
            /** Name */
            name: string;
            /**
             * Cluster
             * @description The cluster's name
             */
            cluster: string;
            /** Clusterid */
            clusterId: string;
            /** Uid */
            uid: string;
            /** Resourceversion */
            resourceVersion: string;
            /** Generation */
            generation?: number | null;
            owner?: components["schemas"]["OwnerShape"] | null;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /**
             * Status
             * @description A word or two, as a table would say it
             * @example CrashLoopBackOff
             */
            status?: string | null;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt?: string | null;
            /**
             * Updatedat
             * Format: date-time
             */
            updatedAt: string;
            /**
             * Stale
             * @description The cluster may differ from this by now: its agent is not connected, or does not follow this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description The cluster was last known to be as shown at this time; absent while current, and when no agent ever connected
             */
            staleSince?: string | null;
        };
        /** ResourceWithManifest */
        ResourceWithManifest: {
            /**
             * Id
             * @example res_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Kind
             * @example Pod
             */
            kind: string;
            /**
             * Group
             * @description API group; absent for the core group
             */
            group?: string | null;
            /**
             * Namespace
             * @description null for cluster-scoped objects
             */
            namespace: string | null;
            /** Name */
            name: string;
            /**
             * Cluster
             * @description The cluster's name
             */
            cluster: string;
            /** Clusterid */
            clusterId: string;
            /** Uid */
            uid: string;
            /** Resourceversion */
            resourceVersion: string;
            /** Generation */
            generation?: number | null;
            owner?: components["schemas"]["OwnerShape"] | null;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /**
             * Status
             * @description A word or two, as a table would say it
             * @example CrashLoopBackOff
             */
            status?: string | null;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt?: string | null;
            /**
             * Updatedat
             * Format: date-time
             */
            updatedAt: string;
            /**
             * Stale
             * @description The cluster may differ from this by now: its agent is not connected, or does not follow this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description The cluster was last known to be as shown at this time; absent while current, and when no agent ever connected
             */
            staleSince?: string | null;
            /**
             * Manifest
             * @description YAML, redacted in the agent before it left the cluster; absent for a key without the scope resources:manifest
             */
            manifest?: string | null;
        };
        /** RevisionShape */
        RevisionShape: {
            /** Revision */
            revision: number;
            /**
             * Action
             * @example changed
             */
            action: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Generation */
            generation?: number | null;
            /**
             * Manager
             * @description The program that wrote the change
             * @example kubectl-client-side-apply
             */
            manager?: string | null;
            /** Operation */
            operation?: string | null;
            /** Diff */
            diff: components["schemas"]["DiffEntry"][];
            /** Truncated */
            truncated: boolean;
        };
        /** RevokedCredentials */
        RevokedCredentials: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Revoked
             * @description Certificates that were valid until now
             */
            revoked: number;
        };
        /** RiskShape */
        RiskShape: {
            /** Riskchecks */
            riskChecks: boolean;
        };
        /** RiskSwitch */
        RiskSwitch: {
            /**
             * Riskchecks
             * @description Whether risks are told
             */
            riskChecks: boolean;
        };
        /** Roll */
        Roll: {
            /**
             * Overlapdays
             * @description How long the old key still works; 0: not at all
             * @default 0
             */
            overlapDays: number;
        };
        /** RootCauseShape */
        RootCauseShape: {
            /**
             * Id
             * @description One of docs/causes.md
             * @example memory_limit_too_low
             */
            id: string;
            /** Title */
            title: string;
            /** Category */
            category: string;
            subject: components["schemas"]["RefShape"];
            /** Explanation */
            explanation: string;
            /** Claims */
            claims: components["schemas"]["ClaimShape"][];
        };
        /** RunbookChange */
        RunbookChange: {
            /**
             * Definition
             * @description The definition as an object; this or `source`
             */
            definition?: {
                [key: string]: unknown;
            } | null;
            /**
             * Source
             * @description The definition as YAML or JSON text; mistakes are named with their line
             */
            source?: string | null;
            /** Enabled */
            enabled?: boolean | null;
        };
        /** RunbookList */
        RunbookList: {
            /** Runbooks */
            runbooks: components["schemas"]["RunbookShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** RunbookRef */
        RunbookRef: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Slug */
            slug: string;
            /** Version */
            version: number;
        };
        /** RunbookShape */
        RunbookShape: {
            /**
             * Id
             * @example rbk_6bdxyv4bwrndvfby568mwy517d
             */
            id: string;
            /**
             * Slug
             * @example raise-memory-limit
             */
            slug: string;
            /** Name */
            name: string;
            /** Description */
            description: string;
            /**
             * Version
             * @description Of the definition; an execution keeps the one it ran with
             */
            version: number;
            /**
             * Builtin
             * @description Comes with Optral, read-only
             */
            builtIn: boolean;
            /** Enabled */
            enabled: boolean;
            /**
             * Risk
             * @enum {string}
             */
            risk: "readOnly" | "low" | "high" | "destructive";
            /** Needsapproval */
            needsApproval: boolean;
            match: components["schemas"]["optral__api__runbooks__MatchShape"];
            scope: components["schemas"]["ScopeShape"];
            /** Parameters */
            parameters: components["schemas"]["ParameterShape"][];
            /** Steps */
            steps: components["schemas"]["StepDefinition"][];
            approval: components["schemas"]["ApprovalRule"];
            /** Cooldownseconds */
            cooldownSeconds: number;
            /**
             * Concurrency
             * @enum {string}
             */
            concurrency: "perTarget" | "perRunbook";
            verify: components["schemas"]["VerifyShape"];
            /** Createdby */
            createdBy: string;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt?: string | null;
            /**
             * Updatedat
             * Format: date-time
             */
            updatedAt?: string | null;
            /**
             * Recentexecutions
             * @description The ten newest; with one runbook only
             */
            recentExecutions?: components["schemas"]["ExecutionShape"][] | null;
        };
        /** ScopeShape */
        ScopeShape: {
            /**
             * Clusters
             * @description Ids or names; empty: all
             */
            clusters: string[];
            /**
             * Namespaces
             * @description Empty: all
             */
            namespaces: string[];
        };
        /** SessionMember */
        SessionMember: {
            /** Id */
            id: string;
            /** Email */
            email: string;
            /**
             * Role
             * @example owner
             */
            role: string;
        };
        /** SessionOrganisation */
        SessionOrganisation: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Plan */
            plan: string;
        };
        /** SessionShape */
        SessionShape: {
            member: components["schemas"]["SessionMember"];
            organisation: components["schemas"]["SessionOrganisation"];
            /**
             * Scopes
             * @description What the role allows
             */
            scopes: string[];
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Expiresat
             * Format: date-time
             * @description When it ends if nothing more is asked: 12 hours idle, 7 days in all
             */
            expiresAt: string;
            /**
             * Reauthenticatedat
             * Format: date-time
             * @description When the password was last typed; making keys and approvals ask for ≤ 15 minutes
             */
            reauthenticatedAt: string;
        };
        /** SetUp */
        SetUp: {
            /**
             * Token
             * @description What stands behind `#` in the link
             */
            token: string;
            /**
             * Organisation
             * @description Needed when there is none yet; otherwise not used
             */
            organisation?: string | null;
            /**
             * Email
             * @example ops@example.com
             */
            email: string;
            /**
             * Password
             * @description At least 12 characters, not one of the common ones
             */
            password: string;
        };
        /**
         * Severity
         * @description critical: capability lost or data at risk. high: will not heal alone. medium: partial or slow. low: hygiene.
         * @enum {string}
         */
        Severity: "critical" | "high" | "medium" | "low";
        /** SignIn */
        SignIn: {
            /** Email */
            email: string;
            /** Password */
            password: string;
            /**
             * Organisation
             * @description Only for who is a member of several; default: the oldest membership
             */
            organisation?: string | null;
        };
        /**
         * SnoozeShape
         * @description Nobody is told of the issue until the first of these comes.
         */
        SnoozeShape: {
            /**
             * Until
             * Format: date-time
             */
            until?: string | null;
            /**
             * Occurrences
             * @description After so many more happenings
             */
            occurrences?: number | null;
            /** Occurrencesleft */
            occurrencesLeft?: number | null;
            /**
             * Severityrises
             * @description When it gets more severe than it was
             */
            severityRises: boolean;
            /** By */
            by: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
        };
        /**
         * SnoozeWish
         * @description What ends the snooze: at least one of these; the first that comes.
         */
        SnoozeWish: {
            /**
             * Until
             * Format: date-time
             * @description At most a year away
             */
            until?: string | null;
            /**
             * Occurrences
             * @description After so many more happenings
             */
            occurrences?: number | null;
            /**
             * Severityrises
             * @description When it gets more severe than it is now
             * @default false
             */
            severityRises: boolean;
        };
        /** SpentShape */
        SpentShape: {
            /** Requests */
            requests: number;
            /** Inputtokens */
            inputTokens: number;
            /** Outputtokens */
            outputTokens: number;
            /**
             * Costusd
             * @description At the prices of the operator's settings; absent where these are not set
             */
            costUsd?: number | null;
        };
        /** StepDefinition */
        StepDefinition: {
            /** Name */
            name: string;
            /**
             * Action
             * @description The verb
             * @example setResources
             */
            action: string;
            /**
             * With
             * @description Its values: literal, or as a whole `${parameters.X}` or `${target.X}`
             */
            with: {
                [key: string]: unknown;
            };
            /** Bounds */
            bounds?: components["schemas"]["BoundShape"][] | null;
            /** Optional */
            optional?: boolean | null;
        };
        /** StepShape */
        StepShape: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Verb */
            verb: string;
            object: components["schemas"]["ObjectShape"];
            /**
             * State
             * @enum {string}
             */
            state: "pending" | "checking" | "running" | "succeeded" | "failed" | "unknown" | "skipped" | "canceled";
            /** Attempt */
            attempt: number;
            /**
             * Startedat
             * Format: date-time
             */
            startedAt?: string | null;
            /**
             * Finishedat
             * Format: date-time
             */
            finishedAt?: string | null;
            /** Code */
            code?: string | null;
            /** Message */
            message?: string | null;
            /**
             * Result
             * @description With one execution only
             */
            result?: {
                [key: string]: unknown;
            } | null;
            /**
             * Preimage
             * @description What the changed fields were before
             */
            preImage?: {
                [key: string]: unknown;
            } | null;
        };
        /** SuggestedRunbook */
        SuggestedRunbook: {
            /** Id */
            id: string;
            /** Slug */
            slug: string;
            /** Name */
            name: string;
            /** Risk */
            risk: string;
        };
        /** SwitchShape */
        SwitchShape: {
            /** Paused */
            paused: boolean;
            /** By */
            by?: string | null;
            /**
             * At
             * Format: date-time
             */
            at?: string | null;
            /** Reason */
            reason: string;
        };
        /**
         * SymptomShape
         * @description An issue that another one explains.
         */
        SymptomShape: {
            /** Id */
            id: string;
            /** Type */
            type: string;
            severity: components["schemas"]["Severity"];
            /**
             * Status
             * @enum {string}
             */
            status: "open" | "acknowledged" | "resolved";
            /** Resource */
            resource: string;
            /** Resourcekind */
            resourceKind: string;
            /** Namespace */
            namespace: string | null;
            /** Title */
            title: string;
            /**
             * Relation
             * @description How it hangs together with its cause
             * @example runs on
             */
            relation?: string | null;
            /**
             * Attachedat
             * Format: date-time
             * @description Since when it hangs there
             */
            attachedAt?: string | null;
            /**
             * Detectedat
             * Format: date-time
             */
            detectedAt: string;
            /**
             * Resolvedat
             * Format: date-time
             */
            resolvedAt?: string | null;
        };
        /** TestInput */
        TestInput: {
            /**
             * Objects
             * @description JSON or YAML as text, an object, or a list of objects; Lists are opened. Secrets are dropped.
             */
            objects: string | {
                [key: string]: unknown;
            } | unknown[];
            /**
             * At
             * Format: date-time
             * @description Judge as it would have been then; absent: now
             */
            at?: string | null;
            /**
             * Cluster
             * @description Whose tuning holds; absent: what holds for every cluster
             */
            cluster?: string | null;
            /**
             * Includerisk
             * @description Look for risks too
             * @default false
             */
            includeRisk: boolean;
        };
        /** TestShape */
        TestShape: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /**
             * Objects
             * @description How many were judged
             */
            objects: number;
            /** Secretsdropped */
            secretsDropped: number;
            /**
             * Unreadable
             * @description What is no Kubernetes object
             */
            unreadable: number;
            /**
             * Ignored
             * @description Objects of kinds that nobody watches, by kind
             */
            ignored: {
                [key: string]: number;
            };
            /** Findings */
            findings: components["schemas"]["FoundShape"][];
            /**
             * Detectors
             * @description Every detector that was near an object, and why it says what it says
             */
            detectors: components["schemas"]["NearShape"][];
            /**
             * Cut
             * @description There were more detectors near than are listed
             */
            cut: boolean;
        };
        /**
         * ThresholdShape
         * @description A number that the type judges by and that can be set.
         */
        ThresholdShape: {
            /**
             * Name
             * @example restartsPerHour
             */
            name: string;
            /** Description */
            description: string;
            /** Default */
            default: number;
            /**
             * Value
             * @description What holds at the place that was asked about, annotations aside
             */
            value: number;
            /** Min */
            min: number;
            /** Max */
            max: number;
            /**
             * Whole
             * @description Whether only whole numbers fit
             */
            whole: boolean;
            /**
             * Unit
             * @description s: seconds; share: of 1; else what is counted
             * @example restarts
             */
            unit: string;
        };
        /** Ticket */
        Ticket: {
            /**
             * Ticket
             * @description Put into `/v1/events/stream?ticket=…` once
             */
            ticket: string;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt: string;
        };
        /** TreeShape */
        TreeShape: {
            root: components["schemas"]["ResourceShape"];
            /**
             * Owners
             * @description From the nearest up
             */
            owners: components["schemas"]["ResourceShape"][];
            /**
             * Children
             * @description Of all depths; each names its owner
             */
            children: components["schemas"]["ResourceShape"][];
            /** Truncated */
            truncated: boolean;
        };
        /** TuningShape */
        TuningShape: {
            /**
             * Cluster
             * @description Id; absent: every cluster
             */
            cluster?: string | null;
            /**
             * Namespace
             * @description Absent: every namespace
             */
            namespace?: string | null;
            /** Enabled */
            enabled?: boolean | null;
            /** Openafterseconds */
            openAfterSeconds?: number | null;
            /** Resolveafterseconds */
            resolveAfterSeconds?: number | null;
            /**
             * Severity
             * @enum {string|null}
             */
            severity?: "critical" | "high" | "medium" | "low" | null;
            /**
             * Thresholds
             * @description By name; absent: none is set there
             */
            thresholds?: {
                [key: string]: number;
            } | null;
            /** Updatedby */
            updatedBy: string;
            /**
             * Updatedat
             * Format: date-time
             */
            updatedAt: string;
        };
        /**
         * VerificationShape
         * @description Did it help? `status` is there when that is settled.
         */
        VerificationShape: {
            /**
             * Status
             * @enum {string|null}
             */
            status?: "passed" | "failed" | "inconclusive" | null;
            /** Checks */
            checks: components["schemas"]["CheckShape"][];
            /** Stableseconds */
            stableSeconds: number;
            /**
             * Since
             * Format: date-time
             * @description Since when all checks pass without a break
             */
            since?: string | null;
            /**
             * Until
             * Format: date-time
             * @description When it is settled at the latest
             */
            until: string;
        };
        /** VerifyShape */
        VerifyShape: {
            /** Stableseconds */
            stableSeconds: number;
            /** Timeoutseconds */
            timeoutSeconds: number;
        };
        /** WebhookChange */
        WebhookChange: {
            /** Name */
            name?: string | null;
            /** Url */
            url?: string | null;
            /** @description Replaces all filters */
            filters?: components["schemas"]["FilterInput"] | null;
            /**
             * Enabled
             * @description Switched on again, it is told of what happens from then on
             */
            enabled?: boolean | null;
        };
        /** WebhookList */
        WebhookList: {
            /** Webhooks */
            webhooks: components["schemas"]["WebhookShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** WebhookShape */
        WebhookShape: {
            /**
             * Id
             * @example whk_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            /**
             * Url
             * @description Without what could be a password: its path and its query are masked
             */
            url: string;
            form: components["schemas"]["Form"];
            /** Enabled */
            enabled: boolean;
            /**
             * Disabledreason
             * @description gone: the endpoint answered 410; failing: five days without one success
             * @enum {string|null}
             */
            disabledReason?: "manual" | "gone" | "failing" | null;
            /**
             * Failingsince
             * Format: date-time
             */
            failingSince?: string | null;
            filters: components["schemas"]["FilterShape"];
            /** Createdby */
            createdBy: string;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Updatedat
             * Format: date-time
             */
            updatedAt: string;
            /**
             * Version
             * @description Sent back as `If-Match: "v3"`, a change made on an old version is refused with 412
             */
            version: number;
        };
        /** ChangeShape */
        optral__api__analyses__ChangeShape: {
            ref: components["schemas"]["RefShape"];
            /** Path */
            path: string;
            /** From */
            from?: unknown;
            /** To */
            to?: unknown;
            /**
             * At
             * Format: date-time
             */
            at?: string | null;
            /** Manager */
            manager?: string | null;
            /** Evidenceid */
            evidenceId: string;
        };
        /** ChangeShape */
        optral__api__executions__ChangeShape: {
            /** Step */
            step: string;
            /**
             * Path
             * @example spec.template.spec.containers[api].resources.limits.memory
             */
            path: string;
            /**
             * From
             * @description null: not there
             */
            from?: unknown;
            /** To */
            to?: unknown;
        };
        /** LogShape */
        optral__api__executions__LogShape: {
            /** Offset */
            offset: number;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Step */
            step?: string | null;
            /**
             * Level
             * @enum {string}
             */
            level: "info" | "warning" | "error";
            /** Message */
            message: string;
        };
        /** LogShape */
        optral__api__logs__LogShape: {
            /** Container */
            container: string;
            /**
             * Previous
             * @description Of the run before the container's last restart
             */
            previous: boolean;
            /**
             * Text
             * @description Redacted in the agent before it left the cluster; the newest lines
             */
            text: string;
            /** Lines */
            lines: number;
            /**
             * Truncated
             * @description There is more before the first line
             */
            truncated: boolean;
        };
        /**
         * MatchShape
         * @description What the issue must be: any of each list, all of the lists that are there.
         */
        optral__api__mute_rules__MatchShape: {
            /**
             * Types
             * @example [
             *       "OOMKilled"
             *     ]
             */
            types?: string[] | null;
            /**
             * Clusters
             * @description Ids
             */
            clusters?: string[] | null;
            /**
             * Namespaces
             * @example [
             *       "dev-*"
             *     ]
             */
            namespaces?: string[] | null;
            /**
             * Kinds
             * @description Kinds of the workload
             */
            kinds?: string[] | null;
            /**
             * Names
             * @description Names of the workload
             * @example [
             *       "batch-*"
             *     ]
             */
            names?: string[] | null;
            /** Containers */
            containers?: string[] | null;
            /**
             * Labels
             * @description Labels of the issue
             */
            labels?: {
                [key: string]: string;
            } | null;
        };
        /** MatchShape */
        optral__api__runbooks__MatchShape: {
            /** Issuetypes */
            issueTypes: string[];
        };
        /**
         * Status
         * @enum {string}
         */
        optral__clusters__model__Status: "pending" | "online" | "degraded" | "offline";
        /**
         * Status
         * @enum {string}
         */
        optral__runbooks__model__Status: "pendingApproval" | "queued" | "running" | "verifying" | "succeeded" | "failed" | "timedOut" | "canceled" | "rejected" | "expired" | "lost";
        /**
         * Problem
         * @description RFC 9457 problem details
         */
        Problem: {
            /** @example urn:optral:problem:not_found */
            type: string;
            /** @example Not Found */
            title: string;
            /** @example 404 */
            status: number;
            detail: string;
            /**
             * @description Stable; all are explained in docs/errors.md
             * @example not_found
             */
            code: string;
            requestId: string;
            errors?: {
                field: string;
                code: string;
                message: string;
            }[];
        };
    };
    responses: {
        /** @description A parameter, header or body that cannot be read; `code` says which */
        BadRequest: {
            headers: {
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No valid API key */
        Unauthorized: {
            headers: {
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The key lacks the scope named in `detail` */
        Forbidden: {
            headers: {
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Nothing with this id, in this organisation and for this key */
        NotFound: {
            headers: {
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The address does not know this method */
        MethodNotAllowed: {
            headers: {
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                Allow: components["headers"]["Allow"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The present state does not allow it; `code` says why */
        Conflict: {
            headers: {
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description If-Match names another version than the present one */
        PreconditionFailed: {
            headers: {
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is larger than 1 MiB */
        RequestEntityTooLarge: {
            headers: {
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The address is longer than 8 KiB */
        RequestUriTooLong: {
            headers: {
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is not of a media type taken here */
        UnsupportedMediaType: {
            headers: {
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is well-formed and does not fit; `errors` says where */
        UnprocessableEntity: {
            headers: {
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests; Retry-After says when to come back */
        TooManyRequests: {
            headers: {
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The server failed; its log has the cause under `requestId` */
        InternalServerError: {
            headers: {
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A part the server needs does not answer; nothing was done */
        ServiceUnavailable: {
            headers: {
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description Requests allowed in a window of 60 seconds */
        "X-RateLimit-Limit": number;
        /** @description Requests left in this window */
        "X-RateLimit-Remaining": number;
        /** @description When the window ends, Unix seconds */
        "X-RateLimit-Reset": number;
        /** @description Names this request in the server's log */
        "X-Request-Id": string;
        /** @description Version of the object, for If-Match and If-None-Match */
        ETag: string;
        /** @description Address of what was made */
        Location: string;
        /** @description Seconds to wait */
        "Retry-After": number;
        /** @description How to authenticate */
        "WWW-Authenticate": string;
        /** @description Methods the address knows */
        Allow: string;
        /** @description `true` when this is the kept answer of an earlier request */
        "Idempotent-Replayed": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getAi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AiShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateAi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AiChange"];
                "application/merge-patch+json": components["schemas"]["AiChange"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AiShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getAnalysis: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version at hand; the same present version gives 304 */
                "If-None-Match"?: string;
            };
            path: {
                analysis_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnalysisShape"];
                };
            };
            /** @description The version at hand is the present one */
            304: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    judgeAnalysis: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                analysis_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FeedbackRequest"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnalysisShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listApiKeys: {
        parameters: {
            query?: {
                /** @description Also those that were revoked */
                withRevoked?: boolean;
                sort?: "createdAt" | "-createdAt" | "name" | "-name" | "expiresAt" | "-expiresAt";
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows on a page. */
                pageSize?: number;
                /** @description `nextCursor` of the page before; `page` is then ignored. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKey"];
            };
        };
        responses: {
            /** @description The answer */
            201: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedKey"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    rollApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Roll"];
            };
        };
        responses: {
            /** @description The answer */
            201: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedKey"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description Any of these */
                action?: string[];
                /** @description What it was done to */
                target?: string;
                /** @description At or after */
                since?: string;
                /** @description Before */
                until?: string;
                sort?: "at" | "-at";
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows on a page. */
                pageSize?: number;
                /** @description `nextCursor` of the page before; `page` is then ignored. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getAutomatic: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AutomaticShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateAutomatic: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AutomaticChange"];
                "application/merge-patch+json": components["schemas"]["AutomaticChange"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AutomaticShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listClusters: {
        parameters: {
            query?: {
                /** @description Any of these */
                status?: components["schemas"]["optral__clusters__model__Status"][];
                /** @description Part of the name */
                q?: string;
                sort?: "name" | "-name" | "createdAt" | "-createdAt";
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows on a page. */
                pageSize?: number;
                /** @description `nextCursor` of the page before; `page` is then ignored. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    createCluster: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCluster"];
            };
        };
        responses: {
            /** @description The answer */
            201: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedCluster"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getCluster: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version at hand; the same present version gives 304 */
                "If-None-Match"?: string;
            };
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterShape"];
                };
            };
            /** @description The version at hand is the present one */
            304: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    deleteCluster: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version this change was made for; another present version gives 412 */
                "If-Match"?: string;
            };
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeletedCluster"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateCluster: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version this change was made for; another present version gives 412 */
                "If-Match"?: string;
            };
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClusterChange"];
                "application/merge-patch+json": components["schemas"]["ClusterChange"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    createEnrollmentToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["NewToken"] | null;
            };
        };
        responses: {
            /** @description The answer */
            201: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Enrollment"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    installAgent: {
        parameters: {
            query?: {
                /** @description Beside the cluster, or in it */
                method?: "local" | "kubectl";
            };
            header?: never;
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Install"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    revokeCredentials: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevokedCredentials"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listDetectors: {
        parameters: {
            query?: {
                /** @description What holds in this cluster: id or name */
                cluster?: string;
                /** @description What holds in this namespace */
                namespace?: string;
                /** @description core, extended or risk */
                tier?: "core" | "extended" | "risk";
                /** @description Such as storage */
                category?: string;
                /** @description Part of the type */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DetectorList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateDetectors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RiskSwitch"];
                "application/merge-patch+json": components["schemas"]["RiskSwitch"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RiskShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    testDetectors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TestInput"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TestShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getDetector: {
        parameters: {
            query?: {
                /** @description What holds in this cluster: id or name */
                cluster?: string;
                /** @description What holds in this namespace */
                namespace?: string;
            };
            header?: never;
            path: {
                detector_type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DetectorShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateDetector: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                detector_type: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DetectorChange"];
                "application/merge-patch+json": components["schemas"]["DetectorChange"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DetectorShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description Any of these */
                types?: ("issue.created" | "issue.updated" | "issue.resolved" | "cluster.online" | "cluster.offline" | "cluster.updated" | "runbook.started" | "runbook.completed" | "execution.updated" | "approval.requested" | "approval.approved" | "approval.rejected" | "approval.expired" | "analysis.ready")[];
                /** @description Ids or names */
                cluster?: string[];
                /** @description At or after */
                since?: string;
                /** @description Before */
                until?: string;
                sort?: "id" | "-id";
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows on a page. */
                pageSize?: number;
                /** @description `nextCursor` of the page before; `page` is then ignored. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                /** @description Any of these */
                types?: ("issue.created" | "issue.updated" | "issue.resolved" | "cluster.online" | "cluster.offline" | "cluster.updated" | "runbook.started" | "runbook.completed" | "execution.updated" | "approval.requested" | "approval.approved" | "approval.rejected" | "approval.expired" | "analysis.ready")[];
                /** @description Ids or names */
                cluster?: string[];
                /** @description As Last-Event-ID, for clients that cannot send it */
                lastEventId?: string;
            };
            header?: {
                /** @description Replay what came after this event, then follow */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example retry: 3641
                     *
                     *     id: 8812
                     *     event: issue.created
                     *     data: {"id":"iss_01jd3q4m6ve5jt8cmykq3rzm0a","type":"OOMKilled","severity":"critical"}
                     */
                    "text/event-stream": {
                        /** @description Rises within the organisation */
                        id: string;
                        /** @enum {string} */
                        event: "issue.created" | "issue.updated" | "issue.resolved" | "cluster.online" | "cluster.offline" | "cluster.updated" | "runbook.started" | "runbook.completed" | "execution.updated" | "approval.requested" | "approval.approved" | "approval.rejected" | "approval.expired" | "analysis.ready" | "stream.reset";
                        /** @description One line of JSON */
                        data: string;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    createTicket: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            201: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ticket"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listExecutions: {
        parameters: {
            query?: {
                /** @description Ids or names; unknown ones match nothing */
                cluster?: string[];
                /** @description Any of these */
                status?: components["schemas"]["optral__runbooks__model__Status"][];
                /** @description Ids or slugs; unknown ones match nothing */
                runbook?: string[];
                /** @description Id of the issue they are for */
                issue?: string;
                /** @description Only dry runs, or none */
                dryRun?: boolean;
                /** @description Asked for at or after */
                since?: string;
                /** @description Asked for before */
                until?: string;
                sort?: "createdAt" | "-createdAt" | "status" | "-status";
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows on a page. */
                pageSize?: number;
                /** @description `nextCursor` of the page before; `page` is then ignored. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExecutionList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getPause: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SwitchShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    pauseExecutions: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SwitchShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    resumeExecutions: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SwitchShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getExecution: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version at hand; the same present version gives 304 */
                "If-None-Match"?: string;
            };
            path: {
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExecutionShape"];
                };
            };
            /** @description The version at hand is the present one */
            304: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    approveExecution: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Approve"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExecutionShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    cancelExecution: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExecutionShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    executionLogs: {
        parameters: {
            query?: {
                /** @description From this entry on */
                offset?: number;
                limit?: number;
                /** @description Seconds to wait for something new */
                wait?: number;
            };
            header?: never;
            path: {
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    rejectExecution: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExecutionShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    retryExecution: {
        parameters: {
            query?: {
                /** @description Seconds to wait */
                wait?: number;
            };
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description The answer */
            202: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExecutionShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listInvites: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InviteList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    createInvite: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewInvite"];
            };
        };
        responses: {
            /** @description The answer */
            201: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedInvite"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    acceptInvite: {
        parameters: {
            query?: never;
            header: {
                /** @description Always `1`: no other site can send it */
                "X-Optral-CSRF": "1";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Accept"];
            };
        };
        responses: {
            /** @description The answer */
            201: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    checkInvite: {
        parameters: {
            query?: never;
            header: {
                /** @description Always `1`: no other site can send it */
                "X-Optral-CSRF": "1";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Link"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    withdrawInvite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                invite_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InviteShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listIssues: {
        parameters: {
            query?: {
                sort?: "detectedAt" | "-detectedAt" | "lastSeenAt" | "-lastSeenAt" | "severity" | "-severity" | "status" | "-status";
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows on a page. */
                pageSize?: number;
                /** @description `nextCursor` of the page before; `page` is then ignored. */
                cursor?: string;
                /** @description Any of these */
                status?: ("open" | "acknowledged" | "resolved")[];
                /** @description Any of these */
                severity?: components["schemas"]["Severity"][];
                /** @description Ids or names; unknown ones match nothing */
                cluster?: string[];
                /** @description Any of these; an open set */
                type?: string[];
                /** @description Any of these */
                namespace?: string[];
                /** @description Any of these; an open set */
                category?: string[];
                /** @description Any of these */
                substatus?: ("new" | "ongoing" | "escalating" | "regressed" | "flapping" | "preexisting" | "snoozed" | "muted")[];
                /** @description Kind of the owner: `Deployment` */
                kind?: string[];
                /** @description Any of these */
                container?: string[];
                /** @description Ids of members, `me`, or `none` */
                assignee?: string[];
                /** @description `team:payments`; all of these */
                label?: string[];
                /** @description Ids of the issues they are symptoms of; `none` (the default): no symptoms; `any`: symptoms and all others */
                parent?: string[];
                /** @description Only snoozed ones, or none of them */
                snoozed?: boolean;
                /** @description Only muted ones, or none of them */
                muted?: boolean;
                /** @description Detected at or after */
                since?: string;
                /** @description Detected before */
                until?: string;
                /** @description Part of title, resource or owner */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "issues": [
                     *         {
                     *           "id": "iss_01jd3q4m6ve5jt8cmykq3rzm0a",
                     *           "type": "OOMKilled",
                     *           "severity": "critical",
                     *           "status": "open",
                     *           "cluster": "production-us-east",
                     *           "resource": "api-server-7d4f8b9c6-xk2lm",
                     *           "namespace": "default",
                     *           "detectedAt": "2024-01-15T10:30:00Z",
                     *           "hasAnalysis": false,
                     *           "clusterId": "cls_01jd3q4m6ve5jt8cmykq3rzm0b",
                     *           "resourceKind": "Pod",
                     *           "owner": {
                     *             "kind": "Deployment",
                     *             "name": "api-server"
                     *           },
                     *           "container": "api",
                     *           "title": "Container api was killed at its memory limit of 128 MiB",
                     *           "category": "resources",
                     *           "substatus": "new",
                     *           "firstSeenAt": "2024-01-15T10:30:00Z",
                     *           "lastSeenAt": "2024-01-15T10:31:10Z",
                     *           "count": 3,
                     *           "affected": [
                     *             {
                     *               "kind": "Pod",
                     *               "namespace": "default",
                     *               "name": "api-server-7d4f8b9c6-xk2lm"
                     *             }
                     *           ],
                     *           "labels": {},
                     *           "symptomCount": 0,
                     *           "commentCount": 0,
                     *           "facts": {
                     *             "limitBytes": 134217728,
                     *             "exitCode": 137
                     *           },
                     *           "stale": false,
                     *           "version": 2
                     *         }
                     *       ],
                     *       "total": 1,
                     *       "page": 1,
                     *       "pageSize": 20
                     *     }
                     */
                    "application/json": components["schemas"]["IssueList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    changeIssues: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkChange"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkResults"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    issueFacets: {
        parameters: {
            query?: {
                /** @description Any of these */
                status?: ("open" | "acknowledged" | "resolved")[];
                /** @description Any of these */
                severity?: components["schemas"]["Severity"][];
                /** @description Ids or names; unknown ones match nothing */
                cluster?: string[];
                /** @description Any of these; an open set */
                type?: string[];
                /** @description Any of these */
                namespace?: string[];
                /** @description Any of these; an open set */
                category?: string[];
                /** @description Any of these */
                substatus?: ("new" | "ongoing" | "escalating" | "regressed" | "flapping" | "preexisting" | "snoozed" | "muted")[];
                /** @description Kind of the owner: `Deployment` */
                kind?: string[];
                /** @description Any of these */
                container?: string[];
                /** @description Ids of members, `me`, or `none` */
                assignee?: string[];
                /** @description `team:payments`; all of these */
                label?: string[];
                /** @description Ids of the issues they are symptoms of; `none` (the default): no symptoms; `any`: symptoms and all others */
                parent?: string[];
                /** @description Only snoozed ones, or none of them */
                snoozed?: boolean;
                /** @description Only muted ones, or none of them */
                muted?: boolean;
                /** @description Detected at or after */
                since?: string;
                /** @description Detected before */
                until?: string;
                /** @description Part of title, resource or owner */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Facets"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getIssue: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version at hand; the same present version gives 304 */
                "If-None-Match"?: string;
            };
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssueShape"];
                };
            };
            /** @description The version at hand is the present one */
            304: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateIssue: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version this change was made for; another present version gives 412 */
                "If-Match"?: string;
            };
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IssueChange"];
                "application/merge-patch+json": components["schemas"]["IssueChange"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssueShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    issueActivity: {
        parameters: {
            query?: {
                /** @description Oldest first, or newest */
                sort?: "at" | "-at";
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows on a page. */
                pageSize?: number;
                /** @description `nextCursor` of the page before; `page` is then ignored. */
                cursor?: string;
            };
            header?: never;
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActivityList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listAnalyses: {
        parameters: {
            query?: {
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows on a page. */
                pageSize?: number;
                /** @description `nextCursor` of the page before; `page` is then ignored. */
                cursor?: string;
            };
            header?: never;
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnalysisList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    analyzeIssue: {
        parameters: {
            query?: {
                /** @description Seconds to wait for the answer */
                wait?: number;
            };
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AnalyzeRequest"] | null;
            };
        };
        responses: {
            /** @description The answer */
            202: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnalysisShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    capturedOfIssue: {
        parameters: {
            query?: {
                /** @description `false`: where each log stands, without a word of it: to wait for it, off the record */
                text?: "true" | "false";
            };
            header?: {
                /** @description ETag of the version at hand; the same present version gives 304 */
                "If-None-Match"?: string;
            };
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CapturedShape"];
                };
            };
            /** @description The version at hand is the present one */
            304: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listComments: {
        parameters: {
            query?: {
                /** @description Oldest first, or newest */
                sort?: "at" | "-at";
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows on a page. */
                pageSize?: number;
                /** @description `nextCursor` of the page before; `page` is then ignored. */
                cursor?: string;
            };
            header?: never;
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommentList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    addComment: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CommentText"];
            };
        };
        responses: {
            /** @description The answer */
            201: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommentShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    deleteComment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                issue_id: string;
                comment_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommentShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    editComment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                issue_id: string;
                comment_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CommentText"];
                "application/merge-patch+json": components["schemas"]["CommentText"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommentShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getCapture: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaptureShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateCapture: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CaptureChange"];
                "application/merge-patch+json": components["schemas"]["CaptureChange"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaptureShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listMembers: {
        parameters: {
            query?: {
                sort?: "createdAt" | "-createdAt" | "email" | "-email";
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows on a page. */
                pageSize?: number;
                /** @description `nextCursor` of the page before; `page` is then ignored. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    removeMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                member_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                member_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberChange"];
                "application/merge-patch+json": components["schemas"]["MemberChange"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listMuteRules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MuteRuleList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    createMuteRule: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMuteRule"];
            };
        };
        responses: {
            /** @description The answer */
            201: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MuteRuleShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getMuteRule: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version at hand; the same present version gives 304 */
                "If-None-Match"?: string;
            };
            path: {
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MuteRuleShape"];
                };
            };
            /** @description The version at hand is the present one */
            304: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    deleteMuteRule: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version this change was made for; another present version gives 412 */
                "If-Match"?: string;
            };
            path: {
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MuteRuleShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateMuteRule: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version this change was made for; another present version gives 412 */
                "If-Match"?: string;
            };
            path: {
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MuteRuleChange"];
                "application/merge-patch+json": components["schemas"]["MuteRuleChange"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MuteRuleShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getOpenApiJson: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getOpenApiYaml: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/yaml": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getPlan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listResources: {
        parameters: {
            query?: {
                sort?: "name" | "-name" | "kind" | "-kind" | "namespace" | "-namespace" | "updatedAt" | "-updatedAt" | "createdAt" | "-createdAt";
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows on a page. */
                pageSize?: number;
                /** @description `nextCursor` of the page before; `page` is then ignored. */
                cursor?: string;
                /** @description Ids or names; unknown ones match nothing */
                cluster?: string[];
                /** @description `Pod` or `Deployment.apps` */
                kind?: string[];
                /** @description Any of these */
                namespace?: string[];
                /** @description Exactly this name */
                name?: string;
                /** @description Part of the name */
                q?: string;
                /** @description `app:web`; all of these */
                label?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    countResources: {
        parameters: {
            query?: {
                /** @description Ids or names; unknown ones match nothing */
                cluster?: string[];
                /** @description `Pod` or `Deployment.apps` */
                kind?: string[];
                /** @description Any of these */
                namespace?: string[];
                /** @description Exactly this name */
                name?: string;
                /** @description Part of the name */
                q?: string;
                /** @description `app:web`; all of these */
                label?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Counts"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getResource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                resource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResourceWithManifest"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    resourceEvents: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                resource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KubernetesEvents"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    resourceHistory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                resource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    resourceLogs: {
        parameters: {
            query?: {
                /** @description The default one, or the first, without */
                container?: string;
                /** @description Of the run before the last restart */
                previous?: boolean;
                /** @description The newest lines */
                tailLines?: number;
                /** @description Not older than this */
                sinceSeconds?: number;
            };
            header?: never;
            path: {
                resource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["optral__api__logs__LogShape"];
                    "text/plain": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["RequestUriTooLong"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    resourceTree: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                resource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TreeShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listRunbooks: {
        parameters: {
            query?: {
                /** @description Issue types; runbooks that fit any of these */
                match?: string[];
                /** @description Any of these */
                risk?: ("readOnly" | "low" | "high" | "destructive")[];
                /** @description Only those that come with Optral, or only others */
                builtIn?: boolean;
                /** @description Part of slug, name or description */
                q?: string;
                sort?: "name" | "-name" | "slug" | "-slug";
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows on a page. */
                pageSize?: number;
                /** @description `nextCursor` of the page before; `page` is then ignored. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunbookList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    createRunbook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRunbook"];
            };
        };
        responses: {
            /** @description The answer */
            201: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunbookShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getRunbook: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version at hand; the same present version gives 304 */
                "If-None-Match"?: string;
            };
            path: {
                runbook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunbookShape"];
                };
            };
            /** @description The version at hand is the present one */
            304: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    deleteRunbook: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version this change was made for; another present version gives 412 */
                "If-Match"?: string;
            };
            path: {
                runbook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunbookShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateRunbook: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version this change was made for; another present version gives 412 */
                "If-Match"?: string;
            };
            path: {
                runbook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunbookChange"];
                "application/merge-patch+json": components["schemas"]["RunbookChange"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunbookShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    executeRunbook: {
        parameters: {
            query?: {
                /** @description Seconds to wait for the end, or for a plan to approve */
                wait?: number;
            };
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                runbook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExecuteInput"];
            };
        };
        responses: {
            /** @description The answer */
            202: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExecutionShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header: {
                /** @description Always `1`: no other site can send it */
                "X-Optral-CSRF": "1";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description The answer */
            201: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    confirmSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Confirm"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    setUp: {
        parameters: {
            query?: never;
            header: {
                /** @description Always `1`: no other site can send it */
                "X-Optral-CSRF": "1";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetUp"];
            };
        };
        responses: {
            /** @description The answer */
            201: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    checkSetup: {
        parameters: {
            query?: never;
            header: {
                /** @description Always `1`: no other site can send it */
                "X-Optral-CSRF": "1";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Link"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listWebhooks: {
        parameters: {
            query?: {
                sort?: "createdAt" | "-createdAt";
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows on a page. */
                pageSize?: number;
                /** @description `nextCursor` of the page before; `page` is then ignored. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewWebhook"];
            };
        };
        responses: {
            /** @description The answer */
            201: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedWebhook"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version at hand; the same present version gives 304 */
                "If-None-Match"?: string;
            };
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookShape"];
                };
            };
            /** @description The version at hand is the present one */
            304: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version this change was made for; another present version gives 412 */
                "If-Match"?: string;
            };
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version this change was made for; another present version gives 412 */
                "If-Match"?: string;
            };
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookChange"];
                "application/merge-patch+json": components["schemas"]["WebhookChange"];
            };
        };
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                /** @description Only these */
                status?: "pending" | "delivered" | "failed";
                sort?: "createdAt" | "-createdAt";
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows on a page. */
                pageSize?: number;
                /** @description `nextCursor` of the page before; `page` is then ignored. */
                cursor?: string;
            };
            header?: never;
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                webhook_id: string;
                delivery_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    redeliver: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                webhook_id: string;
                delivery_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            202: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    rollWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedWebhook"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Repeat a request safely: for 24 hours the same key gets the first answer */
                "Idempotency-Key"?: string;
            };
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            202: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["RequestEntityTooLarge"];
            414: components["responses"]["RequestUriTooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
}
