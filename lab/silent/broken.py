"""The 60 faults. Each is decided here, by hand: its objects, the object to open an issue on, the cause, and the words that must be said."""

import json
from shlex import quote
from typing import Any

from lab.silent.case import fault
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
    tls,
    web,
)

ORDERS = shop("orders", "orders", database_env())
STALE = "violet-canyon-17"
"""A password that was valid once."""


def server(name: str = "catalog", **env: str) -> list:
    return [catalog(name, "serve", env, port=8080, probe={"httpGet": {"path": "/healthz", "port": 8080}}), service(name, 8080)]


def patch(what: str, **body: Any) -> str:
    return f"kubectl -n $NS patch {what} --type merge -p {quote(json.dumps(body))}\n"


def edit(config_name: str, old: str, new: str) -> str:
    """Replace a text of a ConfigMap, as `kubectl edit` does."""
    return f"kubectl -n $NS get configmap {config_name} -o yaml | sed {quote(f's|{old}|{new}|')} | kubectl -n $NS replace -f -\n"


def psql(statement: str, pause: int = 0) -> str:
    return f'sleep {pause}; kubectl -n $NS exec deploy/postgres -- psql -q -U postgres -d shop -c "{statement}"\n'


# --- names

fault(
    "name-typo",
    "storefront",
    "Deployment/storefront",
    "The client asks for invetory-api; the Service is called inventory-api.",
    ["invetory-api"],
    server("inventory-api"),
    shop("storefront", "poller", {"TARGET_URL": "http://invetory-api:8080"}),
    logs="storefront: invetory-api",
)
fault(
    "name-wrong-namespace",
    "ledger",
    "Deployment/settlement",
    "The URL names the Service in the namespace finance-prod, which does not exist; it is in this namespace.",
    ["ledger-api.finance-prod"],
    server("ledger-api"),
    catalog("settlement", "fetch", {"TARGET_URL": "http://ledger-api.finance-prod.svc.cluster.local:8080/balance"}),
    logs="settlement: ledger-api.finance-prod.*no such host",
)
fault(
    "name-deleted-service",
    "taxes",
    "Deployment/billing",
    "The Service tax-rates was deleted while its pods still run.",
    ["tax-rates"],
    server("tax-rates"),
    billing("billing", "fetch", {"TARGET_URL": "http://tax-rates:8080/"}),
    inject="sleep 10; kubectl -n $NS delete service tax-rates\n",
    logs="billing: ConnectException|UnresolvedAddress",
    accept=["Deployment/tax-rates", "Service/tax-rates"],
)
fault(
    "name-dns-policy-default",
    "fulfilment",
    "Deployment/orders",
    "dnsPolicy Default uses the node's resolver without the cluster's search domains, so the short name postgres does not resolve.",
    ["postgres", "dnsPolicy"],
    credentials(),
    postgres(),
    shop("orders", "orders", database_env(), dnsPolicy="Default"),
    logs="orders: (failed to resolve|Name or service not known|No address associated|nodename)",
)
fault(
    "name-dns-search",
    "warehouse",
    "Deployment/products",
    "dnsConfig replaces the search domains by those of another cluster.",
    ["postgres", "search"],
    credentials(),
    postgres(),
    catalog(
        "products",
        "sync",
        database_env(options="?sslmode=disable"),
        dnsPolicy="None",
        dnsConfig={"nameservers": ["10.99.0.10"], "searches": ["svc.prod.example.internal"]},
    ),
    logs="products: no such host",
)
fault(
    "name-host-network",
    "edge-metrics",
    "Deployment/collector",
    "hostNetwork with dnsPolicy ClusterFirst falls back to the node's resolver; it needs ClusterFirstWithHostNet.",
    ["redis", "hostNetwork"],
    redis(),
    shop("collector", "cache", {"REDIS_URL": "redis://redis:6379"}, hostNetwork=True),
    logs="collector: redis:6379",
)
fault(
    "name-external",
    "archive",
    "Service/history-db",
    "The Service of type ExternalName points to a host that no name server knows any more.",
    ["db.old-datacenter.internal"],
    credentials(),
    service("history-db", 5432, selector={}, type="ExternalName", externalName="db.old-datacenter.internal"),
    shop("history", "orders", database_env(host="history-db:5432")),
    logs="history: history-db",
    accept=["Deployment/history"],
)

# --- connections

