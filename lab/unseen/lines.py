# ruff: noqa: E501
"""How programs of each runtime report a failed connection."""


def unresolved(runtime: str, host: str, port: int) -> str:
    return {
        "go": f"2026/10/05 09:27:41 ERROR connect failed error=\"dial tcp: lookup {host} on 10.96.0.10:53: no such host\"\n",
        "node": f"Error: getaddrinfo ENOTFOUND {host}\n    at GetAddrInfoReqWrap.onlookupall [as oncomplete] (node:dns:120:26) {{\n  errno: -3008,\n  code: 'ENOTFOUND',\n  syscall: 'getaddrinfo',\n  hostname: '{host}'\n}}\n",
        "python": f"Traceback (most recent call last):\n  File \"/srv/app.py\", line 12, in connect\nsocket.gaierror: [Errno -2] Name or service not known\n\nDuring handling of the above exception, another exception occurred:\nConnectionError: Error -2 connecting to {host}:{port}. Name or service not known.\n",
        "java": f"org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'dataSource'\nCaused by: java.lang.IllegalStateException: cannot connect to {host}:{port}\nCaused by: java.net.UnknownHostException: {host}: Name or service not known\n\tat java.base/java.net.Inet6AddressImpl.lookupAllHostAddr(Native Method)\n\t... 31 common frames omitted\n",
        "ruby": f"config/boot.rb:9:in `connect': Failed to open TCP connection to {host}:{port} (getaddrinfo(3): Name or service not known) (Socket::ResolutionError)\n",
        "dotnet": f"Unhandled exception. System.Net.Sockets.SocketException (00000005, 0xFFFDFFFF): Name or service not known ({host}:{port})\n   at System.Net.Dns.GetHostEntryOrAddressesCore(String hostName)\n",
        "rust": f"Error: error connecting to {host}:{port}: failed to lookup address information: Name or service not known\n",
        "php": f"PHP Warning:  mysqli_real_connect(): php_network_getaddresses: getaddrinfo for {host} failed: Name or service not known in /var/www/html/wp-includes/class-wpdb.php on line 1982\n",
        "nginx": f"2026/10/05 09:27:41 [emerg] 1#1: host not found in upstream \"{host}:{port}\" in /etc/nginx/conf.d/default.conf:12\nnginx: [emerg] host not found in upstream \"{host}:{port}\" in /etc/nginx/conf.d/default.conf:12\n",
        "fluentbit": f"[2026/10/05 09:27:41] [ warn] [net] getaddrinfo(host='{host}', err=4): Domain name not found\n[2026/10/05 09:27:41] [error] [output:loki:loki.0] no upstream connections available to {host}:{port}\n",
    }[runtime]  # fmt: skip


def refused(runtime: str, host: str, port: int, ip: str) -> str:
    return {
        "go": f"2026/10/05 09:27:41 ERROR connect failed error=\"dial tcp {ip}:{port}: connect: connection refused\" addr={host}:{port}\n",
        "node": f"Error: connect ECONNREFUSED {ip}:{port}\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {{\n  errno: -111,\n  code: 'ECONNREFUSED',\n  syscall: 'connect',\n  address: '{ip}',\n  port: {port}\n}}\n",
        "python": f"Traceback (most recent call last):\n  File \"/srv/app.py\", line 12, in connect\nConnectionRefusedError: [Errno 111] Connection refused\n\nConnectionError: Error 111 connecting to {host}:{port}. Connection refused.\n",
        "java": f"org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'dataSource'\nCaused by: java.lang.IllegalStateException: cannot connect to {host}/{ip}:{port}\nCaused by: java.net.ConnectException: Connection refused: {host}/{ip}:{port}\n\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)\n\t... 31 common frames omitted\n",
        "ruby": f"config/boot.rb:9:in `connect': Failed to open TCP connection to {host}:{port} (Connection refused - connect(2) for \"{host}\" port {port}) (Errno::ECONNREFUSED)\n",
        "dotnet": f"Unhandled exception. System.Net.Sockets.SocketException (111): Connection refused ({host}:{port})\n   at System.Net.Sockets.Socket.AwaitableSocketAsyncEventArgs.ThrowException(SocketError error, CancellationToken cancellationToken)\n",
        "rust": f"Error: error connecting to {host}:{port}: Connection refused (os error 111)\n",
        "php": f"PHP Warning:  mysqli_real_connect(): (HY000/2002): Connection refused in /var/www/html/wp-includes/class-wpdb.php on line 1982 ({host}:{port})\n",
        "nginx": f"2026/10/05 09:27:41 [error] 29#29: *481 connect() failed (111: Connection refused) while connecting to upstream, client: 10.244.1.9, server: _, request: \"GET / HTTP/1.1\", upstream: \"http://{ip}:{port}/\"\n",
        "fluentbit": f"[2026/10/05 09:27:41] [error] [net] TCP connection failed: {host}:{port} (Connection refused)\n[2026/10/05 09:27:41] [error] [output:loki:loki.0] no upstream connections available to {host}:{port}\n",
    }[runtime]  # fmt: skip


