"""The table of log signs: what a line of a container's log means, by patterns, with a published example of each.

Patterns are tried on lines without their numbers (`log_signs.shape`), so none may ask for a number other than 401. They are
case-insensitive and linear: no unbounded repetition inside another (`tests/kube/test_log_signs.py` checks it). The table's order is the
order of the signs that one line shows; `hides` names signs that the same line does not mean, although it looks like them.
"""

from typing import NamedTuple

from optral.kube.log_connections import UNREACHED, UNRESOLVED


class Sign(NamedTuple):
    """A kind of line: its name, what such a line means, its patterns, what it names, a published example, and what it does not mean."""

    name: str
    meaning: str
    patterns: tuple[str, ...]
    slots: tuple[str, ...]
    example: str
    hides: tuple[str, ...] = ()


DEPENDENCY = "dependency"

SIGNS: tuple[Sign, ...] = (
    Sign("architecture", "The node cannot execute the program.", (r"exec format error",), (), "exec /app: exec format error"),
    Sign(
        "authentication",
        "The client does not support the server's authentication method.",
        (
            r"authentication plugin '\w{1,40}' cannot be loaded|plugin \w{1,40} could not be loaded|ER_NOT_SUPPORTED_AUTH_MODE",
            r"does not support authentication protocol requested|SCRAM authentication requires libpq",
        ),
        ("plugin", "host", "port"),
        "Client does not support authentication protocol requested by server; consider upgrading MySQL client",
        ("library", DEPENDENCY, "credentials"),
    ),
    Sign(
        "library",
        "A library or module that the program loads is missing.",
        (
            r"error while loading shared libraries|cannot open shared object file|error loading shared library",
            r"version `GLIBC\S{0,20}' not found",
            r"cannot find (?:module|package) '|ERR_MODULE_NOT_FOUND",
            r"ModuleNotFoundError|No module named|ImportError: cannot import name",
            r"ClassNotFoundException|NoClassDefFoundError|Uncaught Error: Class \"[^\"]{1,120}\" not found",
            r"cannot load such file -- |Could not find gem ",
        ),
        ("library",),
        "openssl: error while loading shared libraries: libssl.so.1.1: cannot open shared object file: No such file or directory",
        ("file", "command"),
    ),
    Sign(
        "command",
        "A program or script that should run is missing.",
        (
            r"executable file not found",
            r": command not found|^(?:/bin/)?\w{0,4}sh: (?:\d+: |line \d+: )?\S{1,200}: not found",
            r"can't open file '[^']+'",
            r"could not find or load main class|unable to access jarfile",
            r"no such file or directory.{0,40}exec",
        ),
        ("program",),
        "/docker-entrypoint.sh: line 12: gosu: command not found",
        ("file", "library"),
    ),
    Sign(
        "port",
        "The port that the program wants to listen on is in use.",
        (
            r"address (?:already )?in use|\bEADDRINUSE\b|AddrInUse|bind: .{0,40}in use|cannot bind socket|^.{0,80}Connection in use: \(",
            r"port \d{1,5} (?:is|was) already in use|the port may already be in use",
        ),
        ("port",),
        "listen tcp :8080: bind: address already in use",
    ),
    Sign(
        "address",
        "The address that the program wants to listen on is not on this host.",
        (r"bind: cannot assign requested address|EADDRNOTAVAIL",),
        ("port",),
        "listen tcp 10.0.0.9:2019: bind: cannot assign requested address",
        (DEPENDENCY,),
    ),
    Sign(
        "heap",
        "The program has used up its own memory.",
        (
            r"(?<!On)OutOfMemory(?:Error|Exception)",
            r"allowed memory size of \d{1,20} bytes exhausted|memory allocation of \d{1,20} bytes failed",
            r"heap out of memory|(?<!cl)(?<!of)MemoryError|fatal error: runtime: out of memory|cannot allocate memory",
            r"insufficient memory for the Java Runtime|native memory allocation .{0,20}failed",
        ),
        ("limit",),
        "java.lang.OutOfMemoryError: Java heap space",
    ),
    Sign(
        "killed",
        "A child process was killed.",
        (r"SIGKILL\W{1,3}perhaps out of memory", r"\bsignal\W{1,3}(?:SIGKILL|9)\b|killed (?:with|by) (?:signal )?SIGKILL"),
        (),
        "[ERROR] Worker (pid:21) was sent SIGKILL! Perhaps out of memory?",
    ),
    Sign(
        "descriptors",
        "The program has reached its limit of open files.",
        (
            r"too many open files|\bE[MN]FILE\b",
            r"user limit of inotify (?:instances|watches) reached|system limit for number of file watchers",
        ),
        ("limit",),
        "accept tcp [::]:8080: accept4: too many open files; retrying in 1s",
        (DEPENDENCY,),
    ),
    Sign(
        "workers",
        "The program has no free worker.",
        (r"reached (?:pm\.)?max_children setting",),
        ("limit",),
        "WARNING: [pool www] server reached pm.max_children setting (5), consider raising it",
    ),
    Sign(
        "timeout",
        "A server stops a worker because its request takes too long.",
        (r"WORKER TIMEOUT|HARAKIRI ON WORKER|terminating timed out worker|execution timed out \(",),
        ("limit",),
        "[CRITICAL] WORKER TIMEOUT (pid:21)",
    ),
    Sign(
        "kernel",
        "A kernel setting of the node is too low for the program.",
        (r"max virtual memory areas vm\.max_map_count|vm\.max_map_count \[\d+\] is too low",),
        ("key", "limit"),
        "[1]: max virtual memory areas vm.max_map_count [65530] is too low, increase to at least [262144]",
    ),
    Sign(
        "full",
        "A server takes no more connections.",
        (
            r"too many connections|too many clients",
            r"remaining connection slots|connection limit exceeded",
            r"max(?:imum)? (?:number of )?(?:clients|connections) (?:reached|exceeded)|no more connections (?:are )?allowed",
        ),
        ("host", "port", "user", "database", "limit"),
        "FATAL:  remaining connection slots are reserved for non-replication superuser connections",
        (DEPENDENCY,),
    ),
    Sign(
        "memory",
        "A server has reached its memory limit.",
        (
            r"command not allowed when used memory|memory limit (?:\(total\) )?exceeded: would use|CircuitBreakingException",
            r"data too large, data for",
        ),
        ("host", "port", "limit"),
        "OOM command not allowed when used memory > 'maxmemory'.",
        (DEPENDENCY, "rate", "heap"),
    ),
    Sign(
        "alarm",
        "A server blocks writers because its disk or memory is nearly full.",
        (
            r"(?:disk|memory) resource limit alarm set|publishers will be blocked until this alarm clears",
            r"free disk space is insufficient",
        ),
        ("limit",),
        "disk resource limit alarm set on node rabbit@broker-0",
        (DEPENDENCY, "disk", "memory"),
    ),
    Sign(
        "frozen",
        "A server accepts no writes.",
        (
            r"--(?:super-)?read-only option|read-only transaction",
            r"can't write against a read only|MISCONF Redis is configured to save",
            r"database is in read-only mode|\bnot (?:primary|master)\b.{0,40}(?:write|recovering|ok=)|NotWritablePrimary",
            r"MongoError: not (?:primary|master)\b|index read-only / allow delete|read-only-allow-delete block",
            r"connection (?:is |was )?blocked by (?:the )?(?:broker|server)|ConnectionBlocked|Blocked connection timeout expired",
        ),
        ("host", "port", "database", "index"),
        "READONLY You can't write against a read only replica.",
        (DEPENDENCY, "rate"),
    ),
    Sign(
        "quorum",
        "A cluster has no leader, or too few of its members.",
        (
            r"\bhas no leader\b|\bno leader at term|no cluster leader|CLUSTERDOWN|master_not_discovered|master not discovered",
            r"LEADER_NOT_AVAILABLE|NotLeaderOrFollower|not leader for partition|NotEnoughReplicas|not enough replicas? available",
            r"no primary server available|no server chosen by Writable|ReplicaSetNoPrimary|ZooKeeperServer not running",
            r"waiting for a minimum of \d+ (?:disks|drives)|waiting for Mnesia tables",
        ),
        ("host", "port", "topic"),
        "etcdserver: client: etcd member http://etcd-0:2379 has no leader",
        (DEPENDENCY,),
    ),
    Sign(
        "starting",
        "A server is up and not ready to serve yet.",
        (
            r"database system is (?:starting up|shutting down|in recovery mode|not yet accepting)",
            r"LOADING Redis is loading|Vault is sealed|Server not initialized, please try again",
        ),
        ("host", "port"),
        "FATAL:  the database system is starting up",
        (DEPENDENCY, "credentials"),
    ),
    Sign(
        "lock",
        "A lock is held by another process or transaction.",
        (
            r"deadlock (?:detected|found)|lock wait timeout exceeded|due to lock timeout|database (?:table )?is locked",
            r"unable to lock \S{1,200}|failed to obtain node locks|lock DB directory: (?:resource|no locks)|locked by other process",
            r"could not acquire change log lock|could not obtain lock|currently locked by",
        ),
        ("host", "port", "file"),
        "Error 1213: Deadlock found when trying to get lock; try restarting transaction",
        (DEPENDENCY,),
    ),
    Sign(
        "migration",
        "A migration of the database's schema has failed or is pending.",
        (
            r"migrations? (?:checksum mismatch|are pending|have failed validation)|PendingMigrationError|FlywayValidateException",
            r"change sets check sum|can't locate revision identified by|dirty database version",
        ),
        ("version", "database"),
        "ERROR: Validate failed: Migration checksum mismatch for migration version 1.8",
    ),
    Sign(
        "version",
        "The data on the disk belongs to another version of the server.",
        (
            r"database files are incompatible with server|data directory was initialized by",
            r"on data directory built by version|downgrade is not supported|invalid MySQL server (?:up|down)grade",
            r"can't handle RDB format version|(?:wrong|invalid|incompatible) featureCompatibilityVersion",
            r"featureCompatibilityVersion document.{0,80}invalid",
            r"cannot (?:upgrade|downgrade) a node from version|cannot be (?:up|down)graded from version",
        ),
        (),
        "FATAL:  database files are incompatible with server",
    ),
    Sign(
        "schema",
        "A database, table, column or role does not exist.",
        (
            r"unknown database '|database \S{1,80} does not exist|cannot open database \"|open the explicitly specified database",
            r"table '?[^'\s]{1,120}'? (?:doesn't|does not) exist|no such table:|relation \S{1,80} does not exist",
            r"base table or view not found",
            r"unknown column '|column \S{1,120} does not exist|table or view does not exist|\brole \"[^\"]{1,80}\" does not exist",
            r"TNS:listener does not currently know of",
        ),
        ("host", "port", "database", "table", "column", "user"),
        'ERROR:  relation "orders" does not exist',
        (DEPENDENCY, "credentials"),
    ),
    Sign(
        "topic",
        "A topic, queue, index, bucket or virtual host does not exist.",
        (
            r"UNKNOWN_TOPIC_OR_PARTITION|failed to fetch topic metadata|not present in metadata after|does not host this topic",
            r"not_found\W{1,5}no (?:queue|exchange|binding)|\bvhost \S{1,80} not found|no such index \[|NoSuchBucket",
        ),
        ("topic", "queue", "index", "host", "port"),
        "WARN Error while fetching metadata with correlation id 143 : {orders=UNKNOWN_TOPIC_OR_PARTITION}",
        (DEPENDENCY,),
    ),
    Sign(
        "mismatch",
        "The server has an object of this name with other settings.",
        (r"inequivalent arg '|InconsistentClusterIdException",),
        ("queue", "key"),
        "PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'orders' in vhost '/'",
        (DEPENDENCY,),
    ),
    Sign(
        "rights",
        "The ServiceAccount lacks a permission.",
        (r"is forbidden: User \"?system:serviceaccount:", r"User \"?system:serviceaccount:\S{1,200} cannot "),
        ("verb", "resource"),
        'pods is forbidden: User "system:serviceaccount:shop:api" cannot list resource "pods" in API group "" in the namespace "shop"',
    ),
    Sign(
        "crd",
        "The cluster does not have a kind that the program uses.",
        (
            r"no matches for kind \"|the server could not find the requested resource \(get ",
            r"failed to list \S{1,200}: the server could not find",
            r"HTTP response body: .{0,4}\d+ page not found|/apis/\S{1,200}\b.{0,80}\b\d+ page not found",
        ),
        ("kind",),
        'no matches for kind "Certificate" in version "cert-manager.io/v1"',
    ),
    Sign(
        "disk",
        "No space is left on a disk.",
        (
            r"no space left on device|\bENOSPC\b|disk quota exceeded|probably out of disk space|insufficient free space",
            r"flood stage disk watermark|mvcc: database space exceeded|minimum free drive threshold|insufficient storage resources",
        ),
        ("file",),
        'ERROR:  could not extend file "base/25546/25595_vm": No space left on device',
        ("frozen",),
    ),
    Sign(
        "protocol",
        "Client and server use different protocols: often only one of them uses TLS.",
        (
            r"server gave HTTP response to HTTPS client|client sent an HTTP request to an HTTPS server",
            r"plain HTTP request was sent to HTTPS port",
            r"first record does not look like a TLS handshake|wrong[ _]version[ _]number|(?:unrecognized|unsupported) SSL message",
            r"malformed HTTP response|BadStatusLine\(.{0,3}\\x|frame header looked like an HTTP/|received HTTP/\d\.\d when not allowed",
            r"upstream sent (?:no valid|unsupported) HTTP/|not an SSL/TLS record",
            r"SSL is not enabled on the server|server does(?: not|n't) support SSL|SSL is required,? but the server does(?: not|n't)",
            r"connections using insecure transport are prohibited|AMQP protocol (?:version )?mismatch|IncompatibleProtocolError",
        ),
        ("host", "port"),
        'Get "https://api:8080/": http: server gave HTTP response to HTTPS client',
        (DEPENDENCY, "certificate", "config"),
    ),
    Sign(
        "certificate",
        "A TLS certificate or handshake is refused.",
        (
            r"x509:",
            r"certificate (?:has expired|verify failed|is not (?:yet )?valid|signed by unknown)",
            r"tls: (?:failed|bad|unknown|either ServerName)",
            r"PKIX path building failed|SSLHandshakeException|CERTIFICATE_VERIFY_FAILED|SSLPeerUnverified|no subject alternative",
            r"self[- ]signed certificate|unable to verify the first certificate|invalid peer certificate|CERT_ALTNAME_INVALID",
            r"remote certificate is invalid|SSL certificate problem|match any of the subject alternative names",
        ),
        ("host", "port", "expiry"),
        "x509: certificate has expired or is not yet valid: current time 2024-05-01T10:00:00Z is after 2024-04-30T00:00:00Z",
        (DEPENDENCY, "file", "write"),
    ),
    Sign(
        "credentials",
        "A server refuses the credentials, or what their user wants to do.",
        (
            r"access denied for user|\bRBAC: access denied",
            r"authentication (?:failed|failure)|no pg_hba\.conf entry|Authorization Violation|might require SASL",
            r"password authentication",
            r"invalid (?:credentials|username or password|username/password|username-password|api key|token)",
            r"WRONGPASS|NOAUTH|\bNOPERM\b|account is locked|InvalidAccessKeyId|SignatureDoesNotMatch|unable to locate credentials",
            r"\b401\b.{0,20}unauthorized|response code: \d+ \(Permission denied|making call: (?:permission denied|ACL not found)",
            r"code: \d+\. errors:",
            r"permission denied for (?:database|relation|schema|table|sequence|function)|not authorized (?:for this client|to access)",
            r"(?:error|exception|\bERR)\b.{0,60}\bauthentication (?:is )?required|running in protected mode"
            r"|must be called with the client already authenticated",
            r"login (?:failed|was refused)|login refused|\bACCESS_REFUSED\b|response code: \d+ \(ACL not found\)",
        ),
        ("host", "port", "user", "database", "table", "topic"),
        'FATAL:  password authentication failed for user "app"',
        (DEPENDENCY, "write"),
    ),
    Sign(
        "rate",
        "A server limits how many requests it takes.",
        (
            r"too many requests|rate[- ]?limit(?:ed)? exceeded|RESOURCE_EXHAUSTED|too many outstanding requests|limiting requests, excess",
            r"\bingestion rate limit",
        ),
        ("host", "port", "limit"),
        "server returned HTTP status 429 Too Many Requests",
        (DEPENDENCY,),
    ),
    Sign(
        "size",
        "A message or request is larger than the receiver accepts.",
        (r"client intended to send too large body|received message larger than max|MessageSizeTooLarge|RecordTooLarge",),
        ("limit",),
        "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5242880 vs. 4194304)",
        (DEPENDENCY, "rate"),
    ),
    Sign(
        "license",
        "A license is missing, invalid or expired.",
        (
            r"invalid licen[cs]e|not a valid licen[cs]e|licen[cs]e (?:has |is )?(?:expired|invalid|not found|missing)",
            r"licen[cs]e: expired|licen[cs]e key '[^']{0,80}' is not active|licen[cs]e validation failed",
        ),
        (),
        "failed to add license: conflicts : invalid license key",
    ),
    Sign(
        "loop",
        "DNS queries come back to the DNS server that forwards them.",
        (r"plugin/loop: (?:loop|seen) ",),
        (),
        '[FATAL] plugin/loop: Loop (127.0.0.1:34614 -> :53) detected for zone "."',
    ),
    Sign(
        "setting",
        "A setting that the program needs is missing.",
        (
            r"env(?:ironment)?(?:[ _]var(?:iable)?s?)?\b.{0,80}?not (?:set|found|defined|provided)",
            r"env(?:ironment)?(?:[ _]var(?:iable)?s?)?\b.{0,80}?(?:missing|required|undefined|empty|unset)",
            r"(?:missing|required|unset|undefined)\b.{0,40}?(?:env(?:ironment)?\b|variable|setting|configuration|config key)",
            r"KeyError: ['\"][A-Z][A-Z0-9_]+['\"]",
            r"\b[A-Z][A-Z0-9]{0,40}_[A-Z0-9_]{1,80}\b\"?'? (?:is |was )?not (?:set|defined|provided)",
            r"\b[A-Z][A-Z0-9]{0,40}_[A-Z0-9_]{1,80}\b\"?'? (?:is |was )?(?:missing|required|undefined|must be set|unset|empty)",
            r"(?:must|please) (?:set|provide|specify) [A-Z][A-Z0-9_]{2,}",
            r"could not resolve placeholder '|no \w{1,20} setting provided|setting must not be empty|missing field `",
            r"failed to configure a DataSource|jdbcUrl is required|no application encryption key has been specified",
            r"\bset the [A-Z][A-Z0-9_]{2,60} environment variable|not found\. Declare it as envvar|field required \[type=missing",
            r"key not found: [\"':]?[A-Z][A-Z0-9_]{2,}|\bErr\b.{0,20}\bNotPresent\b|cannot be null\. \(parameter 'connectionString",
            r"(?:password|credentials?) (?:option )?(?:is|are) not specified",
            r"need to (?:specify|set|provide) one of the following.{0,30}variable",
        ),
        ("key", "file", "line"),
        "django.core.exceptions.ImproperlyConfigured: Set the SECRET_KEY environment variable",
    ),
    Sign(
        "file",
        "A file that the program needs does not exist.",
        (
            r"no such file or directory|\bENOENT\b|FileNotFoundException(?!.{0,200}\(Permission denied)|was not found and is not optional",
            r"cannot be opened because it does not exist|source directory \S{1,200} does not exist|kind: NotFound",
        ),
        ("file",),
        "panic: open /etc/app/config.yaml: no such file or directory",
        ("config",),
    ),
    Sign(
        "config",
        "The configuration cannot be read.",
        (
            r"(?:invalid|malformed|bad) .{0,40}(?:config|yaml|json|toml|properties|settings)",
            r"(?:failed|unable) to (?:parse|load|read).{0,40}(?:config|yaml|json|toml|properties|settings)",
            r"(?:cannot|error) (?:pars|load|read)(?:e|ing)?.{0,40}(?:config|yaml|json|toml|properties|settings)",
            r"(?:yaml|json|toml): (?:line|unmarshal|invalid)|mapping values are not allowed|yaml\.\w{1,20}\.\w{1,20}Error|JSONDecodeError",
            r"unknown (?:field|flag|option|directive|keyword)|unrecognized directive|directive is not allowed here|bad directive or wrong",
            r"failed to bind properties under|InvalidConfigurationPropertyValue|URL format error; must be",
            r"(?:toml|yaml|json|hocon|xml) (?:parse|parsing|syntax) error",
            r"snakeyaml\.\w{1,20}\.\w{1,30}Exception",
            r"cannot handle unexpected argument|flag provided but not defined|expected argument for flag|FATAL CONFIG FILE ERROR",
            r"decoding request body: invalid character|error during parsing|at \[Source: \(File\)",
            r"invalid value for (?:parameter|option)|unrecognized configuration parameter|syntax error in file|unknown variable '",
        ),
        ("file", "line", "key"),
        'nginx: [emerg] unknown directive "proxy_pas" in /etc/nginx/conf.d/default.conf:9',
    ),
    Sign(
        DEPENDENCY,
        "The program cannot reach something that it calls.",
        (*UNRESOLVED, *UNREACHED),
        ("host", "port", "service", "user", "database", "limit", "file", "line"),
        "dial tcp: lookup store on 10.96.0.10:53: no such host",
    ),
    Sign(
        "write",
        "The program may not read or write a file, or use a port.",
        (
            r"permission denied|insufficient permissions to access|unable to write to the backend|prefix access is denied",
            r"disk access denied",
            r"\b(?:EACCES|EPERM|EROFS)\b",
            r"read-only (?:file system|directory)",
            r"operation not permitted|has invalid permissions|has group or world access|has wrong ownership",
            r"java\.nio\.file\.AccessDeniedException",
            r"does not have the access rights to|\b(?:is|are) not writable",
        ),
        ("file", "port"),
        "open /prometheus/queries.active: permission denied",
    ),
    Sign(
        "response",
        "A server answers a call of the program with an error.",
        (),
        ("host", "port"),
        "413 Client Error: Request Entity Too Large for url: http://uploads:8080/v1/files",
    ),
    Sign(
        "errors",
        "A server answers a request with an internal error.",
        (),
        (),
        '10.0.0.7 - - [02/Mar/2026:12:00:00 +0000] "GET /x HTTP/1.1" 500 162',
    ),
    Sign("route", "A proxy has no route for a request.", (r"\broute_not_found\b",), ("host",), '"GET /x HTTP/1.1" 404 NR route_not_found'),
)