fault(
    "port-wrong-in-url",
    "products",
    "Deployment/products",
    "The client connects to port 5433; the Service postgres offers only 5432.",
    ["postgres", "5433"],
    credentials(),
    postgres(),
    catalog("products", "sync", database_env(host="postgres:5433", options="?sslmode=disable&connect_timeout=4")),
    logs="products: (timeout|i/o|refused|no route|deadline)",
)
fault(
    "service-selector-mismatch",
    "carts",
    "Service/cart",
    "The selector of the Service is app=carts, the pods have app=cart: no endpoints.",
    ["cart", "selector"],
    catalog("cart", "serve", port=8080),
    service("cart", 8080, selector={"app": "carts"}),
    shop("basket-page", "poller", {"TARGET_URL": "http://cart:8080"}),
    logs="basket-page: Connection refused",
    accept=["Deployment/basket-page"],
)
fault(
    "policy-ingress-other-client",
    "loyalty",
    "Deployment/campaigns",
    "The NetworkPolicy of points lets only role=frontend in; campaigns has another label.",
    ["points"],
    server("points"),
    policy(
        "points-ingress",
        {"app": "points"},
        ingress=[{"from": [{"podSelector": {"matchLabels": {"role": "frontend"}}}], "ports": [{"port": 8080}]}],
    ),
    catalog("portal", "fetch", {"TARGET_URL": "http://points:8080/"}, labels={"role": "frontend"}),
    catalog("campaigns", "fetch", {"TARGET_URL": "http://points:8080/"}, labels={"role": "batch"}),
    inject="sleep 10; kubectl -n $NS rollout restart deployment campaigns\n",  # an open connection outlives a policy
    logs="campaigns: (deadline exceeded|timeout|Timeout)",
    root="NetworkPolicy/points-ingress",
    accept=["NetworkPolicy/points-ingress", "Deployment/points"],
)
fault(
    "policy-egress",
    "invoicing",
    "Deployment/orders",
    "The NetworkPolicy of orders allows it to reach Redis only; PostgreSQL is not listed.",
    ["postgres"],
    credentials(),
    postgres(),
    redis(),
    policy(
        "orders-egress",
        {"app": "orders"},
        egress=[{"to": [{"podSelector": {"matchLabels": {"app": "redis"}}}]}, {"ports": [{"port": 53, "protocol": "UDP"}]}],
    ),
    ORDERS,
    logs="orders: (timeout|timed out)",
    root="NetworkPolicy/orders-egress",
    accept=["NetworkPolicy/orders-egress"],
)
fault(
    "listens-on-loopback",
    "search",
    "Deployment/search",
    "The program listens on 127.0.0.1:8080, so the Service cannot reach it.",
    ["search", "127.0.0.1"],
    catalog("search", "serve", {"LISTEN": "127.0.0.1:8080"}, port=8080),
    service("search", 8080),
    shop("suggest", "poller", {"TARGET_URL": "http://search:8080"}),
    logs="suggest: Connection refused",
    accept=["Deployment/suggest", "Service/search"],
)
fault(
    "listens-on-other-port",
    "reviews",
    "Service/reviews",
    "gunicorn listens on 8000, the Service leads to 8080.",
    ["reviews", "8080"],
    web("reviews", listen=8000),
    service("reviews", 80, 8080),
    catalog("product-page", "fetch", {"TARGET_URL": "http://reviews/"}),
    logs="product-page: connection refused",
    accept=["Deployment/product-page", "Deployment/reviews"],
)
fault(
    "database-listens-locally",
    "accounts",
    "Deployment/postgres",
    "PostgreSQL runs with listen_addresses=localhost; clients of other pods are refused.",
    ["postgres", "5432"],
    credentials(),
    postgres("-c", "listen_addresses=localhost"),
    billing("billing", "jdbc", jdbc_env()),
    ORDERS,
    logs="orders: refused",
    accept=["Deployment/orders", "Deployment/billing", "Service/postgres"],
)
fault(
    "redis-protected-mode",
    "sessions",
    "Deployment/redis",
    "Redis runs in protected mode without a password, so it denies clients that are not on its own loopback.",
    ["redis", "protected"],
    redis("--protected-mode", "yes"),
    shop("sessions", "cache", {"REDIS_URL": "redis://redis:6379"}),
    logs="sessions: protected mode",
    accept=["Deployment/sessions"],
)
fault(
    "https-to-http-port",
    "partners",
    "Deployment/partner-sync",
    "The client speaks https to a port that serves plain http.",
    ["partner-api", "https"],
    server("partner-api"),
    catalog("partner-sync", "fetch", {"TARGET_URL": "https://partner-api:8080/"}),
    logs="partner-sync: server gave HTTP response to HTTPS client",
)

# --- users, passwords, databases, tables, queues

