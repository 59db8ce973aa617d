"""The 40 healthy workloads: their logs name errors, and nothing is wrong with them."""

from lab.silent.broken import ORDERS, PRICES, RELOAD, patch, psql, secure, server
from lab.silent.case import healthy
from lab.silent.objects import (
    PASSWORD,
    account,
    authority,
    billing,
    binding,
    budget,
    catalog,
    config,
    credentials,
    cronjob,
    database_env,
    deployment,
    jdbc_env,
    job,
    nginx,
    policy,
    postgres,
    rabbitmq,
    reconciler,
    redis,
    role,
    secret,
    service,
    shop,
    slice_of,
    web,
)

BROKER = {
    "BROKER_PASSWORD": ("secret", "broker", "password"),
    "AMQP_URL": "amqp://shop:$(BROKER_PASSWORD)@rabbitmq:5672/%2F",
    "QUEUE": "mail",
}
GO_ENV = database_env(options="?sslmode=disable")

# --- starts that need some attempts
healthy("postgres-starts-late", "team-orders", credentials(), postgres(delay=25), ORDERS)
healthy("go-client-starts-first", "team-products", credentials(), postgres(delay=20), catalog("products", "sync", GO_ENV))
healthy("java-client-starts-first", "team-billing", credentials(), postgres(delay=20), billing("billing", "jdbc", jdbc_env()))
healthy("broker-starts-late", "team-mail", credentials("broker"), rabbitmq(), shop("publisher", "mailer", {**BROKER, "ROLE": "publisher"}))
healthy(
    "replica-waits-for-primary",
    "team-cache",
    redis(name="redis-primary"),
    redis("--replicaof", "redis-primary 6379", name="redis-replica"),
    shop("reader", "cache", {"REDIS_URL": "redis://redis-primary:6379"}),
)
healthy(
    "proxy-before-upstream",
    "team-edge",
    server(),
    nginx("front", "location / { proxy_pass http://catalog:8080; }"),
    shop("visitor", "poller", {"TARGET_URL": "http://front:8080"}),
)

# --- words that name errors where none are
healthy(
    "debug-level-names-errors",
    "team-debug",
    server(BUSY_ONE_IN="5"),
    catalog("refresh", "fetch", {"TARGET_URL": "http://catalog:8080/", "LOG_LEVEL": "DEBUG", "RETRIES": "3"}),
)
healthy(
    "debug-of-http-library",
    "team-http",
    web("pages"),
    service("pages", 8080),
    shop("crawler", "poller", {"TARGET_URL": "http://pages:8080", "PATHS": "/,/gone,/robots.txt", "ACCEPT": "404", "LOG_LEVEL": "DEBUG"}),
)
healthy("support-tickets", "team-support", shop("tickets", "tickets"))
healthy("deprecations", "team-legacy", deployment("legacy", "shop", ["python3", "-W", "default", "/app/legacy.py"]))
healthy(
    "jvm-flags",
    "team-jvm",
    billing("renderer", "render", {"PAGES": "4"}, java=("-Xmx64m", "-XX:+PrintFlagsFinal", "-XX:+HeapDumpOnOutOfMemoryError")),
)
healthy("jvm-collections", "team-gc", billing("renderer", "render", {"PAGES": "20", "EVERY": "2"}, java=("-Xmx40m", "-Xlog:gc*")))
healthy(
    "pika-debug",
    "team-broker",
    credentials("broker"),
    rabbitmq(),
    shop("publisher", "mailer", {**BROKER, "ROLE": "publisher", "PIKA_LEVEL": "DEBUG"}, wait_for="rabbitmq:5672"),
)