DISK_OF_SERVER = (
    r"could not (?:extend|write)(?: to)? (?:file|block)|DiskFull|\bDisk full \(|error 28\b|\bERROR 1114\b|the table '\S{1,120}' is full"
    r"|flood[- ]stage|disk watermark|read[-_ ]only[-_ /]{1,3}allow[-_ ]delete|OutOfDiskSpace|KAFKA_STORAGE_ERROR|\bMISCONF\b"
    r"|minimum free drive threshold|insufficient storage resources"
)
"""How servers report to their callers that their own disk is full. "No space left on device" alone is about a disk of the container."""

NOISE: tuple[str, ...] = (
    r"gRPC config stream (?:to \S{1,200} )?closed|could not receive data from client|startup packet",
    r"CA certificate \S{1,80} is self signed|\bstartupWarnings\b|sleeping then retrying|the object has been modified",
    r"TLS handshake error from \S{1,80}: (?:EOF|tls: (?:first record|client offered|no cipher)|client sent an HTTP|read tcp|i/o timeout)",
    r"TLS handshake error from \S{1,80}: (?:remote error: tls: unknown certificate|no certificate available for)",
    r"\bwatch of \S{1,80} ended with|received prior goaway|transport is closing|failing open\b|rejected connection",
    r"IP address '\S{1,60}' could not be resolved|hostname \S{1,253} does not resolve to address",
    r"(?:^|\n)\s{0,8}(?:\u2713|\u2714|--- PASS|ok \d{1,9} - )|\bPASSED\s{1,40}\[|^test \S{1,200} \.\.\. ok$",
    r"\(2: No such file or directory\), client: |AH00128: File does not exist",
    r"already exists, skipping|no config file specified, using the default|as time zone\. Skipping it",
    r"sysctl: setting key|too old resource version|duplicate metrics collector registration",
)
"""Lines that programs and sidecars write in ordinary operation, although they look like failures."""