fault(
    "postgres-wrong-password",
    "orders-eu",
    "Deployment/orders",
    "The Secret database holds an old password of the role shop.",
    ["shop", "database"],
    credentials(password=STALE),
    postgres(),
    ORDERS,
    logs="orders: password authentication failed for user",
    root="Secret/database",
    accept=["Secret/database"],
)
fault(
    "postgres-missing-database",
    "billing-eu",
    "Deployment/billing",
    "The JDBC URL names the database billing_v2, which does not exist.",
    ["billing_v2"],
    credentials(),
    postgres(),
    billing("billing", "jdbc", jdbc_env(url="jdbc:postgresql://postgres:5432/billing_v2")),
    logs="billing: database .billing_v2. does not exist",
)
fault(
    "postgres-missing-table",
    "returns",
    "Deployment/returns",
    "The table order_returns does not exist: the migration of the release did not run.",
    ["order_returns"],
    credentials(),
    postgres(),
    shop("returns", "orders", {**database_env(), "STATEMENT": "SELECT count(*) FROM order_returns"}),
    logs="returns: relation .order_returns. does not exist",
)
fault(
    "postgres-permission",
    "audit-log",
    "Deployment/auditor",
    "The role auditor may not read the table invoices.",
    ["invoices"],
    secret("auditor-database", password="quiet-marble-5"),
    postgres(sql="CREATE ROLE auditor LOGIN PASSWORD 'quiet-marble-5';\n"),
    catalog(
        "auditor",
        "sync",
        {**database_env("auditor", "auditor-database", options="?sslmode=disable"), "STATEMENT": "SELECT count(*) FROM invoices"},
    ),
    logs="auditor: permission denied for table invoices",
    accept=["Deployment/postgres"],
)
fault(
    "mysql-wrong-password",
    "stock",
    "Deployment/stock",
    "The Secret stock-database holds a wrong password of the MariaDB user stock.",
    ["stock"],
    secret("stock-database", password=STALE),
    config(
        "mariadb-init",
        init__sql=f"""CREATE DATABASE IF NOT EXISTS stock;
CREATE TABLE IF NOT EXISTS stock.stock (id int);
CREATE USER IF NOT EXISTS 'stock'@'%' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON stock.* TO 'stock'@'%';
""",
    ),
    deployment(
        "mariadb",
        "mariadb",
        ["mariadb-start", "--innodb-buffer-pool-size=16M"],
        None,
        {"/initdb": ("configmap", "mariadb-init")},
        user=999,
        port=3306,
        probe={"tcpSocket": {"port": 3306}},
    ),
    service("mariadb", 3306),
    shop(
        "stock",
        "stock",
        {
            "MYSQL_HOST": "mariadb",
            "MYSQL_USER": "stock",
            "MYSQL_DATABASE": "stock",
            "MYSQL_PASSWORD": ("secret", "stock-database", "password"),
        },
        wait_for="mariadb:3306",
    ),
    logs="stock: Access denied for user",
    root="Secret/stock-database",
    accept=["Secret/stock-database"],
)
fault(
    "redis-no-password",
    "wishlist",
    "Deployment/wishlist",
    "Redis requires a password; the URL of the client has none.",
    ["redis", "Authentication"],
    redis("--requirepass", PASSWORD),
    shop("wishlist", "cache", {"REDIS_URL": "redis://redis:6379"}),
    logs="wishlist: AuthenticationError",
)
fault(
    "rabbitmq-missing-queue",
    "shipping",
    "Deployment/shipping",
    "The queue shipments does not exist on the broker.",
    ["shipments"],
    credentials("broker"),
    rabbitmq(),
    shop(
        "shipping",
        "mailer",
        {
            "BROKER_PASSWORD": ("secret", "broker", "password"),
            "AMQP_URL": "amqp://shop:$(BROKER_PASSWORD)@rabbitmq:5672/%2F",
            "QUEUE": "shipments",
        },
        wait_for="rabbitmq:5672",
    ),
    logs="shipping: no queue 'shipments'",
)
fault(
    "rabbitmq-wrong-password",
    "notifications",
    "Deployment/mailer",
    "The Secret broker holds a wrong password of the RabbitMQ user shop.",
    ["shop", "broker"],
    credentials("broker", STALE),
    rabbitmq(),
    shop(
        "mailer",
        "mailer",
        {
            "BROKER_PASSWORD": ("secret", "broker", "password"),
            "AMQP_URL": "amqp://shop:$(BROKER_PASSWORD)@rabbitmq:5672/%2F",
            "QUEUE": "mail",
            "ROLE": "publisher",
        },
        wait_for="rabbitmq:5672",
    ),
    logs="mailer: ACCESS_REFUSED|PLAIN login refused",
    root="Secret/broker",
    accept=["Secret/broker"],
)
fault(
    "service-token-mismatch",
    "identity",
    "Deployment/profile",
    "The token in the Secret profile-token differs from the one that accounts expects.",
    ["profile-token", "401"],
    secret("accounts-token", token="kestrel-9912"),
    secret("profile-token", token="kestrel-9911"),
    web("accounts", {"API_TOKEN": ("secret", "accounts-token", "token")}),
    service("accounts", 8080),
    shop("profile", "poller", {"TARGET_URL": "http://accounts:8080", "PATHS": "/account", "TOKEN": ("secret", "profile-token", "token")}),
    logs="profile: 401 Client Error",
    root="Secret/profile-token",
    accept=["Secret/profile-token", "Deployment/accounts"],
)