# --- access logs and rejected requests
healthy(
    "scanners-get-404",
    "team-web",
    nginx("site", "location = / { return 200 ok; }\n    location / { return 404; }"),
    shop(
        "internet",
        "poller",
        {"TARGET_URL": "http://site:8080", "PATHS": "/,/,/,/wp-login.php,/.env,/,/admin.php", "ACCEPT": "404", "EVERY": "1"},
    ),
)
healthy(
    "favicon-missing",
    "team-static",
    nginx("static", "root /etc/nginx/site;\n    location = / { return 200 ok; }"),
    shop("visitor", "poller", {"TARGET_URL": "http://static:8080", "PATHS": "/,/,/,/favicon.ico", "ACCEPT": "404"}),
)
healthy(
    "health-check-404",
    "team-balancer",
    web("pages"),
    service("pages", 8080),
    shop("balancer", "poller", {"TARGET_URL": "http://pages:8080", "PATHS": "/health", "ACCEPT": "404", "EVERY": "2"}),
    shop("visitor", "poller", {"TARGET_URL": "http://pages:8080", "EVERY": "1"}),
)
healthy(
    "wrong-logins",
    "team-login",
    web("accounts", {"API_TOKEN": "kestrel"}),
    service("accounts", 8080),
    shop("guests", "poller", {"TARGET_URL": "http://accounts:8080", "PATHS": "/,/,/,/,/account", "ACCEPT": "401", "EVERY": "1"}),
)
healthy(
    "rate-limited-robot",
    "team-limits",
    nginx(
        "site",
        "location / { limit_req zone=one burst=1 nodelay; limit_req_status 429; return 200 ok; }",
        http="limit_req_zone $binary_remote_addr zone=one:1m rate=1r/s;",
    ),
    shop("robot", "poller", {"TARGET_URL": "http://site:8080", "ACCEPT": "429", "EVERY": "0.8"}),
)
healthy(
    "impatient-clients",
    "team-mobile",
    server(DELAY_MS="400"),
    catalog("app", "fetch", {"TARGET_URL": "http://catalog:8080/"}),
    shop("phones", "poller", {"TARGET_URL": "http://catalog:8080", "TIMEOUT": "0.1", "IMPATIENT": "1", "EVERY": "6"}),
)
healthy(
    "probe-breaks-handshake",
    "team-tls",
    authority("shop-ca", "shop"),
    secure("vault", "vault", "shop")[0],
    deployment(
        "vault",
        "catalog",
        ["catalog", "serve"],
        {"TLS_CERT": "/tls/tls.crt", "TLS_KEY": "/tls/tls.key"},
        {"/tls": ("secret", "vault-tls")},
        port=8080,
        probe={"tcpSocket": {"port": 8080}},
    ),
    service("vault", 8080),
    catalog("reader", "fetch", {"TARGET_URL": "https://vault:8080/", "CA_FILE": "/ca/ca.crt"}, {"/ca": ("configmap", "shop-ca")}),
)

# --- errors that the program expects
healthy(
    "tests-print-errors",
    "team-tests",
    job("checkout-tests", "shop", ["python3", "-m", "unittest", "-v", "/app/checkout_checks.py"]),
    ORDERS,
    credentials(),
    postgres(delay=2),
)
healthy(
    "duplicate-keys",
    "team-imports",
    credentials(),
    postgres(),
    shop("importer", "orders", {**database_env(), "STATEMENT": "INSERT INTO orders VALUES (1, 'again')"}, wait_for="postgres:5432"),
)
healthy(
    "notices-of-migrations",
    "team-migrations",
    credentials(),
    postgres(),
    cronjob(
        "migrate",
        "postgres",
        ["sh", "-c", "psql -h postgres -U shop -d shop -c 'CREATE TABLE IF NOT EXISTS orders (id int)'"],
        {"PGPASSWORD": ("secret", "database", "password")},
        wait_for="postgres:5432",
    ),
)
healthy(
    "probe-without-role",
    "team-probe",
    credentials(),
    postgres(probe=["-U", "healthcheck"]),
    ORDERS,
)
healthy(
    "retries-that-succeed",
    "team-retries",
    server(BUSY_ONE_IN="3"),
    catalog("refresh", "fetch", {"TARGET_URL": "http://catalog:8080/", "RETRIES": "5"}),
)
healthy(
    "cache-evicts",
    "team-lru",
    redis("--maxmemory", "2mb", "--maxmemory-policy", "allkeys-lru"),
    shop("baskets", "cache", {"REDIS_URL": "redis://redis:6379", "BASKET_BYTES": "40000", "PAUSE": "0.5"}),
)
healthy("reports-rotate", "team-reports", shop("reports", "reports", {"REPORTS": "/exports", "KEEP": "5"}, {"/exports": ("memory", "8Mi")}))
healthy(
    "short-lived-publishers",
    "team-batch",
    credentials("broker"),
    rabbitmq(),
    shop("publisher", "mailer", {**BROKER, "ROLE": "publisher"}, wait_for="rabbitmq:5672"),
    shop("consumer", "mailer", BROKER, wait_for="rabbitmq:5672"),
    inject="sleep 5; kubectl -n $NS delete pod -l app=consumer --grace-period=0 --force\n",
)
healthy("progress-on-stderr", "team-curl", server(), cronjob("ping", "redis", ["sh", "-c", "curl -v http://catalog:8080/ >/dev/null"]))