def timed_out(runtime: str, host: str, port: int, ip: str) -> str:
    return {
        "go": f"2026/10/05 09:27:41 ERROR connect failed error=\"dial tcp {ip}:{port}: i/o timeout\" addr={host}:{port}\n",
        "node": f"Error: connect ETIMEDOUT {ip}:{port}\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {{\n  errno: -110,\n  code: 'ETIMEDOUT',\n  syscall: 'connect',\n  address: '{ip}',\n  port: {port}\n}}\n",
        "python": f"Traceback (most recent call last):\n  File \"/srv/app.py\", line 12, in connect\nTimeoutError: [Errno 110] Connection timed out\n\nConnectionError: Error 110 connecting to {host}:{port}. Connection timed out.\n",
        "java": f"org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'dataSource'\nCaused by: java.net.SocketTimeoutException: connect timed out: {host}/{ip}:{port}\n\tat java.base/sun.nio.ch.NioSocketImpl.timedFinishConnect(NioSocketImpl.java:546)\n\t... 31 common frames omitted\n",
        "ruby": f"config/boot.rb:9:in `connect': Failed to open TCP connection to {host}:{port} (execution expired) (Net::OpenTimeout)\n",
        "dotnet": f"Unhandled exception. System.Net.Sockets.SocketException (110): Connection timed out ({host}:{port})\n",
        "rust": f"Error: error connecting to {host}:{port}: Connection timed out (os error 110)\n",
        "php": f"PHP Warning:  mysqli_real_connect(): (HY000/2002): Connection timed out in /var/www/html/wp-includes/class-wpdb.php on line 1982 ({host}:{port})\n",
        "nginx": f"2026/10/05 09:27:41 [error] 29#29: *481 upstream timed out (110: Operation timed out) while connecting to upstream, client: 10.244.1.9, server: _, request: \"GET / HTTP/1.1\", upstream: \"http://{ip}:{port}/\"\n",
        "fluentbit": f"[2026/10/05 09:27:41] [error] [upstream] connection #52 to tcp://{ip}:{port} timed out after 10 seconds (connection timeout)\n[2026/10/05 09:27:41] [error] [output:loki:loki.0] no upstream connections available to {host}:{port}\n",
    }[runtime]  # fmt: skip


def denied(server: str, user: str) -> str:
    """Rejected credentials, as drivers quote the server."""
    return {
        "postgres": f'FATAL:  password authentication failed for user "{user}"\n',
        "mysql": f"ERROR 1045 (28000): Access denied for user '{user}'@'10.244.2.17' (using password: YES)\n",
        "mongo": f"MongoServerError: Authentication failed. (AuthenticationFailed) user {user}\n",
        "rabbitmq": f"ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile. user '{user}'\n",
        "clickhouse": f"Code: 516. DB::Exception: {user}: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)\n",
        "redis": "WRONGPASS invalid username-password pair or user is disabled.\n",
        "java": f"[401] Unauthorized: failed to authenticate user [{user}]\n",
    }[server]