# --- certificates

TLS_SITE = "ssl_certificate /tls/tls.crt;\n    ssl_certificate_key /tls/tls.key;\n    location / { return 200 ok; }"


def secure(name: str, host: str, issuer: str, days: int = 365) -> list:
    return [
        tls(f"{name}-tls", host, issuer, days),
        *nginx(name, TLS_SITE, listen="8443 ssl", port=8443, service_port=443, mounts={"/tls": ("secret", f"{name}-tls")}),
    ]


fault(
    "certificate-expired",
    "payments",
    "Deployment/checkout",
    "The certificate in the Secret payments-tls has expired.",
    ["payments", "expired"],
    authority("shop-ca", "shop"),
    secure("payments", "payments", "shop", -2),
    shop("checkout", "poller", {"TARGET_URL": "https://payments", "CA_FILE": "/ca/ca.crt"}, {"/ca": ("configmap", "shop-ca")}),
    logs="checkout: certificate has expired",
    root="Secret/payments-tls",
    accept=["Secret/payments-tls", "Deployment/payments"],
)
fault(
    "certificate-wrong-name",
    "quotes",
    "Deployment/quote-sync",
    "The certificate in the Secret quotes-tls is valid for quotes.old.internal only.",
    ["quotes", "quotes.old.internal"],
    authority("shop-ca", "shop"),
    secure("quotes", "quotes.old.internal", "shop"),
    catalog("quote-sync", "fetch", {"TARGET_URL": "https://quotes/", "CA_FILE": "/ca/ca.crt"}, {"/ca": ("configmap", "shop-ca")}),
    logs="quote-sync: certificate is valid for quotes.old.internal",
    root="Secret/quotes-tls",
    accept=["Secret/quotes-tls", "Deployment/quotes"],
)
fault(
    "certificate-unknown-authority",
    "rates",
    "Deployment/billing",
    "The Java client does not trust the authority that signed the certificate of rates.",
    ["rates", "PKIX"],
    secure("rates", "rates", "internal"),
    billing("billing", "fetch", {"TARGET_URL": "https://rates/"}),
    logs="billing: PKIX path",
    accept=["Deployment/rates", "Secret/rates-tls"],
)
fault(
    "client-certificate-expired",
    "settlements",
    "Deployment/bank-sync",
    "The client certificate in the Secret bank-client has expired, so the gateway answers 400.",
    ["bank-gateway", "certificate"],
    authority("shop-ca", "shop"),
    tls("bank-gateway-tls", "bank-gateway", "shop"),
    tls("bank-client", "bank-sync", "shop", -3),
    nginx(
        "bank-gateway",
        "ssl_client_certificate /ca/ca.crt;\n    ssl_verify_client on;\n    " + TLS_SITE,
        http="error_log /dev/stderr info;",
        listen="8443 ssl",
        port=8443,
        service_port=443,
        mounts={"/tls": ("secret", "bank-gateway-tls"), "/ca": ("configmap", "shop-ca")},
    ),
    shop(
        "bank-sync",
        "poller",
        {"TARGET_URL": "https://bank-gateway", "CA_FILE": "/ca/ca.crt", "CLIENT_CERT": "/client/tls.crt", "CLIENT_KEY": "/client/tls.key"},
        {"/ca": ("configmap", "shop-ca"), "/client": ("secret", "bank-client")},
    ),
    logs="bank-sync: 400 Client Error",
    root="Secret/bank-client",
    accept=["Secret/bank-client", "Deployment/bank-gateway"],
)

# --- the Kubernetes API