# --- changes that end well
healthy(
    "reconnects-once",
    "team-sessions",
    redis(),
    shop("sessions", "cache", {"REDIS_URL": "redis://redis:6379"}),
    inject="sleep 10; kubectl -n $NS exec deploy/redis -- redis-cli client kill type normal\n",
)
healthy(
    "credentials-reloaded",
    "team-rotation",
    credentials(),
    postgres(),
    shop(
        "orders",
        "orders",
        {"DATABASE_URL": "postgresql://shop@postgres:5432/shop", "DATABASE_PASSWORD_FILE": "/credentials/password"},
        {"/credentials": ("secret", "database")},
    ),
    inject=patch("secret database", stringData={"password": "amber-window-40"})
    + "for i in $(seq 60); do kubectl -n $NS exec deploy/orders -- grep -q amber /credentials/password && break; sleep 2; done\n"
    + psql("ALTER ROLE shop PASSWORD 'amber-window-40'"),
)
healthy(
    "prices-reloaded",
    "team-pricing",
    config("price-list", prices__json=PRICES),
    shop("pricing", "pricing", {"PRICES_FILE": "/etc/pricing/prices.json"}, {"/etc/pricing": ("configmap", "price-list")}),
    inject=patch("configmap price-list", data={"prices.json": '{"currency": "USD", "items": []}'}),
)
healthy("nginx-reloads", "team-cdn", nginx("cdn", "location / { return 200 ok; }", command=["sh", "-c", RELOAD]))
healthy(
    "rolling-restart",
    "team-releases",
    server(),
    catalog("reader", "fetch", {"TARGET_URL": "http://catalog:8080/"}),
    inject="sleep 5; kubectl -n $NS rollout restart deployment catalog\n",
)
healthy(
    "database-restarts-once",
    "team-upgrade",
    credentials(),
    postgres(),
    ORDERS,
    inject="sleep 10; kubectl -n $NS rollout restart deployment postgres\n",
)

# --- the Kubernetes API and the relation of objects
healthy(
    "watch-expires",
    "team-watch",
    account("follower"),
    role("follower", ("", "pods", "get,list,watch")),
    binding("follower", "follower", "team-watch"),
    reconciler("follower", "changes", "team-watch"),
)
healthy("optional-permission", "team-optional", account("inventory"), reconciler("inventory", "access", "team-optional"))
healthy(
    "update-conflicts",
    "team-conflicts",
    config("counters", seen="0"),
    account("counter"),
    role("counter", ("", "configmaps", "get,update,patch")),
    binding("counter", "counter", "team-conflicts"),
    reconciler("counter", "conflicts", "team-conflicts"),
)
healthy(
    "policy-that-fits",
    "team-policy",
    server("points"),
    policy(
        "points-ingress",
        {"app": "points"},
        ingress=[{"from": [{"podSelector": {"matchLabels": {"role": "frontend"}}}], "ports": [{"port": 8080}]}],
    ),
    catalog("portal", "fetch", {"TARGET_URL": "http://points:8080/"}, labels={"role": "frontend"}),
    budget("points", maxUnavailable=1),
)
healthy(
    "service-to-outside",
    "team-outside",
    service("cluster-api", 443, selector={}),
    slice_of("cluster-api", "10.99.0.11", 10248),
    deployment(
        "checker",
        "redis",
        ["sh", "-c", "while sleep 5; do curl -ksS -o /dev/null -w '%{http_code} %{errormsg}\\n' http://cluster-api:443/healthz; done"],
    ),
    catalog("standby", "serve", replicas=0),
    service("standby", 8080),
    secret("unused", password=PASSWORD),
)
