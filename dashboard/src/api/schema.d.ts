// Generated from contracts/openapi.json by `npm run types`. Do not edit.
export interface paths {
    "/v1/ai": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the language model settings and today's usage */
        get: operations["getAi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Enable or disable the operator's language model */
        patch: operations["updateAi"];
        trace?: never;
    };
    "/v1/ai/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get what questions to the language model used in a month
         * @description By member or API key; what API keys of a member use counts for the member, too. Without the scope `audit:read`, and for members who are limited to clusters or namespaces, only their own.
         */
        get: operations["getAiUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alert-receivers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List alert receivers */
        get: operations["listAlertReceivers"];
        put?: never;
        /**
         * Create an alert receiver
         * @description The response contains the secret, which is not shown again.
         */
        post: operations["createAlertReceiver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alert-receivers/{receiver_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an alert receiver, without its secret */
        get: operations["getAlertReceiver"];
        put?: never;
        post?: never;
        /** Delete an alert receiver and its alerts */
        delete: operations["deleteAlertReceiver"];
        options?: never;
        head?: never;
        /** Update an alert receiver, or enable or disable it */
        patch: operations["updateAlertReceiver"];
        trace?: never;
    };
    "/v1/alert-receivers/{receiver_id}/rejected": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what an alert receiver could not read
         * @description The newest 200 are kept.
         */
        get: operations["listRejectedAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alert-receivers/{receiver_id}/roll": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rotate an alert receiver's secret
         * @description The old secret is accepted for 24 hours more.
         */
        post: operations["rollAlertReceiver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List alerts
         * @description Alerts are kept for 90 days. Those that name no known cluster are shown to people who see all clusters.
         */
        get: operations["listAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/quality": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Judge the quality of alerts
         * @description Which alerts flap, repeat another, were never acted on or fired without a failure, and which failures had no alert.
         */
        get: operations["getAlertQuality"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/rule-changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Propose a change of an alerting rule
         * @description A rule whose alerts fired without a failure can wait longer before it fires (`for`), if the record decides it; 409 says why not otherwise. Without `digest`, nothing is written: the response is a preview. With it, a pull request is opened if the change is still the same.
         */
        post: operations["proposeRuleChange"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/{alert_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an alert */
        get: operations["getAlert"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/analyses/feedback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count feedback on analyses by issue type and cause, and over time */
        get: operations["countFeedback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/analyses/{analysis_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an analysis */
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
        /** List what people said about an analysis, newest first */
        get: operations["listFeedback"];
        /**
         * Say whether an analysis helped
         * @description It replaces what you said about this analysis before.
         */
        put: operations["putFeedback"];
        post?: never;
        /** Withdraw your feedback on an analysis */
        delete: operations["withdrawFeedback"];
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
        /** List API keys */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Create an API key
         * @description Requires a sign-in session and a password entered within the last 15 minutes; API keys cannot create keys. The response contains the key, which is not shown again. The key acts for the member who creates it, with at most that member's rights, and ends with their membership.
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
         * Get an API key, without its secret
         * @description Revoked keys return 404; list them with `withRevoked=true`.
         */
        get: operations["getApiKey"];
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description Requests with the key fail within one second; its open streams end within five.
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
         * Rotate an API key
         * @description Creates a key with the same name, scopes, clusters and lifetime; the old key keeps working for the overlap. The requirements are the same as for creating a key.
         */
        post: operations["rollApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/assistants/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let an assistant sign in as you
         * @description It gets an access token for `/mcp` alone, which ends after 8 hours, and can only read and plan. Requires a password entered within the last 15 minutes.
         */
        post: operations["approveAssistant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/assistants/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Show what an assistant that wants to sign in as you would get */
        post: operations["checkAssistant"];
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
        /** List audit records */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export audit records
         * @description Oldest first, at most 50,000 records; with more, narrow the time range. The export itself is recorded in the audit log. The header `Optral-Audit-Head` has the head of the chain with that record, for a later `GET /v1/audit/verify`. `format=chain` takes no filters; it begins with a line about the chain, and a longer log continues with `after`. `optral audit verifier` prints the program that checks it.
         */
        get: operations["exportAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Verify the audit log
         * @description Checks the hash of every record, and that none is missing, changed or inserted. Changes nothing.
         */
        get: operations["verifyAudit"];
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
        /** Get whether severe issues are analyzed automatically when they open */
        get: operations["getAutomatic"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Enable or disable automatic analysis */
        patch: operations["updateAutomatic"];
        trace?: never;
    };
    "/v1/change-windows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List freezes and maintenance windows */
        get: operations["listChangeWindows"];
        put?: never;
        /**
         * Create a freeze or a maintenance window
         * @description Either `startsAt` and `endsAt`, or `schedule` and `durationMinutes`.
         */
        post: operations["createChangeWindow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/change-windows/{window_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a freeze or a maintenance window */
        get: operations["getChangeWindow"];
        put?: never;
        post?: never;
        /** Delete a freeze or a maintenance window */
        delete: operations["deleteChangeWindow"];
        options?: never;
        head?: never;
        /**
         * Update a freeze or a maintenance window
         * @description Its kind, cluster and namespace stay.
         */
        patch: operations["updateChangeWindow"];
        trace?: never;
    };
    "/v1/clusters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List clusters */
        get: operations["listClusters"];
        put?: never;
        /**
         * Create a cluster
         * @description The response contains the agent's enrollment token, which is not shown again.
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
        /** Get a cluster */
        get: operations["getCluster"];
        put?: never;
        post?: never;
        /**
         * Delete a cluster
         * @description Revokes the agent's credentials, ends its connection, resolves the cluster's issues and frees its name immediately.
         */
        delete: operations["deleteCluster"];
        options?: never;
        head?: never;
        /** Update a cluster's name or labels */
        patch: operations["updateCluster"];
        trace?: never;
    };
    "/v1/clusters/{cluster_id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve the agent that waits under a cluster
         * @description The agent enrolls within a minute. The approval is for the key that the agent showed: with `If-Match`, it is refused if an agent with another key waits by now.
         */
        post: operations["approveCluster"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clusters/{cluster_id}/connection": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the progress of a cluster's connection
         * @description The steps in their order, what holds them back, and each kind of attempt that the server saw with a token or certificate of this cluster. An attempt with a token that this server did not create belongs to no cluster and is shown nowhere.
         */
        get: operations["getConnection"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
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
         * Create an enrollment token
         * @description Using the token revokes the cluster's previous certificates.
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
         * Get the install command of a cluster's agent
         * @description Every response contains a new enrollment token.
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
    "/v1/clusters/{cluster_id}/kinds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the kinds that a cluster's agent reports
         * @description Kinds that the agent cannot read are listed with the reason.
         */
        get: operations["listKinds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clusters/{cluster_id}/map": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the nodes of a cluster with their capacity, requests, usage and pods
         * @description Large responses are compressed with gzip if the request accepts it.
         */
        get: operations["mapOfCluster"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clusters/{cluster_id}/questions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask a question about a cluster
         * @description As for an issue, answered from the worst open issues of the cluster. Without any, `notes` say what was looked at. The language model is asked about one of them: the one that the question names, or else the worst.
         */
        post: operations["askAboutCluster"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clusters/{cluster_id}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reject the agent that waits under a cluster, and delete the cluster */
        post: operations["rejectCluster"];
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
         * Revoke the credentials of a cluster's agent
         * @description Ends the agent's connection within 5 seconds and refuses its certificates from then on. The cluster and its data are kept. A new enrollment token connects the cluster again; unused tokens are revoked too.
         */
        post: operations["revokeCredentials"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/coverage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the coverage record
         * @description What was looked at in these clusters and namespaces, with which rules, and what was not and why.
         */
        get: operations["getCoverage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/delegations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List delegations of approvals, oldest first
         * @description Those that you gave or received; owners and admins get all of the organization. Delegations that have ended are listed for 30 days.
         */
        get: operations["listDelegations"];
        put?: never;
        /**
         * Delegate your right to approve to another member
         * @description Until `endsAt`, the member can approve on your behalf what you can approve at that moment, except for executions that one of you requested. What others have delegated to you is not included. Requires a password entered within the last 15 minutes.
         */
        post: operations["createDelegation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/delegations/{delegation_id}": {
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
         * End a delegation
         * @description Your own, or as an owner that of any member. Approvals on behalf of the member no longer count for executions that have not started their first change.
         */
        delete: operations["endDelegation"];
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
        /** List detectors with their settings */
        get: operations["listDetectors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Enable or disable risk checks, or shift the severity of all types
         * @description Risk checks find configurations that work today and can fail later. They are off by default and send no notifications. A shift counts issues one step more or less severe: for all clusters, for a cluster, for a namespace or for both; the most specific setting takes precedence. It takes effect within ten seconds and applies to open issues too.
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
         * Run detectors on objects that you supply
         * @description Nothing is stored. Secrets are dropped, and other objects are redacted before they are examined. At most 500 objects, 64 KiB of text or 1 MiB in total.
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
        /** Get a detector with its settings */
        get: operations["getDetector"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Update a detector's settings
         * @description Settings can be made for all clusters, for a cluster, for a namespace or for both; the most specific setting takes precedence, per member and per threshold. Changes take effect within ten seconds and apply to open issues too.
         */
        patch: operations["updateDetector"];
        trace?: never;
    };
    "/v1/device/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve a login from a command line
         * @description The program gets an API key of the signed-in person with at most their rights. Requires a password entered within the last 15 minutes.
         */
        post: operations["approveUserCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/device/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Show the login that a user code would approve
         * @description A person can enter 30 codes in 15 minutes.
         */
        post: operations["checkUserCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/device/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start a login from a command line
         * @description Returns a device code for the program and a user code that a signed-in person enters on the page `/device` of the dashboard. Both are valid for 10 minutes.
         */
        post: operations["createDeviceCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/device/deny": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Deny a login from a command line */
        post: operations["denyUserCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/device/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Fetch the API key of an approved login
         * @description While nobody has approved the login, the response has only `intervalSeconds`: try again after that time. The key is returned once. All codes that are unknown, expired or already used get the same response.
         */
        post: operations["createDeviceToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/digest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the digest of the last days
         * @description New causes, failures that returned, the time to resolve and the noisiest alerts, as far as the caller may see them. A webhook of the form `email` with the event `digest.weekly` sends it every Monday.
         */
        get: operations["getDigest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List past events */
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
         * @description Server-sent events, also available at `/api/events`: `id`, `event` and one line of JSON as `data`, with a comment every 15 seconds. If the requested position is too old or unknown, the first event is `stream.reset`: read the lists again.
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
         * Create a ticket for one event stream
         * @description For browsers, whose EventSource cannot send headers. The ticket opens one stream within 60 seconds, with the rights of the caller.
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
        /** List executions */
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
        /** Get whether executions are paused */
        get: operations["getPause"];
        put?: never;
        /**
         * Pause all executions
         * @description Each execution pauses before its next change.
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
        /** Resume executions */
        post: operations["resumeExecutions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop all executions
         * @description Pauses executions and cancels those that have not made their last change. A request that is already at an API server ends first; the step says what it changed.
         */
        post: operations["stopExecutions"];
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
        /** Get an execution with its plan and the results of its steps */
        get: operations["getExecution"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{execution_id}/again": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run an execution again with the same parameters */
        post: operations["repeatExecution"];
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
         * @description The execution goes on with the last approval that it needs (`approval.needed`).
         */
        post: operations["approveExecution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{execution_id}/approve-on-behalf": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve an execution's plan on behalf of a member
         * @description The member must have delegated approvals to you (`POST /v1/delegations`), and must be able to approve this execution now. Neither of you can have requested it, and each of you counts once. Requires a password entered within the last 15 minutes.
         */
        post: operations["approveOnBehalf"];
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
         * Cancel an execution
         * @description A running step finishes first. An open pull request is closed.
         */
        post: operations["cancelExecution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{execution_id}/change-record": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the change record of an execution
         * @description Entries of the audit log need audit:read in the whole organization.
         */
        get: operations["getChangeRecord"];
        put?: never;
        post?: never;
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
        /** Get the log of an execution */
        get: operations["executionLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{execution_id}/propose": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Propose the change of an execution as a pull request
         * @description Starts an execution with the same parameters that changes nothing in the cluster: it opens a pull request in the repository from which Argo CD or Flux applies the objects, waits until it is merged and applied, and verifies that it helped. The merge is the approval.
         */
        post: operations["proposeExecution"];
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
        /** Reject an execution */
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
        /** Retry an execution from the step that did not succeed */
        post: operations["retryExecution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/executions/{execution_id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Undo an execution
         * @description Starts an execution that restores the previous values, under the same approval rule. Refused if an object has changed since, or if a previous value is not known.
         */
        post: operations["undoExecution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fleet-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List fleet tokens
         * @description Newest first. Tokens that ended more than 90 days ago are forgotten.
         */
        get: operations["listFleetTokens"];
        put?: never;
        /**
         * Create a fleet token
         * @description Enrolls up to `maxUses` clusters. Each use creates a cluster with an identity of its own.
         */
        post: operations["createFleetToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fleet-tokens/waiting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List agents waiting for approval */
        get: operations["listWaitingAgents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fleet-tokens/{token_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a fleet token with its newest uses, and the refused ones that the server saw */
        get: operations["getFleetToken"];
        put?: never;
        post?: never;
        /**
         * Revoke a fleet token
         * @description Clusters that it enrolled stay connected. Revoking again changes nothing.
         */
        delete: operations["revokeFleetToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/forges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List connections to forges
         * @description At most 20; the list has no pages.
         */
        get: operations["listForges"];
        put?: never;
        /**
         * Connect a forge
         * @description Executions can then open pull requests in its repositories. People must have typed their password within the last 15 minutes.
         */
        post: operations["createForge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/forges/{forge_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a connection to a forge, without its token */
        get: operations["getForge"];
        put?: never;
        post?: never;
        /**
         * Delete a connection to a forge
         * @description Pull requests that executions opened stay as they are; the executions that wait for them fail. People must have typed their password within the last 15 minutes.
         */
        delete: operations["deleteForge"];
        options?: never;
        head?: never;
        /**
         * Update a connection to a forge
         * @description People must have typed their password within the last 15 minutes.
         */
        patch: operations["updateForge"];
        trace?: never;
    };
    "/v1/forges/{forge_id}/roll": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create or rotate the webhook secret of a forge
         * @description The response contains the secret, which is not shown again. An older secret stops working at once; pull requests are polled meanwhile. People must have typed their password within the last 15 minutes.
         */
        post: operations["rollForge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/forges/{forge_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Test a connection to a forge
         * @description Asks the forge for the token's account, and whether the token may push to each repository. Writes nothing.
         */
        post: operations["testForge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/handover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the handover of a shift
         * @description What is open, what opened, was resolved or returned, what waits for approval or ends soon, and what is not covered, as far as the caller may see it. Executions and freezes need runbooks:read, alert receivers webhooks:read.
         */
        get: operations["getHandover"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hooks/alertmanager/{receiver_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive alerts of an Alertmanager
         * @description The webhook payload of Alertmanager, version 4, at most 1 MiB and 1,000 alerts, with the secret of the receiver. The same request again changes nothing. Every request without the secret gets the same 401.
         */
        post: operations["receiveAlertmanager"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hooks/alerts/{receiver_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive alerts of another system
         * @description JSON that the receiver's mapping describes, at most 1 MiB and 1,000 alerts, with the secret of the receiver. Every request without the secret gets the same 401.
         */
        post: operations["receiveAlerts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hooks/forges/{forge_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive a webhook of a forge
         * @description An execution that waits for a pull request looks at it as soon as the forge reports that it was merged or closed. The forge signs with `X-Hub-Signature-256` (GitHub), `X-Gitlab-Token` (GitLab) or `X-Gitea-Signature` (Gitea, Forgejo). Other events are ignored. Every request that is not signed gets the same 401.
         */
        post: operations["receiveNews"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hooks/identity-providers/{provider_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive a back-channel logout of an identity provider
         * @description Takes a form with `logout_token` (OpenID Connect Back-Channel Logout 1.0). The sessions that it names end at once, on every server. Every token that proves nothing gets the same 400.
         */
        post: operations["endProviderSessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hooks/on-call/{webhook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive what PagerDuty or Jira Service Management reports
         * @description An acknowledgment there acknowledges the issue. PagerDuty signs with `X-PagerDuty-Signature`; Jira Service Management sends the secret of the webhook as a bearer token. Events that concern no issue of the webhook are ignored. Every request without the signature or the secret gets the same 401.
         */
        post: operations["receiveOnCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hooks/{trigger_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Fire a trigger by a signed request
         * @description Signed as Standard Webhooks has it: `webhook-id`, `webhook-timestamp`, `webhook-signature`. The body, at most 16 KiB, may have `parameters`. Every request that is not signed gets the same 401.
         */
        post: operations["receiveHook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity-providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List identity providers
         * @description At most 10; the list has no pages.
         */
        get: operations["listIdentityProviders"];
        put?: never;
        /**
         * Add an identity provider
         * @description People can then sign in with it. Requires an owner whose password was entered within the last 15 minutes.
         */
        post: operations["createIdentityProvider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity-providers/{provider_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an identity provider, without its client secret */
        get: operations["getIdentityProvider"];
        put?: never;
        post?: never;
        /**
         * Delete an identity provider
         * @description Nobody can sign in with it any more; members, their rights and their open sessions remain. Requires an owner whose password was entered within the last 15 minutes.
         */
        delete: operations["deleteIdentityProvider"];
        options?: never;
        head?: never;
        /**
         * Update an identity provider
         * @description Rules apply from each person's next sign-in. Requires an owner whose password was entered within the last 15 minutes.
         */
        patch: operations["updateIdentityProvider"];
        trace?: never;
    };
    "/v1/identity-providers/{provider_id}/scim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the state of SCIM provisioning, without its token */
        get: operations["getScim"];
        put?: never;
        /**
         * Let an identity provider provision users and groups by SCIM
         * @description The response contains the token, which is not shown again. Requires an owner whose password was entered within the last 15 minutes.
         */
        post: operations["createScimToken"];
        /**
         * End SCIM provisioning
         * @description Deletes the token and what was provisioned. Members stay as they are; rights follow from ID tokens again. Requires an owner whose password was entered within the last 15 minutes.
         */
        delete: operations["deleteScim"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity-providers/{provider_id}/scim/roll": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rotate the SCIM token
         * @description The old token is accepted for 24 hours more. Requires an owner whose password was entered within the last 15 minutes.
         */
        post: operations["rollScimToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity-providers/{provider_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Test an identity provider
         * @description Reads its discovery document and keys again, so that rotated keys count at once. Changes nothing.
         */
        post: operations["testIdentityProvider"];
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
        /** List pending invitations */
        get: operations["listInvites"];
        put?: never;
        /**
         * Create an invitation
         * @description The response contains the link, which is not shown again. If the server sends e-mail, it is sent to `email` as well. It can be used once within seven days, as long as you still have the right to create it. The roles admin and owner require your password.
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
         * @description Creates the member and signs them in. The link can be used once.
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
        /** Check an invitation link */
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
        /** Withdraw an invitation */
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
        /** List issues */
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
         * Update several issues
         * @description Each issue is updated separately: a failure does not affect the others. `results` lists the outcomes in the order of `ids`. With `query`, a request updates the oldest 500 issues that match; `nextCursor` continues with the next ones. Issues that open after the first request are not updated. At most 10,000 issues can match.
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
        /** Count issues by facet */
        get: operations["issueFacets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count issues by workload, type, cluster or namespace
         * @description Open and acknowledged issues are all counted, up to 100,000; with a filter that resolved issues match, the newest 10,000.
         */
        get: operations["issueGroups"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/trends": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get issues opened and resolved over time, and the rollouts meanwhile */
        get: operations["issueTrends"];
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
        /** Get an issue */
        get: operations["getIssue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Update an issue: status, assignee, labels or snooze */
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
        /** List the activity of an issue */
        get: operations["issueActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/{issue_id}/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the alerts that an issue explains
         * @description Also those about its symptoms.
         */
        get: operations["listIssueAlerts"];
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
        /** List the analyses of an issue, newest first */
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
         * Analyze an issue
         * @description If the new analysis has less evidence than the answer that the issue shows, and no fact which that answer cites has changed, it is recorded with `weakerThan`, and the issue still shows that answer.
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
        /** Get the logs, Kubernetes Events and changes captured when an issue opened */
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
        /** List the comments on an issue */
        get: operations["listComments"];
        put?: never;
        /** Add a comment to an issue */
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
         * Delete a comment
         * @description You can delete your own comments; owners and admins can delete any comment.
         */
        delete: operations["deleteComment"];
        options?: never;
        head?: never;
        /** Update your own comment */
        patch: operations["editComment"];
        trace?: never;
    };
    "/v1/issues/{issue_id}/post-mortem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the post-mortem of an issue
         * @description Impact, timeline, cause with evidence, fix and preceding changes, as recorded; nothing comes from a language model. Executions need runbooks:read.
         */
        get: operations["getPostMortem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/{issue_id}/questions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask a question about an issue
         * @description Common questions are answered from the evidence without a language model: why, what changed, since when, who else is affected, whether it is one node, what the fix would change, what was looked at. Any other goes to the language model, if the organization allows one; of its answer only sentences remain that evidence confirms. A question for logs or a list gets the query to run.
         */
        post: operations["askAboutIssue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/{issue_id}/runbook-drafts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let the language model draft a runbook for an issue
         * @description The draft is checked as every runbook is, limited to the cluster and namespaces of the issue, and about its object or that of a cause. It is saved disabled and with `draftedBy`; nothing runs it until somebody enables it. A dry run shows what it would change, where one is possible. Also requires the scope `issues:read`.
         */
        post: operations["draftRunbook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/{issue_id}/silences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the silences of Alertmanager that concern an issue
         * @description They are read every minute from each Alertmanager that a webhook of the form `alerts` sends to. Mute rules and snoozes are not silences: these silence Optral.
         */
        get: operations["listIssueSilences"];
        put?: never;
        /**
         * Create a silence in Alertmanager from an issue
         * @description The Alertmanager sends no notifications about the alerts until the silence ends. If the issue already has an active silence with the same matchers, that one is extended to the new end; it is never shortened. The issue stays as it is in Optral.
         */
        post: operations["createIssueSilence"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/{issue_id}/silences/{silence_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a silence that was created from an issue */
        delete: operations["endIssueSilence"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/{issue_id}/similar": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List similar issues and what ended them
         * @description Compared are the newest 200 issues of the same type. An issue whose analysis names another cause is left out.
         */
        get: operations["similarIssues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/{issue_id}/tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the tickets of an issue */
        get: operations["listIssueTickets"];
        put?: never;
        /**
         * Create a ticket of an issue
         * @description A webhook of the form `ticket` creates it, whatever its severity, types and query, and closes it when the issue resolves. If the issue has a ticket of this webhook, the response shows that one.
         */
        post: operations["createIssueTicket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/issues/{issue_id}/topology": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the objects around an issue and what is broken between them */
        get: operations["issueTopologyOf"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/log-capture": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get whether container logs are captured when an issue opens */
        get: operations["getCapture"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Enable or disable log capture */
        patch: operations["updateCapture"];
        trace?: never;
    };
    "/v1/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the logs of many containers, merged by time
         * @description To follow them, send the `cursor` of each response with the next request. Pods that are created in the meantime are included.
         */
        get: operations["readLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/mail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the newest e-mail
         * @description At most 100 messages, without their content. Messages are kept for 30 days.
         */
        get: operations["listMail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/mail/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test message
         * @description The message is queued; `GET /v1/mail` shows the outcome.
         */
        post: operations["testMail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the authenticated caller */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/key": {
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
         * Revoke the API key of this request
         * @description Needs no scope: every key can end itself. Requests with the key fail within one second; its open streams end within five.
         */
        delete: operations["revokeOwnKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get your notification settings */
        get: operations["getNotifications"];
        /** Change your notification settings */
        put: operations["putNotifications"];
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
        /** List members */
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
         * @description Ends the member's sessions, API keys, fleet tokens and unused enrollment tokens immediately, and blocks the triggers whose secret the member knows until somebody rolls it. Cancels executions that the member requested and that wait for approval. `ended` says what ended.
         */
        delete: operations["removeMember"];
        options?: never;
        head?: never;
        /**
         * Change a member's role, or whether it is limited to its bindings
         * @description Takes effect with the next request, also for the member's API keys. You cannot grant more rights than your own, and only owners can grant the role owner. Giving the role admin or owner, in the whole organization or by lifting a limit, requires your password.
         */
        patch: operations["updateMember"];
        trace?: never;
    };
    "/v1/members/{member_id}/bindings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the bindings of a member, oldest first
         * @description Bindings that have ended are listed for 30 days.
         */
        get: operations["listBindings"];
        put?: never;
        /**
         * Bind a member to a role in some clusters and namespaces
         * @description From then on the member sees and does only what bindings give, from the next request on; open event streams end within five seconds. You cannot give more rights than your own, and owners cannot be bound. The role admin requires your password.
         */
        post: operations["bindMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/members/{member_id}/bindings/{binding_id}": {
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
         * Remove a binding of a member
         * @description The member stays limited: without bindings, it sees nothing. `PATCH /v1/members/:id` with `limited` false lifts the limit.
         */
        delete: operations["unbindMember"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/members/{member_id}/removal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show what removing a member would end
         * @description Changes nothing.
         */
        get: operations["previewRemoval"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/mute-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List active mute rules, oldest first */
        get: operations["listMuteRules"];
        put?: never;
        /**
         * Create a mute rule
         * @description Matching issues, present and future, are listed and counted but send no notifications. `reason` and `expiresAt` are required, so that no rule outlives its purpose.
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
        /** Get a mute rule, active or ended */
        get: operations["getMuteRule"];
        put?: never;
        post?: never;
        /**
         * End a mute rule
         * @description Issues that the rule muted send notifications again.
         */
        delete: operations["deleteMuteRule"];
        options?: never;
        head?: never;
        /** Update a mute rule's reason or expiry */
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
        /** Get this OpenAPI document as JSON */
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
        /** Get this OpenAPI document as YAML */
        get: operations["getOpenApiYaml"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an overview of all clusters
         * @description Issues are counted as in the list of issues: without resolved, snoozed and muted issues and without symptoms of other issues. Parts that the caller has no scope for are absent: `clusters` and `fleet` need `clusters:read`, `changes` needs `resources:read` and `executions` needs `runbooks:read`.
         */
        get: operations["overview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/owners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List owners
         * @description Teams that own what fails now, and those that the ownership rules name.
         */
        get: operations["listOwners"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/owners/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the ownership rules */
        get: operations["getOwnerRules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Update the ownership rules
         * @description The teams of open issues in connected clusters follow within seconds; resolved issues keep theirs.
         */
        patch: operations["updateOwnerRules"];
        trace?: never;
    };
    "/v1/password-resets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Request a password reset
         * @description Sends a link to the address if a member can sign in with it and a password. The response is the same for every address. Limited to five requests per client address and account in 15 minutes.
         */
        post: operations["requestReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/password-resets/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check the link of a password reset */
        post: operations["checkReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/password-resets/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set a new password
         * @description Ends all sessions of the member and signs in. API keys stay valid. The link can be used once, within one hour.
         */
        post: operations["completeReset"];
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
        /** Get the plan and its limits */
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
        /** List resources */
        get: operations["listResources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Compare two resources, or two revisions of one
         * @description Of revisions, only what the history keeps is compared: the spec and what corresponds to it.
         */
        get: operations["compareResources"];
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
        /** Count resources by cluster, kind and namespace */
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
        /** Get a resource with its manifest */
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
        /** List the Kubernetes Events of a resource, newest first */
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
        /** List changes to a resource's spec, newest first */
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
        /** Get a container's log */
        get: operations["resourceLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{resource_id}/probe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check from the agent's pod whether a Service or pod can be reached */
        post: operations["probeResource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{resource_id}/rollout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get whether the rollout of a workload succeeded
         * @description For Deployments, StatefulSets, DaemonSets and Jobs.
         */
        get: operations["resourceRollout"];
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
        /** Get a resource with its owners and dependents */
        get: operations["resourceTree"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resources/{resource_id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the CPU, memory and volume usage of a pod or node, or the requests of a workload
         * @description Usage is from the metrics of the kubelet, and requests are from the organization's own Prometheus, if the agent may read them. The report is at most a few minutes old while the agent is connected.
         */
        get: operations["resourceUsage"];
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
        /** List runbooks */
        get: operations["listRunbooks"];
        put?: never;
        /** Create a runbook */
        post: operations["createRunbook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runbooks/schema": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the JSON Schema of a definition
         * @description For editors: keys, actions, enumerations and limits. `POST /v1/runbooks/validate` checks more.
         */
        get: operations["getRunbookSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runbooks/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check a runbook without storing it */
        post: operations["validateRunbook"];
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
        /** Get a runbook with its latest executions */
        get: operations["getRunbook"];
        put?: never;
        post?: never;
        /**
         * Delete a runbook
         * @description Its executions are kept.
         */
        delete: operations["deleteRunbook"];
        options?: never;
        head?: never;
        /** Update a runbook, restore an earlier version, or enable or disable it */
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
         * Execute a runbook
         * @description With `dryRun` the execution is only planned.
         */
        post: operations["executeRunbook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runbooks/{runbook_id}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Plan a runbook for another person to approve
         * @description The execution waits for the approval of another member, whatever its risk: the requester cannot approve it, also as the only member or by break-glass. One member can have 5 such plans waiting.
         */
        post: operations["planRunbook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runbooks/{runbook_id}/suggestions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get where a runbook is suggested
         * @description Lists causes, issue types, and the open issues for which it is suggested now. Also requires the scope `issues:read`.
         */
        get: operations["suggestionsOfRunbook"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runbooks/{runbook_id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the versions of a runbook */
        get: operations["listRunbookVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runbooks/{runbook_id}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a version of a runbook */
        get: operations["getRunbookVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/safeguards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the limits of executions */
        get: operations["getSafeguards"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Update the limits of executions
         * @description Raising `unattendedRisk` and changing `approvals` or `breakGlassRoles` require a sign-in session of an owner or admin, and their password.
         */
        patch: operations["updateSafeguards"];
        trace?: never;
    };
    "/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Search issues, resources, clusters, runbooks and executions */
        get: operations["search"];
        put?: never;
        post?: never;
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
        /** Get the current sign-in session */
        get: operations["getSession"];
        put?: never;
        /**
         * Sign in
         * @description Sets the session cookie. All failures get the same response. Limited to five attempts per address and account in 15 minutes.
         */
        post: operations["signIn"];
        /**
         * Sign out
         * @description The cookie becomes invalid on every server; open streams end within five seconds. If the identity provider of the session has `endsProviderSession`, the response says where the browser ends the session there.
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
        /** Confirm your password */
        post: operations["confirmSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/confirm/provider": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin to confirm the session with its identity provider
         * @description For people who signed in with a provider, in place of the password. The provider asks them to sign in again.
         */
        post: operations["startProviderConfirmation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/confirm/provider/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm the session with what the identity provider returned
         * @description Requires that the same person signed in at the provider after the confirmation began (`auth_time`).
         */
        post: operations["finishProviderConfirmation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change your password
         * @description Requires the current password, limited to five attempts in 15 minutes. Ends your other sessions; API keys stay valid.
         */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/provider": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin to sign in with an identity provider
         * @description Sets a cookie that only this browser has, valid for ten minutes. Then send the browser to `authorizationUrl`.
         */
        post: operations["startProviderSignIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/provider/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in with what the identity provider returned
         * @description Sets the session cookie. Every answer that was forged, replayed or refused gets the same response; the audit log has the reason.
         */
        post: operations["finishProviderSignIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** List the identity providers that people can sign in with */
        post: operations["listSignInProviders"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List your sign-in sessions */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        /** Sign out all your other sessions */
        delete: operations["endOtherSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}": {
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
         * Sign out one of your sessions
         * @description Its streams end within five seconds.
         */
        delete: operations["endSession"];
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
         * Complete the first-run setup
         * @description Creates the first organization, or sets the email address and password of the existing owner, and signs in. The link can be used once.
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
        /** Check a first-run link */
        post: operations["checkSetup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in-policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get how people sign in: by password or only with an identity provider, for how long, and from where */
        get: operations["getSignInPolicy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Update how people sign in
         * @description Owners can always sign in with their password. `providerOnly` needs an enabled identity provider and an owner with a password. API keys are not affected; each can have networks of its own. Requires an owner whose password was entered within the last 15 minutes.
         */
        patch: operations["updateSignInPolicy"];
        trace?: never;
    };
    "/v1/triggers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List triggers */
        get: operations["listTriggers"];
        put?: never;
        /**
         * Create a trigger
         * @description It acts with the caller's rights. For the source `webhook`, the response contains the secret, which is not shown again.
         */
        post: operations["createTrigger"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/triggers/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Preview what a trigger would match, and when a schedule occurs
         * @description Changes nothing.
         */
        post: operations["previewTrigger"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/triggers/{trigger_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a trigger, without its secret */
        get: operations["getTrigger"];
        put?: never;
        post?: never;
        /**
         * Delete a trigger and its firings
         * @description Executions that it started are kept.
         */
        delete: operations["deleteTrigger"];
        options?: never;
        head?: never;
        /**
         * Update a trigger, or enable or disable it
         * @description From then on it acts with the caller's rights.
         */
        patch: operations["updateTrigger"];
        trace?: never;
    };
    "/v1/triggers/{trigger_id}/firings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a trigger's firings
         * @description Firings are kept for 90 days.
         */
        get: operations["listFirings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/triggers/{trigger_id}/roll": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rotate a trigger's secret
         * @description From then on it acts with the caller's rights. A secret that the caller was shown before signs for 24 hours more, so that the sender can switch without interruption; one that was shown to another member stops working at once.
         */
        post: operations["rollTrigger"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/triggers/{trigger_id}/unblock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Unblock a trigger whose executions failed
         * @description A secret that is no longer trusted (409 `secret_not_trusted`) has to be rolled instead.
         */
        post: operations["unblockTrigger"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/views": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List saved views
         * @description Your own views, then the shared ones, each by name. An API key sees the views of the person who created it.
         */
        get: operations["listViews"];
        put?: never;
        /**
         * Create a saved view
         * @description Names are unique among your own views and among the shared views. A person can have 50 views, an organization 50 shared ones.
         */
        post: operations["createView"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/views/{view_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a saved view */
        delete: operations["deleteView"];
        options?: never;
        head?: never;
        /**
         * Update a saved view's name, query, sort or sharing
         * @description Shared views can be changed by everybody with `issues:write`; only the owner can stop sharing one.
         */
        patch: operations["updateView"];
        trace?: never;
    };
    "/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List webhooks */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Create a webhook
         * @description The response contains the secret, which is not shown again. No notifications are sent for symptoms, muted issues and preexisting issues.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Preview which issues of the past seven days a webhook would have been notified of */
        post: operations["previewWebhook"];
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
        /** Get a webhook, without its secret */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        /** Delete a webhook and its deliveries */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        /** Update a webhook, or enable or disable it */
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
         * List a webhook's deliveries
         * @description Deliveries are kept for 30 days.
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
        /** Get a delivery with its body */
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
         * Redeliver a notification
         * @description The new attempt has the same delivery id.
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
         * Rotate a webhook's secret
         * @description Notifications are signed with both secrets for 24 hours, so that the receiver can switch without interruption.
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
         * Send a test notification
         * @description The notification is queued; follow `Location` for the outcome.
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
             * @description The part of the link after `#`
             */
            token: string;
            /**
             * Email
             * @example ops@example.com
             */
            email: string;
            /**
             * Password
             * @description At least 12 characters; common passwords are rejected
             */
            password: string;
        };
        /** AcceptedShape */
        AcceptedShape: {
            /**
             * Id
             * @description Id of the firing; the same for a repeated request
             */
            id: string;
        };
        /** AccountShape */
        AccountShape: {
            /** Id */
            id: string;
            /** Email */
            email: string;
            /** Role */
            role: string;
        };
        /** ActedOn */
        ActedOn: {
            /**
             * Type
             * @description What it is: `issue`, `cluster`, `execution`, …; `setting` for what has no id
             */
            type: string;
            /** Id */
            id: string;
            /**
             * Name
             * @description Its name now, or when the record was written; its id if it never had one
             */
            name: string;
        };
        /**
         * ActionBrief
         * @description What the analysis recommends first
         */
        ActionBrief: {
            /** Title */
            title: string;
            /**
             * Risk
             * @enum {string}
             */
            risk: "readOnly" | "low" | "high" | "destructive" | "manual";
            /**
             * Runbook
             * @description The runbook that does it; absent for a manual step
             * @example raise-memory-limit
             */
            runbook?: string | null;
            /** Parameters */
            parameters?: {
                [key: string]: unknown;
            } | null;
        };
        /**
         * ActionShape
         * @description A suggested remedy. With a runbook it can be executed as it is, once `toDecide` is given; without one it is a manual step
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
            /**
             * Todecide
             * @description Parameters that no evidence gives, and that the runbook needs: a person decides them
             * @example [
             *       "replicas"
             *     ]
             */
            toDecide?: string[] | null;
            edit?: components["schemas"]["EditShape"] | null;
            /**
             * Command
             * @description The same change as a command to copy, with kubectl or cmctl; absent if there is none
             * @example kubectl -n shop rollout restart deployment/web
             */
            command?: string | null;
            /** @description Set if the policy of the cluster's agent does not allow the change */
            obstacle?: components["schemas"]["ObstacleShape"] | null;
            /** @description Set while the runbook changes the object already, or has changed it just now */
            hold?: components["schemas"]["HoldShape"] | null;
            /** Evidenceids */
            evidenceIds: string[];
            /** @description How often the runbook helped: for this cause if it has runs, else in all */
            trackRecord?: components["schemas"]["RecordShape"] | null;
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
             * @description `usr_…`, `key_…`, `mut_…`, the issue type for detectors, or `system`
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
             * @description Ids of the clusters that the caller can access; absent for all clusters
             */
            clusters?: string[] | null;
            /**
             * Places
             * @description What a limited member, or its key, may do where; empty when no binding is in force, absent without a limit
             */
            places?: components["schemas"]["PlaceShape"][] | null;
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
        /** AgentBrief */
        AgentBrief: {
            /** Version */
            version?: string | null;
            /** @description The agent's version beside the server's, which supports its own and the one before */
            versionSkew?: components["schemas"]["Skew"] | null;
        };
        /** AgentShape */
        AgentShape: {
            /** Version */
            version?: string | null;
            /** @description The agent's version beside the server's, which supports its own and the one before */
            versionSkew?: components["schemas"]["Skew"] | null;
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
             * @description Whether evidence may be sent to the model; off by default
             */
            enabled: boolean;
            /**
             * Configured
             * @description Whether the operator of the server has configured a model
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
             * @description Where evidence would be sent; consent applies to this destination only
             * @example https://api.openai.com
             */
            destination?: string | null;
            /**
             * Alloweddestination
             * @description The destination that was consented to, if it differs from `destination`: nothing is sent until the new one is allowed
             */
            allowedDestination?: string | null;
            today: components["schemas"]["SpentShape"];
            /** @description The organization's limits per day (UTC) */
            daily?: components["schemas"]["DailyShape"] | null;
            /**
             * Resetsat
             * Format: date-time
             */
            resetsAt: string;
        };
        /** AiUsage */
        AiUsage: {
            /**
             * Month
             * @example 2026-11
             */
            month: string;
            /**
             * Monthlytokens
             * @description Input and output tokens that each member and each API key may use in a month; absent: no limit
             */
            monthlyTokens?: number | null;
            /**
             * Usage
             * @description The most tokens first, at most 200
             */
            usage: components["schemas"]["ModelUsageShape"][];
        };
        /** AlertList */
        AlertList: {
            /** Alerts */
            alerts: components["schemas"]["AlertShape"][];
            /** Total */
            total: number;
            /**
             * Totalcapped
             * @description Present if more rows match than `total`, which counts at most 10,000
             */
            totalCapped?: boolean | null;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** AlertObject */
        AlertObject: {
            /** Kind */
            kind: string;
            /** Name */
            name: string;
        };
        /** AlertQualityReport */
        AlertQualityReport: {
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /**
             * Iswhole
             * @description False: there are more; the newest 5,000 alerts and 500 issues were examined
             */
            isWhole: boolean;
            /**
             * Alerts
             * @description By name, the one that fired most first
             */
            alerts: components["schemas"]["AlertQualityShape"][];
            /**
             * Failures
             * @description Root issues of medium severity or more that opened
             */
            failures: number;
            /** Failureswithoutalert */
            failuresWithoutAlert: number;
            /**
             * Issueswithoutalert
             * @description The newest of them, at most 20
             */
            issuesWithoutAlert: components["schemas"]["UnalertedIssue"][];
        };
        /** AlertQualityShape */
        AlertQualityShape: {
            /** Name */
            name: string;
            /**
             * Fired
             * @description Alerts of this name that were received
             */
            fired: number;
            /**
             * Flapping
             * @description Fingerprints that fired 3 times or more
             */
            flapping: number;
            /**
             * Withoutfailure
             * @description Alerts for which no failure was found
             */
            withoutFailure: number;
            /**
             * Unresolved
             * @description Alerts whose labels name no known cluster or object
             */
            unresolved: number;
            /**
             * Issues
             * @description Root issues that explain its alerts
             */
            issues: number;
            /**
             * Actedon
             * @description Those that somebody acknowledged, was assigned to, commented or resolved
             */
            actedOn: number;
            /**
             * Repeats
             * @description Another alert that started earlier about each of its issues
             */
            repeats?: string | null;
        };
        /** AlertReceiver */
        AlertReceiver: {
            /**
             * Id
             * @example alr_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "alertmanager" | "generic";
            /**
             * Auth
             * @enum {string}
             */
            auth: "bearer" | "hmac";
            /** Enabled */
            enabled: boolean;
            /**
             * Path
             * @description Path of its requests
             * @example /v1/hooks/alertmanager/alr_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            path: string;
            clusterRule: components["schemas"]["ClusterRuleShape"];
            mapping?: components["schemas"]["MappingShape"] | null;
            /**
             * Lastreceivedat
             * Format: date-time
             */
            lastReceivedAt?: string | null;
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
            /** Version */
            version: number;
        };
        /** AlertReceiverChange */
        AlertReceiverChange: {
            /** Name */
            name?: string | null;
            /**
             * Auth
             * @enum {string|null}
             */
            auth?: "bearer" | "hmac" | null;
            /** @description Replaces the whole rule */
            clusterRule?: components["schemas"]["ClusterRuleInput"] | null;
            /** @description Replaces the whole mapping */
            mapping?: components["schemas"]["MappingInput"] | null;
            /** Enabled */
            enabled?: boolean | null;
        };
        /** AlertReceiverList */
        AlertReceiverList: {
            /** Receivers */
            receivers: components["schemas"]["AlertReceiver"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** AlertShape */
        AlertShape: {
            /**
             * Id
             * @example alt_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Receiverid */
            receiverId: string;
            /**
             * Name
             * @example KubePodCrashLooping
             */
            name: string;
            /**
             * Status
             * @enum {string}
             */
            status: "firing" | "resolved";
            /**
             * Startsat
             * Format: date-time
             */
            startsAt: string;
            /**
             * Endsat
             * Format: date-time
             */
            endsAt?: string | null;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /** Annotations */
            annotations?: {
                [key: string]: string;
            } | null;
            /**
             * Expression
             * @description Expression of the rule, if the sender gave it
             */
            expression?: string | null;
            /** Sourceurl */
            sourceUrl?: string | null;
            /** Clusterid */
            clusterId?: string | null;
            /** Namespace */
            namespace?: string | null;
            /** @description Object that the labels name */
            object?: components["schemas"]["AlertObject"] | null;
            /** Container */
            container?: string | null;
            /**
             * Outcome
             * @description `joined`: `issueId` explains it; `waiting`: for an issue of its object; `unexplained`: no failure was found; `unresolved`: its labels name no known cluster or object
             * @enum {string}
             */
            outcome: "joined" | "waiting" | "unexplained" | "unresolved";
            /**
             * Code
             * @description Why no issue explains it
             * @example no_cluster_label
             */
            code?: string | null;
            /** Reason */
            reason?: string | null;
            /**
             * Issueid
             * @description Issue that explains it: the root cause of the issue of its object
             */
            issueId?: string | null;
            /** Issuetitle */
            issueTitle?: string | null;
            /**
             * Symptomid
             * @description Issue of its object, if that is a symptom of `issueId`
             */
            symptomId?: string | null;
            /**
             * Joinedat
             * Format: date-time
             */
            joinedAt?: string | null;
            /** @description What the answer covers, if no issue explains the alert */
            coverage?: components["schemas"]["CoverageShape"] | null;
            /**
             * Receivedat
             * Format: date-time
             */
            receivedAt: string;
            /**
             * Lastreceivedat
             * Format: date-time
             */
            lastReceivedAt: string;
        };
        /** AlertmanagerShape */
        AlertmanagerShape: {
            /** Webhookid */
            webhookId: string;
            /** Name */
            name: string;
            /**
             * Readat
             * Format: date-time
             * @description When its silences were last read
             */
            readAt?: string | null;
            /**
             * Error
             * @description Why they could not be read
             */
            error?: string | null;
        };
        /** AmountsShape */
        AmountsShape: {
            /**
             * Cpumillis
             * @description Thousandths of a core
             */
            cpuMillis?: number | null;
            /** Memorybytes */
            memoryBytes?: number | null;
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
         * @description The cause of an issue. `summary` and the members after it are set once the status is `ready` or `inconclusive`
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
             * @description `logs`: log lines arrived since the previous analysis; `facts`: the issue's facts changed since then; `usage`: the usage of its pods or nodes became known
             * @enum {string}
             */
            trigger: "auto" | "manual" | "logs" | "facts" | "probes" | "usage";
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
             * @description The logs that are being fetched; if the analysis is inconclusive, another one follows when they arrive
             */
            waitsFor?: string[] | null;
            /**
             * Occurrences
             * @description Occurrences of the issue when its evidence was read; the issue's `count` is higher if it occurred again since
             */
            occurrences?: number | null;
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
            /**
             * Changes
             * @description First what changed in the half hour before the issue on its object or on what that depends on, the likeliest trigger first; then other changes of its workload, newest first
             */
            changes?: components["schemas"]["ChangeShape"][] | null;
            /** Timeline */
            timeline?: components["schemas"]["MomentShape"][] | null;
            /** Affected */
            affected?: components["schemas"]["RefShape"][] | null;
            /** Recommendedactions */
            recommendedActions?: components["schemas"]["ActionShape"][] | null;
            /** Missingevidence */
            missingEvidence?: string[] | null;
            /** @description What was looked at in the cluster when its evidence was read; absent in analyses of an earlier version */
            coverage?: components["schemas"]["CoverageShape"] | null;
            engine?: components["schemas"]["EngineShape"] | null;
            /** Usage */
            usage?: {
                [key: string]: unknown;
            } | null;
            /** Warnings */
            warnings?: string[] | null;
            /**
             * Hidden
             * @description How much of the evidence is left out, with all that rests on it, because it is about objects that the caller may not see; absent if nothing is
             */
            hidden?: number | null;
            /**
             * Weakerthan
             * @description Set if this analysis had less evidence than an earlier one whose facts have not changed. It is the id of that one, which the issue still shows
             */
            weakerThan?: string | null;
            /** @description Set if the cause or its confidence changed; only in the response for a single issue */
            previous?: components["schemas"]["PreviousShape"] | null;
            /** @description In an issue: the newest analysis since this answer, if it failed or had less evidence and did not replace it */
            attempt?: components["schemas"]["AttemptShape"] | null;
            /**
             * Sameas
             * @description The id of an earlier analysis with the same evidence and therefore the same result
             */
            sameAs?: string | null;
            feedback: components["schemas"]["FeedbackShape"];
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
            /** Version */
            version: number;
        };
        /** AnalyzeRequest */
        AnalyzeRequest: {
            /**
             * Force
             * @description Run a new analysis even if the evidence has not changed
             * @default false
             */
            force: boolean;
        };
        /** AnswerSentence */
        AnswerSentence: {
            /** Text */
            text: string;
            /**
             * Evidenceids
             * @description What it rests on: evidence (ev_…), issues (iss_…) or objects (res_…); never empty
             */
            evidenceIds: string[];
        };
        /** ApprovalDecisionShape */
        ApprovalDecisionShape: {
            /** By */
            by: string;
            /**
             * Onbehalfof
             * @description The member whose right was used
             */
            onBehalfOf?: string | null;
            /**
             * Verdict
             * @description `breakGlass`: skipped the approvals that were missing
             * @enum {string}
             */
            verdict: "approved" | "rejected" | "breakGlass";
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Reason */
            reason?: string | null;
            /**
             * Counts
             * @description false: this member may not approve here any more, or counts already
             */
            counts: boolean;
        };
        /** ApprovalInput */
        ApprovalInput: {
            /**
             * Reason
             * @default
             */
            reason: string;
            /**
             * Planhash
             * @description Hash of the plan that you reviewed; the request fails if the plan has changed
             */
            planHash?: string | null;
            /**
             * Confirm
             * @description The target's name; required if you are the only member of the organization
             * @default
             */
            confirm: string;
            /**
             * Breakglass
             * @description Reason, at least 10 characters, to go on without the approvals that are missing; requires a sign-in session and a role in `breakGlassRoles` of the safeguards
             * @default
             */
            breakGlass: string;
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
        /** ApprovalRuleInput */
        ApprovalRuleInput: {
            /**
             * Risk
             * @enum {string}
             */
            risk: "low" | "high" | "destructive";
            /**
             * Cluster
             * @description Cluster id or name; absent: the organization, or with `namespace` each cluster
             */
            cluster?: string | null;
            /** Namespace */
            namespace?: string | null;
            /** Approvals */
            approvals: number;
            /**
             * Roles
             * @description Whose approvals count, of those who may approve; absent with `members` absent: everyone
             * @default []
             */
            roles: ("owner" | "admin")[];
            /**
             * Members
             * @description Ids of members who count as well
             * @default []
             */
            members: string[];
        };
        /** ApprovalRuleShape */
        ApprovalRuleShape: {
            /**
             * Risk
             * @enum {string}
             */
            risk: "low" | "high" | "destructive";
            /**
             * Clusterid
             * @description Absent: the organization, or with `namespace` each cluster
             */
            clusterId?: string | null;
            /** Namespace */
            namespace?: string | null;
            /**
             * Approvals
             * @description Members who must approve, other than the one who requested the execution
             */
            approvals: number;
            /**
             * Roles
             * @description Whose approvals count, of those who may approve; absent with `members` absent: everyone
             */
            roles?: ("owner" | "admin")[] | null;
            /**
             * Members
             * @description Ids of members who count as well
             */
            members?: string[] | null;
        };
        /** ApprovalShape */
        ApprovalShape: {
            /** Required */
            required: boolean;
            /**
             * Ready
             * @description The plan is complete and can be approved or rejected
             */
            ready: boolean;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt?: string | null;
            /**
             * Needed
             * @description Members who must approve; in lists only while the execution waits for them
             */
            needed?: number | null;
            /**
             * Given
             * @description Approvals that count
             */
            given?: number | null;
            /**
             * Approvers
             * @description Absent: everyone who may approve. Of several, an approver must be in each
             */
            approvers?: components["schemas"]["ApproversShape"][] | null;
            /**
             * Decisions
             * @description Only in the response for a single execution
             */
            decisions?: components["schemas"]["ApprovalDecisionShape"][] | null;
        };
        /** ApproveOnBehalf */
        ApproveOnBehalf: {
            /**
             * Reason
             * @default
             */
            reason: string;
            /**
             * Planhash
             * @description Hash of the plan that you reviewed; the request fails if the plan has changed
             */
            planHash?: string | null;
            /**
             * Member
             * @description Id or email address of the member who delegated approvals to you
             */
            member: string;
        };
        /**
         * ApproversShape
         * @description Whose approvals count: these roles and these members
         */
        ApproversShape: {
            /** Roles */
            roles: ("owner" | "admin")[];
            /** Members */
            members: string[];
        };
        /** AssistantGrant */
        AssistantGrant: {
            /**
             * Redirectto
             * @description The address of the assistant, with the code
             */
            redirectTo: string;
        };
        /**
         * AssistantRequest
         * @description What the assistant put into the address of the page.
         */
        AssistantRequest: {
            /** Clientid */
            clientId: string;
            /** Redirecturi */
            redirectUri: string;
            /** Codechallenge */
            codeChallenge: string;
            /** Codechallengemethod */
            codeChallengeMethod: string;
            /** State */
            state?: string | null;
            /**
             * Resource
             * @description The address of `/mcp`, if the assistant names it
             */
            resource?: string | null;
        };
        /** AssistantShape */
        AssistantShape: {
            /**
             * Name
             * @description What the assistant calls itself; anyone can choose it
             */
            name: string;
            /**
             * Redirecturi
             * @description Where the browser is sent after the decision
             */
            redirectUri: string;
            /**
             * Scopes
             * @description What it may do: those of the tools that your role has
             */
            scopes: string[];
            /** Expiresinseconds */
            expiresInSeconds: number;
        };
        /**
         * AttemptShape
         * @description An analysis that has run since, failed or had less evidence, and did not replace this answer
         */
        AttemptShape: {
            /** Id */
            id: string;
            /**
             * Status
             * @enum {string}
             */
            status: "queued" | "running" | "ready" | "inconclusive" | "failed";
            /**
             * Trigger
             * @enum {string}
             */
            trigger: "auto" | "manual" | "logs" | "facts" | "probes" | "usage";
            /**
             * Finishedat
             * Format: date-time
             */
            finishedAt: string;
            /** Failure */
            failure?: string | null;
            /**
             * Missingevidence
             * @description What it lacked
             */
            missingEvidence?: string[];
        };
        /**
         * AuditFault
         * @description The first record that is not as it was written
         */
        AuditFault: {
            kind: components["schemas"]["AuditFaultKind"];
            /**
             * Seq
             * @description Number of the first record that is missing, changed or inserted
             */
            seq: number;
            /**
             * Id
             * @description Id of the record; where records are missing, of the one beside the gap
             */
            id?: string | null;
            /**
             * At
             * Format: date-time
             * @description Time of that record
             */
            at?: string | null;
            /** Message */
            message: string;
        };
        /**
         * AuditFaultKind
         * @enum {string}
         */
        AuditFaultKind: "changed" | "removed" | "inserted";
        /** AuditList */
        AuditList: {
            /** Audit */
            audit: components["schemas"]["AuditShape"][];
            /** Total */
            total: number;
            /**
             * Totalcapped
             * @description Present if more rows match than `total`, which counts at most 10,000
             */
            totalCapped?: boolean | null;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** AuditPlace */
        AuditPlace: {
            /**
             * Seq
             * @description Number of the record in the organization's chain
             */
            seq: number;
            /**
             * Hash
             * @description SHA-256 of the record and of everything before it, in hex
             */
            hash: string;
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
             * Actorname
             * @description Email address of a member, name of an API key or of a cluster; the id if it no longer exists
             */
            actorName: string;
            /**
             * Address
             * @description Network address of the request; absent for work of the server itself
             */
            address?: string | null;
            /**
             * Action
             * @example cluster.create
             */
            action: string;
            /**
             * Group
             * @description What kind of action it is, as in the filter `group`
             */
            group: string;
            /**
             * Summary
             * @description What was done, to follow the name
             * @example created the cluster production
             */
            summary: string;
            /** Target */
            target: string;
            object: components["schemas"]["ActedOn"];
            /** Clusterid */
            clusterId?: string | null;
            /**
             * Cluster
             * @description Name of the cluster, if it still exists
             */
            cluster?: string | null;
            /**
             * Outcome
             * @example success
             */
            outcome: string;
            /** Requestid */
            requestId?: string | null;
            /** Detail */
            detail: {
                [key: string]: unknown;
            };
        };
        /** AuditVerification */
        AuditVerification: {
            /** Intact */
            intact: boolean;
            /**
             * Records
             * @description Records that were checked; retention has removed older ones
             */
            records: number;
            /**
             * Firstat
             * Format: date-time
             * @description Time of the first record that was checked
             */
            firstAt?: string | null;
            /**
             * Lastat
             * Format: date-time
             * @description Time of the last record that was checked
             */
            lastAt?: string | null;
            /** @description The end of the chain; keep it elsewhere, and give it to a later check */
            head: components["schemas"]["AuditPlace"];
            /**
             * Keptheadfound
             * @description Whether the chain contains the given head; absent: none was given, or retention has removed the records up to it
             */
            keptHeadFound?: boolean | null;
            fault?: components["schemas"]["AuditFault"] | null;
        };
        /** AuthorizationShape */
        AuthorizationShape: {
            /**
             * Authorizationurl
             * @description Where the browser signs in; it returns to `/sign-in/callback` of OPTRAL_PUBLIC_URL
             */
            authorizationUrl: string;
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
             * @description On by default
             */
            enabled: boolean;
        };
        /** BindingList */
        BindingList: {
            /** Bindings */
            bindings: components["schemas"]["BindingShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
        };
        /** BindingShape */
        BindingShape: {
            /**
             * Role
             * @example operator
             */
            role: string;
            /**
             * Clusters
             * @description Absent for all clusters
             */
            clusters?: components["schemas"]["ClusterName"][] | null;
            /**
             * Namespaces
             * @description Absent for whole clusters, with what is outside of namespaces
             */
            namespaces?: string[] | null;
            /**
             * Endsat
             * Format: date-time
             * @description Absent without an end
             */
            endsAt?: string | null;
            /**
             * Id
             * @example bnd_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Clusterlabels
             * @description Only clusters that have all of these labels
             */
            clusterLabels?: {
                [key: string]: string;
            } | null;
            /**
             * Active
             * @description It has not ended
             */
            active: boolean;
            /**
             * Providerid
             * @description Identity provider whose rules gave it, and replace it at the member's next sign-in; absent for people's own
             */
            providerId?: string | null;
            /** Createdby */
            createdBy: string;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
        };
        /**
         * Block
         * @description Why a trigger does not fire.
         * @enum {string}
         */
        Block: "consecutive_failures" | "creator_lost_rights" | "secret_not_trusted";
        /** BlockShape */
        BlockShape: {
            code: components["schemas"]["Block"];
            /** Reason */
            reason: string;
            /**
             * Nextallowedat
             * Format: date-time
             * @description Until then; absent: until a person does what `reason` says
             */
            nextAllowedAt?: string | null;
        };
        /** BoundShape */
        BoundShape: {
            /**
             * Path
             * @description Suffix of a path in the diff
             * @example limits.memory
             */
            path: string;
            /** Onlyraise */
            onlyRaise: boolean;
            /** Maxfactor */
            maxFactor?: number | null;
            /**
             * Upto
             * @description A quantity that the factor does not limit
             * @example 64Mi
             */
            upTo?: string | null;
        };
        /** BucketShape */
        BucketShape: {
            /**
             * At
             * Format: date-time
             * @description Start of the bucket
             */
            at: string;
            /** Opened */
            opened: number;
            /**
             * Critical
             * @description Issues of severity critical among `opened`
             */
            critical: number;
            /**
             * High
             * @description Issues of severity high among `opened`
             */
            high: number;
            /** Resolved */
            resolved: number;
            /**
             * Rollouts
             * @description Workloads that were created, or whose Pod template changed. Absent without `resources:read`, and in buckets before the newest 10,000 changes of workloads
             */
            rollouts?: number | null;
            /**
             * Newestrollouts
             * @description The newest 3 of them, newest first; absent as `rollouts`
             */
            newestRollouts?: components["schemas"]["RolloutShape"][] | null;
        };
        /**
         * BulkChange
         * @description `ids` or `query` is required
         */
        BulkChange: {
            /**
             * Ids
             * @description Issue ids; each issue is updated separately
             */
            ids?: string[] | null;
            /**
             * Query
             * @description In place of `ids`: the issues that `GET /v1/issues?q=` lists, 500 in each request
             * @example severity:low ns:shop status:open
             */
            query?: string | null;
            /**
             * Expected
             * @description With `query`: how many issues should match; nothing changes if another number does
             */
            expected?: number | null;
            /**
             * Cursor
             * @description With `query`: `nextCursor` of the previous response, to update the next issues
             */
            cursor?: string | null;
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
             * @description The issue's version after the update
             */
            version?: number | null;
            /**
             * Code
             * @description Error code if the update was refused; see docs/errors.md
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
            /**
             * Matching
             * @description How many issues matched the query; in the response to a request without `cursor`
             */
            matching?: number | null;
            /**
             * Nextcursor
             * @description Present if more issues match: repeat the request with it as `cursor`
             */
            nextCursor?: string | null;
        };
        /** Cancel */
        Cancel: {
            /**
             * Reason
             * @default
             */
            reason: string;
            /**
             * Leavepullrequestopen
             * @description Leave the pull request open; otherwise it is closed
             * @default false
             */
            leavePullRequestOpen: boolean;
        };
        /**
         * CandidateShape
         * @description A source of an Application that may make an object
         */
        CandidateShape: {
            /**
             * Path
             * @description Folder in the repository; absent for its root
             */
            path?: string | null;
            /**
             * Recurses
             * @description Whether folders below it are read, too
             */
            recurses?: boolean | null;
            helm?: components["schemas"]["HelmShape"] | null;
            /** Transformers */
            transformers?: string[] | null;
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
             * @description On by default
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
             * @description The field manager that made the change
             * @example kubectl-client-side-apply
             */
            manager?: string | null;
            /**
             * Diff
             * @description The first 40 changed fields
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
             * @description Kind of the object that the Event is about
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
             * @description `wanted`: not fetched yet; `failed`: the log could not be fetched; `dropped`: the log was not requested
             * @enum {string}
             */
            state: "wanted" | "captured" | "failed" | "dropped";
            /**
             * Reason
             * @description Why the log is missing or delayed
             * @example there was no earlier run
             */
            reason?: string | null;
            /**
             * Capturedat
             * Format: date-time
             * @description When the log arrived or its state last changed
             */
            capturedAt: string;
            /**
             * Bytes
             * @description Size of the text in UTF-8; at most 65,536
             */
            bytes: number;
            /**
             * Truncated
             * @description The log is longer; only its end was captured
             */
            truncated: boolean;
            /**
             * Text
             * @description The log text, redacted by the agent in the cluster and again before it was stored; empty with `text=false`
             */
            text: string;
        };
        /**
         * CapturedShape
         * @description At most 20 logs, 50 Events and 10 changes, kept for 14 days
         */
        CapturedShape: {
            /**
             * Logs
             * @description Grouped by pod, most recently seen first; the previous run of a container comes first
             */
            logs: components["schemas"]["CapturedLogShape"][];
            /**
             * Events
             * @description Kubernetes Events of the affected objects and their owners, newest first
             */
            events: components["schemas"]["CapturedEventShape"][];
            /**
             * Changes
             * @description The last changes to these objects, newest first
             */
            changes: components["schemas"]["CapturedChangeShape"][];
            /**
             * Surroundingsat
             * Format: date-time
             * @description When Events and changes were captured
             */
            surroundingsAt?: string | null;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /** CauseBrief */
        CauseBrief: {
            /**
             * Id
             * @description An id from docs/causes.md
             * @example memory_limit_too_low
             */
            id: string;
            /** Title */
            title: string;
            /** Explanation */
            explanation: string;
            /**
             * Confidencelabel
             * @enum {string|null}
             */
            confidenceLabel?: "high" | "medium" | "low" | null;
        };
        /** CauseRecordShape */
        CauseRecordShape: {
            /** Runs */
            runs: number;
            /**
             * Verified
             * @description The verification passed
             */
            verified: number;
            /**
             * Failed
             * @description The change did not help, or a later step failed
             */
            failed: number;
            /**
             * Inconclusive
             * @description It is unknown whether the change helped
             */
            inconclusive: number;
            /**
             * Medianseconds
             * @description From start to the end of the verification, of the verified ones
             */
            medianSeconds?: number | null;
            /**
             * Cause
             * @description An id from docs/causes.md
             * @example memory_limit_too_low
             */
            cause: string;
        };
        /** CertificateShape */
        CertificateShape: {
            /**
             * Names
             * @description The names that it is for, at most 8
             */
            names: string[];
            /**
             * Issuer
             * @description Who signed it, as it says; the agent does not verify that
             */
            issuer: string;
            /**
             * Notbefore
             * Format: date-time
             */
            notBefore: string;
            /**
             * Notafter
             * Format: date-time
             */
            notAfter: string;
            /**
             * Expired
             * @description Whether it had expired at the time of the probe
             */
            expired: boolean;
            /**
             * Coversname
             * @description Whether it covers the requested name; absent for a pod
             */
            coversName?: boolean | null;
        };
        /** ChangeShape */
        ChangeShape: {
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
            /**
             * Precedess
             * @description Seconds from the change to the first sign of the issue; set if it came shortly before and may have caused it
             */
            precedesS?: number | null;
            /**
             * Relation
             * @description How the object is related to that of the issue: `subject` is the object itself. Set with `precedesS`
             * @enum {string|null}
             */
            relation?: "subject" | "config" | "service" | "policy" | "autoscaler" | "node" | "limits" | "dependency" | null;
            /**
             * Text
             * @description The change in a sentence. Set with `precedesS`
             * @example Deployment web changed 2 minutes before: `containers/api/image` from `shop/web:1.4` to `shop/web:1.5`
             */
            text?: string | null;
        };
        /** ChangedField */
        ChangedField: {
            /** Path */
            path: string;
            /** From */
            from?: unknown;
            /** To */
            to?: unknown;
        };
        /** ChangedValue */
        ChangedValue: {
            /** Path */
            path: string;
            /** From */
            from?: unknown;
            /** To */
            to?: unknown;
        };
        /**
         * ChangesShape
         * @description Changes of workloads, configuration and nodes in the last hour
         */
        ChangesShape: {
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /**
             * Total
             * @description At most 10,000
             */
            total: number;
            /**
             * Newest
             * @description At most 20, newest first
             */
            newest: components["schemas"]["RecentChange"][];
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
         * @description One sentence and the evidence that supports it. Names, numbers and quotes are in backquotes
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
        /** ClusterHit */
        ClusterHit: {
            /**
             * Id
             * @example cls_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            /** Status */
            status: string;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
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
        /** ClusterName */
        ClusterName: {
            /**
             * Id
             * @example cls_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * ClusterRuleInput
         * @description Names either one cluster, or the label that names the cluster of each alert
         */
        ClusterRuleInput: {
            /**
             * Cluster
             * @description Cluster id or name; all alerts are about it
             */
            cluster?: string | null;
            /**
             * Label
             * @description Label whose value is the name or id of the cluster
             * @example cluster
             */
            label?: string | null;
            /**
             * Clusters
             * @description Clusters (id or name) by value of the label, if the values are not their names
             */
            clusters?: {
                [key: string]: string;
            };
        };
        /** ClusterRuleShape */
        ClusterRuleShape: {
            /** Clusterid */
            clusterId?: string | null;
            /** Label */
            label?: string | null;
            /**
             * Clusters
             * @description Cluster ids by value of the label
             */
            clusters?: {
                [key: string]: string;
            } | null;
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
            status: components["schemas"]["ClusterStatus"];
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
             * @description The cluster's clock minus the server's clock, in milliseconds
             */
            clockOffsetMs?: number | null;
            inventory: components["schemas"]["InventoryShape"];
            /**
             * Unread
             * @description Only in lists: what is needed and was not read; see `GET /v1/coverage`
             */
            unread?: string[] | null;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /** Version */
            version: number;
        };
        /**
         * ClusterStatus
         * @enum {string}
         */
        ClusterStatus: "pending" | "online" | "degraded" | "offline";
        /**
         * Code
         * @description What was observed about a connecting agent; the only list.
         * @enum {string}
         */
        Code: "reached" | "enrolled" | "ca_pin_mismatch" | "token_used" | "token_expired" | "token_revoked" | "token_exhausted" | "source_not_allowed" | "approval_pending" | "approval_rejected" | "approval_held" | "cluster_exists" | "name_required" | "name_invalid" | "name_taken" | "csr_invalid" | "cluster_mismatch" | "certificate_unknown" | "revoked" | "expired" | "ca_retired" | "unsupported_protocol";
        /** ColumnShape */
        ColumnShape: {
            /**
             * Name
             * @description The name of its values in `columns` of a resource
             * @example ready
             */
            name: string;
            /**
             * Title
             * @example Ready
             */
            title: string;
            /** Description */
            description: string;
            /**
             * Type
             * @description `time`: values are RFC 3339 times
             * @enum {string}
             */
            type: "text" | "count" | "time";
            /**
             * Wide
             * @description Of less interest: `optral resources list` shows it with `-o wide`
             */
            wide: boolean;
            /**
             * Isstate
             * @description Repeats `status`, which need not be shown beside it
             */
            isState: boolean;
        };
        /** ColumnsOfKind */
        ColumnsOfKind: {
            /** Kind */
            kind: string;
            /** Group */
            group?: string | null;
            /** Columns */
            columns: components["schemas"]["ColumnShape"][];
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
             * @description The member who wrote it, directly or with an API key
             */
            authorId: string;
            /**
             * Author
             * @description The author's email address; absent if they are no longer a member
             */
            author?: string | null;
            /**
             * Keyid
             * @description The API key that it was written with
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
             * @description Plain text
             */
            body: string;
        };
        /** ComparedSide */
        ComparedSide: {
            /** Id */
            id: string;
            /** Kind */
            kind: string;
            /** Group */
            group?: string | null;
            /** Namespace */
            namespace?: string | null;
            /** Name */
            name: string;
            /** Cluster */
            cluster: string;
            /** Clusterid */
            clusterId: string;
            /**
             * Revision
             * @description Absent: as the object is now
             */
            revision?: number | null;
            /**
             * At
             * Format: date-time
             * @description When this revision was seen
             */
            at?: string | null;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /**
         * ComparisonShape
         * @description What stands at a path on the left is `from`, on the right `to`
         */
        ComparisonShape: {
            left: components["schemas"]["ComparedSide"];
            right: components["schemas"]["ComparedSide"];
            /**
             * Differences
             * @description At most 1000. A step in brackets is the name of an entry of a list, or a key
             */
            differences: components["schemas"]["DiffEntry"][];
            /**
             * Truncated
             * @description There are more differences
             */
            truncated: boolean;
            /**
             * Ignored
             * @description Paths that are not compared, because no two objects share them
             * @example [
             *       "metadata.uid"
             *     ]
             */
            ignored: string[];
            /**
             * Incomplete
             * @description The history does not contain a revision completely; a difference may be missing
             */
            incomplete: boolean;
        };
        /** CompletedReset */
        CompletedReset: {
            /**
             * Token
             * @description The part of the link after `#`
             */
            token: string;
            /**
             * Password
             * @description At least 12 characters; common passwords are rejected
             */
            password: string;
        };
        /** Confirm */
        Confirm: {
            /** Password */
            password: string;
        };
        /** Connection */
        Connection: {
            /** Clusterid */
            clusterId: string;
            /** Ready */
            ready: boolean;
            /** Steps */
            steps: components["schemas"]["ConnectionStep"][];
            /** @description What holds the connection back, if the server knows */
            problem?: components["schemas"]["ConnectionNotice"] | null;
            /**
             * Warnings
             * @description What does not hold the connection back: clock_off, version_skew, kinds_forbidden, metrics_forbidden
             */
            warnings: components["schemas"]["ConnectionNotice"][];
            /**
             * Attempts
             * @description What the server saw of the cluster's agent, newest first
             */
            attempts: components["schemas"]["ConnectionAttempt"][];
            /**
             * Fleettokenid
             * @description Fleet token that created the cluster; absent once its agent has connected
             */
            fleetTokenId?: string | null;
        };
        /**
         * ConnectionAttempt
         * @description The attempts with one outcome. The details are those of the last one
         */
        ConnectionAttempt: {
            code: components["schemas"]["Code"];
            /** Refused */
            refused: boolean;
            /** Message */
            message: string;
            /** Fix */
            fix: string;
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
            /** Address */
            address?: string | null;
            /** Agentversion */
            agentVersion?: string | null;
        };
        /** ConnectionNotice */
        ConnectionNotice: {
            /** Code */
            code: string;
            /**
             * Message
             * @description What happened
             */
            message: string;
            /**
             * Fix
             * @description What to do about it
             */
            fix: string;
            /**
             * At
             * Format: date-time
             */
            at?: string | null;
            /** Count */
            count?: number | null;
            /**
             * Address
             * @description Where the agent connected from, as the server saw it
             */
            address?: string | null;
        };
        /** ConnectionStep */
        ConnectionStep: {
            /**
             * Id
             * @description reached, enrolled, connected, inventory or ready, in this order
             */
            id: string;
            /** Title */
            title: string;
            /** @description `limited` is done, and a warning says what is missing; `current` with a problem waits for a person; `waiting` has not begun */
            state: components["schemas"]["StepState"];
            /**
             * At
             * Format: date-time
             * @description When the step was last seen to be done
             */
            at?: string | null;
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
            /**
             * Openissues
             * @description As in the list of issues: without snoozed and muted issues and symptoms of other issues
             */
            openIssues: number;
            /** @description Absent without an open issue */
            worst?: components["schemas"]["WorstShape"] | null;
            /** @description Absent without the scope `resources:read` */
            nodes?: components["schemas"]["NodesShape"] | null;
            /** @description Absent without the scope `resources:read` */
            pods?: components["schemas"]["PodsShape"] | null;
        };
        /**
         * CoverageShape
         * @description What an answer covers. If it is not complete, do not conclude that nothing is wrong where nothing was found
         */
        CoverageShape: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /**
             * Complete
             * @description Whether everything that is needed was read
             */
            complete: boolean;
            /**
             * Summary
             * @example Looked at 3 of 4 clusters, 31 kinds. Cluster eu is offline.
             */
            summary: string;
            /** Clustertotal */
            clusterTotal: number;
            /** Clusterslookedat */
            clustersLookedAt: number;
            /**
             * Kindslookedat
             * @description Kinds that were read in at least one cluster
             */
            kindsLookedAt: number;
            /**
             * Namespaces
             * @description The namespaces that it is about; absent for all
             */
            namespaces?: string[] | null;
            /**
             * Oldestat
             * Format: date-time
             * @description Time of the oldest inventory that is not current; absent without one
             */
            oldestAt?: string | null;
            rules: components["schemas"]["RulesShape"];
            /** Unreadtotal */
            unreadTotal: number;
            /**
             * Clusters
             * @description At most 2,000; only in `GET /v1/coverage`
             */
            clusters?: components["schemas"]["CoveredCluster"][] | null;
            /**
             * Kinds
             * @description The kinds that were read; only in `GET /v1/coverage`
             */
            kinds?: string[] | null;
            /**
             * Unread
             * @description What was not read, what is needed first; only in `GET /v1/coverage` and in analyses
             */
            unread?: components["schemas"]["UnreadShape"][] | null;
        };
        /** CoveredCluster */
        CoveredCluster: {
            /** Id */
            id?: string | null;
            /** Name */
            name: string;
            /**
             * Lookedat
             * @description Its inventory is current, and was complete at least once
             */
            lookedAt: boolean;
            /**
             * Kinds
             * @description Kinds that its agent follows
             */
            kinds: number;
            /**
             * Seenat
             * Format: date-time
             * @description Time of the last heartbeat of its agent
             */
            seenAt?: string | null;
            /**
             * Syncedat
             * Format: date-time
             * @description When its inventory was last synchronized completely
             */
            syncedAt?: string | null;
            /**
             * Namespaces
             * @description The namespaces that its agent is limited to; absent for a whole cluster
             */
            namespaces?: string[] | null;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /** CreatedAlertReceiver */
        CreatedAlertReceiver: {
            /**
             * Id
             * @example alr_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "alertmanager" | "generic";
            /**
             * Auth
             * @enum {string}
             */
            auth: "bearer" | "hmac";
            /** Enabled */
            enabled: boolean;
            /**
             * Path
             * @description Path of its requests
             * @example /v1/hooks/alertmanager/alr_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            path: string;
            clusterRule: components["schemas"]["ClusterRuleShape"];
            mapping?: components["schemas"]["MappingShape"] | null;
            /**
             * Lastreceivedat
             * Format: date-time
             */
            lastReceivedAt?: string | null;
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
            /** Version */
            version: number;
            /**
             * Secret
             * @description Shown only in this response
             * @example whsec_…
             */
            secret: string;
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
            status: components["schemas"]["ClusterStatus"];
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
             * @description The cluster's clock minus the server's clock, in milliseconds
             */
            clockOffsetMs?: number | null;
            inventory: components["schemas"]["InventoryShape"];
            /**
             * Unread
             * @description Only in lists: what is needed and was not read; see `GET /v1/coverage`
             */
            unread?: string[] | null;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /** Version */
            version: number;
            enrollment: components["schemas"]["Enrollment"];
        };
        /** CreatedFleetToken */
        CreatedFleetToken: {
            /**
             * Id
             * @example flt_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            status: components["schemas"]["TokenStatus"];
            /** Namepattern */
            namePattern: string;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /** Maxuses */
            maxUses: number;
            /** Uses */
            uses: number;
            /**
             * Sources
             * @description Networks in CIDR notation from which the token can be used; empty for any
             */
            sources: string[];
            /** Needsapproval */
            needsApproval: boolean;
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
             * Token
             * @description Shown only in this response
             */
            token: string;
            /** Capin */
            caPin: string;
            /** @description Absent if pods cannot reach this server or no image is set */
            install?: components["schemas"]["FleetInstall"] | null;
            /**
             * Installproblem
             * @description Why `install` is absent, with the setting to change
             */
            installProblem?: string | null;
        };
        /** CreatedInvite */
        CreatedInvite: {
            /** Id */
            id: string;
            /** Role */
            role: string;
            /**
             * Email
             * @description Absent if the invited person chooses the address
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
             * @description One-time token; shown only in this response
             */
            token: string;
            /**
             * Url
             * @description The link to send; shown only in this response
             */
            url: string;
            /**
             * Emailed
             * @description Whether the link is sent to `email`; if not, pass it on
             */
            emailed: boolean;
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
             * @description The start and end of the key, to recognize it
             */
            prefix: string;
            /** Scopes */
            scopes: string[];
            /**
             * Clusters
             * @description Ids of the clusters that the key can access; absent for all clusters
             */
            clusters?: string[] | null;
            /**
             * Limitperminute
             * @description Requests per minute, if lower than the plan's limit
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
             * @description Id of the key that replaced this one
             */
            replacedBy?: string | null;
            /**
             * Networks
             * @description Networks (CIDR) that the key can be used from; absent for any
             */
            networks?: string[] | null;
            /**
             * Key
             * @description The API key; shown only in this response
             * @example mht_…
             */
            key: string;
        };
        /** CreatedScimToken */
        CreatedScimToken: {
            /** Baseurl */
            baseUrl: string;
            /**
             * Token
             * @description Shown only in this response
             * @example scim_…
             */
            token: string;
            /** Tokenhint */
            tokenHint: string;
        };
        /** CreatedTrigger */
        CreatedTrigger: {
            /**
             * Id
             * @example trg_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            source: components["schemas"]["Source"];
            /** Enabled */
            enabled: boolean;
            /**
             * Runbook
             * @description Slug of the runbook
             */
            runbook: string;
            /**
             * Clusterid
             * @description Absent: the cluster of the issue
             */
            clusterId?: string | null;
            /** Parameters */
            parameters: {
                [key: string]: unknown;
            };
            match?: components["schemas"]["TriggerMatch"] | null;
            /** Schedule */
            schedule?: string | null;
            /** Timezone */
            timeZone?: string | null;
            /**
             * Nextat
             * Format: date-time
             * @description Next time of the schedule
             */
            nextAt?: string | null;
            /**
             * Accepts
             * @description Parameters that a signed request may set
             */
            accepts?: string[] | null;
            /**
             * Path
             * @description Path of the signed requests
             * @example /v1/hooks/trg_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            path?: string | null;
            /**
             * Actsfor
             * @description Id of the member with whose rights it acts: who changed it last
             */
            actsFor: string;
            blocked?: components["schemas"]["BlockShape"] | null;
            /**
             * Failures
             * @description Executions in a row that did not succeed
             */
            failures: number;
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
            /** Version */
            version: number;
            /**
             * Secret
             * @description Signs requests (Standard Webhooks); shown only in this response
             * @example whsec_…
             */
            secret?: string | null;
        };
        /** CreatedWebhook */
        CreatedWebhook: {
            /**
             * Id
             * @example whk_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Helduntil
             * Format: date-time
             */
            heldUntil?: string | null;
            /** Escalationminutes */
            escalationMinutes: number;
            /** Name */
            name: string;
            /**
             * Url
             * @description The URL with its path and query masked, since they may contain secrets; of `ticket`, with the project
             */
            url: string;
            form: components["schemas"]["Form"];
            /** Channel */
            channel?: string | null;
            /** Enabled */
            enabled: boolean;
            /**
             * Disabledreason
             * @description `gone`: the endpoint answered 410; `failing`: no delivery succeeded for five days
             * @enum {string|null}
             */
            disabledReason?: "manual" | "gone" | "failing" | null;
            /**
             * Failingsince
             * Format: date-time
             */
            failingSince?: string | null;
            /**
             * Authentication
             * @description How requests authenticate, beside the signature
             * @enum {string|null}
             */
            authentication?: "basic" | "bearer" | "app" | null;
            /**
             * Refreshedat
             * Format: date-time
             * @description Of `alerts`: when the alerts that fire were last sent again
             */
            refreshedAt?: string | null;
            /**
             * Refresherror
             * @description Why that failed
             * @example status 503
             */
            refreshError?: string | null;
            /**
             * Hookpath
             * @description Of `pagerduty` and `jsm`: the path to which the service reports acknowledgments
             * @example /v1/hooks/on-call/whk_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            hookPath?: string | null;
            filters: components["schemas"]["FilterShape"];
            quietHours?: components["schemas"]["WebhookQuietHours"] | null;
            ticket?: components["schemas"]["WebhookTicket"] | null;
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
             * @description Signs the notifications (Standard Webhooks); shown only in this response
             * @example whsec_…
             */
            secret: string;
        };
        /**
         * CredentialsInput
         * @description HTTP credentials that each request carries: a username and a password, or a token. An empty object removes them
         */
        CredentialsInput: {
            /**
             * Username
             * @description For HTTP basic authentication, with `password`
             * @default
             * @example optral
             */
            username: string;
            /**
             * Password
             * @description Stored encrypted and never returned
             * @default
             * @example example-password
             */
            password: string;
            /**
             * Token
             * @description Bearer token. Stored encrypted and never returned
             * @default
             * @example example-token
             */
            token: string;
            /**
             * Apptoken
             * @description For `slack-app`: the app-level token, for buttons and commands
             * @default
             * @example example-app-token
             */
            appToken: string;
        };
        /** CurrentUsage */
        CurrentUsage: {
            /**
             * Cpumillis
             * @description Thousandths of a core
             */
            cpuMillis: number;
            /** Memorybytes */
            memoryBytes: number;
            /**
             * Observedat
             * Format: date-time
             * @description When the agent measured it
             */
            observedAt: string;
        };
        /** DailyShape */
        DailyShape: {
            /**
             * Tokens
             * @description Input and output tokens
             */
            tokens: number;
            /** Costusd */
            costUsd?: number | null;
        };
        /** DecidedCluster */
        DecidedCluster: {
            /** Id */
            id: string;
            /** Name */
            name: string;
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
             * @description Initial severity; the workload can raise or lower it
             * @enum {string|null}
             */
            severity?: "critical" | "high" | "medium" | "low" | null;
            /**
             * Openafterseconds
             * @description How long the condition must hold before an issue opens
             */
            openAfterSeconds: number;
            /**
             * Resolveafterseconds
             * @description How long the condition must be absent before the issue resolves
             */
            resolveAfterSeconds: number;
        };
        /** DelayShape */
        DelayShape: {
            /**
             * Medianseconds
             * @description Absent without any issue
             */
            medianSeconds?: number | null;
            /**
             * Issues
             * @description The number of issues that the median is of, at most 1,000
             */
            issues: number;
        };
        /** DelegatedMember */
        DelegatedMember: {
            /**
             * Id
             * @example usr_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Email */
            email: string;
        };
        /** DelegationList */
        DelegationList: {
            /** Delegations */
            delegations: components["schemas"]["DelegationShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
        };
        /**
         * DelegationShape
         * @description `delegate` can approve on behalf of `delegator` until `endsAt`
         */
        DelegationShape: {
            /**
             * Id
             * @example dlg_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            delegator: components["schemas"]["DelegatedMember"];
            delegate: components["schemas"]["DelegatedMember"];
            /** Reason */
            reason: string;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Endsat
             * Format: date-time
             */
            endsAt: string;
            /**
             * Active
             * @description It has not ended
             */
            active: boolean;
        };
        /** DeletedCluster */
        DeletedCluster: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Uninstall
             * @description Commands that remove the agent from the cluster, and nothing else. They name the agent's Helm release or namespace where the inventory showed them, else RELEASE and NAMESPACE
             */
            uninstall: string[];
            /**
             * Uninstallnote
             * @description What to know before running these commands
             */
            uninstallNote?: string | null;
        };
        /** DeliveryList */
        DeliveryList: {
            /** Deliveries */
            deliveries: components["schemas"]["DeliveryShape"][];
            /** Total */
            total: number;
            /**
             * Totalcapped
             * @description Present if more rows match than `total`, which counts at most 10,000
             */
            totalCapped?: boolean | null;
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
             * @description The `webhook-id` header; the same for every attempt
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
             * @description Id of the object that the event is about
             */
            subjectId?: string | null;
            /**
             * Subjecttitle
             * @description In lists: the title of the issue as it is now
             */
            subjectTitle?: string | null;
            /**
             * Status
             * @enum {string}
             */
            status: "pending" | "delivered" | "failed";
            /** Attempts */
            attempts: number;
            /**
             * Statuscode
             * @description Status code of the last response; response bodies are never stored
             */
            statusCode?: number | null;
            /**
             * Error
             * @description refused_address, dns, connect, tls, timeout, ratelimited, unreadable, disabled, superseded or acknowledged
             */
            error?: string | null;
            /**
             * Message
             * @description Of `ticket`: why it failed, with what the service said
             * @example GitHub refuses this
             */
            message?: string | null;
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
             * @description The request body; only in the response for a single delivery
             */
            body?: string | null;
        };
        /**
         * DetectorChange
         * @description Members that are given are set for this scope, null resets them, and omitted members do not change
         */
        DetectorChange: {
            /**
             * Cluster
             * @description Cluster id or name; absent for all clusters
             */
            cluster?: string | null;
            /**
             * Namespace
             * @description Absent for all namespaces
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
             * @description Thresholds by name; null for a threshold resets it, null instead of the object resets all
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
             * @description Whether risk checks are enabled
             */
            riskChecks: boolean;
            /** Severityshifts */
            severityShifts: components["schemas"]["ShiftShape"][];
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
             * @description Path of the detector's documentation page in the source
             * @example docs/detectors/CrashLoopBackOff.md
             */
            page: string;
            /**
             * Looksat
             * @description Kinds of objects that the detector examines
             */
            looksAt: string[];
            /**
             * Needs
             * @description Data that the detector needs besides objects: events, logs, leases, metrics
             */
            needs: string[];
            /**
             * Gates
             * @description The gates that prevent false alarms
             * @example [
             *       "G1",
             *       "G7"
             *     ]
             */
            gates: string[];
            defaults: components["schemas"]["DefaultsShape"];
            /**
             * Enabled
             * @description Whether the detector is enabled in the requested scope; a risk also requires `riskChecks`
             */
            enabled: boolean;
            effective: components["schemas"]["EffectiveShape"];
            /**
             * Thresholds
             * @description Thresholds that can be set; most detectors have none
             */
            thresholds: components["schemas"]["ThresholdShape"][];
            /**
             * Sees
             * @description Whether the agents provide the data that the detector needs
             * @enum {string}
             */
            sees: "yes" | "partly" | "no";
            /**
             * Blindto
             * @description The data that is missing: kinds that agents are not allowed to read, or `metrics`
             */
            blindTo: string[];
            /**
             * Openissues
             * @description Number of unresolved issues of this type
             */
            openIssues: number;
            /**
             * Failures
             * @description Number of failed runs since the server started; see the server's log
             */
            failures: number;
            /** Tunings */
            tunings: components["schemas"]["TuningShape"][];
        };
        /**
         * DetectorsChange
         * @description Members that are given are set, null resets them, and omitted members do not change
         */
        DetectorsChange: {
            /**
             * Riskchecks
             * @description Whether risk checks are enabled in the organization
             */
            riskChecks?: boolean | null;
            /**
             * Severityshift
             * @description Steps by which the computed severity of every type is shifted in this scope. It replaces the step of a namespace that is labeled as non-production. A severity that is set for a type or an issue takes precedence
             */
            severityShift?: number | null;
            /**
             * Cluster
             * @description Scope of `severityShift`: cluster id or name; absent for all clusters
             */
            cluster?: string | null;
            /**
             * Namespace
             * @description Scope of `severityShift`; absent for all namespaces
             */
            namespace?: string | null;
        };
        /** DetectorsShape */
        DetectorsShape: {
            /** Riskchecks */
            riskChecks: boolean;
            /** Severityshifts */
            severityShifts: components["schemas"]["ShiftShape"][];
        };
        /** DeviceCode */
        DeviceCode: {
            /** Devicecode */
            deviceCode: string;
        };
        /** DeviceCodes */
        DeviceCodes: {
            /**
             * Devicecode
             * @description Secret of the program; it fetches the API key
             */
            deviceCode: string;
            /**
             * Usercode
             * @description Code that a signed-in person enters on the page
             * @example WDJB-MJHT
             */
            userCode: string;
            /**
             * Verificationuri
             * @description Address of the page; absent if the server has no public URL: then `/device` of the URL that the program uses
             */
            verificationUri?: string | null;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt: string;
            /**
             * Intervalseconds
             * @description Shortest time between two requests for the key
             */
            intervalSeconds: number;
        };
        /** DeviceDecision */
        DeviceDecision: {
            /**
             * Usercode
             * @description The code that the program shows
             * @example WDJB-MJHT
             */
            userCode: string;
            /**
             * Scopes
             * @description Defaults to all scopes that your role allows for a key
             */
            scopes?: ("audit:read" | "clusters:read" | "clusters:write" | "detectors:write" | "events:read" | "forges:read" | "forges:write" | "issues:analyze" | "issues:read" | "issues:write" | "keys:read" | "keys:write" | "logs:read" | "members:read" | "resources:manifest" | "resources:probe" | "resources:read" | "runbooks:approve" | "runbooks:execute" | "runbooks:plan" | "runbooks:read" | "runbooks:write" | "webhooks:read" | "webhooks:write")[] | null;
            /**
             * Expiresindays
             * @default 30
             */
            expiresInDays: number;
        };
        /** DeviceLoginShape */
        DeviceLoginShape: {
            /**
             * Name
             * @description What the program calls itself; anyone can choose it
             */
            name: string;
            /**
             * Address
             * @description Network address that the login was started from
             */
            address: string;
            /**
             * Issameaddress
             * @description Whether the request for this page comes from the same address
             */
            isSameAddress: boolean;
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
         * DeviceToken
         * @description `intervalSeconds` alone while the login waits, or the key.
         */
        DeviceToken: {
            /**
             * Intervalseconds
             * @description Seconds to wait before the next request; present while the login waits
             */
            intervalSeconds?: number | null;
            /**
             * Key
             * @description The API key; shown only in this response
             * @example mht_…
             */
            key?: string | null;
            apiKey?: components["schemas"]["KeyShape"] | null;
            /**
             * Email
             * @description The member that the key acts for
             */
            email?: string | null;
            /** Organisation */
            organisation?: string | null;
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
         * Display
         * @description How a view shows the list; what is absent is as the person has it
         */
        Display: {
            /**
             * Group
             * @description What the issues are grouped by
             * @example workload
             */
            group?: string | null;
            /**
             * Columns
             * @description Columns beside the title, shown where there is room
             */
            columns?: ("severity" | "status" | "lastSeen" | "count" | "since" | "detected" | "assignee" | "team" | "namespace" | "cluster" | "action")[] | null;
            /**
             * Density
             * @description Height of the rows
             * @example compact
             */
            density?: string | null;
        };
        /** DocumentFact */
        DocumentFact: {
            /** Label */
            label?: string | null;
            /**
             * At
             * Format: date-time
             */
            at?: string | null;
            /**
             * Text
             * @description One sentence; names are in backquotes
             */
            text: string;
            /**
             * Ids
             * @description What it rests on, such as evidence (ev_…) or entries of a history (aud_…); never empty
             */
            ids: string[];
        };
        /** DocumentSection */
        DocumentSection: {
            /**
             * Key
             * @example timeline
             */
            key: string;
            /** Heading */
            heading: string;
            /** Facts */
            facts: components["schemas"]["DocumentFact"][];
            /**
             * Missing
             * @description What is not known, one sentence each
             */
            missing: string[];
            /**
             * Leftout
             * @description Number of facts that are not listed
             */
            leftOut: number;
            /**
             * Forpeople
             * @description The section is empty: people write it
             */
            forPeople: boolean;
        };
        /**
         * DocumentShape
         * @description A document from what Optral recorded. `Accept: text/markdown` returns the Markdown alone
         */
        DocumentShape: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "postMortem" | "handover" | "changeRecord" | "digest";
            /**
             * Subjectid
             * @description The issue or execution; absent in a handover and a digest
             */
            subjectId?: string | null;
            /** Title */
            title: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Sections */
            sections: components["schemas"]["DocumentSection"][];
            /**
             * Markdown
             * @description The same as Markdown; what stands in clusters is escaped
             */
            markdown: string;
        };
        /** DraftShape */
        DraftShape: {
            /** @description The draft, which is disabled */
            runbook: components["schemas"]["RunbookShape"];
            /**
             * Sentences
             * @description What the model says and evidence confirms
             */
            sentences: components["schemas"]["AnswerSentence"][];
            /**
             * Dropped
             * @description How many of its sentences were left out, since no evidence that it read says the same
             */
            dropped: number;
            /**
             * Evidence
             * @description The evidence (ev_…) that the sentences cite
             */
            evidence: components["schemas"]["EvidenceShape"][];
            /**
             * Dryrun
             * @description The execution that plans the draft for the issue; it changes nothing
             */
            dryRun?: string | null;
            /**
             * Notes
             * @description Why there is no dry run
             */
            notes: string[];
            usage: components["schemas"]["ModelUsage"];
        };
        /**
         * EditShape
         * @description The change of one field that an action comes down to, as a command to copy
         */
        EditShape: {
            target: components["schemas"]["RefShape"];
            /**
             * Path
             * @description JSON pointer
             * @example /spec/ports/0/targetPort
             */
            path: string;
            /** Before */
            before: string | number | boolean;
            /** After */
            after: string | number | boolean;
            /**
             * Command
             * @description Tests that the value is still `before`, then replaces it
             */
            command: string;
        };
        /**
         * EffectiveShape
         * @description The settings in effect in the requested scope, without annotations; absent members have their defaults
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
        /** Ended */
        Ended: {
            /**
             * Ended
             * @description How many sessions ended
             */
            ended: number;
        };
        /** EndingShape */
        EndingShape: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "runbook" | "change" | "manual" | "recovered" | "resource_deleted" | "superseded" | "cluster_deleted" | "detector_disabled";
            /**
             * Text
             * @example Ended by the runbook Raise memory limit
             */
            text: string;
            /** Executionid */
            executionId?: string | null;
            /**
             * By
             * @description Who requested the runbook or resolved the issue: a member or an API key
             */
            by?: string | null;
            /** @description The last change of the workload in the 30 minutes before the issue recovered */
            change?: components["schemas"]["PrecedingChange"] | null;
        };
        /** EngineShape */
        EngineShape: {
            /**
             * Name
             * @description `rules`, or `rules+model` if a language model ranked and explained the causes
             * @example rules
             */
            name: string;
            /**
             * Ruleset
             * @description Hash of the rules' versions
             */
            ruleset: string;
            /** Provider */
            provider?: string | null;
            /** Model */
            model?: string | null;
            /**
             * Prompthash
             * @description Hash of the model's instructions
             */
            promptHash?: string | null;
        };
        /**
         * Enrollment
         * @description A one-time token that enrolls an agent; shown only in this response
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
        /**
         * EnrollmentState
         * @description Of one use.
         * @enum {string}
         */
        EnrollmentState: "waiting" | "approved" | "rejected" | "issued";
        /**
         * EntityLinkShape
         * @description A link in an annotation of an object; only http and https
         */
        EntityLinkShape: {
            /**
             * Title
             * @example Runbook
             */
            title: string;
            /**
             * Url
             * @example https://wiki.example.com/shop
             */
            url: string;
            /**
             * Annotation
             * @example a8r.io/runbook
             */
            annotation: string;
        };
        /** EventList */
        EventList: {
            /** Events */
            events: components["schemas"]["EventShape"][];
            /** Total */
            total: number;
            /**
             * Totalcapped
             * @description Present if more rows match than `total`, which counts at most 10,000
             */
            totalCapped?: boolean | null;
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
             * @description Increases within the organization; the `id` in the stream
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
             * @description Id of the object that the event is about
             */
            subjectId: string;
            /**
             * Data
             * @description The `data` of the stream; contracts/events.json has the schema of each type
             */
            data: {
                [key: string]: unknown;
            };
        };
        /** EvidenceShape */
        EvidenceShape: {
            /**
             * Id
             * @description Hash of the content and its location
             * @example ev_5f0c2a9d17b3e684
             */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "object" | "event" | "log" | "metric" | "change" | "relation" | "absence" | "probe";
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
             * @description Who controls the content: Kubernetes, the node or the application
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
             * @description Cluster id or name; optional with `issueId`
             */
            clusterId?: string | null;
            /**
             * Issueid
             * @description The issue to execute the runbook for; provides the values of parameters that default to `${target.X}`
             */
            issueId?: string | null;
            /** Parameters */
            parameters?: {
                [key: string]: unknown;
            };
            /**
             * Dryrun
             * @description Only plan; `plan.diff` in the response shows what would change
             * @default false
             */
            dryRun: boolean;
            /**
             * Allowdrift
             * @description Also change objects that Argo CD, Flux, Helm, an operator or an autoscaler manages. What Argo CD or Flux applies will be reverted at the next sync
             * @default false
             */
            allowDrift: boolean;
            /**
             * Reason
             * @default
             */
            reason: string;
            /**
             * Breakglass
             * @description Reason, at least 10 characters, to execute during a freeze; recorded in the audit log and in the events
             * @default
             */
            breakGlass: string;
        };
        /** ExecutionHit */
        ExecutionHit: {
            /**
             * Id
             * @example exe_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Runbook
             * @description The runbook's name
             */
            runbook: string;
            /** Status */
            status: string;
            /**
             * Target
             * @description Kind and name of the object
             * @example Deployment api-server
             */
            target: string;
            /** Cluster */
            cluster: string;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
        };
        /** ExecutionList */
        ExecutionList: {
            /** Executions */
            executions: components["schemas"]["ExecutionShape"][];
            /** Total */
            total: number;
            /**
             * Totalcapped
             * @description Present if more rows match than `total`, which counts at most 10,000
             */
            totalCapped?: boolean | null;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** ExecutionLogEntry */
        ExecutionLogEntry: {
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
            status: components["schemas"]["ExecutionStatus"];
            target: components["schemas"]["ObjectShape"];
            /** Parameters */
            parameters: {
                [key: string]: unknown;
            };
            /**
             * Risk
             * @description The risk of the runbook, or a higher one that its steps have with these parameters
             * @enum {string}
             */
            risk: "readOnly" | "low" | "high" | "destructive";
            /** Dryrun */
            dryRun: boolean;
            /** Allowdrift */
            allowDrift: boolean;
            /**
             * Bypullrequest
             * @description The change is proposed to the repository, and not made in the cluster
             */
            byPullRequest: boolean;
            /**
             * Needsanotherperson
             * @description Only planned by the requester, who can never approve it; absent for other executions
             */
            needsAnotherPerson?: boolean | null;
            /** Reason */
            reason: string;
            approval: components["schemas"]["ApprovalShape"];
            /** @description Only in the response for a single execution */
            plan?: components["schemas"]["PlanShape"] | null;
            /** Steps */
            steps: components["schemas"]["StepShape"][];
            /** Requestedby */
            requestedBy: string;
            /**
             * Triggerid
             * @description The trigger that started it, for the person in `requestedBy`
             */
            triggerId?: string | null;
            /**
             * Breakglass
             * @description Reason for a change during a freeze, or without missing approvals
             */
            breakGlass?: string | null;
            /** Approvedby */
            approvedBy?: string | null;
            /**
             * Canceling
             * @description Cancellation was requested; the running step finishes first
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
            /** @description Absent once the execution has finished */
            waitingFor?: components["schemas"]["WaitingShape"] | null;
            verification?: components["schemas"]["VerificationShape"] | null;
            failure?: components["schemas"]["FailureShape"] | null;
            /** Retryof */
            retryOf?: string | null;
            /**
             * Undoof
             * @description The execution that this one undoes
             */
            undoOf?: string | null;
            /** @description Only in the response for a single execution */
            pullRequest?: components["schemas"]["PullRequestShape"] | null;
            /** @description Only in the response for a single execution that has finished */
            undo?: components["schemas"]["UndoShape"] | null;
            /**
             * Cause
             * @description The cause of the issue when the execution started, an id from docs/causes.md
             */
            cause?: string | null;
            /** Version */
            version: number;
        };
        /**
         * ExecutionStatus
         * @enum {string}
         */
        ExecutionStatus: "pendingApproval" | "queued" | "running" | "verifying" | "succeeded" | "failed" | "timedOut" | "canceled" | "rejected" | "expired" | "lost";
        /** ExecutionsShape */
        ExecutionsShape: {
            /**
             * Running
             * @description Queued, running and verifying executions
             */
            running: number;
            /**
             * Waiting
             * @description Executions waiting for approval
             */
            waiting: number;
            /**
             * Failed
             * @description Executions of the last 24 hours that failed, timed out or were lost
             */
            failed: number;
            /**
             * Newest
             * @description At most 20 running and waiting executions, newest first
             */
            newest: components["schemas"]["LiveExecution"][];
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
         * @description Number of matching issues for each value of each facet, among the newest 10,000
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
             * @description Member ids; `none` for unassigned issues
             */
            assignee: components["schemas"]["Facet"][];
            /**
             * Team
             * @description `none` for issues without a team
             */
            team: components["schemas"]["Facet"][];
            /**
             * Label
             * @description `key:value`
             */
            label: components["schemas"]["Facet"][];
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /**
         * FactShape
         * @description Something that the explanation names, checked against its evidence
         */
        FactShape: {
            /**
             * Name
             * @description A name of docs/causes.md
             * @example memory_limit
             */
            name: string;
            /**
             * Value
             * @example 128Mi
             */
            value: string;
        };
        /**
         * FailedFixShape
         * @description The newest execution of a runbook for the issue, which did not help
         */
        FailedFixShape: {
            /** Executionid */
            executionId: string;
            /**
             * By
             * @description Id of the member or API key that requested the execution; otherwise `system`
             */
            by: string;
            /**
             * At
             * Format: date-time
             * @description When the execution ended
             */
            at: string;
            /**
             * Text
             * @description What did not help, in a sentence
             * @example The memory limit of 128Mi did not suffice.
             */
            text: string;
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
             * @description Whether the execution changed the cluster; null if unknown
             */
            changed?: boolean | null;
            /** @description The object to check if the outcome is unknown */
            check?: components["schemas"]["ObjectShape"] | null;
            rollback?: components["schemas"]["RollbackShape"] | null;
        };
        /** FeedbackBucket */
        FeedbackBucket: {
            /**
             * At
             * Format: date-time
             * @description Start of the bucket
             */
            at: string;
            /** Helpful */
            helpful: number;
            /** Nothelpful */
            notHelpful: number;
        };
        /**
         * FeedbackCounts
         * @description Each person counts once for each analysis, at the time of their last word
         */
        FeedbackCounts: {
            /**
             * Range
             * @enum {string}
             */
            range: "24h" | "7d" | "30d";
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /**
             * Until
             * Format: date-time
             */
            until: string;
            /** Bucketseconds */
            bucketSeconds: number;
            /**
             * Buckets
             * @description Oldest first, aligned to UTC; the last one is not over yet
             */
            buckets: components["schemas"]["FeedbackBucket"][];
            /** Helpful */
            helpful: number;
            /** Nothelpful */
            notHelpful: number;
            /**
             * Groups
             * @description By type of issue and cause, most rated first; at most 100
             */
            groups: components["schemas"]["FeedbackGroup"][];
            /** Totalgroups */
            totalGroups: number;
        };
        /** FeedbackGroup */
        FeedbackGroup: {
            /**
             * Issuetype
             * @example OOMKilled
             */
            issueType: string;
            /**
             * Cause
             * @description The cause that the analyses named; null if they named none
             * @example memory_limit_too_low
             */
            cause: string | null;
            /** Helpful */
            helpful: number;
            /** Nothelpful */
            notHelpful: number;
            /**
             * Reasons
             * @description Why they did not help, the most frequent first
             */
            reasons: components["schemas"]["FeedbackReason"][];
        };
        /** FeedbackList */
        FeedbackList: {
            /** Feedback */
            feedback: components["schemas"]["MemberFeedback"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
        };
        /** FeedbackReason */
        FeedbackReason: {
            /**
             * Reason
             * @description As in the feedback of a person; `none` if no reason was given
             */
            reason: string;
            /** Number */
            number: number;
        };
        /** FeedbackRequest */
        FeedbackRequest: {
            /** Helpful */
            helpful: boolean;
            /**
             * Reason
             * @description Why it did not help; only with `helpful: false`
             * @enum {string|null}
             */
            reason?: "wrongCause" | "incomplete" | "wrongRemedy" | "notAProblem" | "other" | null;
            /**
             * Cause
             * @description The actual cause: an id from docs/causes.md
             */
            cause?: string | null;
            /** Comment */
            comment?: string | null;
        };
        /** FeedbackShape */
        FeedbackShape: {
            /**
             * Helpful
             * @description How many people the analysis helped
             */
            helpful: number;
            /** Nothelpful */
            notHelpful: number;
            /** @description What the caller said; an API key speaks for the person who created it */
            own?: components["schemas"]["MemberFeedback"] | null;
        };
        /** FilterInput */
        FilterInput: {
            /**
             * Events
             * @description Event types that are sent
             * @default [
             *       "issue.created",
             *       "issue.resolved"
             *     ]
             */
            events: ("analysis.ready" | "approval.requested" | "audit.anchor" | "cluster.offline" | "cluster.online" | "digest.weekly" | "execution.breakGlass" | "issue.created" | "issue.resolved" | "issue.updated" | "runbook.completed" | "runbook.notification" | "runbook.started")[];
            /**
             * Clusters
             * @description Cluster ids or names; absent for all clusters
             */
            clusters?: string[] | null;
            /**
             * Namespaces
             * @description Namespaces of the issue; absent for all namespaces
             */
            namespaces?: string[] | null;
            /**
             * Issuetypes
             * @description Absent for all types
             */
            issueTypes?: string[] | null;
            /**
             * Minseverity
             * @description Minimum severity of issues; absent for all
             * @enum {string|null}
             */
            minSeverity?: "critical" | "high" | "medium" | "low" | null;
            /**
             * Query
             * @description Query of the issue list that an issue must match when it opens, such as `label:team=pay -type:Node*`
             */
            query?: string | null;
        };
        /** FilterShape */
        FilterShape: {
            /** Events */
            events: string[];
            /**
             * Clusters
             * @description Cluster ids
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
            /** Query */
            query?: string | null;
        };
        /** FiringList */
        FiringList: {
            /** Firings */
            firings: components["schemas"]["FiringShape"][];
            /** Total */
            total: number;
            /**
             * Totalcapped
             * @description Present if more rows match than `total`, which counts at most 10,000
             */
            totalCapped?: boolean | null;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** FiringShape */
        FiringShape: {
            /**
             * Id
             * @example fir_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Key
             * @description The occasion: an occurrence of an issue, a scheduled time, or the id of a request
             */
            key: string;
            state: components["schemas"]["FiringState"];
            /** Issueid */
            issueId?: string | null;
            /** Executionid */
            executionId?: string | null;
            /**
             * Outcome
             * @description How the execution ended
             */
            outcome?: string | null;
            /**
             * Code
             * @description Why nothing was started
             */
            code?: string | null;
            /** Reason */
            reason?: string | null;
            /**
             * Nextallowedat
             * Format: date-time
             */
            nextAllowedAt?: string | null;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Settledat
             * Format: date-time
             */
            settledAt?: string | null;
        };
        /**
         * FiringState
         * @enum {string}
         */
        FiringState: "waiting" | "started" | "refused" | "skipped";
        /**
         * FixShape
         * @description A verified execution of a runbook that fixed the issue
         */
        FixShape: {
            /** Executionid */
            executionId: string;
            /**
             * By
             * @description Id of the member or API key that requested the execution; otherwise `system`
             */
            by: string;
            /**
             * Verifiedat
             * Format: date-time
             */
            verifiedAt: string;
            /**
             * Resolvesat
             * Format: date-time
             * @description When the issue resolves if it stays healthy; null while an object shows the failure, and of a resolved issue
             */
            resolvesAt: string | null;
        };
        /**
         * FleetCounts
         * @description How many clusters there are, by health
         */
        FleetCounts: {
            /** Total */
            total: number;
            /** Critical */
            critical: number;
            /** Warning */
            warning: number;
            /** Unreachable */
            unreachable: number;
            /** Incomplete */
            incomplete: number;
            /** Pending */
            pending: number;
            /** Healthy */
            healthy: number;
        };
        /**
         * FleetInstall
         * @description How each cluster of the fleet is installed
         */
        FleetInstall: {
            /**
             * Command
             * @description Helm command with the token. A name pattern with {name} takes the name from $CLUSTER_NAME
             */
            command: string;
            /**
             * Values
             * @description Values of the chart as YAML, for Terraform and others; the token is in the Secret that they name
             */
            values: string;
            /**
             * Applicationset
             * @description ApplicationSet of Argo CD for all its clusters, as YAML, without the token
             */
            applicationSet: string;
            /**
             * Warnings
             * @description Addresses that only some clusters reach, with the setting to change
             */
            warnings: components["schemas"]["InstallWarning"][];
        };
        /** FleetTokenDetail */
        FleetTokenDetail: {
            /**
             * Id
             * @example flt_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            status: components["schemas"]["TokenStatus"];
            /** Namepattern */
            namePattern: string;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /** Maxuses */
            maxUses: number;
            /** Uses */
            uses: number;
            /**
             * Sources
             * @description Networks in CIDR notation from which the token can be used; empty for any
             */
            sources: string[];
            /** Needsapproval */
            needsApproval: boolean;
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
             * Enrollments
             * @description The newest 100 uses, newest first
             */
            enrollments: components["schemas"]["FleetUse"][];
            /**
             * Attempts
             * @description Refused uses that the server saw, newest first
             */
            attempts: components["schemas"]["ConnectionAttempt"][];
        };
        /** FleetTokenList */
        FleetTokenList: {
            /** Fleettokens */
            fleetTokens: components["schemas"]["FleetTokenShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
        };
        /** FleetTokenShape */
        FleetTokenShape: {
            /**
             * Id
             * @example flt_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            status: components["schemas"]["TokenStatus"];
            /** Namepattern */
            namePattern: string;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /** Maxuses */
            maxUses: number;
            /** Uses */
            uses: number;
            /**
             * Sources
             * @description Networks in CIDR notation from which the token can be used; empty for any
             */
            sources: string[];
            /** Needsapproval */
            needsApproval: boolean;
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
             * Lastusedat
             * Format: date-time
             */
            lastUsedAt?: string | null;
            /**
             * Revokedat
             * Format: date-time
             */
            revokedAt?: string | null;
        };
        /**
         * FleetUse
         * @description One use of a fleet token, which created a cluster
         */
        FleetUse: {
            /** Clusterid */
            clusterId: string;
            /** Clustername */
            clusterName: string;
            /** @description `waiting` for approval, `approved` and not enrolled yet, `issued`: it has a certificate, or `rejected`, with its cluster deleted */
            state: components["schemas"]["EnrollmentState"];
            /** Kubesystemuid */
            kubeSystemUid: string;
            /** Address */
            address: string;
            /**
             * Usedat
             * Format: date-time
             */
            usedAt: string;
            /**
             * Decidedby
             * @description Who approved or rejected the agent
             */
            decidedBy?: string | null;
            /**
             * Decidedat
             * Format: date-time
             */
            decidedAt?: string | null;
        };
        /** ForgeChange */
        ForgeChange: {
            /** Name */
            name?: string | null;
            /**
             * Url
             * @description A new address requires a token
             */
            url?: string | null;
            /**
             * Token
             * @description Access token of the forge. It is stored encrypted and never returned
             * @example example-token
             */
            token?: string | null;
            /**
             * Repositories
             * @description Replaces all repositories
             * @example [
             *       "shop/deploy"
             *     ]
             */
            repositories?: string[] | null;
            /**
             * Branchprefix
             * @description The beginning of the names of branches
             */
            branchPrefix?: string | null;
        };
        /** ForgeList */
        ForgeList: {
            /** Forges */
            forges: components["schemas"]["ForgeShape"][];
            /** Total */
            total: number;
        };
        /** ForgeShape */
        ForgeShape: {
            /**
             * Id
             * @example frg_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "github" | "gitlab" | "gitea";
            /**
             * Url
             * @description Address of the forge's web page
             * @example https://github.com
             */
            url: string;
            /** Repositories */
            repositories: string[];
            /** Branchprefix */
            branchPrefix: string;
            /**
             * Webhookpath
             * @description Path of the forge's webhook
             * @example /v1/hooks/forges/frg_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            webhookPath: string;
            /**
             * Haswebhooksecret
             * @description Whether requests of a webhook can be accepted
             */
            hasWebhookSecret: boolean;
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
        /**
         * ForgeTest
         * @description The result of a test. Nothing is written to the forge
         */
        ForgeTest: {
            /** Ok */
            ok: boolean;
            /**
             * Account
             * @description Account of the token
             */
            account?: string | null;
            /**
             * Code
             * @example token_refused
             */
            code?: string | null;
            /** Message */
            message?: string | null;
            /**
             * Repositories
             * @description Repositories named with `owner/*` are not tested
             */
            repositories: components["schemas"]["TestedRepository"][];
        };
        /**
         * Form
         * @description `json`: the event. `slack`: a message for Slack and compatible services. `teams`: an Adaptive Card for Microsoft Teams.
         *     `email`: an e-mail. `alerts`: alerts for the API of Alertmanager. `pagerduty`, `jsm`: the alert of an
         *     issue in PagerDuty, in Jira Service Management. `slack-app`: a message of each issue, which an app of Slack edits until the issue
         *     resolves. `ticket`: an issue of GitHub, GitLab, Gitea or Jira for each issue.
         * @enum {string}
         */
        Form: "json" | "slack" | "teams" | "email" | "alerts" | "pagerduty" | "jsm" | "slack-app" | "ticket";
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
             * @description The container, or another part of the subject
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
             * @description When the finding opens an issue
             */
            opensAt: string;
            /** Facts */
            facts: {
                [key: string]: unknown;
            };
            /**
             * Suspects
             * @description Candidate causes: objects whose own issue would explain this one
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
        /** GroupList */
        GroupList: {
            /**
             * Groups
             * @description The largest group first, then the one with the highest severity
             */
            groups: components["schemas"]["GroupShape"][];
            /**
             * Total
             * @description Number of groups
             */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /**
             * Issues
             * @description Issues that were counted
             */
            issues: number;
            /**
             * Issuescapped
             * @description Whether more issues match than were counted: the newest 10,000, or 100,000 if only open and acknowledged issues match
             */
            issuesCapped: boolean;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /**
         * GroupShape
         * @description Issues with the same workload, type, cluster or namespace; members that `by` does not use are absent
         */
        GroupShape: {
            /**
             * Count
             * @description Issues in the group
             */
            count: number;
            /** @description The highest severity in the group */
            severity: components["schemas"]["Severity"];
            /** @description Issues in the group by severity */
            severities: components["schemas"]["SeverityCounts"];
            /**
             * Title
             * @description The title of one of the most severe issues
             */
            title: string;
            /**
             * Opened
             * @description Issues of the group detected in each 2 hours of the last 24, the oldest first
             */
            opened: number[];
            /** Type */
            type?: string | null;
            /**
             * Cluster
             * @description The cluster's name
             */
            cluster?: string | null;
            /** Clusterid */
            clusterId?: string | null;
            /**
             * Namespace
             * @description Absent also for issues of cluster-scoped objects
             */
            namespace?: string | null;
            owner?: components["schemas"]["OwnerShape"] | null;
            /**
             * Query
             * @description Selects the issues of the group; for `q` of `GET /v1/issues`
             * @example ns:shop kind:Deployment owner:api
             */
            query: string;
            /**
             * Issues
             * @description The issues of a small group, the most urgent first; see `withIssues`
             */
            issues?: components["schemas"]["IssueShape"][] | null;
        };
        /**
         * HelmShape
         * @description The release of Helm that makes an object
         */
        HelmShape: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "Application" | "HelmRelease";
            /** Namespace */
            namespace?: string | null;
            /** Name */
            name: string;
            /**
             * Path
             * @description Folder with the manifest of the Application or HelmRelease, if it is in the repository
             */
            path?: string | null;
            /**
             * Chart
             * @description Folder of the chart
             * @example charts/web
             */
            chart?: string | null;
            /** Release */
            release?: string | null;
            /** Targetnamespace */
            targetNamespace?: string | null;
            /**
             * Valuefiles
             * @description Relative to the folder of the chart, or with / to the repository
             * @example [
             *       "../../envs/prod.yaml"
             *     ]
             */
            valueFiles?: string[] | null;
            /**
             * Ignoresmissing
             * @description Whether values files may be missing
             */
            ignoresMissing?: boolean | null;
            /**
             * Omitted
             * @description What else the Application sets, which is not sent
             * @example [
             *       "parameters"
             *     ]
             */
            omitted?: string[] | null;
            /**
             * Generatedby
             * @description ApplicationSet that generates the Application, and would revert a change of it
             * @example ApplicationSet shop
             */
            generatedBy?: string | null;
            /**
             * Sourceindex
             * @description Index in spec.sources of an Application that has several sources
             */
            sourceIndex?: number | null;
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
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /**
         * HoldShape
         * @description Why a run would be refused for a while
         */
        HoldShape: {
            /**
             * Code
             * @enum {string}
             */
            code: "execution_running" | "cooling_down";
            /**
             * Message
             * @example raise-memory-limit changed Deployment shop/web recently
             */
            message: string;
            /**
             * Until
             * Format: date-time
             * @description When a run is possible again; absent while an execution runs
             */
            until?: string | null;
        };
        /** HypothesisShape */
        HypothesisShape: {
            /**
             * Id
             * @description An id from docs/causes.md
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
        /** ImpactShape */
        ImpactShape: {
            /**
             * Pods
             * @description Pods that the execution replaces or removes
             */
            pods: number;
            /** Steps */
            steps: components["schemas"]["StepImpact"][];
        };
        /** Install */
        Install: {
            /**
             * Method
             * @enum {string}
             */
            method: "helm" | "kubectl" | "argocd" | "flux" | "local";
            /**
             * Command
             * @description The complete command with the server's address, CA pin and a new one-time token
             */
            command: string;
            /**
             * Manifest
             * @description The manifest that the command applies, as YAML. That of Argo CD and Flux contains no token and can go to Git
             */
            manifest?: string | null;
            /**
             * Expiresat
             * Format: date-time
             * @description When the token expires
             */
            expiresAt: string;
            /**
             * Warnings
             * @description Addresses that only some clusters reach, with the setting to change
             */
            warnings: components["schemas"]["InstallWarning"][];
        };
        /** InstallWarning */
        InstallWarning: {
            /**
             * Code
             * @description address_private, address_internal, address_in_cluster, address_loopback or chart_in_cluster
             */
            code: string;
            /** Message */
            message: string;
        };
        /** InventoryShape */
        InventoryShape: {
            /**
             * Syncedat
             * Format: date-time
             * @description When the inventory was last synchronized completely
             */
            syncedAt?: string | null;
            /**
             * Stale
             * @description The inventory may be out of date: it was never complete, or the agent is not connected
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
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
             * @description Absent if the invited person chooses the address
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
         * @description Omitted members do not change
         */
        IssueChange: {
            /**
             * Status
             * @description `resolved` holds until a new occurrence
             * @enum {string}
             */
            status?: "open" | "acknowledged" | "resolved";
            /**
             * Assignee
             * @description A member's id or `me`; null unassigns
             * @example me
             */
            assignee?: string | null;
            /**
             * Labels
             * @description Merged into the existing labels; null removes a label
             * @example {
             *       "team": "payments"
             *     }
             */
            labels?: {
                [key: string]: string | null;
            } | null;
            /** @description null ends the snooze */
            snooze?: components["schemas"]["SnoozeConditionsInput"] | null;
            /** @description Holds until it is changed again, whatever is computed; null returns to the computed severity */
            severity?: components["schemas"]["Severity"] | null;
        };
        /** IssueHit */
        IssueHit: {
            /**
             * Id
             * @example iss_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Title */
            title: string;
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
            /** Namespace */
            namespace: string | null;
            /** Cluster */
            cluster: string;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /**
         * IssueImpact
         * @description What an issue and its symptoms affect
         */
        IssueImpact: {
            /**
             * Workloads
             * @description Workloads whose pods are affected
             */
            workloads: number;
            /** Pods */
            pods: number;
            /** Namespaces */
            namespaces: number;
            /**
             * Callers
             * @description Other workloads that call an affected Service, as far as their configuration shows it
             */
            callers: number;
            /**
             * Reason
             * @description Why the issue has its severity: docs/severity.md
             * @example No replica of Deployment shop/api is available.
             */
            reason: string;
        };
        /** IssueList */
        IssueList: {
            /** Issues */
            issues: components["schemas"]["IssueShape"][];
            /** Total */
            total: number;
            /**
             * Totalcapped
             * @description Present if more rows match than `total`, which counts at most 10,000
             */
            totalCapped?: boolean | null;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /** Nextcursor */
            nextCursor?: string | null;
            /** @description What the list covers, in the clusters and namespaces of its filters */
            coverage: components["schemas"]["CoverageShape"];
        };
        /**
         * IssueShape
         * @description The first nine members are stable and always in this order
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
             * @description The object that failed most recently
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
             * @description When the failure began, as far as the cluster shows it; earlier than `detectedAt` for an old one
             */
            firstSeenAt: string;
            /**
             * Lastseenat
             * Format: date-time
             */
            lastSeenAt: string;
            /**
             * Unchangedsince
             * Format: date-time
             * @description Since when it has neither opened again nor escalated; otherwise `firstSeenAt`
             */
            unchangedSince: string;
            /**
             * Resolvesat
             * Format: date-time
             * @description When the issue resolves if the failure does not return: no object shows it any more; absent while one does
             */
            resolvesAt?: string | null;
            /** @description Present after a verified fix, also of a resolved issue; absent an hour after the failure returned */
            fix?: components["schemas"]["FixShape"] | null;
            /** @description Present if the verification of the newest change failed, or the failure returned within an hour; only in the response for a single issue */
            failedFix?: components["schemas"]["FailedFixShape"] | null;
            /**
             * Resolvedat
             * Format: date-time
             */
            resolvedAt?: string | null;
            /**
             * Resolvedby
             * @description Id of the member who resolved it or disabled its detector; otherwise `system`
             */
            resolvedBy?: string | null;
            /**
             * Resolution
             * @description `recovered`, `resource_deleted`, `superseded`, `manual`, `cluster_deleted`, `detector_disabled`
             */
            resolution?: string | null;
            impact: components["schemas"]["IssueImpact"];
            /**
             * Severitysetby
             * @description Id of the member or API key that set the severity; absent if it is computed
             */
            severitySetBy?: string | null;
            /** @description The severity without that; absent if nobody set it */
            computedSeverity?: components["schemas"]["Severity"] | null;
            /** Count */
            count: number;
            /** Affected */
            affected: components["schemas"]["AffectedShape"][];
            /**
             * Team
             * @description The team that owns what fails; absent if none is known
             * @example payments
             */
            team?: string | null;
            /**
             * Teamreason
             * @description What decided the team
             * @example label team of Deployment api
             */
            teamReason?: string | null;
            /** Assignee */
            assignee?: string | null;
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /**
             * Parentissueid
             * @description Id of the issue that explains this one
             */
            parentIssueId?: string | null;
            /**
             * Symptomcount
             * @description Number of symptoms of this issue, including resolved ones
             */
            symptomCount: number;
            /**
             * Symptoms
             * @description At most 100, unresolved first; only in the response for a single issue
             */
            symptoms?: components["schemas"]["SymptomShape"][] | null;
            /** Previousissueid */
            previousIssueId?: string | null;
            snooze?: components["schemas"]["SnoozeShape"] | null;
            /**
             * Muteruleid
             * @description The mute rule that suppresses notifications of this issue
             */
            muteRuleId?: string | null;
            /** Commentcount */
            commentCount: number;
            /** Facts */
            facts: {
                [key: string]: unknown;
            };
            /** @description The cause that the analysis names */
            cause?: components["schemas"]["CauseBrief"] | null;
            /**
             * Causeunknown
             * @description Why no cause is known; absent with `cause` and if the issue was not analyzed
             * @example Cause unknown; missing: log lines of container app
             */
            causeUnknown?: string | null;
            action?: components["schemas"]["ActionBrief"] | null;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
            /**
             * Analysisid
             * @description The analysis that the issue shows; only in the response for a single issue
             */
            analysisId?: string | null;
            /** @description The analysis that the issue shows; only in the response for a single issue */
            analysis?: components["schemas"]["AnalysisShape"] | null;
            /**
             * Links
             * @description Links in annotations of the owner, at most 10; only in the response for a single issue
             */
            links?: components["schemas"]["EntityLinkShape"][] | null;
            /**
             * Tickets
             * @description Tickets in other systems that follow the issue; only in the response for a single issue
             */
            tickets?: components["schemas"]["IssueTicketShape"][] | null;
            /**
             * Suggestedrunbooks
             * @description Runbooks that apply to this issue type; only in the response for a single issue
             */
            suggestedRunbooks?: components["schemas"]["SuggestedRunbook"][] | null;
            /** Version */
            version: number;
        };
        /** IssueSilencesShape */
        IssueSilencesShape: {
            /**
             * Silences
             * @description Active and pending ones, those that end first first
             */
            silences: components["schemas"]["SilenceShape"][];
            /**
             * Alertmanagers
             * @description Where a silence can be created: enabled webhooks of the form `alerts`
             */
            alertmanagers: components["schemas"]["AlertmanagerShape"][];
            /** @description What a new silence would match */
            matchers: components["schemas"]["ProposedMatchers"];
        };
        /** IssueTicketList */
        IssueTicketList: {
            /** Tickets */
            tickets: components["schemas"]["IssueTicketShape"][];
            /**
             * Webhooks
             * @description Through which you may create a ticket of this issue
             */
            webhooks: components["schemas"]["TicketWebhook"][];
        };
        /**
         * IssueTicketShape
         * @description An issue of GitHub, GitLab, Gitea or Jira that follows the issue
         */
        IssueTicketShape: {
            /**
             * Webhookid
             * @example whk_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            webhookId: string;
            /** @description `failed`: it could not be created, see `error`; `deleted`: somebody deleted it there */
            status: components["schemas"]["TicketStatus"];
            /**
             * Id
             * @description Its number or key there; absent until it was created
             * @example OPS-17
             */
            id?: string | null;
            /**
             * Url
             * @example https://github.com/shop/ops/issues/17
             */
            url?: string | null;
            /**
             * Error
             * @description Why the last attempt to create or change it failed
             * @example GitHub refuses this
             */
            error?: string | null;
            /**
             * Createdat
             * Format: date-time
             * @description When it was requested
             */
            createdAt: string;
        };
        /**
         * IssueTopology
         * @description Objects related to an issue. A group shows its failing members first and counts the others
         */
        IssueTopology: {
            /** Issueid */
            issueId: string;
            /** Nodes */
            nodes: components["schemas"]["TopologyNode"][];
            /** Edges */
            edges: components["schemas"]["TopologyEdge"][];
            /** Leftout */
            leftOut: components["schemas"]["TopologyLeftOut"][];
            /**
             * Notpermitted
             * @description Objects that the caller may not read (without the scope `resources:read`, or outside of its namespaces)
             */
            notPermitted: number;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
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
             * @description The start and end of the key, to recognize it
             */
            prefix: string;
            /** Scopes */
            scopes: string[];
            /**
             * Clusters
             * @description Ids of the clusters that the key can access; absent for all clusters
             */
            clusters?: string[] | null;
            /**
             * Limitperminute
             * @description Requests per minute, if lower than the plan's limit
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
             * @description Id of the key that replaced this one
             */
            replacedBy?: string | null;
            /**
             * Networks
             * @description Networks (CIDR) that the key can be used from; absent for any
             */
            networks?: string[] | null;
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
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /** KindShape */
        KindShape: {
            /**
             * Kind
             * @example Certificate
             */
            kind: string;
            /**
             * Group
             * @description API group; absent for the core group
             */
            group?: string | null;
            /**
             * Status
             * @description `live`: the inventory follows the objects of this kind
             * @enum {string}
             */
            status: "live" | "listing" | "forbidden" | "notServed";
            /**
             * Reason
             * @description Why the kind is not live, and what to do
             */
            reason?: string | null;
            /**
             * Count
             * @description Objects in the inventory
             */
            count: number;
            /**
             * Metadataonly
             * @description Only the metadata of its objects is read, because they are many and large
             */
            metadataOnly: boolean;
        };
        /** Kinds */
        Kinds: {
            /** Kinds */
            kinds: components["schemas"]["KindShape"][];
            /** Total */
            total: number;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
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
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /**
         * KustomizationShape
         * @description The Kustomization of Flux that applies an object, or its HelmRelease
         */
        KustomizationShape: {
            /** Namespace */
            namespace: string;
            /** Name */
            name: string;
        };
        /** LastHour */
        LastHour: {
            /** Opened */
            opened: number;
            /** Resolved */
            resolved: number;
        };
        /** LimitInput */
        LimitInput: {
            /**
             * Cluster
             * @description Cluster id or name; absent: the organization, or with `namespace` each cluster
             */
            cluster?: string | null;
            /** Namespace */
            namespace?: string | null;
            /** Changesperhour */
            changesPerHour: number;
        };
        /** LimitShape */
        LimitShape: {
            /**
             * Clusterid
             * @description Absent: the organization, or with `namespace` each cluster
             */
            clusterId?: string | null;
            /** Namespace */
            namespace?: string | null;
            /** Changesperhour */
            changesPerHour: number;
        };
        /** Link */
        Link: {
            /**
             * Token
             * @description The part of the link after `#`
             */
            token: string;
        };
        /** LiveExecution */
        LiveExecution: {
            /**
             * Id
             * @example exe_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Runbook
             * @description The runbook's name
             */
            runbook: string;
            status: components["schemas"]["ExecutionStatus"];
            /**
             * Cluster
             * @description The cluster's name
             */
            cluster: string;
            /** Clusterid */
            clusterId: string;
            /** Issueid */
            issueId?: string | null;
            target: components["schemas"]["TargetShape"];
            /** Dryrun */
            dryRun: boolean;
            /** Requestedby */
            requestedBy: string;
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
             * Expiresat
             * Format: date-time
             * @description Until when it can be approved
             */
            expiresAt?: string | null;
        };
        /** LogLineShape */
        LogLineShape: {
            /**
             * Time
             * @description When the container runtime received the line
             * @example 2026-01-02T03:04:05.678901234Z
             */
            time?: string | null;
            /**
             * Source
             * @description Index in `sources`
             */
            source: number;
            /** Text */
            text: string;
        };
        /**
         * LogLines
         * @description Lines in the order of their times
         */
        LogLines: {
            /** Lines */
            lines: components["schemas"]["LogLineShape"][];
            /**
             * Sources
             * @description The containers, also those that have no new lines or cannot be read
             */
            sources: components["schemas"]["LogSourceShape"][];
            /**
             * Leftout
             * @description Pods and containers that are not read: at most 20 pods, 40 containers
             */
            leftOut: number;
            /**
             * Cursor
             * @description Send it to get only the lines that follow
             */
            cursor: string;
            /**
             * Readat
             * Format: date-time
             */
            readAt: string;
        };
        /** LogList */
        LogList: {
            /** Logs */
            logs: components["schemas"]["ExecutionLogEntry"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /**
             * Nextoffset
             * @description Offset of the next request
             */
            nextOffset: number;
            /**
             * Completed
             * @description The execution has finished and the log is complete
             */
            completed: boolean;
        };
        /** LogShape */
        LogShape: {
            /** Container */
            container: string;
            /**
             * Previous
             * @description Of the run before the container's last restart
             */
            previous: boolean;
            /**
             * Text
             * @description The last lines of the log, redacted by the agent in the cluster
             */
            text: string;
            /** Lines */
            lines: number;
            /**
             * Truncated
             * @description The log is longer; only its end is returned
             */
            truncated: boolean;
        };
        /** LogSourceShape */
        LogSourceShape: {
            /**
             * Resourceid
             * @description The pod
             */
            resourceId: string;
            /** Pod */
            pod: string;
            /** Namespace */
            namespace?: string | null;
            /** Cluster */
            cluster?: string | null;
            /** Container */
            container: string;
            /**
             * State
             * @description `waiting`: the container has not started; `gone`: the pod no longer exists; `failed`: see `reason`
             * @enum {string}
             */
            state: "read" | "waiting" | "gone" | "failed";
            /** Reason */
            reason?: string | null;
            /**
             * Hasearlier
             * @description Earlier lines of this container are left out. In a request with a cursor: lines between the last response and this one
             */
            hasEarlier: boolean;
            /**
             * Restarted
             * @description The container has restarted since the last response
             */
            restarted: boolean;
            /**
             * Isnew
             * @description Not in the last response
             */
            isNew: boolean;
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
            source?: components["schemas"]["SourceShape"] | null;
        };
        /** MapAmounts */
        MapAmounts: {
            /**
             * Cpumillis
             * @description Thousandths of a core
             */
            cpuMillis?: number | null;
            /** Memorybytes */
            memoryBytes?: number | null;
            /** Pods */
            pods?: number | null;
        };
        /** MapNode */
        MapNode: {
            /**
             * Id
             * @description Absent for a node that pods name, but that is not in the inventory or in `nodesLeftOut`
             */
            id?: string | null;
            /** Name */
            name: string;
            /**
             * State
             * @description `unknown`: the node has no `id`
             * @enum {string}
             */
            state: "failing" | "pending" | "healthy" | "unknown";
            /**
             * Status
             * @example Ready
             */
            status?: string | null;
            /**
             * Roles
             * @example [
             *       "control-plane"
             *     ]
             */
            roles: string[];
            /**
             * Cordoned
             * @description New pods are not scheduled on it
             */
            cordoned: boolean;
            capacity: components["schemas"]["MapAmounts"];
            /** @description What the node offers to pods */
            allocatable: components["schemas"]["MapAmounts"];
            /** @description The sum of the requests of `pods`, without pods that have ended */
            requested: components["schemas"]["MapAmounts"];
            /** @description Absent if the agent does not report it */
            usage?: components["schemas"]["MapUsage"] | null;
            /**
             * Pods
             * @description Failing pods first, then pending pods
             */
            pods: components["schemas"]["MapPod"][];
        };
        /** MapPod */
        MapPod: {
            /**
             * Id
             * @example res_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Namespace */
            namespace: string;
            /** Name */
            name: string;
            /**
             * State
             * @enum {string}
             */
            state: "failing" | "pending" | "healthy";
            /**
             * Owner
             * @description Kind and name of its owner, of a ReplicaSet the Deployment; absent for a pod on its own
             * @example Deployment/web
             */
            owner?: string | null;
            /**
             * Cpumillis
             * @description What it requests; absent if it requests none, or has ended
             */
            cpuMillis?: number | null;
            /** Memorybytes */
            memoryBytes?: number | null;
        };
        /**
         * MapShape
         * @description The nodes of a cluster with their pods. Failing nodes come first, then pending nodes
         */
        MapShape: {
            /** Clusterid */
            clusterId: string;
            /**
             * Cluster
             * @description The cluster's name
             */
            cluster: string;
            /** Nodes */
            nodes: components["schemas"]["MapNode"][];
            /**
             * Unscheduled
             * @description Pods without a node
             */
            unscheduled: components["schemas"]["MapPod"][];
            /**
             * Nodesleftout
             * @description Nodes beyond the first 1000
             */
            nodesLeftOut: number;
            /**
             * Podsleftout
             * @description Pods beyond the first 15000. They are not in `requested`
             */
            podsLeftOut: number;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /** MapUsage */
        MapUsage: {
            /**
             * Cpumillis
             * @description Thousandths of a core
             */
            cpuMillis: number;
            /** Memorybytes */
            memoryBytes: number;
        };
        /**
         * MappingInput
         * @description Where the members of an alert are, as JSON pointers (RFC 6901)
         */
        MappingInput: {
            /**
             * Alerts
             * @description List of alerts in the body; empty: the body is one alert
             * @default
             */
            alerts: string;
            /**
             * Name
             * @default /name
             */
            name: string;
            /**
             * Status
             * @default /status
             */
            status: string;
            /**
             * Startsat
             * @default /startsAt
             */
            startsAt: string;
            /**
             * Endsat
             * @default /endsAt
             */
            endsAt: string;
            /**
             * Fingerprint
             * @description What tells alerts apart; without a value, their labels do
             * @default /id
             */
            fingerprint: string;
            /**
             * Expression
             * @default /expression
             */
            expression: string;
            /**
             * Url
             * @default /url
             */
            url: string;
            /**
             * Labels
             * @description Object whose members become labels
             * @default /labels
             */
            labels: string;
            /**
             * Morelabels
             * @description Labels from other places
             */
            moreLabels?: {
                [key: string]: string;
            };
            /**
             * Resolved
             * @description Values of `status` that end an alert
             */
            resolved?: string[];
        };
        /** MappingShape */
        MappingShape: {
            /** Alerts */
            alerts?: string | null;
            /** Name */
            name: string;
            /** Status */
            status: string;
            /** Startsat */
            startsAt: string;
            /** Endsat */
            endsAt: string;
            /** Fingerprint */
            fingerprint: string;
            /** Expression */
            expression: string;
            /** Url */
            url: string;
            /** Labels */
            labels: string;
            /** Morelabels */
            moreLabels?: {
                [key: string]: string;
            } | null;
            /** Resolved */
            resolved?: string[] | null;
        };
        /**
         * MatchInput
         * @description Matches an issue that matches one entry of every given list; `*` in a pattern matches any characters
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
             * @description Cluster ids or names
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
             * @description Kinds of the workload, for example `Deployment`
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
             * @description Labels of the issue; all must match
             */
            labels?: {
                [key: string]: string;
            };
        };
        /** MatcherShape */
        MatcherShape: {
            /**
             * Name
             * @example alertname
             */
            name: string;
            /** Value */
            value: string;
            /** Isregex */
            isRegex: boolean;
            /**
             * Isequal
             * @description False: alerts match whose label does not have this value
             */
            isEqual: boolean;
        };
        /** MeShape */
        MeShape: {
            organisation: components["schemas"]["OrganisationShape"];
            actor: components["schemas"]["ActorShape"];
            /** @description The member who is signed in, or who created the API key */
            member?: components["schemas"]["AccountShape"] | null;
        };
        /**
         * MemberChange
         * @description Omitted members do not change
         */
        MemberChange: {
            /**
             * Role
             * @description Of a limited member: the role that applies when the limit is lifted
             * @enum {string|null}
             */
            role?: "owner" | "admin" | "operator" | "viewer" | null;
            /**
             * Limited
             * @description `true` leaves the member only what its bindings give; `false` removes them, and the role applies everywhere again
             */
            limited?: boolean | null;
            /**
             * Password
             * @description Your own password; required to grant the role admin or owner
             */
            password?: string | null;
        };
        /**
         * MemberFeedback
         * @description What one person said about an analysis
         */
        MemberFeedback: {
            /** Helpful */
            helpful: boolean;
            /**
             * Reason
             * @enum {string|null}
             */
            reason?: "wrongCause" | "incomplete" | "wrongRemedy" | "notAProblem" | "other" | null;
            /**
             * Cause
             * @description The actual cause as that person names it: an id from docs/causes.md
             */
            cause?: string | null;
            /** Comment */
            comment?: string | null;
            /**
             * By
             * @description Id of the member
             */
            by: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
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
        /**
         * MemberRemoval
         * @description What a removal would end now
         */
        MemberRemoval: {
            /** Memberid */
            memberId: string;
            /** Email */
            email: string;
            ends: components["schemas"]["RemovalShape"];
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
             * Limited
             * @description The member has only what its bindings give; `role` applies again when the limit is lifted
             */
            limited: boolean;
            /**
             * Bindings
             * @description Empty for a member who is not limited; ended ones are listed for 30 days
             */
            bindings: components["schemas"]["BindingShape"][];
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Signedinat
             * Format: date-time
             * @description Time of the last sign-in; absent if the member never signed in
             */
            signedInAt?: string | null;
        };
        /** MessageList */
        MessageList: {
            /** Messages */
            messages: components["schemas"]["MessageShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
        };
        /** MessageShape */
        MessageShape: {
            /**
             * Id
             * @example eml_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "invitation" | "password_reset" | "test";
            /** Recipient */
            recipient: string;
            /**
             * Status
             * @description `sent`: the relay accepted it; bounces go to OPTRAL_SMTP_FROM
             * @enum {string}
             */
            status: "pending" | "sent" | "failed";
            /**
             * Attempts
             * @description Attempts, without those in which the relay failed for every message
             */
            attempts: number;
            /**
             * Error
             * @description Reply of the relay to the last attempt, or why there was none
             */
            error?: string | null;
            /**
             * Dueat
             * Format: date-time
             * @description Time of the next attempt
             */
            dueAt?: string | null;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Expiresat
             * Format: date-time
             * @description When the message fails if it could not be sent before
             */
            expiresAt: string;
            /**
             * Sentat
             * Format: date-time
             */
            sentAt?: string | null;
        };
        /**
         * MissingPermission
         * @description A permission that the agent does not have, and what grants it
         */
        MissingPermission: {
            /**
             * Verb
             * @example patch
             */
            verb: string;
            /**
             * Resource
             * @description With its subresource and API group, if any
             * @example deployments.apps
             */
            resource: string;
            /** Namespace */
            namespace?: string | null;
            /** Step */
            step: string;
            /**
             * Role
             * @description Kind of the role that the rule belongs in; a Role is in the namespace
             * @enum {string}
             */
            role: "Role" | "ClusterRole";
            rule: components["schemas"]["RuleShape"];
            /**
             * Chartvalues
             * @description Values of the optral-agent chart that grant it. Lists are added to those that are set; operate.verbs can stay empty
             * @example {
             *       "operate": {
             *         "namespaces": [
             *           "shop"
             *         ],
             *         "verbs": [
             *           "restart"
             *         ]
             *       },
             *       "profile": "operate"
             *     }
             */
            chartValues: {
                [key: string]: unknown;
            };
        };
        /** MistakeShape */
        MistakeShape: {
            /**
             * Line
             * @description Line of `source`, from 1; absent if the mistake belongs to no line
             */
            line?: number | null;
            /**
             * Field
             * @example steps[0].action
             */
            field: string;
            /** Code */
            code: string;
            /** Message */
            message: string;
        };
        /** ModelUsage */
        ModelUsage: {
            /** Requests */
            requests: number;
            /** Toolcalls */
            toolCalls: number;
            /** Inputtokens */
            inputTokens: number;
            /** Outputtokens */
            outputTokens: number;
            /** Costusd */
            costUsd?: number | null;
        };
        /** ModelUsageShape */
        ModelUsageShape: {
            /**
             * Actorid
             * @description Who asked: a member (usr_…) or an API key (key_…)
             */
            actorId: string;
            /** Requests */
            requests: number;
            /** Inputtokens */
            inputTokens: number;
            /** Outputtokens */
            outputTokens: number;
            /** Costusd */
            costUsd?: number | null;
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
        /**
         * MuteMatch
         * @description Matches an issue that matches one entry of every list
         */
        MuteMatch: {
            /**
             * Types
             * @example [
             *       "OOMKilled"
             *     ]
             */
            types?: string[] | null;
            /**
             * Clusters
             * @description Cluster ids
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
             * @description At most one year from now
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
            match: components["schemas"]["MuteMatch"];
            /** Reason */
            reason: string;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt: string;
            /**
             * Mutedissues
             * @description Number of unresolved issues that the rule mutes now
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
             * @description When the rule expired or was deleted
             */
            endedAt?: string | null;
            /** Version */
            version: number;
        };
        /** NamedShape */
        NamedShape: {
            /** Id */
            id: string;
            /** Name */
            name: string;
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
             * @description The issue type that takes precedence
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
        /** NewAlertReceiver */
        NewAlertReceiver: {
            /**
             * Name
             * @example platform Alertmanager
             */
            name: string;
            /**
             * Kind
             * @default alertmanager
             * @enum {string}
             */
            kind: "alertmanager" | "generic";
            /**
             * Auth
             * @description `bearer`: the secret in the Authorization header; `hmac`: signed as Standard Webhooks has it
             * @default bearer
             * @enum {string}
             */
            auth: "bearer" | "hmac";
            clusterRule?: components["schemas"]["ClusterRuleInput"];
            /** @description Required if `kind` is `generic` */
            mapping?: components["schemas"]["MappingInput"] | null;
        };
        /** NewBinding */
        NewBinding: {
            /**
             * Role
             * @enum {string}
             */
            role: "admin" | "operator" | "viewer";
            /**
             * Clusters
             * @description Cluster ids or names; absent for all clusters
             */
            clusters?: string[] | null;
            /**
             * Namespaces
             * @description Names of namespaces; absent for whole clusters
             * @example [
             *       "shop"
             *     ]
             */
            namespaces?: string[] | null;
            /**
             * Clusterlabels
             * @description Only clusters that have all of these labels, also those that get them later
             */
            clusterLabels?: {
                [key: string]: string;
            } | null;
            /**
             * Endsat
             * Format: date-time
             * @description The member loses this access then; at most one year from now
             */
            endsAt?: string | null;
            /**
             * Password
             * @description Your own password; required for the role admin
             */
            password?: string | null;
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
        /** NewDelegation */
        NewDelegation: {
            /**
             * Delegate
             * @description Email address or id of the member
             * @example ops@example.com
             */
            delegate: string;
            /**
             * Endsat
             * Format: date-time
             * @description When the delegation ends by itself; at most 30 days from now
             */
            endsAt: string;
            /**
             * Reason
             * @default
             */
            reason: string;
        };
        /** NewDeviceLogin */
        NewDeviceLogin: {
            /**
             * Name
             * @description Name of the API key
             * @example optral on laptop
             */
            name: string;
        };
        /** NewFleetToken */
        NewFleetToken: {
            /**
             * Name
             * @example edge sites
             */
            name: string;
            /**
             * Namepattern
             * @description Name of each cluster: {name} is the name that its agent proposes, {number} counts the uses, {uid} is the start of the uid of its kube-system namespace
             * @default {name}
             */
            namePattern: string;
            /** Labels */
            labels?: {
                [key: string]: string;
            };
            /** Maxuses */
            maxUses: number;
            /**
             * Expiresinseconds
             * @default 86400
             */
            expiresInSeconds: number;
            /** Sources */
            sources?: string[];
            /**
             * Needsapproval
             * @default false
             */
            needsApproval: boolean;
        };
        /** NewForge */
        NewForge: {
            /**
             * Name
             * @example git
             */
            name: string;
            /**
             * Kind
             * @description `gitea` also for Forgejo
             * @enum {string}
             */
            kind: "github" | "gitlab" | "gitea";
            /**
             * Url
             * @description Address of the forge's web page; `http://` is allowed only within OPTRAL_FORGE_PRIVATE_NETWORKS
             * @example https://github.com
             */
            url: string;
            /**
             * Token
             * @description Access token of the forge. It is stored encrypted and never returned
             * @example example-token
             */
            token: string;
            /**
             * Repositories
             * @description Repositories in which pull requests may be opened: `owner/name`, or `owner/*` for all of an owner or a group
             * @example [
             *       "shop/deploy"
             *     ]
             */
            repositories: string[];
            /**
             * Branchprefix
             * @description The beginning of the names of branches
             * @default optral/
             */
            branchPrefix: string;
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
             * @description Only this address can accept; absent for any address
             */
            email?: string | null;
            /**
             * Password
             * @description Your own password; required to grant the role admin or owner
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
             * @description Defaults to all scopes that your role allows for a key
             */
            scopes?: ("audit:read" | "clusters:read" | "clusters:write" | "detectors:write" | "events:read" | "forges:read" | "forges:write" | "issues:analyze" | "issues:read" | "issues:write" | "keys:read" | "keys:write" | "logs:read" | "members:read" | "resources:manifest" | "resources:probe" | "resources:read" | "runbooks:approve" | "runbooks:execute" | "runbooks:plan" | "runbooks:read" | "runbooks:write" | "webhooks:read" | "webhooks:write")[] | null;
            /**
             * Clusters
             * @description Cluster ids or names; defaults to all clusters
             */
            clusters?: string[] | null;
            /**
             * Expiresat
             * Format: date-time
             * @description Defaults to 90 days from now; at most one year
             */
            expiresAt?: string | null;
            /**
             * Limitperminute
             * @description Requests per minute, if lower than the plan's limit
             */
            limitPerMinute?: number | null;
            /**
             * Networks
             * @description Networks (CIDR) that the key can be used from; defaults to any
             * @example [
             *       "192.0.2.0/24"
             *     ]
             */
            networks?: string[] | null;
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
             * @description At most one year from now
             */
            expiresAt: string;
        };
        /** NewPassword */
        NewPassword: {
            /** Currentpassword */
            currentPassword: string;
            /**
             * Password
             * @description At least 12 characters; common passwords are rejected
             */
            password: string;
        };
        /** NewProvider */
        NewProvider: {
            /**
             * Name
             * @description Shown on the sign-in page
             * @example Example Corp
             */
            name: string;
            /**
             * Issuer
             * @description Issuer URL exactly as the provider spells it; `http://` and private addresses only within OPTRAL_IDENTITY_PRIVATE_NETWORKS
             * @example https://login.example.com/realms/main
             */
            issuer: string;
            /** Clientid */
            clientId: string;
            /**
             * Clientsecret
             * @description Stored encrypted and never returned; absent for a public client
             */
            clientSecret?: string | null;
            /**
             * Scopes
             * @description Scopes to request; `openid` is required. Defaults to `openid`, `email` and `profile`
             */
            scopes?: string[];
            /**
             * Domains
             * @description Domains of email addresses by which the provider's people are matched with members, and may become members
             * @example [
             *       "example.com"
             *     ]
             */
            domains?: string[];
            /**
             * Trustsemail
             * @description Treat addresses in `domains` as verified although the provider sends no `email_verified`
             * @default false
             */
            trustsEmail: boolean;
            /**
             * Readsuserinfo
             * @description Read claims of rules that the ID token lacks from the userinfo endpoint at each sign-in
             * @default false
             */
            readsUserinfo: boolean;
            /**
             * Endsprovidersession
             * @description Signing out of the dashboard also ends the session at the provider (RP-Initiated Logout), and with it the single sign-on of this browser
             * @default false
             */
            endsProviderSession: boolean;
            /**
             * Createsmembers
             * @description Everybody who gets a role by a rule becomes a member at the first sign-in
             * @default false
             */
            createsMembers: boolean;
            /**
             * Rules
             * @description Who gets which role, decided at each sign-in. A rule without clusters, namespaces and clusterLabels gives the role in the whole organization. Without any rule, roles are given in Optral
             */
            rules?: components["schemas"]["ProviderRule"][];
        };
        /** NewReset */
        NewReset: {
            /**
             * Email
             * @example ops@example.com
             */
            email: string;
        };
        /** NewRuleChange */
        NewRuleChange: {
            /**
             * Alert
             * @description Name of the alert
             * @example KubePodNotReady
             */
            alert: string;
            /**
             * Forgeid
             * @description Id or name of the connection to the Git provider
             */
            forgeId: string;
            /**
             * Repository
             * @description Repository with the rule
             * @example shop/deploy
             */
            repository: string;
            /**
             * Range
             * @description Time range whose alerts are examined
             * @default 7d
             * @enum {string}
             */
            range: "24h" | "7d" | "30d";
            /**
             * Digest
             * @description `digest` of the preview: opens the pull request
             */
            digest?: string | null;
        };
        /** NewRunbook */
        NewRunbook: {
            /**
             * Definition
             * @description The definition as an object; mutually exclusive with `source`
             */
            definition?: {
                [key: string]: unknown;
            } | null;
            /**
             * Source
             * @description The definition as YAML or JSON text; errors include line numbers
             */
            source?: string | null;
        };
        /** NewScimToken */
        NewScimToken: {
            /**
             * Networks
             * @description Networks (CIDR) that it can be used from; absent for any
             * @example [
             *       "192.0.2.0/24"
             *     ]
             */
            networks?: string[] | null;
        };
        /** NewSilence */
        NewSilence: {
            /**
             * Webhookid
             * @description Id or name of a webhook of the form `alerts`
             * @example whk_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            webhookId: string;
            /**
             * About
             * @description What it silences: see `matchers` of the list
             * @default issue
             * @enum {string}
             */
            about: "issue" | "alerts";
            /**
             * Endsat
             * Format: date-time
             * @description Within a year
             */
            endsAt: string;
            /**
             * Comment
             * @example Replaced tonight, see OPS-17
             */
            comment: string;
        };
        /** NewTicket */
        NewTicket: {
            /**
             * Webhookid
             * @description Id or name of an enabled webhook of the form `ticket` whose clusters and namespaces include the issue
             * @example whk_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            webhookId: string;
        };
        /** NewToken */
        NewToken: {
            /**
             * Replace
             * @description Allow a different Kubernetes cluster to enroll under this name
             * @default false
             */
            replace: boolean;
        };
        /** NewTrigger */
        NewTrigger: {
            /**
             * Name
             * @example restart on OOM
             */
            name: string;
            /**
             * Source
             * @enum {string}
             */
            source: "issue" | "schedule" | "webhook";
            /**
             * Runbook
             * @description Slug or id of the runbook
             */
            runbook: string;
            /**
             * Cluster
             * @description Cluster id or name; required unless `source` is `issue`
             */
            cluster?: string | null;
            /** Parameters */
            parameters?: {
                [key: string]: unknown;
            };
            /** @description Required if `source` is `issue` */
            match?: components["schemas"]["TriggerMatchInput"] | null;
            /**
             * Schedule
             * @description Cron expression of the beginnings, five fields
             * @example 0 22 * * 5
             */
            schedule?: string | null;
            /**
             * Timezone
             * @description IANA time zone of the schedule
             * @default UTC
             * @example Europe/Berlin
             */
            timeZone: string;
            /** Accepts */
            accepts?: string[];
        };
        /** NewView */
        NewView: {
            /**
             * Name
             * @example Critical in shop
             */
            name: string;
            /**
             * Query
             * @description A query as the parameter `q` of `GET /v1/issues` takes it
             * @example severity:critical ns:shop
             */
            query: string;
            /**
             * Sort
             * @default -severity
             * @enum {string}
             */
            sort: "detectedAt" | "-detectedAt" | "lastSeenAt" | "-lastSeenAt" | "severity" | "-severity" | "status" | "-status";
            /** @default {} */
            display: components["schemas"]["Display"];
            /**
             * Shared
             * @description Whether everybody in the organization sees it; requires `issues:write`
             * @default false
             */
            shared: boolean;
        };
        /** NewWebhook */
        NewWebhook: {
            /** @description For `alerts`, `pagerduty` and `jsm`, `events` does not matter: alerts follow their issues to the end */
            filters?: components["schemas"]["FilterInput"];
            /** @description Absent: notifications are sent at any time */
            quietHours?: components["schemas"]["WebhookQuietHoursInput"] | null;
            /**
             * Helduntil
             * Format: date-time
             * @description Notifications wait until this time, at most seven days away
             */
            heldUntil?: string | null;
            /**
             * Escalationminutes
             * @description Notify of an issue only if nobody has acknowledged it this many minutes after it opened
             * @default 0
             */
            escalationMinutes: number;
            /**
             * Name
             * @example on-call
             */
            name: string;
            /**
             * Url
             * @description An `https://` URL; `http://` is allowed only within OPTRAL_WEBHOOK_PRIVATE_NETWORKS. For `email`, `mailto:` and the address. Required, unless the form is `pagerduty`, `jsm` or `slack-app`
             */
            url?: string | null;
            /**
             * Form
             * @description `json`: the signed event; `slack`: a Slack message; `teams`: an Adaptive Card for Microsoft Teams; `email`: an e-mail; `alerts`: alerts for the API of Alertmanager; `pagerduty`: events for PagerDuty; `jsm`: alerts of Jira Service Management; `slack-app`: a message for each issue, which an app of Slack edits until the issue ends; `ticket`: an issue of GitHub, GitLab, Gitea or Jira for each issue
             * @default json
             * @enum {string}
             */
            form: "json" | "slack" | "teams" | "email" | "alerts" | "pagerduty" | "jsm" | "slack-app" | "ticket";
            /**
             * Channel
             * @description For `slack-app`: the id of the channel
             * @example C0123456789
             */
            channel?: string | null;
            /** @description Of `ticket`: what its tickets are created with */
            ticket?: components["schemas"]["WebhookTicketInput"] | null;
            /** @description Absent: requests carry the signature only. For `pagerduty` and `jsm`, `token` is the integration key */
            credentials?: components["schemas"]["CredentialsInput"] | null;
        };
        /** NewWindow */
        NewWindow: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "freeze" | "maintenance";
            /**
             * Name
             * @example Black Friday
             */
            name: string;
            /**
             * Reason
             * @default
             */
            reason: string;
            /**
             * Cluster
             * @description Cluster id or name; absent: every cluster
             */
            cluster?: string | null;
            /**
             * Namespace
             * @description Absent: every namespace
             */
            namespace?: string | null;
            /**
             * Startsat
             * Format: date-time
             */
            startsAt?: string | null;
            /**
             * Endsat
             * Format: date-time
             */
            endsAt?: string | null;
            /**
             * Schedule
             * @description Cron expression of the beginnings, five fields
             * @example 0 22 * * 5
             */
            schedule?: string | null;
            /**
             * Timezone
             * @description IANA time zone of the schedule
             * @default UTC
             * @example Europe/Berlin
             */
            timeZone: string;
            /** Durationminutes */
            durationMinutes?: number | null;
        };
        /** NodeIssue */
        NodeIssue: {
            /** Id */
            id: string;
            severity: components["schemas"]["Severity"];
        };
        /** NodesShape */
        NodesShape: {
            /** Ready */
            ready: number;
            /** Total */
            total: number;
        };
        /** NotUndoneShape */
        NotUndoneShape: {
            /** Step */
            step: string;
            /** Reason */
            reason: string;
        };
        /** NotificationsChange */
        NotificationsChange: {
            /** Enabled */
            enabled: boolean;
            /**
             * Criticals
             * @default true
             */
            criticals: boolean;
            /**
             * Approvals
             * @default true
             */
            approvals: boolean;
            quietHours?: components["schemas"]["QuietHoursChange"] | null;
        };
        /** NotificationsShape */
        NotificationsShape: {
            /**
             * Enabled
             * @description Off by default. Each browser asks for permission as well
             */
            enabled: boolean;
            /**
             * Criticals
             * @description Critical issues that open, reopen or become critical
             */
            criticals: boolean;
            /**
             * Approvals
             * @description Executions that wait for your approval
             */
            approvals: boolean;
            quietHours?: components["schemas"]["QuietHoursShape"] | null;
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
        /**
         * ObstacleShape
         * @description Why the agent of the cluster does not make the change, and what lets it
         */
        ObstacleShape: {
            /**
             * Code
             * @enum {string}
             */
            code: "agent_read_only" | "verb_not_allowed" | "namespace_not_allowed" | "namespace_protected";
            /** Message */
            message: string;
            /**
             * Chartvalues
             * @description Values of the optral-agent chart that allow it; absent if nothing does
             * @example {
             *       "operate": {
             *         "namespaces": [
             *           "shop"
             *         ]
             *       },
             *       "profile": "operate"
             *     }
             */
            chartValues?: {
                [key: string]: unknown;
            } | null;
            /**
             * Helm
             * @description Command that sets them; absent if the server has no public address
             */
            helm?: string | null;
            /**
             * Up
             * @description Command that allows it for an agent that `optral up` started; absent for nodes
             */
            up?: string | null;
        };
        /** OfferShape */
        OfferShape: {
            /**
             * Organisation
             * @description Absent if the link creates the first organization and asks for its name
             */
            organisation?: string | null;
            /**
             * Email
             * @description The email address that the link is for; absent if you can choose one
             */
            email?: string | null;
            /** Role */
            role: string;
        };
        /** OfferedFor */
        OfferedFor: {
            /**
             * Organisation
             * @description Name of the organization; required where the server has several
             */
            organisation?: string | null;
        };
        /** OfferedProvider */
        OfferedProvider: {
            /**
             * Id
             * @example idp_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Name
             * @example Example Corp
             */
            name: string;
        };
        /** OfferedProviders */
        OfferedProviders: {
            /** Providers */
            providers: components["schemas"]["OfferedProvider"][];
        };
        /** OnCallAnswer */
        OnCallAnswer: {
            /**
             * Outcome
             * @enum {string}
             */
            outcome: "acknowledged" | "unacknowledged" | "noted" | "ignored";
            /**
             * Reason
             * @description Why it was ignored
             * @example unknown_issue
             */
            reason?: string | null;
        };
        /**
         * OpenCounts
         * @description Open issues by severity
         */
        OpenCounts: {
            /** Critical */
            critical: number;
            /** High */
            high: number;
            /** Medium */
            medium: number;
            /** Low */
            low: number;
            /** Total */
            total: number;
            /**
             * Unacknowledged
             * @description How many of them are not acknowledged
             */
            unacknowledged: number;
        };
        /** OpeningShape */
        OpeningShape: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** @description The last change of the workload in the 30 minutes before */
            change?: components["schemas"]["PrecedingChange"] | null;
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
        /**
         * Outcome
         * @description What became of a request for a silence.
         * @enum {string}
         */
        Outcome: "created" | "extended" | "unchanged";
        /** OverviewCluster */
        OverviewCluster: {
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
            status: components["schemas"]["ClusterStatus"];
            /** Statusreason */
            statusReason?: string | null;
            /**
             * Health
             * @description `critical`: a critical issue is open. `warning`: a high or medium issue is open, or the agent is late to report. `unreachable`: the agent does not report. `incomplete`: none of these, but something needed was not read. `pending`: no agent has connected yet. `healthy`: none of these
             * @enum {string}
             */
            health: "critical" | "warning" | "unreachable" | "incomplete" | "pending" | "healthy";
            /**
             * Unread
             * @description What is needed and was not read, so that a failure may be hidden; absent if everything was read
             * @example [
             *       "Service of cluster production-us-east cannot be read"
             *     ]
             */
            unread?: string[] | null;
            /** @description Of the open issues; absent without any */
            worstSeverity?: components["schemas"]["Severity"] | null;
            openIssues: components["schemas"]["OpenCounts"];
            agent: components["schemas"]["AgentBrief"];
            /** Kubernetesversion */
            kubernetesVersion?: string | null;
            /**
             * Lastheartbeatat
             * Format: date-time
             */
            lastHeartbeatAt?: string | null;
            /** @description Absent without the scope `resources:read` */
            nodes?: components["schemas"]["NodesShape"] | null;
            /** @description Absent without the scope `resources:read` */
            pods?: components["schemas"]["PodsShape"] | null;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /** OverviewIssues */
        OverviewIssues: {
            open: components["schemas"]["OpenCounts"];
            /** @description Open issues that are not acknowledged, by severity */
            unacknowledged: components["schemas"]["SeverityCounts"];
            /**
             * Urgent
             * @description At most 20 issues of at least medium severity: not acknowledged first, then the most severe, then the newest
             */
            urgent: components["schemas"]["IssueShape"][];
            lastHour: components["schemas"]["LastHour"];
        };
        /** OverviewShape */
        OverviewShape: {
            /**
             * At
             * Format: date-time
             * @description When the overview was made
             */
            at: string;
            coverage: components["schemas"]["CoverageShape"];
            issues: components["schemas"]["OverviewIssues"];
            /** @description Absent without the scope `clusters:read` */
            fleet?: components["schemas"]["FleetCounts"] | null;
            /**
             * Clusters
             * @description At most 2,000, worst health first; absent without the scope `clusters:read`
             */
            clusters?: components["schemas"]["OverviewCluster"][] | null;
            /** @description Absent without the scope `resources:read` */
            changes?: components["schemas"]["ChangesShape"] | null;
            /** @description Absent without the scope `runbooks:read` */
            executions?: components["schemas"]["ExecutionsShape"] | null;
        };
        /** OwnSession */
        OwnSession: {
            /** Id */
            id: string;
            /**
             * Iscurrent
             * @description The session of this request
             */
            isCurrent: boolean;
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Lastusedat
             * Format: date-time
             * @description Updated once a minute
             */
            lastUsedAt: string;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt: string;
            /**
             * Address
             * @description Network address of the sign-in; absent for sessions of an earlier version
             */
            address?: string | null;
            /**
             * Device
             * @description User-Agent of the sign-in
             */
            device?: string | null;
        };
        /** OwnSessions */
        OwnSessions: {
            /** Sessions */
            sessions: components["schemas"]["OwnSession"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
        };
        /** OwnerList */
        OwnerList: {
            /**
             * Owners
             * @description The most open issues first; teams of rules without one at the end
             */
            owners: components["schemas"]["OwnerSummary"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /**
         * OwnerRule
         * @description `*` in a pattern matches any characters
         */
        OwnerRule: {
            /**
             * Team
             * @example payments
             */
            team: string;
            /**
             * Cluster
             * @description Name or id of the cluster
             * @default *
             */
            cluster: string;
            /**
             * Namespace
             * @default *
             * @example pay-*
             */
            namespace: string;
            /**
             * Kind
             * @description Kind of the object, with or without its API group
             * @default *
             * @example Deployment
             */
            kind: string;
            /**
             * Name
             * @default *
             */
            name: string;
        };
        /** OwnerRuleShape */
        OwnerRuleShape: {
            /** Team */
            team: string;
            /** Cluster */
            cluster: string;
            /** Namespace */
            namespace: string;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
        };
        /**
         * OwnerRulesChange
         * @description Omitted members do not change
         */
        OwnerRulesChange: {
            /**
             * Order
             * @description Where a team is looked for; the first that names one decides. A source that is left out is not used
             */
            order?: ("annotation" | "label" | "namespaceAnnotation" | "namespaceLabel" | "rules")[] | null;
            /**
             * Labels
             * @description Keys of labels that name a team, the first one that an object or a namespace has
             */
            labels?: string[] | null;
            /**
             * Rules
             * @description Replaces all rules. Patterns; of several that match an object, the last one decides, as in a CODEOWNERS file
             */
            rules?: components["schemas"]["OwnerRule"][] | null;
        };
        /** OwnerRulesShape */
        OwnerRulesShape: {
            /**
             * Order
             * @description Where a team is looked for; the first that names one decides. A source that is left out is not used
             */
            order: ("annotation" | "label" | "namespaceAnnotation" | "namespaceLabel" | "rules")[];
            /**
             * Annotations
             * @description Annotations that name a team; they cannot be changed
             * @example [
             *       "optral.ai/team",
             *       "a8r.io/owner"
             *     ]
             */
            annotations: string[];
            /**
             * Labels
             * @description Keys of labels that name a team, the first one that an object or a namespace has
             */
            labels: string[];
            /**
             * Rules
             * @description Patterns; of several that match an object, the last one decides, as in a CODEOWNERS file
             */
            rules: components["schemas"]["OwnerRuleShape"][];
            /** Updatedby */
            updatedBy?: string | null;
            /**
             * Updatedat
             * Format: date-time
             */
            updatedAt?: string | null;
            /** Version */
            version: number;
        };
        /** OwnerShape */
        OwnerShape: {
            /** Kind */
            kind: string;
            /** Name */
            name: string;
        };
        /** OwnerSummary */
        OwnerSummary: {
            /**
             * Team
             * @description null: what no team owns
             * @example payments
             */
            team: string | null;
            /**
             * Openissues
             * @description Open and acknowledged issues, without symptoms; among the newest 10,000
             */
            openIssues: number;
            /**
             * Query
             * @description Selects the issues; for `q` of `GET /v1/issues`
             * @example team:payments
             */
            query: string;
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
             * @description A value, or `${target.X}` for a property of the issue's target
             */
            default?: unknown;
            /** Enum */
            enum?: string[] | null;
            /**
             * Pattern
             * @description RE2 expression that the whole value must match
             */
            pattern?: string | null;
            /**
             * Minimum
             * @description An integer, or a quantity as text
             */
            minimum?: unknown;
            /** Maximum */
            maximum?: unknown;
            /** Description */
            description?: string | null;
        };
        /** PartShape */
        PartShape: {
            /**
             * Name
             * @description The container; absent for a node
             */
            name?: string | null;
            /** Cpumillis */
            cpuMillis: number;
            /** Cpup95Millis */
            cpuP95Millis: number;
            /**
             * Cpulimitmillis
             * @description The limit of the container, or the capacity of the node
             */
            cpuLimitMillis?: number | null;
            /** Memorybytes */
            memoryBytes: number;
            /** Memoryp95Bytes */
            memoryP95Bytes: number;
            /**
             * Memorylimitbytes
             * @description The limit of the container, or the capacity of the node
             */
            memoryLimitBytes?: number | null;
            /**
             * Throttledshare
             * @description Share of the scheduler's periods in which the CPU limit stopped the container
             */
            throttledShare?: number | null;
            /**
             * Samples
             * @description At most 30, oldest first; of several readings the highest
             */
            samples: components["schemas"]["SampleShape"][];
        };
        /**
         * PermissionShape
         * @description What RBAC must allow the agent for a step. A dry run needs the same
         */
        PermissionShape: {
            /**
             * Verb
             * @example patch
             */
            verb: string;
            /**
             * Resource
             * @description With its subresource and API group, if any
             * @example deployments.apps
             */
            resource: string;
            /** Namespace */
            namespace?: string | null;
        };
        /** PlaceShape */
        PlaceShape: {
            /**
             * Role
             * @example operator
             */
            role: string;
            /**
             * Clusters
             * @description Absent for all clusters
             */
            clusters?: components["schemas"]["ClusterName"][] | null;
            /**
             * Namespaces
             * @description Absent for whole clusters, with what is outside of namespaces
             */
            namespaces?: string[] | null;
            /**
             * Endsat
             * Format: date-time
             * @description Absent without an end
             */
            endsAt?: string | null;
        };
        /** Plan */
        Plan: {
            /** Plan */
            plan: string;
            /** Requestsperminute */
            requestsPerMinute: number;
        };
        /** PlanInput */
        PlanInput: {
            /**
             * Clusterid
             * @description Cluster id or name; optional with `issueId`
             */
            clusterId?: string | null;
            /**
             * Issueid
             * @description The issue to plan the runbook for
             */
            issueId?: string | null;
            /** Parameters */
            parameters?: {
                [key: string]: unknown;
            };
            /**
             * Reason
             * @default
             */
            reason: string;
        };
        /**
         * PlanShape
         * @description The changes that the execution would make, from a dry run against the API server
         */
        PlanShape: {
            /**
             * Hash
             * @description Hash that an approval refers to
             */
            hash: string;
            /** Steps */
            steps: components["schemas"]["PlannedStep"][];
            /** Diff */
            diff: components["schemas"]["PlannedChange"][];
            /**
             * Managers
             * @description Other controllers that manage these objects
             */
            managers: components["schemas"]["ManagerShape"][];
            /** @description Absent in plans of earlier versions, and if permissions are missing */
            impact?: components["schemas"]["ImpactShape"] | null;
            /**
             * Missingpermissions
             * @description Permissions that the agent does not have. With any of them, the execution fails as permissions_missing
             */
            missingPermissions?: components["schemas"]["MissingPermission"][] | null;
        };
        /** PlannedChange */
        PlannedChange: {
            /** Step */
            step: string;
            /**
             * Path
             * @example spec.template.spec.containers[api].resources.limits.memory
             */
            path: string;
            /**
             * From
             * @description null if the field was not set
             */
            from?: unknown;
            /** To */
            to?: unknown;
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
            /**
             * Summary
             * @description What the step does, in words; absent for a step that changes nothing
             * @example Rolls back Deployment shop/web to revision 4. Replaces 1 pod, no downtime.
             */
            summary?: string | null;
            /** Iswrite */
            isWrite: boolean;
            /**
             * Isdryrun
             * @description The API server has computed the changes of this step; false for steps that change nothing
             */
            isDryRun: boolean;
            /**
             * Permissions
             * @description Absent for a step that reads
             */
            permissions?: components["schemas"]["PermissionShape"][] | null;
        };
        /** PodCounts */
        PodCounts: {
            /** Total */
            total: number;
            /** Failing */
            failing: number;
            /** Pending */
            pending: number;
        };
        /** PodUseShape */
        PodUseShape: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            requested: components["schemas"]["AmountsShape"];
            /** @description A member is absent if a container has no limit */
            limit: components["schemas"]["AmountsShape"];
            /** @description Absent without a report about this pod */
            used?: components["schemas"]["AmountsShape"] | null;
            /**
             * Observedat
             * Format: date-time
             */
            observedAt?: string | null;
        };
        /** PodsShape */
        PodsShape: {
            /**
             * Notready
             * @description Pods that are neither ready nor completed, for example pending or crashing pods
             */
            notReady: number;
            /** Total */
            total: number;
        };
        /** PrecedingChange */
        PrecedingChange: {
            ref: components["schemas"]["RefShape"];
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Manager */
            manager?: string | null;
            /**
             * Fields
             * @description The first 5 fields that changed
             */
            fields: components["schemas"]["ChangedField"][];
        };
        /** PreviewInput */
        PreviewInput: {
            /** @description What the open issues are compared with */
            match?: components["schemas"]["TriggerMatchInput"] | null;
            /**
             * Schedule
             * @description Cron expression of the beginnings, five fields
             * @example 0 22 * * 5
             */
            schedule?: string | null;
            /**
             * Timezone
             * @description IANA time zone of the schedule
             * @default UTC
             * @example Europe/Berlin
             */
            timeZone: string;
        };
        /** PreviewIssue */
        PreviewIssue: {
            /** Id */
            id: string;
            /** Type */
            type: string;
            /**
             * Severity
             * @enum {string}
             */
            severity: "critical" | "high" | "medium" | "low";
            /** Title */
            title: string;
            /** Clusterid */
            clusterId: string;
            /** Namespace */
            namespace?: string | null;
        };
        /** PreviewShape */
        PreviewShape: {
            /**
             * Matching
             * @description Open issues that match now; a trigger fires only for those that open later
             */
            matching?: number | null;
            /**
             * Iswhole
             * @description False: there are more open issues; the newest 300 that may match were compared
             */
            isWhole?: boolean | null;
            /**
             * Issues
             * @description The newest of them, at most five
             */
            issues?: components["schemas"]["PreviewIssue"][] | null;
            /**
             * Nexttimes
             * @description The next three times of the schedule
             */
            nextTimes?: string[] | null;
        };
        /** PreviousCause */
        PreviousCause: {
            /** Id */
            id: string;
            /** Title */
            title: string;
        };
        /**
         * PreviousShape
         * @description The explanation that this one replaced
         */
        PreviousShape: {
            /** Id */
            id: string;
            /**
             * Replacedat
             * Format: date-time
             */
            replacedAt: string;
            /** @description Absent if it named no cause */
            rootCause?: components["schemas"]["PreviousCause"] | null;
            /** Confidence */
            confidence?: number | null;
            /**
             * Missingevidence
             * @description What it lacked, and this one has
             */
            missingEvidence?: string[];
        };
        /** ProbeInput */
        ProbeInput: {
            /**
             * Check
             * @description What to check; `dns` needs a Service, or a pod and a host
             * @default tcp
             * @enum {string}
             */
            check: "dns" | "tcp" | "tls" | "http";
            /**
             * Port
             * @description A port of the Service or pod; defaults to its first. Not used for `dns`
             */
            port?: number | null;
            /**
             * Host
             * @description A host outside of the cluster that the environment of this pod names, instead of the pod itself
             */
            host?: string | null;
        };
        /** ProbeShape */
        ProbeShape: {
            /**
             * Check
             * @enum {string}
             */
            check: "dns" | "tcp" | "tls" | "http";
            /**
             * Outcome
             * @description `unreachable`: something answered that it is not there; `unknown`: no answer, which a NetworkPolicy can cause
             * @enum {string}
             */
            outcome: "reachable" | "unreachable" | "unknown";
            /**
             * Reason
             * @description Absent if reachable
             * @enum {string|null}
             */
            reason?: "refused" | "timeout" | "nameNotFound" | "resolverFailed" | "noRoute" | "closed" | "notTls" | "handshakeFailed" | "notHttp" | "failed" | null;
            /**
             * Summary
             * @example From the agent's pod in namespace optral on node n1 at 12:03:04: TCP connect to 10.0.3.4:8080 was refused
             */
            summary: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** @description The agent's pod; other pods can be under other NetworkPolicies */
            vantage: components["schemas"]["VantageShape"];
            /** Name */
            name?: string | null;
            /**
             * Address
             * @description What the agent connected to
             */
            address?: string | null;
            /** Port */
            port?: number | null;
            /**
             * Addresses
             * @description What the name resolves to, at most 8
             */
            addresses?: string[] | null;
            certificate?: components["schemas"]["CertificateShape"] | null;
            /** Httpstatus */
            httpStatus?: number | null;
            /**
             * Path
             * @description The path of the HTTP request
             */
            path?: string | null;
            /** Tookms */
            tookMs: number;
        };
        /** ProposedMatchers */
        ProposedMatchers: {
            /**
             * Issue
             * @description Silences the alert that Optral sends about the issue
             */
            issue: components["schemas"]["MatcherShape"][];
            /**
             * Alerts
             * @description Silences the alerts that fire and are joined to the issue; empty if there are none
             */
            alerts: components["schemas"]["MatcherShape"][];
        };
        /**
         * ProviderCallback
         * @description The query parameters that the provider sent the browser back with.
         */
        ProviderCallback: {
            /** State */
            state: string;
            /**
             * Code
             * @default
             */
            code: string;
            /**
             * Error
             * @default
             */
            error: string;
            /** Iss */
            iss?: string | null;
        };
        /** ProviderChange */
        ProviderChange: {
            /** Name */
            name?: string | null;
            /** Clientid */
            clientId?: string | null;
            /** Clientsecret */
            clientSecret?: string | null;
            /** Scopes */
            scopes?: string[] | null;
            /** Domains */
            domains?: string[] | null;
            /** Trustsemail */
            trustsEmail?: boolean | null;
            /** Readsuserinfo */
            readsUserinfo?: boolean | null;
            /** Endsprovidersession */
            endsProviderSession?: boolean | null;
            /** Createsmembers */
            createsMembers?: boolean | null;
            /**
             * Rules
             * @description Replaces all rules
             */
            rules?: components["schemas"]["ProviderRule"][] | null;
            /**
             * Enabled
             * @description Whether people can sign in with it
             */
            enabled?: boolean | null;
        };
        /** ProviderList */
        ProviderList: {
            /** Identityproviders */
            identityProviders: components["schemas"]["ProviderShape"][];
            /** Total */
            total: number;
        };
        /**
         * ProviderRule
         * @description Gives a role to everybody whose ID token has this value in this claim.
         */
        ProviderRule: {
            /**
             * Claim
             * @description Name of a claim; `a.b` finds `b` in `a`
             * @example groups
             */
            claim: string;
            /**
             * Value
             * @description Exact value, or an element of a list; `*` for any value
             * @example platform
             */
            value: string;
            /**
             * Role
             * @enum {string}
             */
            role: "admin" | "operator" | "viewer";
            /**
             * Clusters
             * @description Cluster ids or names; absent for all clusters
             */
            clusters?: string[] | null;
            /**
             * Namespaces
             * @description Names of namespaces; absent for whole clusters
             * @example [
             *       "shop"
             *     ]
             */
            namespaces?: string[] | null;
            /**
             * Clusterlabels
             * @description Only clusters that have all of these labels
             */
            clusterLabels?: {
                [key: string]: string;
            } | null;
        };
        /** ProviderShape */
        ProviderShape: {
            /**
             * Id
             * @example idp_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            /** Issuer */
            issuer: string;
            /** Clientid */
            clientId: string;
            /** Scopes */
            scopes: string[];
            /** Domains */
            domains: string[];
            /** Trustsemail */
            trustsEmail: boolean;
            /** Readsuserinfo */
            readsUserinfo: boolean;
            /** Endsprovidersession */
            endsProviderSession: boolean;
            /** Createsmembers */
            createsMembers: boolean;
            /** Rules */
            rules: components["schemas"]["ProviderRule"][];
            /** Enabled */
            enabled: boolean;
            /** Hasclientsecret */
            hasClientSecret: boolean;
            /**
             * Redirecturi
             * @description Redirect URI to register at the provider; absent if the server has no OPTRAL_PUBLIC_URL
             */
            redirectUri?: string | null;
            /**
             * Signedouturi
             * @description Post-logout redirect URI to register at the provider for `endsProviderSession`; absent as `redirectUri`
             */
            signedOutUri?: string | null;
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
        /** ProviderSignIn */
        ProviderSignIn: {
            /** Providerid */
            providerId: string;
        };
        /** ProviderTest */
        ProviderTest: {
            /**
             * Ok
             * @description Whether the provider answered with usable metadata and keys; whether the client ID and the secret are right shows at the first sign-in
             */
            ok: boolean;
            /**
             * Reason
             * @example issuer_mismatch
             */
            reason?: string | null;
            /**
             * Message
             * @description What is wrong and what to do, for people
             */
            message?: string | null;
        };
        /**
         * PullRequestShape
         * @description The pull request that carries the change
         */
        PullRequestShape: {
            /**
             * State
             * @description `merged`: waiting until Argo CD or Flux has applied it; `synced`: applied; `leftOpen`: the execution was canceled
             * @enum {string}
             */
            state: "opening" | "open" | "merged" | "synced" | "closed" | "failed" | "closing" | "leftOpen";
            /**
             * Repository
             * @example shop/deploy
             */
            repository?: string | null;
            /**
             * Base
             * @description Branch that it is merged into
             */
            base?: string | null;
            /** Branch */
            branch?: string | null;
            /** Number */
            number?: number | null;
            /** Url */
            url?: string | null;
            /**
             * Patch
             * @description What it changes, as a patch; what looks like a secret is masked
             */
            patch?: string | null;
            /** Notes */
            notes?: string[] | null;
            /** Mergecommit */
            mergeCommit?: string | null;
            /** Appliedrevision */
            appliedRevision?: string | null;
            /**
             * Code
             * @description Code of the last failure
             */
            code?: string | null;
            /**
             * Message
             * @description What it waits for, or why it failed
             */
            message?: string | null;
            /**
             * Expiresat
             * Format: date-time
             * @description When the execution stops waiting
             */
            expiresAt?: string | null;
            /**
             * Mergedat
             * Format: date-time
             */
            mergedAt?: string | null;
        };
        /** Question */
        Question: {
            /**
             * Question
             * @example What changed?
             */
            question: string;
        };
        /** QuestionAnswer */
        QuestionAnswer: {
            /**
             * Intent
             * @description What was requested; `model`: the language model answered; absent for a question that is not known
             * @example changed
             */
            intent?: string | null;
            /** Sentences */
            sentences: components["schemas"]["AnswerSentence"][];
            /**
             * Notes
             * @description What Optral knows or does not know; for a question that is not known, those that are
             */
            notes: string[];
            /**
             * Query
             * @description Of a list or a log: the query or command that shows it; nothing was run
             */
            query?: string | null;
            /**
             * Evidence
             * @description The evidence (ev_…) that the sentences cite
             */
            evidence: components["schemas"]["EvidenceShape"][];
            /**
             * Model
             * @description The language model that answered; absent if none was asked
             * @example ollama/qwen3
             */
            model?: string | null;
            usage?: components["schemas"]["ModelUsage"] | null;
            /**
             * List
             * @description What the query is for
             * @example issues
             */
            list?: string | null;
        };
        /** QuietHoursChange */
        QuietHoursChange: {
            /**
             * Start
             * @example 22:00
             */
            start: string;
            /**
             * End
             * @example 07:00
             */
            end: string;
            /**
             * Timezone
             * @example Europe/Berlin
             */
            timeZone: string;
        };
        /**
         * QuietHoursShape
         * @description No notifications in this part of each day; it may cross midnight
         */
        QuietHoursShape: {
            /**
             * Start
             * @example 22:00
             */
            start: string;
            /**
             * End
             * @example 07:00
             */
            end: string;
            /**
             * Timezone
             * @description A name of the IANA time zone database
             * @example Europe/Berlin
             */
            timeZone: string;
        };
        /** RankedOwner */
        RankedOwner: {
            /**
             * Opened
             * @description Issues that opened in the range
             */
            opened: number;
            /**
             * Unresolved
             * @description How many of them are not resolved
             */
            unresolved: number;
            /** @description The worst severity of these issues */
            severity: components["schemas"]["Severity"];
            /**
             * Cluster
             * @description The cluster's name
             */
            cluster: string;
            /** Clusterid */
            clusterId: string;
            /**
             * Namespace
             * @description null for cluster-scoped objects
             */
            namespace: string | null;
            /**
             * Kind
             * @example Deployment
             */
            kind: string;
            /** Name */
            name: string;
        };
        /** RankedType */
        RankedType: {
            /**
             * Opened
             * @description Issues that opened in the range
             */
            opened: number;
            /**
             * Unresolved
             * @description How many of them are not resolved
             */
            unresolved: number;
            /** @description The worst severity of these issues */
            severity: components["schemas"]["Severity"];
            /**
             * Type
             * @example CrashLoopBackOff
             */
            type: string;
        };
        /**
         * Reason
         * @description Why something was not looked at.
         * @enum {string}
         */
        Reason: "forbidden" | "notServed" | "notWatched" | "listing" | "offline" | "late" | "neverConnected" | "agentScope" | "access" | "noCluster" | "unknownNamespace" | "detectorsOff" | "muted" | "neverRead" | "unreadable" | "noObjects";
        /** ReceivedAlerts */
        ReceivedAlerts: {
            /**
             * Accepted
             * @description Alerts that were read
             */
            accepted: number;
            /**
             * Known
             * @description Those of them that an earlier request had
             */
            known: number;
            /**
             * Rejected
             * @description Alerts that could not be read
             */
            rejected: number;
        };
        /** ReceivedShape */
        ReceivedShape: {
            /**
             * Awaited
             * @description Whether an execution waits for the pull request, and now looks at it
             */
            awaited: boolean;
        };
        /** RecentChange */
        RecentChange: {
            /** Resourceid */
            resourceId: string;
            /**
             * Action
             * @enum {string}
             */
            action: "created" | "changed" | "deleted";
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
             * Cluster
             * @description The cluster's name
             */
            cluster: string;
            /** Clusterid */
            clusterId: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /**
             * Manager
             * @description The field manager that made the change
             * @example kubectl-client-side-apply
             */
            manager?: string | null;
            /**
             * Fields
             * @description The first 3 fields that changed
             */
            fields: components["schemas"]["ChangedValue"][];
            /** Fieldcount */
            fieldCount: number;
        };
        /**
         * RecordShape
         * @description Executions that changed something and have finished: the latest 300 of the organization, at most 90 days old. Undos do not count
         */
        RecordShape: {
            /** Runs */
            runs: number;
            /**
             * Verified
             * @description The verification passed
             */
            verified: number;
            /**
             * Failed
             * @description The change did not help, or a later step failed
             */
            failed: number;
            /**
             * Inconclusive
             * @description It is unknown whether the change helped
             */
            inconclusive: number;
            /**
             * Medianseconds
             * @description From start to the end of the verification, of the verified ones
             */
            medianSeconds?: number | null;
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
        /** RejectedAlert */
        RejectedAlert: {
            /** Id */
            id: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /**
             * Code
             * @example invalid_json
             */
            code: string;
            /** Reason */
            reason: string;
            /**
             * Excerpt
             * @description The beginning of what was sent
             */
            excerpt?: string | null;
        };
        /** RejectedAlertList */
        RejectedAlertList: {
            /** Rejected */
            rejected: components["schemas"]["RejectedAlert"][];
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
         * RemovalShape
         * @description What ends with the membership, and what goes on although the member was shown or entered a secret of it
         */
        RemovalShape: {
            /**
             * Sessions
             * @description Sign-in sessions that end
             */
            sessions: number;
            /**
             * Apikeys
             * @description API keys that are revoked
             */
            apiKeys: number;
            /**
             * Invites
             * @description Pending invitations that are withdrawn
             */
            invites: number;
            /**
             * Delegations
             * @description Delegations to and from the member that end
             */
            delegations: number;
            /**
             * Fleettokens
             * @description Fleet tokens that are revoked; the clusters they enrolled stay connected
             */
            fleetTokens: components["schemas"]["NamedShape"][];
            /**
             * Enrollmenttokens
             * @description Clusters whose unused enrollment token is revoked
             */
            enrollmentTokens: components["schemas"]["NamedShape"][];
            /**
             * Triggers
             * @description Triggers that are blocked: those whose secret the member knows until it is rolled, the others until somebody who may run runbooks saves them
             */
            triggers: components["schemas"]["NamedShape"][];
            /**
             * Webhooks
             * @description Webhooks that the member created. They go on; roll their secrets if the member must not be able to sign as Optral
             */
            webhooks: components["schemas"]["NamedShape"][];
            /**
             * Forges
             * @description Connections to forges that the member created. They go on; replace their tokens if they are the member's own
             */
            forges: components["schemas"]["NamedShape"][];
            /**
             * Executions
             * @description Executions that the member requested and that wait for approval; they are canceled
             */
            executions: components["schemas"]["NamedShape"][];
        };
        /** RemovedMember */
        RemovedMember: {
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
             * Limited
             * @description The member has only what its bindings give; `role` applies again when the limit is lifted
             */
            limited: boolean;
            /**
             * Bindings
             * @description Empty for a member who is not limited; ended ones are listed for 30 days
             */
            bindings: components["schemas"]["BindingShape"][];
            /**
             * Createdat
             * Format: date-time
             */
            createdAt: string;
            /**
             * Signedinat
             * Format: date-time
             * @description Time of the last sign-in; absent if the member never signed in
             */
            signedInAt?: string | null;
            ended: components["schemas"]["RemovalShape"];
        };
        /** Repeat */
        Repeat: {
            /**
             * Reason
             * @default
             */
            reason: string;
            /**
             * Breakglass
             * @description Reason, at least 10 characters, to do this during a freeze
             * @default
             */
            breakGlass: string;
        };
        /** RequestSample */
        RequestSample: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Persecond */
            perSecond: number;
            /** Errorshare */
            errorShare: number;
            /**
             * P95Ms
             * @description Absent where there were too few requests
             */
            p95Ms?: number | null;
        };
        /** RequestedSilence */
        RequestedSilence: {
            /**
             * Id
             * @description Its id in Alertmanager
             */
            id: string;
            /**
             * Webhookid
             * @description Webhook of the Alertmanager that has the silence
             */
            webhookId: string;
            /** Matchers */
            matchers: components["schemas"]["MatcherShape"][];
            /**
             * Startsat
             * Format: date-time
             */
            startsAt: string;
            /**
             * Endsat
             * Format: date-time
             */
            endsAt: string;
            /**
             * Createdby
             * @description As Alertmanager has it
             */
            createdBy: string;
            /** Comment */
            comment: string;
            /**
             * About
             * @description What it silences: `issue`: the alert that Optral sends about the issue; `alerts`: alerts that are joined to it
             */
            about?: ("issue" | "alerts")[] | null;
            /**
             * Createdhere
             * @description Whether it was created from this issue and can be ended from it
             */
            createdHere: boolean;
            /** @description `extended`: the issue had this silence, and it ended earlier; `unchanged`: it had it, and it ends then or later */
            outcome: components["schemas"]["Outcome"];
        };
        /** RequestedTicket */
        RequestedTicket: {
            /**
             * Webhookid
             * @example whk_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            webhookId: string;
            /** @description `failed`: it could not be created, see `error`; `deleted`: somebody deleted it there */
            status: components["schemas"]["TicketStatus"];
            /**
             * Id
             * @description Its number or key there; absent until it was created
             * @example OPS-17
             */
            id?: string | null;
            /**
             * Url
             * @example https://github.com/shop/ops/issues/17
             */
            url?: string | null;
            /**
             * Error
             * @description Why the last attempt to create or change it failed
             * @example GitHub refuses this
             */
            error?: string | null;
            /**
             * Createdat
             * Format: date-time
             * @description When it was requested
             */
            createdAt: string;
            /**
             * Outcome
             * @description `unchanged`: the issue has a ticket of this webhook already
             * @enum {string}
             */
            outcome: "requested" | "unchanged";
        };
        /**
         * RequestsShape
         * @description Durations are percentiles in milliseconds, absent where there were too few requests. Shares are from 0 to 1.
         */
        RequestsShape: {
            /**
             * Source
             * @description What counts the requests
             * @example istio
             */
            source: string;
            /**
             * Provenby
             * @description How the agent knows that the series are about these pods: `uid`, `cluster` or `name`
             */
            provenBy: string;
            /** Persecond */
            perSecond: number;
            /** Errorshare */
            errorShare: number;
            /** P50Ms */
            p50Ms?: number | null;
            /** P95Ms */
            p95Ms?: number | null;
            /** P99Ms */
            p99Ms?: number | null;
            /**
             * Usualp95Ms
             * @description The median of up to twelve earlier hours; absent while it is not known
             */
            usualP95Ms?: number | null;
            /**
             * Samples
             * @description At most 30, oldest first; of several readings the highest duration
             */
            samples: components["schemas"]["RequestSample"][];
        };
        /** ResourceHit */
        ResourceHit: {
            /**
             * Id
             * @example res_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Kind
             * @example Deployment
             */
            kind: string;
            /** Name */
            name: string;
            /** Namespace */
            namespace: string | null;
            /** Cluster */
            cluster: string;
            /** Status */
            status?: string | null;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /** ResourceList */
        ResourceList: {
            /** Resources */
            resources: components["schemas"]["ResourceShape"][];
            /**
             * Columns
             * @description The columns of each kind on this page, in the order to show them in
             */
            columns: components["schemas"]["ColumnsOfKind"][];
            /** Total */
            total: number;
            /**
             * Totalcapped
             * @description Present if more rows match than `total`, which counts at most 10,000
             */
            totalCapped?: boolean | null;
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
             * Columns
             * @description What `kubectl get` shows of its kind, by the names in `columns` of the list; only in the list and in one resource
             * @example {
             *       "node": "node-1",
             *       "ready": "1/1",
             *       "restarts": 3
             *     }
             */
            columns?: {
                [key: string]: string | number;
            } | null;
            /**
             * Status
             * @description Short status for tables
             * @example CrashLoopBackOff
             */
            status?: string | null;
            /**
             * State
             * @description What `status` says: `failing` needs attention, `pending` waits; absent without a status
             * @enum {string|null}
             */
            state?: "failing" | "pending" | "healthy" | null;
            /** @description What a pod or node uses now; only in the list, and absent without a report of the last 15 minutes */
            usage?: components["schemas"]["CurrentUsage"] | null;
            /** @description Its pods and those of its ReplicaSets; only in the list, of workloads with `workloads=true`. `state` is then the worst of it and its pods */
            pods?: components["schemas"]["PodCounts"] | null;
            /**
             * Health
             * @description What a custom resource reports about itself; absent for other kinds, and if it reports nothing
             * @enum {string|null}
             */
            health?: "healthy" | "progressing" | "degraded" | "suspended" | null;
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
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
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
             * Columns
             * @description What `kubectl get` shows of its kind, by the names in `columns` of the list; only in the list and in one resource
             * @example {
             *       "node": "node-1",
             *       "ready": "1/1",
             *       "restarts": 3
             *     }
             */
            columns?: {
                [key: string]: string | number;
            } | null;
            /**
             * Status
             * @description Short status for tables
             * @example CrashLoopBackOff
             */
            status?: string | null;
            /**
             * State
             * @description What `status` says: `failing` needs attention, `pending` waits; absent without a status
             * @enum {string|null}
             */
            state?: "failing" | "pending" | "healthy" | null;
            /** @description What a pod or node uses now; only in the list, and absent without a report of the last 15 minutes */
            usage?: components["schemas"]["CurrentUsage"] | null;
            /** @description Its pods and those of its ReplicaSets; only in the list, of workloads with `workloads=true`. `state` is then the worst of it and its pods */
            pods?: components["schemas"]["PodCounts"] | null;
            /**
             * Health
             * @description What a custom resource reports about itself; absent for other kinds, and if it reports nothing
             * @enum {string|null}
             */
            health?: "healthy" | "progressing" | "degraded" | "suspended" | null;
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
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
            /**
             * Team
             * @description The team that owns it, as its issues have; absent if none is known
             * @example payments
             */
            team?: string | null;
            /**
             * Teamreason
             * @description What decided the team
             * @example label team of Deployment api
             */
            teamReason?: string | null;
            /**
             * Links
             * @description Links in its annotations, at most 10; absent without any
             */
            links?: components["schemas"]["EntityLinkShape"][] | null;
            /**
             * Manifest
             * @description YAML, redacted by the agent in the cluster; absent without the scope `resources:manifest`
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
             * @description The field manager that made the change
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
             * @description Number of certificates that were revoked
             */
            revoked: number;
        };
        /** Roll */
        Roll: {
            /**
             * Overlapdays
             * @description Days until the old key stops working; 0 revokes it immediately
             * @default 0
             */
            overlapDays: number;
        };
        /**
         * RollbackShape
         * @description The automatic undo after a step with `onError: rollback` did not succeed
         */
        RollbackShape: {
            /**
             * Restores
             * @description The steps that it takes back, the last one first
             */
            restores: string[];
            /**
             * Notundone
             * @description The steps that cannot be taken back
             */
            notUndone: components["schemas"]["NotUndoneShape"][];
            /**
             * Executionid
             * @description The undo
             */
            executionId?: string | null;
            /**
             * Refused
             * @description Why the undo did not start
             */
            refused?: string | null;
        };
        /** RolledForge */
        RolledForge: {
            /**
             * Id
             * @example frg_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "github" | "gitlab" | "gitea";
            /**
             * Url
             * @description Address of the forge's web page
             * @example https://github.com
             */
            url: string;
            /** Repositories */
            repositories: string[];
            /** Branchprefix */
            branchPrefix: string;
            /**
             * Webhookpath
             * @description Path of the forge's webhook
             * @example /v1/hooks/forges/frg_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            webhookPath: string;
            /**
             * Haswebhooksecret
             * @description Whether requests of a webhook can be accepted
             */
            hasWebhookSecret: boolean;
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
             * Webhooksecret
             * @description Secret of the webhook; shown only in this response
             */
            webhookSecret: string;
        };
        /** RolloutShape */
        RolloutShape: {
            /** Resourceid */
            resourceId: string;
            /**
             * Cluster
             * @description The cluster's name
             */
            cluster: string;
            /** Clusterid */
            clusterId: string;
            /**
             * Kind
             * @example Deployment
             */
            kind: string;
            /** Namespace */
            namespace: string;
            /** Name */
            name: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
        };
        /** RootCauseShape */
        RootCauseShape: {
            /**
             * Id
             * @description An id from docs/causes.md
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
            /**
             * Facts
             * @description Absent in analyses from before this field
             */
            facts?: components["schemas"]["FactShape"][];
            /**
             * Missingfacts
             * @description Facts that an explanation of this cause names, and that are unknown here
             */
            missingFacts?: string[];
        };
        /** RoutedShape */
        RoutedShape: {
            /**
             * Id
             * @description Id of the issue
             * @example iss_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Title */
            title: string;
            /**
             * Severity
             * @enum {string}
             */
            severity: "critical" | "high" | "medium" | "low";
            /** Clusterid */
            clusterId: string;
            /** Namespace */
            namespace?: string | null;
            /**
             * Detectedat
             * Format: date-time
             */
            detectedAt: string;
            /**
             * Outcome
             * @description `held`: it would have waited for the end of the quiet hours; `escalated`: it would have been sent only if nobody had acknowledged it
             * @enum {string}
             */
            outcome: "sent" | "held" | "dropped" | "escalated";
            /**
             * Leavesat
             * Format: date-time
             * @description When the notification would have been sent
             */
            leavesAt: string;
        };
        /**
         * RoutingInput
         * @description The settings of a webhook that decide which issues it is notified of, and when
         */
        RoutingInput: {
            /** @description For `alerts`, `pagerduty` and `jsm`, `events` does not matter: alerts follow their issues to the end */
            filters?: components["schemas"]["FilterInput"];
            /** @description Absent: notifications are sent at any time */
            quietHours?: components["schemas"]["WebhookQuietHoursInput"] | null;
            /**
             * Helduntil
             * Format: date-time
             * @description Notifications wait until this time, at most seven days away
             */
            heldUntil?: string | null;
            /**
             * Escalationminutes
             * @description Notify of an issue only if nobody has acknowledged it this many minutes after it opened
             * @default 0
             */
            escalationMinutes: number;
        };
        /** RoutingPreview */
        RoutingPreview: {
            /**
             * Since
             * Format: date-time
             * @description The issues that were detected from then on are previewed
             */
            since: string;
            /**
             * Issues
             * @description The newest 100, as they are now: an issue that was muted since is left out
             */
            issues: components["schemas"]["RoutedShape"][];
            /**
             * Total
             * @description How many of the newest 1,000 issues match
             */
            total: number;
        };
        /** RuleChangeShape */
        RuleChangeShape: {
            /** Alert */
            alert: string;
            /**
             * Reason
             * @description What the change rests on
             */
            reason: string;
            /** Repository */
            repository: string;
            /** File */
            file: string;
            /**
             * Waitbefore
             * @description `for` of the rule now
             * @example 1m
             */
            waitBefore: string;
            /**
             * Waitafter
             * @description `for` after the change
             * @example 6m
             */
            waitAfter: string;
            /**
             * Patch
             * @description The change as a diff
             */
            patch: string;
            /**
             * Digest
             * @description Names the change; sent back, it opens the pull request
             */
            digest: string;
            /**
             * Url
             * @description The pull request, if one was opened
             */
            url?: string | null;
        };
        /**
         * RuleShape
         * @description A rule of a Role or ClusterRole
         */
        RuleShape: {
            /**
             * Apigroups
             * @example [
             *       "apps"
             *     ]
             */
            apiGroups: string[];
            /**
             * Resources
             * @example [
             *       "deployments"
             *     ]
             */
            resources: string[];
            /**
             * Verbs
             * @example [
             *       "patch"
             *     ]
             */
            verbs: string[];
        };
        /**
         * RulesShape
         * @description Which types of issues were looked for
         */
        RulesShape: {
            /**
             * Version
             * @description Version of the detectors: that of Optral
             */
            version: string;
            /**
             * Types
             * @description Number of issue types that exist
             */
            types: number;
            /** On */
            on: number;
            /**
             * Off
             * @description Types that are switched off in all of these clusters and namespaces
             */
            off: string[];
            /**
             * Partlyoff
             * @description Types that are switched off in some of them
             */
            partlyOff: string[];
            /**
             * Risk
             * @description Whether risk checks are on; they are opt-in
             */
            risk: boolean;
            /**
             * Muterules
             * @description Mute rules in force: issues that match one are not listed by default
             */
            muteRules: number;
        };
        /** RunbookChange */
        RunbookChange: {
            /**
             * Definition
             * @description The definition as an object; mutually exclusive with `source`
             */
            definition?: {
                [key: string]: unknown;
            } | null;
            /**
             * Source
             * @description The definition as YAML or JSON text; errors include line numbers
             */
            source?: string | null;
            /** Enabled */
            enabled?: boolean | null;
            /**
             * Restoreversion
             * @description Makes a new version of this earlier one; excludes the other members
             */
            restoreVersion?: number | null;
        };
        /** RunbookHit */
        RunbookHit: {
            /** Id */
            id: string;
            /** Slug */
            slug: string;
            /** Name */
            name: string;
            /** Risk */
            risk: string;
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
        /** RunbookMatch */
        RunbookMatch: {
            /** Issuetypes */
            issueTypes: string[];
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
             * @description Version of the definition; an execution keeps the version that it started with
             */
            version: number;
            /**
             * Revision
             * @description Moves with each change, also of `enabled`; the number in the ETag
             */
            revision: number;
            /**
             * Builtin
             * @description Included in Optral and read-only
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
            match: components["schemas"]["RunbookMatch"];
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
             * Draftedby
             * @description The language model that wrote the first version
             * @example ollama/qwen3
             */
            draftedBy?: string | null;
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
            /** @description How often it helped; only in responses to GET */
            trackRecord?: components["schemas"]["TrackRecordShape"] | null;
            /**
             * Source
             * @description The definition as YAML text; only in the response for a single runbook
             */
            source?: string | null;
            /**
             * Recentexecutions
             * @description The ten latest; only in the response for a single runbook
             */
            recentExecutions?: components["schemas"]["ExecutionShape"][] | null;
        };
        /** SafeguardsChange */
        SafeguardsChange: {
            /**
             * Unattendedrisk
             * @description Up to which risk a trigger runs a runbook without approval, unless the runbook always requires one. Raising it requires a sign-in session and your password
             */
            unattendedRisk?: string | null;
            /**
             * Limits
             * @description Replaces all limits
             */
            limits?: components["schemas"]["LimitInput"][] | null;
            /**
             * Approvals
             * @description Replaces all rules. Requires a sign-in session and your password
             */
            approvals?: components["schemas"]["ApprovalRuleInput"][] | null;
            /**
             * Breakglassroles
             * @description Roles that may skip missing approvals with a reason. Requires a sign-in session and your password
             */
            breakGlassRoles?: ("owner" | "admin")[] | null;
            /**
             * Password
             * @description Your own password; required to raise `unattendedRisk` and to change `approvals` and `breakGlassRoles`
             */
            password?: string | null;
        };
        /** SafeguardsShape */
        SafeguardsShape: {
            /**
             * Unattendedrisk
             * @description Up to which risk a trigger runs a runbook without approval, unless the runbook always requires one
             * @enum {string}
             */
            unattendedRisk: "none" | "low" | "high";
            /**
             * Limits
             * @description Changes of all runbooks within an hour
             */
            limits: components["schemas"]["LimitShape"][];
            /**
             * Defaultchangesperhour
             * @description For each cluster without a limit of its own
             */
            defaultChangesPerHour: number;
            /**
             * Approvals
             * @description Approvals that plans need, by risk and place; the nearest place applies. Without a rule, the runbook decides
             */
            approvals: components["schemas"]["ApprovalRuleShape"][];
            /**
             * Breakglassroles
             * @description Roles that may skip missing approvals with a reason
             */
            breakGlassRoles: ("owner" | "admin")[];
            /** Updatedby */
            updatedBy?: string | null;
            /**
             * Updatedat
             * Format: date-time
             */
            updatedAt?: string | null;
            /** Version */
            version: number;
        };
        /** SampleShape */
        SampleShape: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Cpumillis */
            cpuMillis: number;
            /** Memorybytes */
            memoryBytes: number;
        };
        /** ScimShape */
        ScimShape: {
            /**
             * Baseurl
             * @description Address that the identity provider calls (tenant URL)
             * @example https://optral.example.com/scim/v2
             */
            baseUrl: string;
            /**
             * Enabled
             * @description Whether there is a token
             */
            enabled: boolean;
            /** Tokenhint */
            tokenHint?: string | null;
            /**
             * Networks
             * @description Networks (CIDR) that the token can be used from; absent for any
             */
            networks?: string[] | null;
            /**
             * Createdat
             * Format: date-time
             * @description When the token was created or rotated
             */
            createdAt?: string | null;
            /**
             * Oldtokenuntil
             * Format: date-time
             * @description Until when the token before it works
             */
            oldTokenUntil?: string | null;
            /**
             * Lastusedat
             * Format: date-time
             * @description Last request of the provider, to the minute
             */
            lastUsedAt?: string | null;
            /**
             * Users
             * @description Users that the provider provisioned
             */
            users: number;
            /** Activeusers */
            activeUsers: number;
            /**
             * Matchedusers
             * @description Users who are members here
             */
            matchedUsers: number;
            /** Groups */
            groups: number;
            /**
             * Unprovisionedmembers
             * @description Members who signed in with the provider and are none of its users; from their next sign-in they have no access
             */
            unprovisionedMembers: number;
        };
        /** ScopeShape */
        ScopeShape: {
            /**
             * Clusters
             * @description Cluster ids or names; empty for all clusters
             */
            clusters: string[];
            /**
             * Namespaces
             * @description Empty for all namespaces
             */
            namespaces: string[];
        };
        /**
         * SearchResults
         * @description The best matches of each kind; empty for kinds that the caller may not read
         */
        SearchResults: {
            /**
             * Issues
             * @description Open ones by severity, root issues before symptoms; then resolved ones detected in the last 30 days
             */
            issues: components["schemas"]["IssueHit"][];
            /**
             * Resources
             * @description Exact names first, then names that begin with the text, then the shortest
             */
            resources: components["schemas"]["ResourceHit"][];
            /** Clusters */
            clusters: components["schemas"]["ClusterHit"][];
            /** Runbooks */
            runbooks: components["schemas"]["RunbookHit"][];
            /**
             * Executions
             * @description Among the newest 100
             */
            executions: components["schemas"]["ExecutionHit"][];
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
             * @description Scopes of the member's role
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
             * @description When the session expires: after 12 hours without a request, at most 7 days after sign-in
             */
            expiresAt: string;
            /**
             * Reauthenticatedat
             * Format: date-time
             * @description When the password was last entered, or the person last signed in at the identity provider; creating keys and approving require at most 15 minutes
             */
            reauthenticatedAt: string;
            /**
             * Providerid
             * @description Identity provider of the sign-in; absent for a password
             */
            providerId?: string | null;
        };
        /** SetUp */
        SetUp: {
            /**
             * Token
             * @description The part of the link after `#`
             */
            token: string;
            /**
             * Organisation
             * @description Name of the organization; required if none exists, otherwise ignored
             */
            organisation?: string | null;
            /**
             * Email
             * @example ops@example.com
             */
            email: string;
            /**
             * Password
             * @description At least 12 characters; common passwords are rejected
             */
            password: string;
        };
        /**
         * Severity
         * @description critical: a service is down or data is at risk. high: does not recover by itself. medium: partial or slow. low: hygiene.
         * @enum {string}
         */
        Severity: "critical" | "high" | "medium" | "low";
        /** SeverityCounts */
        SeverityCounts: {
            /** Critical */
            critical: number;
            /** High */
            high: number;
            /** Medium */
            medium: number;
            /** Low */
            low: number;
        };
        /**
         * ShiftShape
         * @description A shift of the severity of all types in a scope
         */
        ShiftShape: {
            /**
             * Cluster
             * @description Cluster id; absent for all clusters
             */
            cluster?: string | null;
            /**
             * Namespace
             * @description Absent for all namespaces
             */
            namespace?: string | null;
            /** Severityshift */
            severityShift: number;
            /** Updatedby */
            updatedBy: string;
            /**
             * Updatedat
             * Format: date-time
             */
            updatedAt: string;
        };
        /** SignIn */
        SignIn: {
            /** Email */
            email: string;
            /** Password */
            password: string;
            /**
             * Organisation
             * @description For members of several organizations; defaults to the oldest membership
             */
            organisation?: string | null;
        };
        /**
         * SignInPolicyChange
         * @description Members that are left out do not change; null removes a limit.
         */
        SignInPolicyChange: {
            /**
             * Provideronly
             * @description Only owners can sign in with a password; other password sessions end
             */
            providerOnly?: boolean | null;
            /**
             * Sessionhours
             * @description Applies to sessions that begin from now on
             */
            sessionHours?: number | null;
            /** Idleminutes */
            idleMinutes?: number | null;
            /**
             * Sessionnetworks
             * @description Networks (CIDR), yours among them; null for any
             * @example [
             *       "192.0.2.0/24"
             *     ]
             */
            sessionNetworks?: string[] | null;
        };
        /** SignInPolicyShape */
        SignInPolicyShape: {
            /**
             * Provideronly
             * @description Only owners can sign in with a password
             */
            providerOnly: boolean;
            /**
             * Sessionhours
             * @description Longest sign-in session; absent for 168 (7 days)
             */
            sessionHours?: number | null;
            /**
             * Idleminutes
             * @description A session ends after this time without a request; absent for 720 (12 hours)
             */
            idleMinutes?: number | null;
            /**
             * Sessionnetworks
             * @description Networks (CIDR) that people can use Optral from; absent for any
             */
            sessionNetworks?: string[] | null;
            /**
             * Passwordowners
             * @description Email addresses of the owners with a password, the way in while the provider is down
             * @example [
             *       "owner@example.com"
             *     ]
             */
            passwordOwners: string[];
        };
        /** SignedOutShape */
        SignedOutShape: {
            /**
             * Providername
             * @description Identity provider whose session is to end, too; absent if it is not to
             */
            providerName?: string | null;
            /**
             * Providerlogouturl
             * @description Where the browser ends the session at the provider; it returns to `/signed-out` of OPTRAL_PUBLIC_URL with the same `state`. Absent if the provider does not answer, or has no `end_session_endpoint`
             */
            providerLogoutUrl?: string | null;
        };
        /**
         * SilenceShape
         * @description A silence in Alertmanager. It is not a mute rule or a snooze: these silence Optral
         */
        SilenceShape: {
            /**
             * Id
             * @description Its id in Alertmanager
             */
            id: string;
            /**
             * Webhookid
             * @description Webhook of the Alertmanager that has the silence
             */
            webhookId: string;
            /** Matchers */
            matchers: components["schemas"]["MatcherShape"][];
            /**
             * Startsat
             * Format: date-time
             */
            startsAt: string;
            /**
             * Endsat
             * Format: date-time
             */
            endsAt: string;
            /**
             * Createdby
             * @description As Alertmanager has it
             */
            createdBy: string;
            /** Comment */
            comment: string;
            /**
             * About
             * @description What it silences: `issue`: the alert that Optral sends about the issue; `alerts`: alerts that are joined to it
             */
            about?: ("issue" | "alerts")[] | null;
            /**
             * Createdhere
             * @description Whether it was created from this issue and can be ended from it
             */
            createdHere: boolean;
        };
        /** SimilarList */
        SimilarList: {
            /**
             * Days
             * @description The time in which openings are counted
             */
            days: number;
            /**
             * Openings
             * @description When the issue, or one of the same workload and type, opened in this time
             */
            openings: components["schemas"]["OpeningShape"][];
            /**
             * Afterchange
             * @description How many openings followed a change
             */
            afterChange: number;
            /**
             * Summary
             * @example Third time in 7 days, each time within 30 minutes after a change of Deployment web.
             */
            summary: string;
            /**
             * Similar
             * @description At most 10, the closest first
             */
            similar: components["schemas"]["SimilarShape"][];
        };
        /** SimilarShape */
        SimilarShape: {
            /**
             * Id
             * @example iss_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Relation
             * @description What both have in common
             * @enum {string}
             */
            relation: "sameWorkload" | "sameName" | "sameImage" | "sameChart" | "sameCause";
            /** Title */
            title: string;
            severity: components["schemas"]["Severity"];
            /**
             * Status
             * @enum {string}
             */
            status: "open" | "acknowledged" | "resolved";
            /** Cluster */
            cluster: string;
            /** Namespace */
            namespace?: string | null;
            owner: components["schemas"]["RefShape"];
            /**
             * Cause
             * @description An id from docs/causes.md; absent without an analysis that names one
             */
            cause?: string | null;
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
            /** @description Absent for an issue that is not resolved */
            endedBy?: components["schemas"]["EndingShape"] | null;
        };
        /**
         * Skew
         * @description An agent's version beside the server's: the server supports its own minor version and the one before.
         * @enum {string}
         */
        Skew: "current" | "behind" | "tooOld" | "ahead" | "unknown";
        /**
         * SnoozeConditionsInput
         * @description Conditions that end the snooze; at least one is required, and the first one that is met ends it
         */
        SnoozeConditionsInput: {
            /**
             * Until
             * Format: date-time
             * @description At most one year from now
             */
            until?: string | null;
            /**
             * Occurrences
             * @description End the snooze after this many more occurrences
             */
            occurrences?: number | null;
            /**
             * Severityrises
             * @description End the snooze if the severity rises
             * @default false
             */
            severityRises: boolean;
        };
        /**
         * SnoozeShape
         * @description No notifications are sent for the issue until the first of these conditions is met
         */
        SnoozeShape: {
            /**
             * Until
             * Format: date-time
             */
            until?: string | null;
            /**
             * Occurrences
             * @description End the snooze after this many more occurrences
             */
            occurrences?: number | null;
            /** Occurrencesleft */
            occurrencesLeft?: number | null;
            /**
             * Severityrises
             * @description End the snooze if the severity rises
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
         * Source
         * @enum {string}
         */
        Source: "issue" | "schedule" | "webhook";
        /**
         * SourceShape
         * @description The files from which Argo CD or Flux applies an object, as far as their resources in this cluster say
         */
        SourceShape: {
            /**
             * Repository
             * @example https://git.example.com/shop/deploy.git
             */
            repository?: string | null;
            /**
             * Path
             * @description Folder that is applied
             * @example overlays/prod
             */
            path?: string | null;
            /**
             * Revision
             * @description Branch, tag or commit that is followed
             */
            revision?: string | null;
            /** Appliedrevision */
            appliedRevision?: string | null;
            /**
             * Appliedat
             * Format: date-time
             */
            appliedAt?: string | null;
            /**
             * Chart
             * @description Name of the Helm chart, if it is not in the repository
             */
            chart?: string | null;
            helm?: components["schemas"]["HelmShape"] | null;
            /**
             * Transformers
             * @description Settings of the Application or Kustomization that change what the folder builds
             * @example [
             *       "images"
             *     ]
             */
            transformers?: string[] | null;
            kustomization?: components["schemas"]["KustomizationShape"] | null;
            /**
             * Candidates
             * @description Sources of an Application that may make the object; the last one that describes it does
             */
            candidates?: components["schemas"]["CandidateShape"][] | null;
            /**
             * Problem
             * @description Why the files cannot be determined
             */
            problem?: string | null;
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
             * @description Cost at the prices in the operator's settings; absent if they are not set
             */
            costUsd?: number | null;
        };
        /** StepDefinition */
        StepDefinition: {
            /** Name */
            name: string;
            /**
             * Action
             * @description The command to run
             * @example setResources
             */
            action: string;
            /**
             * With
             * @description Values of the command: a literal, `${parameters.X}` or `${target.X}`
             */
            with: {
                [key: string]: unknown;
            };
            /** Bounds */
            bounds?: components["schemas"]["BoundShape"][] | null;
            /** Optional */
            optional?: boolean | null;
        };
        /**
         * StepImpact
         * @description What a step takes away while it changes something, estimated from the dry run and the inventory
         */
        StepImpact: {
            /** Step */
            step: string;
            /**
             * Podsreplaced
             * @description Pods that end and are created again
             */
            podsReplaced: number;
            /**
             * Podsremoved
             * @description Pods that end and are not created again
             */
            podsRemoved: number;
            /**
             * Unavailableatonce
             * @description How many pods are unavailable at the same time; absent if unknown
             */
            unavailableAtOnce?: number | null;
            /**
             * Unavailableseconds
             * @description For how long, by the time that the present pods took to become ready; absent if unknown
             */
            unavailableSeconds?: number | null;
            /**
             * Budgets
             * @description PodDisruptionBudgets that select these pods
             * @example [
             *       "shop/web"
             *     ]
             */
            budgets: string[];
            /**
             * Dependents
             * @description Services that select these pods, and workloads of the namespace that call them
             * @example [
             *       "Service shop/web",
             *       "Deployment shop/frontend"
             *     ]
             */
            dependents: string[];
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
             * @description Only in the response for a single execution
             */
            result?: {
                [key: string]: unknown;
            } | null;
            /**
             * Preimage
             * @description Values of the changed fields before the change
             */
            preImage?: {
                [key: string]: unknown;
            } | null;
        };
        /**
         * StepState
         * @description Of one step. `limited`: done, but a warning says what is missing. `current` with a problem: it waits for a person.
         * @enum {string}
         */
        StepState: "done" | "limited" | "current" | "failed" | "waiting";
        /** Stop */
        Stop: {
            /**
             * Reason
             * @description Why everything must stop, at least 3 characters; every canceled execution shows it
             */
            reason: string;
        };
        /** StoppedShape */
        StoppedShape: {
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
            /**
             * Canceled
             * @description Ids of the executions that were canceled or whose cancellation was requested
             */
            canceled: string[];
            /**
             * Held
             * @description Further executions that wait until executions are resumed
             */
            held: number;
        };
        /** SuggestedIssue */
        SuggestedIssue: {
            /**
             * Id
             * @example iss_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Title */
            title: string;
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
            /** Namespace */
            namespace: string | null;
            /** Cluster */
            cluster: string;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
            /**
             * By
             * @description `analysis`: its analysis recommends the runbook; `type`: its type fits
             * @enum {string}
             */
            by: "analysis" | "type";
            /**
             * Cause
             * @description The cause that the analysis names, an id from docs/causes.md
             */
            cause?: string | null;
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
        /** SuggestionsShape */
        SuggestionsShape: {
            /**
             * Causes
             * @description Causes for which an analysis suggests the runbook if the evidence supports it
             */
            causes: string[];
            /**
             * Issuetypes
             * @description Types of issues that show the runbook as suitable
             */
            issueTypes: string[];
            /**
             * Matching
             * @description Open issues for which it is suggested now
             */
            matching: number;
            /**
             * Iswhole
             * @description False: there are more open issues than the newest 300, which were looked at
             */
            isWhole: boolean;
            /**
             * Issues
             * @description At most 20: those by analysis first, then the newest
             */
            issues: components["schemas"]["SuggestedIssue"][];
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
         * @description An issue that another issue explains
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
             * @description How the issue is related to its cause
             * @example runs on
             */
            relation?: string | null;
            /**
             * Attachedat
             * Format: date-time
             * @description When the issue was attached to its cause
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
        /** TargetShape */
        TargetShape: {
            /** Kind */
            kind?: string | null;
            /** Namespace */
            namespace?: string | null;
            /** Name */
            name?: string | null;
        };
        /** TestInput */
        TestInput: {
            /**
             * Objects
             * @description JSON or YAML text, an object, or a list of objects. Lists are expanded and Secrets are dropped
             */
            objects: string | {
                [key: string]: unknown;
            } | unknown[];
            /**
             * At
             * Format: date-time
             * @description Evaluate as of this time; defaults to now
             */
            at?: string | null;
            /**
             * Cluster
             * @description Cluster whose settings apply; defaults to the settings for all clusters
             */
            cluster?: string | null;
            /**
             * Includerisk
             * @description Include risk checks
             * @default false
             */
            includeRisk: boolean;
        };
        /** TestMail */
        TestMail: {
            /**
             * Recipient
             * @example ops@example.com
             */
            recipient: string;
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
             * @description Number of objects that were examined
             */
            objects: number;
            /** Secretsdropped */
            secretsDropped: number;
            /**
             * Unreadable
             * @description Entries that are not Kubernetes objects
             */
            unreadable: number;
            /**
             * Ignored
             * @description Objects of kinds that Optral does not watch, by kind
             */
            ignored: {
                [key: string]: number;
            };
            /** Findings */
            findings: components["schemas"]["FoundShape"][];
            /**
             * Detectors
             * @description Detectors that considered an object, with their verdict and the reason
             */
            detectors: components["schemas"]["NearShape"][];
            /**
             * Cut
             * @description More detectors considered the objects than are listed
             */
            cut: boolean;
        };
        /** TestedRepository */
        TestedRepository: {
            /** Repository */
            repository: string;
            /** Ok */
            ok: boolean;
            /** Defaultbranch */
            defaultBranch?: string | null;
            /**
             * Message
             * @description Why no pull request can be opened
             */
            message?: string | null;
        };
        /**
         * ThresholdShape
         * @description A threshold of the detector that can be set
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
             * @description Value in effect in the requested scope, without annotations
             */
            value: number;
            /** Min */
            min: number;
            /** Max */
            max: number;
            /**
             * Whole
             * @description Whether the value must be an integer
             */
            whole: boolean;
            /**
             * Unit
             * @description `s` for seconds, `share` for a fraction of 1, otherwise what is counted
             * @example restarts
             */
            unit: string;
        };
        /** Ticket */
        Ticket: {
            /**
             * Ticket
             * @description One-time ticket for `/v1/events/stream?ticket=…`
             */
            ticket: string;
            /**
             * Expiresat
             * Format: date-time
             */
            expiresAt: string;
        };
        /**
         * TicketStatus
         * @description What Optral knows of a ticket: it is being created, was last made open or closed, could not be created, or was deleted there.
         * @enum {string}
         */
        TicketStatus: "pending" | "open" | "closed" | "failed" | "deleted";
        /** TicketWebhook */
        TicketWebhook: {
            /** Id */
            id: string;
            /**
             * Name
             * @example ops-tickets
             */
            name: string;
        };
        /**
         * TokenStatus
         * @enum {string}
         */
        TokenStatus: "active" | "exhausted" | "expired" | "revoked";
        /** TopologyEdge */
        TopologyEdge: {
            /**
             * Source
             * @description Id of a node
             */
            source: string;
            /**
             * Target
             * @description Id of a node
             */
            target: string;
            /**
             * Relation
             * @description New values may be added
             * @example calls
             */
            relation: string;
            /** Broken */
            broken: boolean;
            /**
             * Problem
             * @description Why it is broken
             * @example port 8200 is called; the Service has 80
             */
            problem?: string | null;
        };
        /** TopologyLeftOut */
        TopologyLeftOut: {
            /**
             * Beside
             * @description Id of a node
             */
            beside: string;
            /**
             * Kind
             * @example Pod
             */
            kind?: string | null;
            /** Relation */
            relation: string;
            /**
             * Count
             * @description How many more objects have this relation to the node
             */
            count: number;
        };
        /** TopologyNode */
        TopologyNode: {
            /**
             * Id
             * @description Unique in this response
             * @example Deployment.apps/shop/api
             */
            id: string;
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
             * Resourceid
             * @description Absent for an object that is not in the inventory
             */
            resourceId?: string | null;
            /**
             * Layer
             * @description Each layer depends on the next
             * @enum {string}
             */
            layer: "caller" | "service" | "workload" | "pod" | "dependency";
            /**
             * State
             * @description `missing`: something refers to it, but it does not exist; `unknown`: objects of its kind are not read
             * @enum {string}
             */
            state: "ok" | "failing" | "missing" | "unknown";
            /**
             * Status
             * @example 1/3 ready
             */
            status?: string | null;
            /**
             * Issubject
             * @description The issue is about this object or its owner
             */
            isSubject: boolean;
            /**
             * Iscause
             * @description The analysis names this object as the cause
             */
            isCause: boolean;
            /** @description The issue of this object: this one, a symptom or the root */
            issue?: components["schemas"]["NodeIssue"] | null;
        };
        /** TrackRecordShape */
        TrackRecordShape: {
            /** Runs */
            runs: number;
            /**
             * Verified
             * @description The verification passed
             */
            verified: number;
            /**
             * Failed
             * @description The change did not help, or a later step failed
             */
            failed: number;
            /**
             * Inconclusive
             * @description It is unknown whether the change helped
             */
            inconclusive: number;
            /**
             * Medianseconds
             * @description From start to the end of the verification, of the verified ones
             */
            medianSeconds?: number | null;
            /**
             * Bycause
             * @description By the cause of the issue that the runbook was executed for
             */
            byCause: components["schemas"]["CauseRecordShape"][];
        };
        /** TreeShape */
        TreeShape: {
            root: components["schemas"]["ResourceShape"];
            /**
             * Owners
             * @description Nearest owner first
             */
            owners: components["schemas"]["ResourceShape"][];
            /**
             * Children
             * @description Dependents at all depths; each names its owner
             */
            children: components["schemas"]["ResourceShape"][];
            /** Truncated */
            truncated: boolean;
        };
        /**
         * TrendsShape
         * @description Symptoms of other issues are not counted
         */
        TrendsShape: {
            /**
             * Range
             * @enum {string}
             */
            range: "24h" | "7d" | "30d";
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /**
             * Until
             * Format: date-time
             */
            until: string;
            /** Bucketseconds */
            bucketSeconds: number;
            /**
             * Buckets
             * @description Oldest first, aligned to UTC; the last one is not over yet
             */
            buckets: components["schemas"]["BucketShape"][];
            /** Opened */
            opened: number;
            /**
             * Resolved
             * @description An issue that opened again within 24 hours counts as not resolved
             */
            resolved: number;
            /** @description From the opening to the first analysis that names a cause, of issues of the range */
            timeToExplain: components["schemas"]["DelayShape"];
            /** @description From the opening to the first acknowledgment, of issues of the range */
            timeToAcknowledge: components["schemas"]["DelayShape"];
            /** @description From the opening to the resolution, of issues resolved in the range */
            timeToResolve: components["schemas"]["DelayShape"];
            /**
             * Types
             * @description The 10 types that opened the most issues
             */
            types: components["schemas"]["RankedType"][];
            /**
             * Owners
             * @description The 10 owners with the most issues
             */
            owners: components["schemas"]["RankedOwner"][];
            /**
             * Sampled
             * @description More than 10,000 issues opened; `types` and `owners` are of the newest 10,000
             */
            sampled: boolean;
        };
        /** TriggerChange */
        TriggerChange: {
            /** Name */
            name?: string | null;
            /** Runbook */
            runbook?: string | null;
            /** Cluster */
            cluster?: string | null;
            /**
             * Parameters
             * @description Replaces all parameters
             */
            parameters?: {
                [key: string]: unknown;
            } | null;
            /** @description Replaces the whole match */
            match?: components["schemas"]["TriggerMatchInput"] | null;
            /**
             * Schedule
             * @description Cron expression of the beginnings, five fields
             * @example 0 22 * * 5
             */
            schedule?: string | null;
            /**
             * Timezone
             * @description IANA time zone of the schedule
             * @example Europe/Berlin
             */
            timeZone?: string | null;
            /** Accepts */
            accepts?: string[] | null;
            /** Enabled */
            enabled?: boolean | null;
        };
        /** TriggerList */
        TriggerList: {
            /** Triggers */
            triggers: components["schemas"]["TriggerShape"][];
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
         * TriggerMatch
         * @description Matches an issue that matches one entry of every list, and all labels
         */
        TriggerMatch: {
            /**
             * Types
             * @example [
             *       "OOMKilled"
             *     ]
             */
            types?: string[] | null;
            /**
             * Clusters
             * @description Cluster ids
             */
            clusters?: string[] | null;
            /** Namespaces */
            namespaces?: string[] | null;
            /**
             * Minseverity
             * @enum {string|null}
             */
            minSeverity?: "critical" | "high" | "medium" | "low" | null;
            /**
             * Labels
             * @description Labels of the issue
             */
            labels?: {
                [key: string]: string;
            } | null;
            /**
             * Causes
             * @description Causes that the analysis found, ids from docs/causes.md
             */
            causes?: string[] | null;
            /**
             * Minconfidence
             * @description Minimum confidence of the analysis, 0 to 1
             */
            minConfidence?: number | null;
        };
        /**
         * TriggerMatchInput
         * @description Matches an issue that matches one entry of every given list, and all labels. Requires types or causes
         */
        TriggerMatchInput: {
            /**
             * Types
             * @example [
             *       "OOMKilled"
             *     ]
             */
            types?: string[];
            /**
             * Clusters
             * @description Cluster ids or names
             */
            clusters?: string[];
            /** Namespaces */
            namespaces?: string[];
            /**
             * Minseverity
             * @enum {string|null}
             */
            minSeverity?: "critical" | "high" | "medium" | "low" | null;
            /**
             * Labels
             * @description Labels of the issue
             */
            labels?: {
                [key: string]: string;
            };
            /**
             * Causes
             * @description Causes that the analysis found, ids from docs/causes.md
             */
            causes?: string[];
            /**
             * Minconfidence
             * @description Minimum confidence of the analysis, 0 to 1
             */
            minConfidence?: number | null;
        };
        /** TriggerShape */
        TriggerShape: {
            /**
             * Id
             * @example trg_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** Name */
            name: string;
            source: components["schemas"]["Source"];
            /** Enabled */
            enabled: boolean;
            /**
             * Runbook
             * @description Slug of the runbook
             */
            runbook: string;
            /**
             * Clusterid
             * @description Absent: the cluster of the issue
             */
            clusterId?: string | null;
            /** Parameters */
            parameters: {
                [key: string]: unknown;
            };
            match?: components["schemas"]["TriggerMatch"] | null;
            /** Schedule */
            schedule?: string | null;
            /** Timezone */
            timeZone?: string | null;
            /**
             * Nextat
             * Format: date-time
             * @description Next time of the schedule
             */
            nextAt?: string | null;
            /**
             * Accepts
             * @description Parameters that a signed request may set
             */
            accepts?: string[] | null;
            /**
             * Path
             * @description Path of the signed requests
             * @example /v1/hooks/trg_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            path?: string | null;
            /**
             * Actsfor
             * @description Id of the member with whose rights it acts: who changed it last
             */
            actsFor: string;
            blocked?: components["schemas"]["BlockShape"] | null;
            /**
             * Failures
             * @description Executions in a row that did not succeed
             */
            failures: number;
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
            /** Version */
            version: number;
        };
        /** TuningShape */
        TuningShape: {
            /**
             * Cluster
             * @description Cluster id; absent for all clusters
             */
            cluster?: string | null;
            /**
             * Namespace
             * @description Absent for all namespaces
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
             * @description Thresholds by name; absent if none is set in this scope
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
        /** UnalertedIssue */
        UnalertedIssue: {
            /** Id */
            id: string;
            /** Title */
            title: string;
            /** Type */
            type: string;
            /**
             * Severity
             * @enum {string}
             */
            severity: "critical" | "high" | "medium" | "low";
            /**
             * Detectedat
             * Format: date-time
             */
            detectedAt: string;
        };
        /** UndoShape */
        UndoShape: {
            /**
             * Possible
             * @description The previous values are known. Whether an object has changed since is checked when the undo starts
             */
            possible: boolean;
            /**
             * Reason
             * @description Why not
             */
            reason?: string | null;
        };
        /**
         * UnreadShape
         * @description Something that was not looked at
         */
        UnreadShape: {
            reason: components["schemas"]["Reason"];
            /**
             * Needed
             * @description Whether a failure could be hidden by it; if so, the record is not complete
             */
            needed: boolean;
            /**
             * Message
             * @example Services of cluster eu cannot be read
             */
            message: string;
            /**
             * Fix
             * @description What to do about it
             */
            fix?: string | null;
            /** Kinds */
            kinds?: string[] | null;
            /**
             * Clusters
             * @description Names of clusters
             */
            clusters?: string[] | null;
            /** Namespaces */
            namespaces?: string[] | null;
            /**
             * Types
             * @description Issue types
             */
            types?: string[] | null;
            /**
             * Since
             * Format: date-time
             * @description The stored state is of this time
             */
            since?: string | null;
        };
        /** UsageShape */
        UsageShape: {
            /**
             * Observedat
             * Format: date-time
             * @description Absent without a report
             */
            observedAt?: string | null;
            /**
             * Reason
             * @description Why there is no report
             */
            reason?: string | null;
            /**
             * Parts
             * @description The containers of a pod, or the node
             */
            parts: components["schemas"]["PartShape"][];
            /** Volumes */
            volumes: components["schemas"]["VolumeUse"][];
            /** @description Of a workload, from the organization's own Prometheus */
            requests?: components["schemas"]["RequestsShape"] | null;
            /** @description Of a workload: what its pods request and use */
            workload?: components["schemas"]["WorkloadUseShape"] | null;
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /** UserCodeInput */
        UserCodeInput: {
            /**
             * Usercode
             * @description The code that the program shows
             * @example WDJB-MJHT
             */
            userCode: string;
        };
        /** ValidationShape */
        ValidationShape: {
            /** Valid */
            valid: boolean;
            /** Errors */
            errors: components["schemas"]["MistakeShape"][];
            /**
             * Needsapproval
             * @description Whether its executions need an approval; absent if it is invalid
             */
            needsApproval?: boolean | null;
        };
        /** VantageShape */
        VantageShape: {
            /** Namespace */
            namespace: string;
            /** Pod */
            pod: string;
            /** Node */
            node?: string | null;
        };
        /**
         * VerificationShape
         * @description Whether the change helped. `status` is set when the verification has finished
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
             * @description Since when all checks pass without interruption
             */
            since?: string | null;
            /**
             * Until
             * Format: date-time
             * @description Deadline of the verification
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
        /** VersionEntry */
        VersionEntry: {
            /** Version */
            version: number;
            /** Createdby */
            createdBy: string;
            /**
             * Createdat
             * Format: date-time
             * @description Absent for a built-in runbook
             */
            createdAt?: string | null;
            /**
             * Current
             * @description Whether new executions use this version
             */
            current: boolean;
        };
        /** VersionList */
        VersionList: {
            /**
             * Versions
             * @description The newest first, at most 100; only the present one of a built-in runbook
             */
            versions: components["schemas"]["VersionEntry"][];
        };
        /** VersionShape */
        VersionShape: {
            /** Version */
            version: number;
            /** Createdby */
            createdBy: string;
            /**
             * Createdat
             * Format: date-time
             * @description Absent for a built-in runbook
             */
            createdAt?: string | null;
            /**
             * Current
             * @description Whether new executions use this version
             */
            current: boolean;
            /**
             * Source
             * @description The definition as it was written, or as YAML if it was sent as an object
             */
            source: string;
        };
        /** ViewList */
        ViewList: {
            /** Views */
            views: components["schemas"]["ViewShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
        };
        /** ViewShape */
        ViewShape: {
            /**
             * Id
             * @example viw_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Name
             * @example Critical in shop
             */
            name: string;
            /**
             * Query
             * @example severity:critical ns:shop
             */
            query: string;
            /**
             * Sort
             * @enum {string}
             */
            sort: "detectedAt" | "-detectedAt" | "lastSeenAt" | "-lastSeenAt" | "severity" | "-severity" | "status" | "-status";
            display: components["schemas"]["Display"];
            /**
             * Shared
             * @description Whether everybody in the organization sees it
             */
            shared: boolean;
            /**
             * Isown
             * @description Whether the caller owns it
             */
            isOwn: boolean;
            /**
             * Ownerid
             * @description Id of the member who created it
             */
            ownerId: string;
            /**
             * Openissues
             * @description Open and acknowledged issues that match; 10,001 stands for more than 10,000
             */
            openIssues: number;
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
            /** Version */
            version: number;
        };
        /** ViewUpdate */
        ViewUpdate: {
            /**
             * Name
             * @example Critical in shop
             */
            name?: string | null;
            /**
             * Query
             * @description A query as the parameter `q` of `GET /v1/issues` takes it
             * @example severity:critical ns:shop
             */
            query?: string | null;
            /**
             * Sort
             * @description An order of `GET /v1/issues`
             */
            sort?: string | null;
            /** @description Replaces all of it; `{}` shows the list as the person has it */
            display?: components["schemas"]["Display"] | null;
            /**
             * Shared
             * @description Whether everybody in the organization sees it; requires `issues:write`
             */
            shared?: boolean | null;
        };
        /** VolumeUse */
        VolumeUse: {
            /**
             * Name
             * @description Absent for the file system of a node
             */
            name?: string | null;
            /** Claim */
            claim?: string | null;
            /** Usedbytes */
            usedBytes: number;
            /** Capacitybytes */
            capacityBytes: number;
            /**
             * Fullinseconds
             * @description When it is full if it keeps growing; absent if it does not grow steadily
             */
            fullInSeconds?: number | null;
        };
        /**
         * WaitingAgent
         * @description An agent waiting for approval. Approving it lets the holder of this key enroll, and nobody else
         */
        WaitingAgent: {
            /** Clusterid */
            clusterId: string;
            /** Clustername */
            clusterName: string;
            /** Fleettokenid */
            fleetTokenId: string;
            /** Kubesystemuid */
            kubeSystemUid: string;
            /** Address */
            address: string;
            /**
             * Keyfingerprint
             * @description SHA-256 of the agent's public key
             */
            keyFingerprint: string;
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /**
             * Version
             * @description Version of the cluster. Sent as `If-Match: "v3"`, a decision is refused with 412 if an agent with another key waits by now
             */
            version: number;
        };
        /** WaitingAgents */
        WaitingAgents: {
            /** Waiting */
            waiting: components["schemas"]["WaitingAgent"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
        };
        /**
         * WaitingShape
         * @description What an execution waits for now
         */
        WaitingShape: {
            /**
             * Kind
             * @description `turn`: another execution changes the cluster; `freeze`: the end of a freeze; `window`: a maintenance window, for what a trigger started; `limit`: of changes within an hour; `resume`: executions are stopped; `agent`: the command of a step; `merge`: of the pull request, and its sync
             * @enum {string}
             */
            kind: "plan" | "approval" | "turn" | "freeze" | "window" | "limit" | "resume" | "agent" | "time" | "condition" | "retry" | "merge" | "verification";
            /** Step */
            step?: string | null;
            /**
             * Position
             * @description Position of the step, from 1
             */
            position?: number | null;
            /**
             * Until
             * Format: date-time
             * @description When the wait ends at the latest
             */
            until?: string | null;
            /**
             * What
             * @description The condition or the freeze, in words
             * @example object.status.availableReplicas is at least 2
             */
            what?: string | null;
            /**
             * Windowid
             * @description Id of the freeze
             */
            windowId?: string | null;
        };
        /** WebhookChange */
        WebhookChange: {
            /** @description Replaces all filters */
            filters?: components["schemas"]["FilterInput"] | null;
            /** @description Replaces the quiet hours; `null` removes them */
            quietHours?: components["schemas"]["WebhookQuietHoursInput"] | null;
            /**
             * Helduntil
             * Format: date-time
             * @description `null` ends the hold for notifications from then on
             */
            heldUntil?: string | null;
            /** Escalationminutes */
            escalationMinutes?: number | null;
            /** Name */
            name?: string | null;
            /** Url */
            url?: string | null;
            /** Channel */
            channel?: string | null;
            /** @description Replaces the whole template; `null` removes it */
            ticket?: components["schemas"]["WebhookTicketInput"] | null;
            /** @description Replaces the credentials; a new URL requires them, if there are any */
            credentials?: components["schemas"]["CredentialsInput"] | null;
            /**
             * Signingsecret
             * @description For `pagerduty`, the secret of the webhook subscription that sends to `hookPath`. The one before is valid for 24 hours more; an empty string removes it. Stored encrypted and never returned
             */
            signingSecret?: string | null;
            /**
             * Enabled
             * @description An endpoint that is enabled again receives events from then on
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
        /** WebhookQuietHours */
        WebhookQuietHours: {
            /** Start */
            start: string;
            /** End */
            end: string;
            /** Days */
            days: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
            /** Timezone */
            timeZone: string;
            /**
             * Passingseverity
             * @enum {string|null}
             */
            passingSeverity?: "critical" | "high" | "medium" | "low" | null;
            /** Drop */
            drop: boolean;
        };
        /**
         * WebhookQuietHoursInput
         * @description Hours in which notifications are held back. They are sent when the hours end; the end of an alert is always sent at once
         */
        WebhookQuietHoursInput: {
            /**
             * Start
             * @description Local time at which the hours begin
             * @example 22:00
             */
            start: string;
            /**
             * End
             * @description Local time at which they end; on the next day, unless it is after `start`
             * @example 22:00
             */
            end: string;
            /**
             * Days
             * @description Days on which they begin
             * @default [
             *       "mon",
             *       "tue",
             *       "wed",
             *       "thu",
             *       "fri",
             *       "sat",
             *       "sun"
             *     ]
             */
            days: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
            /**
             * Timezone
             * @description IANA time zone
             * @default UTC
             * @example Europe/Berlin
             */
            timeZone: string;
            /**
             * Passingseverity
             * @description Issues of at least this severity are not held back
             * @enum {string|null}
             */
            passingSeverity?: "critical" | "high" | "medium" | "low" | null;
            /**
             * Drop
             * @description Notifications of these hours are not sent later either
             * @default false
             */
            drop: boolean;
        };
        /** WebhookShape */
        WebhookShape: {
            /**
             * Id
             * @example whk_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /**
             * Helduntil
             * Format: date-time
             */
            heldUntil?: string | null;
            /** Escalationminutes */
            escalationMinutes: number;
            /** Name */
            name: string;
            /**
             * Url
             * @description The URL with its path and query masked, since they may contain secrets; of `ticket`, with the project
             */
            url: string;
            form: components["schemas"]["Form"];
            /** Channel */
            channel?: string | null;
            /** Enabled */
            enabled: boolean;
            /**
             * Disabledreason
             * @description `gone`: the endpoint answered 410; `failing`: no delivery succeeded for five days
             * @enum {string|null}
             */
            disabledReason?: "manual" | "gone" | "failing" | null;
            /**
             * Failingsince
             * Format: date-time
             */
            failingSince?: string | null;
            /**
             * Authentication
             * @description How requests authenticate, beside the signature
             * @enum {string|null}
             */
            authentication?: "basic" | "bearer" | "app" | null;
            /**
             * Refreshedat
             * Format: date-time
             * @description Of `alerts`: when the alerts that fire were last sent again
             */
            refreshedAt?: string | null;
            /**
             * Refresherror
             * @description Why that failed
             * @example status 503
             */
            refreshError?: string | null;
            /**
             * Hookpath
             * @description Of `pagerduty` and `jsm`: the path to which the service reports acknowledgments
             * @example /v1/hooks/on-call/whk_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            hookPath?: string | null;
            filters: components["schemas"]["FilterShape"];
            quietHours?: components["schemas"]["WebhookQuietHours"] | null;
            ticket?: components["schemas"]["WebhookTicket"] | null;
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
        /**
         * WebhookTicket
         * @description What its tickets are created with
         */
        WebhookTicket: {
            /** Title */
            title?: string | null;
            /** Text */
            text?: string | null;
            /** Labels */
            labels?: string[] | null;
            /** Assignee */
            assignee?: string | null;
            /** Issuetype */
            issueType?: string | null;
            /** Fields */
            fields?: {
                [key: string]: unknown;
            } | null;
        };
        /**
         * WebhookTicketInput
         * @description What the tickets of a webhook of the form `ticket` are created with. Title, text and labels can contain the placeholders {title},
         *     {severity}, {cluster}, {namespace}, {object}, {type}, {team}, {cause} and {url}
         */
        WebhookTicketInput: {
            /**
             * Title
             * @description Absent: the title of the issue
             * @example [{cluster}] {title}
             */
            title?: string | null;
            /**
             * Text
             * @description Values from clusters are formatted as code
             * @example Cause: {cause}
             *
             *     {url}
             */
            text?: string | null;
            /**
             * Labels
             * @description A label is left out if one of its placeholders has no value
             * @example [
             *       "optral",
             *       "team:{team}"
             *     ]
             */
            labels?: string[] | null;
            /**
             * Assignee
             * @description User name; for Jira, the account id
             * @example example-user
             */
            assignee?: string | null;
            /**
             * Issuetype
             * @description Of Jira: name of the issue type. Absent: `Bug`
             * @example Task
             */
            issueType?: string | null;
            /**
             * Fields
             * @description Of Jira: further fields by id, at most 8 KiB and 5 levels
             * @example {
             *       "priority": {
             *         "name": "High"
             *       }
             *     }
             */
            fields?: {
                [key: string]: unknown;
            } | null;
        };
        /** WindowChange */
        WindowChange: {
            /** Name */
            name?: string | null;
            /** Reason */
            reason?: string | null;
            /**
             * Startsat
             * Format: date-time
             */
            startsAt?: string | null;
            /**
             * Endsat
             * Format: date-time
             */
            endsAt?: string | null;
            /**
             * Schedule
             * @description Cron expression of the beginnings, five fields
             * @example 0 22 * * 5
             */
            schedule?: string | null;
            /**
             * Timezone
             * @description IANA time zone of the schedule
             * @example Europe/Berlin
             */
            timeZone?: string | null;
            /** Durationminutes */
            durationMinutes?: number | null;
        };
        /**
         * WindowKind
         * @enum {string}
         */
        WindowKind: "freeze" | "maintenance";
        /** WindowList */
        WindowList: {
            /** Windows */
            windows: components["schemas"]["WindowShape"][];
            /** Total */
            total: number;
            /** Page */
            page: number;
            /** Pagesize */
            pageSize: number;
        };
        /** WindowShape */
        WindowShape: {
            /**
             * Id
             * @example win_01jd3q4m6ve5jt8cmykq3rzm0a
             */
            id: string;
            /** @description `freeze`: nothing changes; `maintenance`: triggers change something only in one */
            kind: components["schemas"]["WindowKind"];
            /** Name */
            name: string;
            /** Reason */
            reason: string;
            /**
             * Clusterid
             * @description Absent: every cluster
             */
            clusterId?: string | null;
            /**
             * Namespace
             * @description Absent: every namespace
             */
            namespace?: string | null;
            /**
             * Startsat
             * Format: date-time
             */
            startsAt?: string | null;
            /**
             * Endsat
             * Format: date-time
             */
            endsAt?: string | null;
            /**
             * Schedule
             * @description Cron expression of the beginnings, five fields
             */
            schedule?: string | null;
            /** Timezone */
            timeZone: string;
            /** Durationminutes */
            durationMinutes?: number | null;
            /**
             * Activeuntil
             * Format: date-time
             * @description Present while it is in force
             */
            activeUntil?: string | null;
            /**
             * Nextstartat
             * Format: date-time
             */
            nextStartAt?: string | null;
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
            /** Version */
            version: number;
        };
        /** WorkloadRolloutShape */
        WorkloadRolloutShape: {
            /**
             * State
             * @description `healthy`: the present spec is rolled out, and no issue began since. `unknown`: the inventory cannot tell
             * @enum {string}
             */
            state: "healthy" | "progressing" | "failing" | "unknown";
            /** Resourceid */
            resourceId: string;
            /**
             * Message
             * @example rolling out: 2 of 3 updated
             */
            message: string;
            /** Cluster */
            cluster: string;
            /** Kind */
            kind: string;
            /** Namespace */
            namespace?: string | null;
            /** Name */
            name: string;
            /** Generation */
            generation?: number | null;
            /**
             * Startedat
             * Format: date-time
             * @description When the present spec was first seen
             */
            startedAt: string;
            /**
             * Inventoryat
             * Format: date-time
             * @description The last report of the agent
             */
            inventoryAt?: string | null;
            /**
             * Newerthan
             * Format: date-time
             * @description What the inventory had to be newer than; send it with the next request
             */
            newerThan: string;
            /**
             * Issues
             * @description Root issues of the workload and its pods that began after `startedAt`, at most 20
             */
            issues: components["schemas"]["IssueShape"][];
            /**
             * Earlierissues
             * @description Those that began before; they do not count
             */
            earlierIssues: components["schemas"]["IssueShape"][];
            /** @description What was looked at for issues in the namespace */
            coverage: components["schemas"]["CoverageShape"];
            /**
             * Stale
             * @description The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object
             */
            stale: boolean;
            /**
             * Stalesince
             * Format: date-time
             * @description Time of the last update; absent while the data is current, and if no agent has ever connected
             */
            staleSince?: string | null;
        };
        /**
         * WorkloadUseShape
         * @description The pods of a workload that have not ended
         */
        WorkloadUseShape: {
            /** Pods */
            pods: number;
            /**
             * Measuredpods
             * @description Pods with a report. The agent reports pods that use much, and others on demand
             */
            measuredPods: number;
            /** @description Of all pods */
            requested: components["schemas"]["AmountsShape"];
            /** @description Of all pods; a member is absent if a container has no limit */
            limit: components["schemas"]["AmountsShape"];
            /** @description Of the measured pods; absent if none is measured */
            used?: components["schemas"]["AmountsShape"] | null;
            /**
             * Observedat
             * Format: date-time
             * @description Of the oldest of these reports
             */
            observedAt?: string | null;
            /**
             * Reason
             * @description Why pods are not measured
             */
            reason?: string | null;
            /**
             * Ofpods
             * @description Pods that use most memory first; at most 200
             */
            ofPods: components["schemas"]["PodUseShape"][];
            /**
             * Truncated
             * @description The workload has more pods
             */
            truncated: boolean;
        };
        /**
         * WorstShape
         * @description The most severe open issues
         */
        WorstShape: {
            severity: components["schemas"]["Severity"];
            /**
             * Count
             * @description Number of open issues of this severity
             */
            count: number;
        };
        /**
         * Problem
         * @description Problem details as defined by RFC 9457
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
             * @description Stable error code; docs/errors.md explains all codes
             * @example not_found
             */
            code: string;
            requestId: string;
            /** @description The request's trace, where the server's operator collects traces */
            traceId?: string;
            /**
             * Format: date-time
             * @description When the request may succeed, if that is known
             */
            nextAllowedAt?: string;
            errors?: {
                field: string;
                code: string;
                message: string;
            }[];
        };
    };
    responses: {
        /** @description A parameter, header or the body is invalid; `code` tells which */
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
        /** @description The API key or session is missing or invalid */
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
        /** @description The caller lacks the scope named in `detail` */
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
        /** @description No such object in this organization, or the caller has no access to it */
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
        /** @description The endpoint does not support this method */
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
        /** @description The current state does not allow the request; `code` tells why */
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
        /** @description The version in If-Match is not the current version */
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
        /** @description The URL is longer than 8 KiB */
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
        /** @description The media type of the body is not supported */
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
        /** @description The body is well-formed but invalid; `errors` lists the fields */
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
        /** @description Too many requests; Retry-After tells when to retry */
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
        /** @description Internal error; the server's log has the cause under `requestId` */
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
        /** @description A component that the server needs is unavailable; nothing was changed */
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
        /** @description Requests allowed per 60-second window */
        "X-RateLimit-Limit": number;
        /** @description Requests left in the current window */
        "X-RateLimit-Remaining": number;
        /** @description Unix time, in seconds, when the window ends */
        "X-RateLimit-Reset": number;
        /** @description Identifies the request in the server's log */
        "X-Request-Id": string;
        /** @description Version of the object, for If-Match and If-None-Match */
        ETag: string;
        /** @description URL of the created object */
        Location: string;
        /** @description Seconds to wait before the next attempt */
        "Retry-After": number;
        /** @description How to authenticate */
        "WWW-Authenticate": string;
        /** @description Methods that the endpoint supports */
        Allow: string;
        /** @description `true` if this is the stored response of an earlier request */
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
            /** @description Success */
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
            /** @description Success */
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
    getAiUsage: {
        parameters: {
            query?: {
                /** @description Month (UTC); default: the present one */
                month?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AiUsage"];
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
    listAlertReceivers: {
        parameters: {
            query?: {
                sort?: "createdAt" | "-createdAt";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertReceiverList"];
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
    createAlertReceiver: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAlertReceiver"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["CreatedAlertReceiver"];
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
    getAlertReceiver: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path: {
                receiver_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["AlertReceiver"];
                };
            };
            /** @description Your copy is current */
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
    deleteAlertReceiver: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                receiver_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertReceiver"];
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
    updateAlertReceiver: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                receiver_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AlertReceiverChange"];
                "application/merge-patch+json": components["schemas"]["AlertReceiverChange"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["AlertReceiver"];
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
    listRejectedAlerts: {
        parameters: {
            query?: {
                sort?: "at" | "-at";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
            };
            header?: never;
            path: {
                receiver_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RejectedAlertList"];
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
    rollAlertReceiver: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                receiver_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["CreatedAlertReceiver"];
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
    listAlerts: {
        parameters: {
            query?: {
                /** @description Cluster id or name */
                cluster?: string;
                status?: "firing" | "resolved";
                /** @description What became of the alert */
                outcome?: "joined" | "waiting" | "unexplained" | "unresolved";
                /** @description Name of the alert */
                name?: string;
                sort?: "receivedAt" | "-receivedAt";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertList"];
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
    getAlertQuality: {
        parameters: {
            query?: {
                /** @description Time range */
                range?: "24h" | "7d" | "30d";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertQualityReport"];
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
    proposeRuleChange: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRuleChange"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["RuleChangeShape"];
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
    getAlert: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                alert_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertShape"];
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
    countFeedback: {
        parameters: {
            query?: {
                /** @description 24 buckets of an hour, 28 of six hours or 30 of a day */
                range?: "24h" | "7d" | "30d";
                /** @description Cluster ids or names; unknown ones match nothing */
                cluster?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FeedbackCounts"];
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
    getAnalysis: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path: {
                analysis_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
            /** @description Your copy is current */
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
    listFeedback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                analysis_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FeedbackList"];
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
    putFeedback: {
        parameters: {
            query?: never;
            header?: never;
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
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FeedbackShape"];
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
    withdrawFeedback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                analysis_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FeedbackShape"];
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
    listApiKeys: {
        parameters: {
            query?: {
                /** @description Include revoked keys */
                withRevoked?: boolean;
                sort?: "createdAt" | "-createdAt" | "name" | "-name" | "expiresAt" | "-expiresAt";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
            /** @description Success */
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
            /** @description Success */
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
    approveAssistant: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AssistantRequest"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["AssistantGrant"];
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
    checkAssistant: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AssistantRequest"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["AssistantShape"];
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
    listAudit: {
        parameters: {
            query?: {
                sort?: "at" | "-at";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
                /** @description One or more values; matches any of them */
                action?: string[];
                /** @description All actions of this kind */
                group?: "agent" | "analysis" | "audit" | "certificates" | "cluster" | "command" | "execution" | "issue" | "key" | "logs" | "member" | "muteRule" | "runbook" | "server" | "session" | "settings" | "webhook";
                /** @description Id of the member, API key or cluster that acted */
                actor?: string;
                /** @description The id of the object that was acted on */
                target?: string;
                /** @description Cluster id or name; records about the cluster, its issues and executions */
                cluster?: string;
                /** @description Start of the time range, inclusive */
                since?: string;
                /** @description End of the time range, exclusive */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
    exportAudit: {
        parameters: {
            query?: {
                /** @description Comma-separated values, one JSON object per line, or the whole chain, for a check without the server */
                format?: "csv" | "jsonl" | "chain";
                /** @description Only with `format=chain`: begin after the record of this number */
                after?: number;
                /** @description One or more values; matches any of them */
                action?: string[];
                /** @description All actions of this kind */
                group?: "agent" | "analysis" | "audit" | "certificates" | "cluster" | "command" | "execution" | "issue" | "key" | "logs" | "member" | "muteRule" | "runbook" | "server" | "session" | "settings" | "webhook";
                /** @description Id of the member, API key or cluster that acted */
                actor?: string;
                /** @description The id of the object that was acted on */
                target?: string;
                /** @description Cluster id or name; records about the cluster, its issues and executions */
                cluster?: string;
                /** @description Start of the time range, inclusive */
                since?: string;
                /** @description End of the time range, exclusive */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                    "application/x-ndjson": string;
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
    verifyAudit: {
        parameters: {
            query?: {
                /** @description Head of an earlier check or export, as NUMBER:HASH: also shows a chain that was rewritten */
                head?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditVerification"];
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
            /** @description Success */
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
            /** @description Success */
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
    listChangeWindows: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WindowList"];
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
    createChangeWindow: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewWindow"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["WindowShape"];
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
    getChangeWindow: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path: {
                window_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["WindowShape"];
                };
            };
            /** @description Your copy is current */
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
    deleteChangeWindow: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                window_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WindowShape"];
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
    updateChangeWindow: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                window_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WindowChange"];
                "application/merge-patch+json": components["schemas"]["WindowChange"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["WindowShape"];
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
    listClusters: {
        parameters: {
            query?: {
                /** @description One or more values; matches any of them */
                status?: components["schemas"]["ClusterStatus"][];
                /** @description Substring of the name */
                q?: string;
                sort?: "name" | "-name" | "createdAt" | "-createdAt";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
            /** @description Your copy is current */
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
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
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
            /** @description Success */
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
    approveCluster: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["DecidedCluster"];
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
    getConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
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
    createEnrollmentToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
                /** @description How the agent is installed in the cluster; `local` runs it outside, with a kubeconfig, and `auto` is the first method that can work with the addresses of this server */
                method?: ("helm" | "kubectl" | "argocd" | "flux" | "local") | "auto";
                /** @description Allow a different Kubernetes cluster to enroll under this name */
                replace?: boolean;
            };
            header?: never;
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
    listKinds: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kinds"];
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
    mapOfCluster: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MapShape"];
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
    askAboutCluster: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Question"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["QuestionAnswer"];
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
    rejectCluster: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["DecidedCluster"];
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
    revokeCredentials: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                cluster_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
    getCoverage: {
        parameters: {
            query?: {
                /** @description Cluster ids or names; with an unknown one, the record is not complete */
                cluster?: string[];
                /** @description One or more namespaces; all by default */
                namespace?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CoverageShape"];
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
    listDelegations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DelegationList"];
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
    createDelegation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewDelegation"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["DelegationShape"];
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
    endDelegation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                delegation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DelegationShape"];
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
    listDetectors: {
        parameters: {
            query?: {
                /** @description Show the settings in effect in this cluster (id or name) */
                cluster?: string;
                /** @description Show the settings in effect in this namespace */
                namespace?: string;
                /** @description core, extended or risk */
                tier?: "core" | "extended" | "risk";
                /** @description For example `storage` */
                category?: string;
                /** @description Substring of the type */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                "application/json": components["schemas"]["DetectorsChange"];
                "application/merge-patch+json": components["schemas"]["DetectorsChange"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DetectorsShape"];
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
            /** @description Success */
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
                /** @description Show the settings in effect in this cluster (id or name) */
                cluster?: string;
                /** @description Show the settings in effect in this namespace */
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
            /** @description Success */
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
            /** @description Success */
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
    approveUserCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeviceDecision"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["DeviceLoginShape"];
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
    checkUserCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserCodeInput"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["DeviceLoginShape"];
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
    createDeviceCode: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
                "X-Optral-CSRF": "1";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewDeviceLogin"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["DeviceCodes"];
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
    denyUserCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserCodeInput"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["DeviceLoginShape"];
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
    createDeviceToken: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
                "X-Optral-CSRF": "1";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeviceCode"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["DeviceToken"];
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
    getDigest: {
        parameters: {
            query?: {
                /** @description Days to look back */
                days?: number;
                /** @description Query of the issue list, such as `team:pay`; absent for all issues */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentShape"];
                    "text/markdown": string;
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
    listEvents: {
        parameters: {
            query?: {
                /** @description One or more values; matches any of them */
                types?: ("issue.created" | "issue.updated" | "issue.resolved" | "cluster.online" | "cluster.offline" | "cluster.updated" | "cluster.connection" | "fleet.updated" | "member.updated" | "runbook.started" | "runbook.completed" | "runbook.notification" | "execution.updated" | "execution.breakGlass" | "approval.requested" | "approval.approved" | "approval.rejected" | "approval.expired" | "analysis.ready" | "analysis.feedback" | "trigger.updated" | "safeguards.updated" | "audit.anchor")[];
                /** @description Cluster ids or names */
                cluster?: string[];
                /** @description Start of the time range, inclusive */
                since?: string;
                /** @description End of the time range, exclusive */
                until?: string;
                sort?: "id" | "-id";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description One or more values; matches any of them */
                types?: ("issue.created" | "issue.updated" | "issue.resolved" | "cluster.online" | "cluster.offline" | "cluster.updated" | "cluster.connection" | "fleet.updated" | "member.updated" | "runbook.started" | "runbook.completed" | "runbook.notification" | "execution.updated" | "execution.breakGlass" | "approval.requested" | "approval.approved" | "approval.rejected" | "approval.expired" | "analysis.ready" | "analysis.feedback" | "trigger.updated" | "safeguards.updated" | "audit.anchor")[];
                /** @description Cluster ids or names */
                cluster?: string[];
                /** @description Same as `Last-Event-ID`, for clients that cannot send headers */
                lastEventId?: string;
            };
            header?: {
                /** @description Replay the events after this one, then continue with new events */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                        /** @description Increases within the organization */
                        id: string;
                        /** @enum {string} */
                        event: "issue.created" | "issue.updated" | "issue.resolved" | "cluster.online" | "cluster.offline" | "cluster.updated" | "cluster.connection" | "fleet.updated" | "member.updated" | "runbook.started" | "runbook.completed" | "runbook.notification" | "execution.updated" | "execution.breakGlass" | "approval.requested" | "approval.approved" | "approval.rejected" | "approval.expired" | "analysis.ready" | "analysis.feedback" | "trigger.updated" | "safeguards.updated" | "audit.anchor" | "stream.reset";
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description Cluster ids or names; unknown ones match nothing */
                cluster?: string[];
                /** @description One or more values; matches any of them */
                status?: components["schemas"]["ExecutionStatus"][];
                /** @description Runbook ids or slugs; unknown ones match nothing */
                runbook?: string[];
                /** @description Id of the issue that the execution is for */
                issue?: string;
                /** @description `true`: only dry runs; `false`: no dry runs */
                dryRun?: boolean;
                /** @description Requested at or after this time */
                since?: string;
                /** @description Requested before this time */
                until?: string;
                sort?: "createdAt" | "-createdAt" | "status" | "-status";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
            /** @description Success */
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
    stopExecutions: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Stop"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["StoppedShape"];
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
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path: {
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
            /** @description Your copy is current */
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
    repeatExecution: {
        parameters: {
            query?: {
                /** @description Seconds to wait for the execution to finish or to need approval */
                wait?: number;
            };
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Repeat"];
            };
        };
        responses: {
            /** @description Success */
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
    approveExecution: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApprovalInput"];
            };
        };
        responses: {
            /** @description Success */
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
    approveOnBehalf: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApproveOnBehalf"];
            };
        };
        responses: {
            /** @description Success */
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Cancel"];
            };
        };
        responses: {
            /** @description Success */
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
    getChangeRecord: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentShape"];
                    "text/markdown": string;
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
    executionLogs: {
        parameters: {
            query?: {
                /** @description Offset of the first entry to return */
                offset?: number;
                limit?: number;
                /** @description Seconds to wait for new entries */
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
            /** @description Success */
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
    proposeExecution: {
        parameters: {
            query?: {
                /** @description Seconds to wait for the execution to finish or to need approval */
                wait?: number;
            };
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
    rejectExecution: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
                /** @description Seconds to wait for the execution to finish */
                wait?: number;
            };
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Repeat"];
            };
        };
        responses: {
            /** @description Success */
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
    undoExecution: {
        parameters: {
            query?: {
                /** @description Seconds to wait for the execution to finish or to need approval */
                wait?: number;
            };
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                execution_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Repeat"];
            };
        };
        responses: {
            /** @description Success */
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
    listFleetTokens: {
        parameters: {
            query?: {
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FleetTokenList"];
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
    createFleetToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewFleetToken"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["CreatedFleetToken"];
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
    listWaitingAgents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingAgents"];
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
    getFleetToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FleetTokenDetail"];
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
    revokeFleetToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FleetTokenShape"];
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
    listForges: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ForgeList"];
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
    createForge: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewForge"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["ForgeShape"];
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
    getForge: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path: {
                forge_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["ForgeShape"];
                };
            };
            /** @description Your copy is current */
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
    deleteForge: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                forge_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ForgeShape"];
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
    updateForge: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                forge_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ForgeChange"];
                "application/merge-patch+json": components["schemas"]["ForgeChange"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["ForgeShape"];
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
    rollForge: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                forge_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["RolledForge"];
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
    testForge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                forge_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["ForgeTest"];
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
    getHandover: {
        parameters: {
            query?: {
                /** @description Hours to look back, and ahead for what ends */
                hours?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentShape"];
                    "text/markdown": string;
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
    receiveAlertmanager: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
                "X-Optral-CSRF": "1";
            };
            path: {
                receiver_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            202: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceivedAlerts"];
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
    receiveAlerts: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
                "X-Optral-CSRF": "1";
            };
            path: {
                receiver_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            202: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceivedAlerts"];
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
    receiveNews: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
                "X-Optral-CSRF": "1";
            };
            path: {
                forge_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            202: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceivedShape"];
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
    endProviderSessions: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
                "X-Optral-CSRF": "1";
            };
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No content */
            204: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
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
    receiveOnCall: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
                "X-Optral-CSRF": "1";
            };
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            202: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OnCallAnswer"];
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
    receiveHook: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
                "X-Optral-CSRF": "1";
            };
            path: {
                trigger_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            202: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedShape"];
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
    listIdentityProviders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderList"];
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
    createIdentityProvider: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProvider"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["ProviderShape"];
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
    getIdentityProvider: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["ProviderShape"];
                };
            };
            /** @description Your copy is current */
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
    deleteIdentityProvider: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderShape"];
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
    updateIdentityProvider: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderChange"];
                "application/merge-patch+json": components["schemas"]["ProviderChange"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["ProviderShape"];
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
    getScim: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScimShape"];
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
    createScimToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewScimToken"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["CreatedScimToken"];
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
    deleteScim: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScimShape"];
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
    rollScimToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["CreatedScimToken"];
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
    testIdentityProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["ProviderTest"];
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
    listInvites: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
                /** @description Must be `1`; protects against cross-site requests */
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
            /** @description Success */
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
                /** @description Must be `1`; protects against cross-site requests */
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
            /** @description Success */
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
            /** @description Success */
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
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
                /** @description One or more values; matches any of them */
                status?: ("open" | "acknowledged" | "resolved")[];
                /** @description One or more values; matches any of them */
                severity?: components["schemas"]["Severity"][];
                /** @description Cluster ids or names; unknown ones match nothing */
                cluster?: string[];
                /** @description One or more values; matches any of them. New values may be added */
                type?: string[];
                /** @description One or more values; matches any of them */
                namespace?: string[];
                /** @description One or more values; matches any of them. New values may be added */
                category?: string[];
                /** @description One or more values; matches any of them */
                substatus?: ("new" | "ongoing" | "escalating" | "regressed" | "flapping" | "preexisting" | "snoozed" | "muted")[];
                /** @description Kind of the owner, for example `Deployment` */
                kind?: string[];
                /** @description One or more values; matches any of them */
                container?: string[];
                /** @description Member ids, `me`, or `none` for unassigned issues */
                assignee?: string[];
                /** @description Teams that own what fails, or `none` for issues without a team */
                team?: string[];
                /** @description One or more labels as `name:value`; matches all of them */
                label?: string[];
                /** @description Ids of root issues, to list their symptoms; `none` (default) excludes symptoms; `any` lists roots and symptoms */
                parent?: string[];
                /** @description `true`: only snoozed issues; `false`: no snoozed issues */
                snoozed?: boolean;
                /** @description `true`: only muted issues; `false`: no muted issues */
                muted?: boolean;
                /** @description Detected at or after this time */
                since?: string;
                /** @description Detected before this time */
                until?: string;
                /** @description A query such as `severity:critical ns:shop -type:Node*`; words without a key are text in the title, resource or owner */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                     *           "impact": {
                     *             "workloads": 1,
                     *             "pods": 1,
                     *             "namespaces": 1,
                     *             "callers": 0,
                     *             "reason": "Deployment default/api-server has 2 of 3 replicas."
                     *           },
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
                     *           "causeUnknown": "Analysis is running",
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
                /** @description One or more values; matches any of them */
                status?: ("open" | "acknowledged" | "resolved")[];
                /** @description One or more values; matches any of them */
                severity?: components["schemas"]["Severity"][];
                /** @description Cluster ids or names; unknown ones match nothing */
                cluster?: string[];
                /** @description One or more values; matches any of them. New values may be added */
                type?: string[];
                /** @description One or more values; matches any of them */
                namespace?: string[];
                /** @description One or more values; matches any of them. New values may be added */
                category?: string[];
                /** @description One or more values; matches any of them */
                substatus?: ("new" | "ongoing" | "escalating" | "regressed" | "flapping" | "preexisting" | "snoozed" | "muted")[];
                /** @description Kind of the owner, for example `Deployment` */
                kind?: string[];
                /** @description One or more values; matches any of them */
                container?: string[];
                /** @description Member ids, `me`, or `none` for unassigned issues */
                assignee?: string[];
                /** @description Teams that own what fails, or `none` for issues without a team */
                team?: string[];
                /** @description One or more labels as `name:value`; matches all of them */
                label?: string[];
                /** @description Ids of root issues, to list their symptoms; `none` (default) excludes symptoms; `any` lists roots and symptoms */
                parent?: string[];
                /** @description `true`: only snoozed issues; `false`: no snoozed issues */
                snoozed?: boolean;
                /** @description `true`: only muted issues; `false`: no muted issues */
                muted?: boolean;
                /** @description Detected at or after this time */
                since?: string;
                /** @description Detected before this time */
                until?: string;
                /** @description A query such as `severity:critical ns:shop -type:Node*`; words without a key are text in the title, resource or owner */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
    issueGroups: {
        parameters: {
            query?: {
                /** @description What the issues of a group have in common */
                by?: "workload" | "type" | "cluster" | "namespace";
                /** @description Groups of at most this many issues have them in `issues` */
                withIssues?: number;
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description One or more values; matches any of them */
                status?: ("open" | "acknowledged" | "resolved")[];
                /** @description One or more values; matches any of them */
                severity?: components["schemas"]["Severity"][];
                /** @description Cluster ids or names; unknown ones match nothing */
                cluster?: string[];
                /** @description One or more values; matches any of them. New values may be added */
                type?: string[];
                /** @description One or more values; matches any of them */
                namespace?: string[];
                /** @description One or more values; matches any of them. New values may be added */
                category?: string[];
                /** @description One or more values; matches any of them */
                substatus?: ("new" | "ongoing" | "escalating" | "regressed" | "flapping" | "preexisting" | "snoozed" | "muted")[];
                /** @description Kind of the owner, for example `Deployment` */
                kind?: string[];
                /** @description One or more values; matches any of them */
                container?: string[];
                /** @description Member ids, `me`, or `none` for unassigned issues */
                assignee?: string[];
                /** @description Teams that own what fails, or `none` for issues without a team */
                team?: string[];
                /** @description One or more labels as `name:value`; matches all of them */
                label?: string[];
                /** @description Ids of root issues, to list their symptoms; `none` (default) excludes symptoms; `any` lists roots and symptoms */
                parent?: string[];
                /** @description `true`: only snoozed issues; `false`: no snoozed issues */
                snoozed?: boolean;
                /** @description `true`: only muted issues; `false`: no muted issues */
                muted?: boolean;
                /** @description Detected at or after this time */
                since?: string;
                /** @description Detected before this time */
                until?: string;
                /** @description A query such as `severity:critical ns:shop -type:Node*`; words without a key are text in the title, resource or owner */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupList"];
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
    issueTrends: {
        parameters: {
            query?: {
                /** @description 24 buckets of an hour, 28 of six hours or 30 of a day; the last one is the current one */
                range?: "24h" | "7d" | "30d";
                /** @description Cluster ids or names; unknown ones match nothing */
                cluster?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrendsShape"];
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
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
            /** @description Your copy is current */
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
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
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
            /** @description Success */
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
                /** @description `at` lists the oldest first, `-at` the newest */
                sort?: "at" | "-at";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
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
            /** @description Success */
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
    listIssueAlerts: {
        parameters: {
            query?: {
                sort?: "receivedAt" | "-receivedAt";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
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
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertList"];
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
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
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
            /** @description Success */
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
                /** @description Seconds to wait for the analysis to finish */
                wait?: number;
            };
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
                /** @description `false` returns the state of each log without its text, and is not recorded in the audit log */
                text?: "true" | "false";
            };
            header?: {
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
            /** @description Your copy is current */
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
                /** @description `at` lists the oldest first, `-at` the newest */
                sort?: "at" | "-at";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
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
            /** @description Success */
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
            /** @description Success */
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
            /** @description Success */
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
    getPostMortem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentShape"];
                    "text/markdown": string;
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
    askAboutIssue: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Question"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["QuestionAnswer"];
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
    draftRunbook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["DraftShape"];
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
    listIssueSilences: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssueSilencesShape"];
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
    createIssueSilence: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSilence"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["RequestedSilence"];
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
    endIssueSilence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                issue_id: string;
                silence_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SilenceShape"];
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
    similarIssues: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SimilarList"];
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
    listIssueTickets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssueTicketList"];
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
    createIssueTicket: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTicket"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["RequestedTicket"];
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
    issueTopologyOf: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                issue_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssueTopology"];
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
    getCapture: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
            /** @description Success */
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
    readLogs: {
        parameters: {
            query?: {
                /** @description Ids of pods, or of objects that own pods, such as a Deployment; at most 20 */
                resource?: string[];
                /** @description Cluster id or name; requires `namespace` and `label` */
                cluster?: string;
                /** @description Namespace of the pods with `label` */
                namespace?: string;
                /** @description One or more labels of pods as `name:value`; matches all of them */
                label?: string[];
                /** @description Container names; defaults to the default container of each pod */
                container?: string[];
                /** @description All containers of each pod, init containers included */
                allContainers?: boolean;
                /** @description The logs of the previous runs, before the last restarts */
                previous?: boolean;
                /** @description Number of lines from the end of each log */
                tailLines?: number;
                /** @description Only lines newer than this many seconds */
                sinceSeconds?: number;
                /** @description `cursor` of the last response */
                cursor?: string;
                /** @description With a cursor: wait up to this many seconds for new lines */
                wait?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogLines"];
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
    listMail: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageList"];
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
    testMail: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TestMail"];
            };
        };
        responses: {
            /** @description Success */
            202: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageShape"];
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
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MeShape"];
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
    revokeOwnKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    getNotifications: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationsShape"];
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
    putNotifications: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NotificationsChange"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationsShape"];
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
    listMembers: {
        parameters: {
            query?: {
                sort?: "createdAt" | "-createdAt" | "email" | "-email";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RemovedMember"];
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
            /** @description Success */
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
    listBindings: {
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
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BindingList"];
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
    bindMember: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                member_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewBinding"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["BindingShape"];
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
    unbindMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                member_id: string;
                binding_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BindingShape"];
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
    previewRemoval: {
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
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberRemoval"];
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
    listMuteRules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path: {
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
            /** @description Your copy is current */
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
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                rule_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
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
            /** @description Success */
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
            /** @description Success */
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
            /** @description Success */
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
    overview: {
        parameters: {
            query?: {
                /** @description Cluster ids or names; unknown ones match nothing */
                cluster?: string[];
                /** @description `issues` are those of this team, or of `none`; the other parts are those of all teams */
                team?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OverviewShape"];
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
    listOwners: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnerList"];
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
    getOwnerRules: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["OwnerRulesShape"];
                };
            };
            /** @description Your copy is current */
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
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateOwnerRules: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OwnerRulesChange"];
                "application/merge-patch+json": components["schemas"]["OwnerRulesChange"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["OwnerRulesShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
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
    requestReset: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
                "X-Optral-CSRF": "1";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewReset"];
            };
        };
        responses: {
            /** @description No content */
            204: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content?: never;
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
    checkReset: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
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
            /** @description Success */
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
    completeReset: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
                "X-Optral-CSRF": "1";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompletedReset"];
            };
        };
        responses: {
            /** @description Success */
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
    getPlan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description `status`: failing objects first, then pending ones, then the rest, each by name */
                sort?: "name" | "-name" | "kind" | "-kind" | "namespace" | "-namespace" | "updatedAt" | "-updatedAt" | "createdAt" | "-createdAt" | "status";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
                /** @description Cluster ids or names; unknown ones match nothing */
                cluster?: string[];
                /** @description Kinds such as `Pod`, `Deployment.apps` or `Certificate` */
                kind?: string[];
                /** @description API groups such as `cert-manager.io`; matches all of their kinds */
                group?: string[];
                /** @description One or more values; matches any of them */
                namespace?: string[];
                /** @description Exact name */
                name?: string;
                /** @description A query such as `kind:Pod ns:shop state:failing -name:test*`; words without a key are text in the name */
                q?: string;
                /** @description Exact `status`, such as `CrashLoopBackOff`; one or more values, matches any of them */
                status?: string[];
                /** @description `healthy` includes objects without a status; one or more values, matches any of them */
                state?: ("failing" | "pending" | "healthy")[];
                /** @description One or more labels as `name:value`; matches all of them */
                label?: string[];
                /** @description `true`: only workloads that no other workload owns: Deployments, StatefulSets, DaemonSets, CronJobs, and Jobs, ReplicaSets and pods without such an owner. `state` and `sort=status` then go by the worst of a workload and its pods */
                workloads?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
    compareResources: {
        parameters: {
            query: {
                /** @description Id of a resource */
                left: string;
                /** @description Id of the resource to compare it with */
                right?: string;
                /** @description Compare with the object of the same kind, namespace and name in this cluster */
                cluster?: string;
                /** @description A revision in `/history`; 0: before the first of them */
                leftRevision?: number;
                /** @description A revision in `/history`; of `left` if there is no `right` */
                rightRevision?: number;
                /** @description Compare the status, too */
                withStatus?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ComparisonShape"];
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
    countResources: {
        parameters: {
            query?: {
                /** @description Cluster ids or names; unknown ones match nothing */
                cluster?: string[];
                /** @description Kinds such as `Pod`, `Deployment.apps` or `Certificate` */
                kind?: string[];
                /** @description API groups such as `cert-manager.io`; matches all of their kinds */
                group?: string[];
                /** @description One or more values; matches any of them */
                namespace?: string[];
                /** @description Exact name */
                name?: string;
                /** @description A query such as `kind:Pod ns:shop state:failing -name:test*`; words without a key are text in the name */
                q?: string;
                /** @description Exact `status`, such as `CrashLoopBackOff`; one or more values, matches any of them */
                status?: string[];
                /** @description `healthy` includes objects without a status; one or more values, matches any of them */
                state?: ("failing" | "pending" | "healthy")[];
                /** @description One or more labels as `name:value`; matches all of them */
                label?: string[];
                /** @description `true`: only workloads that no other workload owns: Deployments, StatefulSets, DaemonSets, CronJobs, and Jobs, ReplicaSets and pods without such an owner. `state` and `sort=status` then go by the worst of a workload and its pods */
                workloads?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
            /** @description Success */
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
            /** @description Success */
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
            /** @description Success */
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
                /** @description Container name; defaults to the pod's default container, or its first */
                container?: string;
                /** @description The log of the previous run, before the last restart */
                previous?: boolean;
                /** @description Number of lines from the end of the log */
                tailLines?: number;
                /** @description Only lines newer than this many seconds */
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
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogShape"];
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
    probeResource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                resource_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProbeInput"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["ProbeShape"];
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
    resourceRollout: {
        parameters: {
            query?: {
                /** @description The inventory must be newer than this; default: the time of the request */
                newerThan?: string;
                /** @description In place of `newerThan`: the inventory must show this generation */
                generation?: number;
                /** @description Less severe issues do not count */
                minSeverity?: components["schemas"]["Severity"];
                /** @description What to wait for; `settled` is healthy or failing */
                until?: "settled" | "healthy";
                /** @description Seconds to wait */
                wait?: number;
            };
            header?: never;
            path: {
                resource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkloadRolloutShape"];
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
            /** @description Success */
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
    resourceUsage: {
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
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageShape"];
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
                /** @description Issue types; lists runbooks that apply to any of them */
                match?: string[];
                /** @description One or more values; matches any of them */
                risk?: ("readOnly" | "low" | "high" | "destructive")[];
                /** @description `true`: only built-in runbooks; `false`: only your own */
                builtIn?: boolean;
                /** @description Substring of the slug, name or description */
                q?: string;
                sort?: "name" | "-name" | "slug" | "-slug";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
    getRunbookSchema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
            403: components["responses"]["Forbidden"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    validateRunbook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRunbook"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["ValidationShape"];
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
    getRunbook: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path: {
                runbook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
            /** @description Your copy is current */
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
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                runbook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
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
            /** @description Success */
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
                /** @description Seconds to wait for the execution to finish or to need approval */
                wait?: number;
            };
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
    planRunbook: {
        parameters: {
            query?: {
                /** @description Seconds to wait for the plan */
                wait?: number;
            };
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                runbook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlanInput"];
            };
        };
        responses: {
            /** @description Success */
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
    suggestionsOfRunbook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                runbook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SuggestionsShape"];
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
    listRunbookVersions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                runbook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionList"];
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
    getRunbookVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                runbook_id: string;
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionShape"];
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
    getSafeguards: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["SafeguardsShape"];
                };
            };
            /** @description Your copy is current */
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
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    updateSafeguards: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SafeguardsChange"];
                "application/merge-patch+json": components["schemas"]["SafeguardsChange"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["SafeguardsShape"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
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
    search: {
        parameters: {
            query: {
                /** @description An id, or part of a name or title; `namespace/name` searches objects of one namespace */
                q: string;
                /** @description Most results of each kind */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchResults"];
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
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description Must be `1`; protects against cross-site requests */
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
            /** @description Success */
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
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedOutShape"];
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
            /** @description Success */
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
    startProviderConfirmation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["AuthorizationShape"];
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
    finishProviderConfirmation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderCallback"];
            };
        };
        responses: {
            /** @description Success */
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
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPassword"];
            };
        };
        responses: {
            /** @description Success */
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
    startProviderSignIn: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
                "X-Optral-CSRF": "1";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderSignIn"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["AuthorizationShape"];
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
    finishProviderSignIn: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
                "X-Optral-CSRF": "1";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderCallback"];
            };
        };
        responses: {
            /** @description Success */
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
    listSignInProviders: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
                "X-Optral-CSRF": "1";
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OfferedFor"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["OfferedProviders"];
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
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnSessions"];
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
    endOtherSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ended"];
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
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No content */
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
            404: components["responses"]["NotFound"];
            414: components["responses"]["RequestUriTooLong"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    setUp: {
        parameters: {
            query?: never;
            header: {
                /** @description Must be `1`; protects against cross-site requests */
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
            /** @description Success */
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
                /** @description Must be `1`; protects against cross-site requests */
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
            /** @description Success */
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
    getSignInPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInPolicyShape"];
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
    updateSignInPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignInPolicyChange"];
                "application/merge-patch+json": components["schemas"]["SignInPolicyChange"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInPolicyShape"];
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
    listTriggers: {
        parameters: {
            query?: {
                sort?: "createdAt" | "-createdAt";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriggerList"];
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
    createTrigger: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTrigger"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["CreatedTrigger"];
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
    previewTrigger: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreviewInput"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["PreviewShape"];
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
    getTrigger: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path: {
                trigger_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["TriggerShape"];
                };
            };
            /** @description Your copy is current */
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
    deleteTrigger: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                trigger_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriggerShape"];
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
    updateTrigger: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                trigger_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TriggerChange"];
                "application/merge-patch+json": components["schemas"]["TriggerChange"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["TriggerShape"];
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
    listFirings: {
        parameters: {
            query?: {
                state?: "waiting" | "started" | "refused" | "skipped";
                sort?: "createdAt" | "-createdAt";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
            };
            header?: never;
            path: {
                trigger_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FiringList"];
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
    rollTrigger: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                trigger_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["CreatedTrigger"];
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
    unblockTrigger: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                trigger_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["TriggerShape"];
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
    listViews: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ViewList"];
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
    createView: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewView"];
            };
        };
        responses: {
            /** @description Success */
            201: {
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
                    "application/json": components["schemas"]["ViewShape"];
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
    deleteView: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                view_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ViewShape"];
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
    updateView: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                view_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ViewUpdate"];
                "application/merge-patch+json": components["schemas"]["ViewUpdate"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["ViewShape"];
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
    listWebhooks: {
        parameters: {
            query?: {
                sort?: "createdAt" | "-createdAt";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
    previewWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoutingInput"];
            };
        };
        responses: {
            /** @description Success */
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
                    "application/json": components["schemas"]["RoutingPreview"];
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
    getWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag of your copy; the response is 304 if it is still current */
                "If-None-Match"?: string;
            };
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
            /** @description Your copy is current */
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
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
                "If-Match"?: string;
            };
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description ETag of the version to change; the request fails with 412 if the current version differs */
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
            /** @description Success */
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
                /** @description One or more statuses */
                status?: "pending" | "delivered" | "failed";
                sort?: "createdAt" | "-createdAt";
                /** @description Page number, starting at 1 */
                page?: number;
                /** @description Items per page */
                pageSize?: number;
                /** @description `nextCursor` of the previous page; `page` is then ignored */
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
            /** @description Success */
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
            /** @description Success */
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
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
            /** @description Success */
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
                /** @description Makes retries safe: for 24 hours, requests with the same key get the first response */
                "Idempotency-Key"?: string;
            };
            path: {
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
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