fault(
    "rbac-missing-verb",
    "config-sync",
    "Deployment/config-sync",
    "The Role config-sync allows get of configmaps, not list.",
    ["configmaps", "list"],
    account("config-sync"),
    role("config-sync", ("", "configmaps", "get")),
    binding("config-sync", "config-sync", "config-sync"),
    reconciler("config-sync", "configmaps", "config-sync"),
    logs="config-sync: configmaps is forbidden",
    root="Role/config-sync",
    accept=["Role/config-sync", "ServiceAccount/config-sync"],
)
fault(
    "rbac-wrong-namespace",
    "feature-sync",
    "Deployment/feature-sync",
    "The RoleBinding names the ServiceAccount of the namespace staging.",
    ["configmaps", "feature-sync"],
    account("feature-sync"),
    role("feature-sync", ("", "configmaps", "get,list,watch")),
    binding("feature-sync", "feature-sync", "staging"),
    reconciler("feature-sync", "configmaps", "feature-sync"),
    logs="feature-sync: configmaps is forbidden",
    root="RoleBinding/feature-sync",
    accept=["RoleBinding/feature-sync", "ServiceAccount/feature-sync"],
)
fault(
    "missing-custom-resource",
    "routing",
    "Deployment/route-controller",
    "The custom resource definition routes.delivery.shop.test is not installed.",
    ["delivery.shop.test"],
    account("route-controller"),
    role("route-controller", ("delivery.shop.test", "routes", "get,list,watch")),
    binding("route-controller", "route-controller", "routing"),
    reconciler("route-controller", "custom", "routing"),
    logs="route-controller: 404 page not found|Reason: Not Found",
)

# --- settings and files

PRICES = '{"currency": "EUR", "items": [{"id": 1, "price": 990}]}'
fault(
    "reload-unparsable",
    "pricing",
    "Deployment/pricing",
    "The ConfigMap price-list was edited by hand and is no JSON any more.",
    ["price-list"],
    config("price-list", prices__json=PRICES),
    shop("pricing", "pricing", {"PRICES_FILE": "/etc/pricing/prices.json"}, {"/etc/pricing": ("configmap", "price-list")}),
    inject=patch("configmap price-list", data={"prices.json": PRICES.replace("1,", "1,,")}),
    logs="pricing: JSONDecodeError",
    root="ConfigMap/price-list",
    accept=["ConfigMap/price-list"],
    within=240,
)
fault(
    "setting-missing-at-runtime",
    "checkout",
    "Deployment/checkout",
    "PAYMENT_GATEWAY_URL is not set; it is read when a customer pays.",
    ["PAYMENT_GATEWAY_URL"],
    web("checkout", probe={"httpGet": {"path": "/healthz", "port": 8080}}),
    service("checkout", 8080),
    shop("robot", "poller", {"TARGET_URL": "http://checkout:8080", "PATHS": "/,/checkout", "EVERY": "1"}),
    logs="checkout: KeyError: 'PAYMENT_GATEWAY_URL'",
    accept=["Deployment/robot"],
)
fault(
    "mounted-at-other-path",
    "catalog-prices",
    "Deployment/pricing",
    "The program reads /etc/shop/prices.json; the ConfigMap is mounted at /etc/pricing.",
    ["/etc/shop/prices.json"],
    config("price-list", prices__json=PRICES),
    shop("pricing", "pricing", {"PRICES_FILE": "/etc/shop/prices.json"}, {"/etc/pricing": ("configmap", "price-list")}),
    logs="pricing: No such file or directory: '/etc/shop/prices.json'",
)
fault(
    "read-only-root",
    "reporting",
    "Deployment/reports",
    "The root file system is read-only and no volume is mounted at /var/reports.",
    ["/var/reports", "read-only"],
    shop("reports", "reports", {"REPORTS": "/var/reports"}, container={"securityContext": {"readOnlyRootFilesystem": True}}),
    logs="reports: Read-only file system",
)
fault(
    "file-permission",
    "signing",
    "Deployment/signer",
    "The Secret is mounted with mode 0400 for root; the program runs as user 1000.",
    ["/keys/prices.json", "permission"],
    secret("signing-keys", prices__json=PRICES),
    shop("signer", "pricing", {"PRICES_FILE": "/keys/prices.json"}, {"/keys": ("secret", "signing-keys", 0o400)}, user=1000),
    logs="signer: Permission denied: '/keys/prices.json'",
)
fault(
    "secret-key-renamed",
    "ratings",
    "Deployment/ratings",
    "The Secret ratings-api has the key token; the pod asks for the key api-token, optionally, and starts without it.",
    ["ratings-api", "api-token"],
    secret("ratings-api", token="kestrel-77"),
    web("moderation", {"API_TOKEN": ("secret", "ratings-api", "token")}),
    service("moderation", 8080),
    shop(
        "ratings",
        "poller",
        {"TARGET_URL": "http://moderation:8080", "PATHS": "/account", "TOKEN": ("secret", "ratings-api", "api-token", "optional")},
    ),
    logs="ratings: 401 Client Error",
    accept=["Secret/ratings-api", "Deployment/moderation"],
)
RELOAD = "nginx -c /etc/nginx/site/nginx.conf -g 'daemon off;' & while sleep 5; do nginx -c /etc/nginx/site/nginx.conf -s reload; done"
fault(
    "nginx-reload-rejected",
    "cdn",
    "Deployment/cdn",
    "The ConfigMap cdn-config has a directive that nginx does not know, so it keeps the old configuration.",
    ["proxy_cache_pth"],
    nginx("cdn", "location / { return 200 ok; }", command=["sh", "-c", RELOAD]),
    inject=edit("cdn-config", "location / {", "proxy_cache_pth /tmp; location / {"),
    logs="cdn: unknown directive .proxy_cache_pth",
    root="ConfigMap/cdn-config",
    accept=["ConfigMap/cdn-config"],
    within=240,
)

