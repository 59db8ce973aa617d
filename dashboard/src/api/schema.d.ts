// Generated from contracts/openapi.json by `npm run types`. Do not edit.
export interface paths {
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
         *     The answer holds the key, this once. A key gives away no more than it has itself.
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
         * Acknowledge, resolve or open an issue
         * @description Acknowledge, resolve or open an issue
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
         * What happened to an issue, oldest first
         * @description What happened to an issue, oldest first
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
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
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
             * @example key
             */
            actorKind: string;
            /** Actorid */
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
            status: components["schemas"]["Status"];
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
            status: components["schemas"]["Status"];
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
             * Key
             * @description The key itself, shown this once
             * @example mht_…
             */
            key: string;
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
             * @description The inventory may differ from the cluster now
             */
            stale: boolean;
        };
        /** IssueChange */
        IssueChange: {
            /**
             * Status
             * @description A manual resolve holds while the same occurrence lasts
             * @enum {string}
             */
            status: "open" | "acknowledged" | "resolved";
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
            /** Resolvedby */
            resolvedBy?: string | null;
            /** Resolution */
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
            /** Parentissueid */
            parentIssueId?: string | null;
            /** Previousissueid */
            previousIssueId?: string | null;
            /** Facts */
            facts: {
                [key: string]: unknown;
            };
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
        };
        /** Me */
        Me: {
            organisation: components["schemas"]["OrganisationShape"];
            actor: components["schemas"]["ActorShape"];
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
        /** NewKey */
        NewKey: {
            /**
             * Name
             * @example ci
             */
            name: string;
            /**
             * Scopes
             * @description Default: those of the key that asks
             */
            scopes?: string[] | null;
            /**
             * Clusters
             * @description Ids or names; default: those of the key that asks
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
        /** NewToken */
        NewToken: {
            /**
             * Replace
             * @description Allow another Kubernetes cluster under this name
             * @default false
             */
            replace: boolean;
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
        /** Plan */
        Plan: {
            /** Plan */
            plan: string;
            /** Requestsperminute */
            requestsPerMinute: number;
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
             * @description The object may have changed since: its cluster is not online
             */
            stale: boolean;
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
             * @description The object may have changed since: its cluster is not online
             */
            stale: boolean;
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
        /**
         * Severity
         * @description critical: capability lost or data at risk. high: will not heal alone. medium: partial or slow. low: hygiene.
         * @enum {string}
         */
        Severity: "critical" | "high" | "medium" | "low";
        /**
         * Status
         * @enum {string}
         */
        Status: "pending" | "online" | "degraded" | "offline";
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
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listClusters: {
        parameters: {
            query?: {
                /** @description Any of these */
                status?: components["schemas"]["Status"][];
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
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description Any of these */
                types?: ("issue.created" | "issue.updated" | "issue.resolved" | "cluster.online" | "cluster.offline" | "cluster.updated" | "runbook.started" | "runbook.completed" | "analysis.ready")[];
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
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                /** @description Any of these */
                types?: ("issue.created" | "issue.updated" | "issue.resolved" | "cluster.online" | "cluster.offline" | "cluster.updated" | "runbook.started" | "runbook.completed" | "analysis.ready")[];
                /** @description Ids or names */
                cluster?: string[];
                /** @description As Last-Event-ID, for clients that cannot send it */
                lastEventId?: string;
                /** @description A one-use ticket instead of a key */
                ticket?: string;
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
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
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
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
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
                     *           "facts": {
                     *             "limitBytes": 134217728,
                     *             "exitCode": 137
                     *           },
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
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    issueActivity: {
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
                    "application/yaml": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
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
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
}