# --- resources

fault(
    "volume-full",
    "exports",
    "Deployment/exports",
    "The volume at /exports has a limit of 8Mi and is full.",
    ["/exports", "space"],
    shop("exports", "reports", {"REPORTS": "/exports"}, {"/exports": ("memory", "8Mi")}),
    logs="exports: No space left on device",
)
fault(
    "database-disk-full",
    "telemetry",
    "Deployment/postgres",
    "The volume of the tablespace bulk is full, so PostgreSQL cannot extend the table events.",
    ["space", "postgres"],
    credentials(),
    postgres(
        mounts={"/space": ("memory", "12Mi")},
        first="mkdir -p /space/bulk; ",
        sql="CREATE TABLESPACE bulk LOCATION '/space/bulk';\nCREATE TABLE events (id int, body text) TABLESPACE bulk;\n"
        "ALTER TABLE events OWNER TO shop;\n",
    ),
    shop(
        "ingest", "orders", {**database_env(), "STATEMENT": "INSERT INTO events SELECT g, repeat('x', 900) FROM generate_series(1, 2000) g"}
    ),
    logs="ingest: could not extend file",
    accept=["Deployment/ingest"],
)
fault(
    "too-many-connections",
    "inventory",
    "Deployment/postgres",
    "The importer holds all connections that max_connections=10 leaves to clients.",
    ["postgres", "connection"],
    credentials(),
    postgres("-c", "max_connections=10"),
    catalog("importer", "sync", {**database_env(options="?sslmode=disable"), "HOLD": "6"}, wait_for="postgres:5432"),
    shop("orders", "orders", database_env(), wait_for="postgres:5432"),
    logs="orders: (connection slots are reserved|too many clients)",
    root="Deployment/importer",
    accept=["Deployment/orders", "Deployment/importer"],
)
fault(
    "redis-maxmemory",
    "baskets",
    "Deployment/redis",
    "Redis has maxmemory 2mb and the policy noeviction: it refuses writes.",
    ["redis", "maxmemory"],
    redis("--maxmemory", "2mb", "--maxmemory-policy", "noeviction"),
    shop("baskets", "cache", {"REDIS_URL": "redis://redis:6379", "BASKET_BYTES": "40000", "PAUSE": "0.3"}),
    logs="baskets: command not allowed when used memory",
    accept=["Deployment/baskets"],
)
fault(
    "redis-read-only-replica",
    "queues",
    "Service/redis",
    "The Service redis leads to the replica instead of the primary, so writes fail.",
    ["redis", "replica"],
    redis(name="redis-primary"),
    redis("--replicaof", "redis-primary 6379", name="redis-replica"),
    service("redis", 6379, selector={"app": "redis-replica"}),
    shop("enqueue", "cache", {"REDIS_URL": "redis://redis:6379"}),
    logs="enqueue: read only replica",
    accept=["Deployment/enqueue", "Deployment/redis-replica"],
)
fault(
    "postgres-read-only",
    "journal",
    "Deployment/postgres",
    "PostgreSQL runs with default_transaction_read_only=on since a failover, so writes fail.",
    ["postgres", "read-only"],
    credentials(),
    postgres(),
    catalog("journal", "sync", {**database_env(options="?sslmode=disable"), "STATEMENT": "INSERT INTO products (name) VALUES ('lamp')"}),
    inject=psql("ALTER SYSTEM SET default_transaction_read_only = on") + psql("SELECT pg_reload_conf()"),
    logs="journal: read-only transaction",
    accept=["Deployment/journal"],
)
fault(
    "open-files",
    "media",
    "Deployment/media",
    "The program leaks open files and reaches its limit of 64.",
    ["media", "open files"],
    deployment("media", "catalog", ["sh", "-c", "ulimit -n 64; exec catalog serve"], {"LEAK_FILE": "/etc/passwd"}, port=8080),
    service("media", 8080),
    shop("gallery", "poller", {"TARGET_URL": "http://media:8080", "EVERY": "1"}),
    logs="media: too many open files",
    accept=["Deployment/gallery"],
)
fault(
    "heap-exhausted",
    "statements",
    "Deployment/statements",
    "A heap of 24 MB is too small for a statement of 64 pages; the program catches the error and goes on.",
    ["heap"],
    billing("statements", "render", {"PAGES": "64"}, java=("-Xmx24m",)),
    logs="statements: OutOfMemoryError: Java heap space",
)
fault(
    "broker-disk-alarm",
    "events",
    "Deployment/rabbitmq",
    "The free disk space is below disk_free_limit, so RabbitMQ blocks all publishers.",
    ["rabbitmq", "disk"],
    credentials("broker"),
    rabbitmq("disk_free_limit.absolute = 90000GB\n"),
    shop(
        "publisher",
        "mailer",
        {
            "BROKER_PASSWORD": ("secret", "broker", "password"),
            "AMQP_URL": "amqp://shop:$(BROKER_PASSWORD)@rabbitmq:5672/%2F",
            "QUEUE": "events",
            "ROLE": "publisher",
        },
        wait_for="rabbitmq:5672",
    ),
    logs="rabbitmq: (alarm set|insufficient)",
    root="ConfigMap/rabbitmq-config",
    accept=["Deployment/publisher", "ConfigMap/rabbitmq-config"],
)

# --- HTTP services that fail after a change

fault(
    "nginx-wrong-upstream",
    "gateway",
    "Deployment/gateway",
    "The upstream port was changed to 8081; catalog listens on 8080, so nginx answers 502.",
    ["catalog", "8081"],
    server(),
    nginx("gateway", "location / { proxy_pass http://catalog:8080; }", wait_for="catalog:8080"),
    shop("visitor", "poller", {"TARGET_URL": "http://gateway:8080", "EVERY": "1"}),
    inject=edit("gateway-config", "catalog:8080", "catalog:8081")
    + "kubectl -n $NS rollout restart deployment gateway\nkubectl -n $NS rollout status deployment gateway --timeout 90s\n",
    logs="gateway: (502|upstream timed out|504)",
    root="ConfigMap/gateway-config",
    accept=["ConfigMap/gateway-config", "Deployment/visitor"],
)
fault(
    "feature-flag",
    "taxation",
    "Deployment/prices",
    "The flag new-tax-engine in the ConfigMap flags makes each price request fail with KeyError 'reduced'.",
    ["reduced"],
    config("flags", flags__json='{"new-tax-engine": false}'),
    web(
        "prices",
        {"FLAGS_FILE": "/flags/flags.json"},
        {"/flags": ("configmap", "flags")},
        probe={"httpGet": {"path": "/healthz", "port": 8080}},
    ),
    service("prices", 8080),
    shop("tills", "poller", {"TARGET_URL": "http://prices:8080", "PATHS": "/price", "EVERY": "1"}),
    inject=patch("configmap flags", data={"flags.json": '{"new-tax-engine": true}'}),
    logs="prices: KeyError: 'reduced'",
    root="ConfigMap/flags",
    accept=["ConfigMap/flags", "Deployment/tills"],
    within=240,
)
fault(
    "nginx-body-limit",
    "uploads",
    "Deployment/uploads",
    "client_max_body_size is 1k, so nginx rejects each upload with 413.",
    ["413"],
    nginx("uploads", "client_max_body_size 1k;\n    location / { return 200 ok; }"),
    shop("camera", "poller", {"TARGET_URL": "http://uploads:8080", "BODY_BYTES": "50000", "EVERY": "1"}),
    logs="camera: 413 Client Error",
    root="ConfigMap/uploads-config",
    accept=["ConfigMap/uploads-config", "Deployment/camera"],
)
fault(
    "nginx-upstream-timeout",
    "search-gateway",
    "Deployment/front",
    "The upstream needs 3 seconds for an answer, proxy_read_timeout is 1 second, so nginx answers 504.",
    ["catalog", "504"],
    server(DELAY_MS="3000"),
    nginx("front", "location / { proxy_pass http://catalog:8080; proxy_read_timeout 1s; }", wait_for="catalog:8080"),
    catalog("browser", "fetch", {"TARGET_URL": "http://front:8080/search", "EVERY": "1"}),
    logs="front: upstream timed out",
    accept=["Deployment/catalog", "Deployment/browser", "ConfigMap/front-config"],
)
fault(
    "worker-timeout",
    "documents",
    "Deployment/documents",
    "Requests take 60 seconds and gunicorn kills its workers after 5.",
    ["timeout"],
    web("documents", {"DELAY": "60"}, flags=["-t", "5"]),
    service("documents", 8080),
    shop("archive-page", "poller", {"TARGET_URL": "http://documents:8080", "PATHS": "/slow", "TIMEOUT": "20"}),
    logs="documents: WORKER TIMEOUT",
    accept=["Deployment/archive-page"],
)

# --- one client of many, one server of many

fault(
    "one-client-wrong",
    "backoffice",
    "Deployment/reporting",
    "Only reporting has a wrong password; orders and billing use the same database without errors.",
    ["reporting-database"],
    credentials(),
    secret("reporting-database", password=STALE),
    postgres(),
    ORDERS,
    billing("billing", "jdbc", jdbc_env()),
    catalog("reporting", "sync", database_env(secret_name="reporting-database", options="?sslmode=disable")),
    logs="reporting: password authentication failed",
    root="Secret/reporting-database",
    accept=["Secret/reporting-database"],
)
fault(
    "shared-server-unreachable",
    "marketplace",
    "Service/postgres",
    "The selector of the Service postgres was changed, so all clients are refused.",
    ["postgres", "selector"],
    credentials(),
    postgres(),
    ORDERS,
    billing("billing", "jdbc", jdbc_env()),
    catalog("products", "sync", database_env(options="?sslmode=disable")),
    shop("returns", "orders", database_env()),
    inject="sleep 10\n" + patch("service postgres", spec={"selector": {"app": "postgresql"}}),
    logs="orders: refused",
    accept=["Deployment/postgres"],
)
fault(
    "shared-password-changed",
    "retail",
    "Deployment/postgres",
    "The password of the role shop was changed in the database; the Secret database of its three clients was not.",
    ["shop", "password"],
    credentials(),
    postgres(),
    ORDERS,
    billing("billing", "jdbc", jdbc_env()),
    catalog("products", "sync", database_env(options="?sslmode=disable")),
    inject=psql("ALTER ROLE shop PASSWORD 'amber-window-40'", 10),
    logs="orders: password authentication failed",
    root="Secret/database",
    accept=["Secret/database", "Service/postgres"],
)

# --- relations of objects

fault(
    "dead-endpoints",
    "gateway-out",
    "Service/payment-provider",
    "The Service payment-provider has no selector; its EndpointSlice names 10.99.0.99, where nothing answers.",
    ["payment-provider", "10.99.0.99"],
    service("payment-provider", 8443, selector={}),
    slice_of("payment-provider", "10.99.0.99", 8443),
    catalog("pay", "fetch", {"TARGET_URL": "http://payment-provider:8443/"}),
    logs="pay: (no route to host|deadline exceeded|timeout)",
    root="EndpointSlice/payment-provider-1",
    accept=["Deployment/pay", "EndpointSlice/payment-provider-1"],
)
fault(
    "cronjob-blocked",
    "nightly",
    "CronJob/close-day",
    "A run of close-day waits for a lock that the pod maintenance holds; concurrencyPolicy Forbid skips all later runs.",
    ["close-day", "Forbid"],
    credentials(),
    postgres(),
    deployment(
        "maintenance",
        "postgres",
        ["sh", "-c", "psql -h postgres -U postgres -d shop -c 'BEGIN; LOCK TABLE orders; SELECT pg_sleep(36000)'"],
        {"PGPASSWORD": ("secret", "postgres-admin", "password")},
        wait_for="postgres:5432",
    ),
    cronjob(
        "close-day",
        "postgres",
        ["sh", "-c", "echo closing the day; psql -h postgres -U shop -d shop -c 'UPDATE orders SET item = item'; echo day closed"],
        {"PGPASSWORD": ("secret", "database", "password")},
    ),
    logs="close-day: closing the day",
    root="Deployment/maintenance",
    within=360,
)
fault(
    "budget-blocks-drain",
    "streaming",
    "PodDisruptionBudget/player",
    "minAvailable equals the number of replicas, so no pod may ever be evicted and the drain waits.",
    ["player", "minAvailable"],
    catalog("player", "serve", replicas=2, port=8080),
    budget("player", minAvailable=2),
    account("node-maintenance"),
    role("node-maintenance", ("", "pods", "get,list"), ("", "pods/eviction", "create")),
    binding("node-maintenance", "node-maintenance", "streaming"),
    reconciler("node-maintenance", "evict", "streaming", env={"DRAIN": "app=player", "EVERY": "5"}),
    logs="node-maintenance: disruption budget",
    accept=["Deployment/player", "Deployment/node-maintenance"],
)
fault(
    "secret-changed-after-start",
    "subscriptions",
    "Deployment/orders",
    "The Secret database and the role changed after orders started; its variables still hold the old password until it restarts.",
    ["database", "restart"],
    credentials(),
    postgres(),
    ORDERS,
    inject="sleep 10\n"
    + patch("secret database", stringData={"password": "amber-window-40"})
    + psql("ALTER ROLE shop PASSWORD 'amber-window-40'"),
    logs="orders: password authentication failed",
    root="Secret/database",
    accept=["Secret/database"],
)
