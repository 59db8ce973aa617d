"""The commands: where each is defined, and what the help of `optral` says about it. Loading this costs nothing.

The summaries are the first paragraphs of the commands' help, so that `optral --help` need not load them; a test compares both.
"""

from typing import NamedTuple


class Command(NamedTuple):
    """A command or a group of commands: its module below `optral.cli`, its name there, and the first paragraph of its help."""

    module: str
    attribute: str
    summary: str

    @property
    def is_group(self) -> bool:
        return self.attribute == "app"


COMPLETION = "_OPTRAL_COMPLETE"
"""The environment variable that the script of `optral completion` sets to ask what may follow."""
HELP = "Optral shows what is broken in your Kubernetes clusters, why, and how to fix it.\n\nFirst steps: optral demo"
OPTIONS = {"--version": "Show the version and exit.", "--help": "Show this message and exit."}
COMMANDS = {
    "demo": Command(
        "processes",
        "demo",
        "Run the server, an agent and an embedded demo cluster on loopback; issues appear live. Nothing else is needed.",
    ),
    "up": Command(
        "processes",
        "up",
        "Run the server and an agent for the current kubeconfig context. Installs nothing in the cluster; read-only by default.",
    ),
    "server": Command("processes", "server", "Run the server until SIGTERM or Ctrl-C."),
    "agent": Command(
        "processes",
        "agent",
        "Watch one cluster and report to the server until SIGTERM or Ctrl-C. Exit code 78: refused permanently; do not restart.",
    ),
    "setup": Command("processes", "setup", "Create the first organization, its owner and an admin API key; prints the key once."),
    "reset-password": Command(
        "recovery",
        "reset_password",
        "Set the password of a member who forgot it, and end their sign-in sessions. Runs on the server's host.",
    ),
    "doctor": Command("doctor", "doctor", "Check settings, database, certificates, clock and addresses of a server; changes nothing."),
    "backup": Command(
        "backups", "backup", "Write the database and its secrets to a new file (mode 0600), even while servers use the database."
    ),
    "restore": Command(
        "backups", "restore", "Restore a backup into an empty data folder or an empty database; no server may be running on it."
    ),
    "scan": Command("scan", "scan", "Scan a cluster or a dump once and print its issues. Read-only; no server is needed."),
    "eval": Command("eval", "evaluate", "Score detection and analysis on labeled clusters. Read-only; no server is needed."),
    "probe": Command(
        "probe", "probe", "Check from the agent's pod whether a Service or pod can be reached. Exit code 1: unreachable or unknown."
    ),
    "overview": Command("overview", "overview", "Show what needs attention, the health of every cluster, and current activity."),
    "coverage": Command("coverage", "coverage", "Show what Optral checked for issues, what it did not check, and why."),
    "handover": Command(
        "documents",
        "handover",
        "Write the handover of a shift as Markdown: what is open, happened, waits and ends, and what is not covered.",
    ),
    "digest": Command(
        "documents", "digest", "Write the digest of the last days as Markdown: new causes, returned failures, time to resolve, alerts."
    ),
    "login": Command("login", "login", "Log in to a server: approve a code in the browser, and store an API key as a context."),
    "logout": Command("login", "logout", "Revoke the API key of a context on the server, and delete the context."),
    "search": Command("search", "search", "Search issues, resources, clusters, runbooks and executions."),
    "ask": Command("ask", "ask", "Ask a question about an issue or a cluster in words; answered from evidence."),
    "logs": Command(
        "logs", "logs", "Print the logs of many pods, merged by time, fetched from the cluster now. The agent redacts secrets."
    ),
    "wait": Command("wait", "wait", "Wait until a workload is healthy: its rollout is complete, and no issue began since. For pipelines."),
    "tui": Command("tui.start", "tui", "Work on open issues in the terminal, live: cause, evidence and fix, by keyboard."),
    "mcp": Command(
        "mcp",
        "mcp",
        "Serve the tools for assistants (MCP) over stdin and stdout, with the current context. Plans only: no tool can change a cluster.",
    ),
    "me": Command("about", "me", "Show the identity and the permissions of the API key."),
    "version": Command("about", "version", "Print the version."),
    "completion": Command("completion", "completion", "Print the script that completes commands and options in your shell."),
    "contexts": Command("contexts", "app", "Manage contexts: servers that you logged in to."),
    "clusters": Command("clusters", "app", "Manage clusters and their agents."),
    "fleet": Command("fleet", "app", "Enroll many clusters with one token, and approve agents."),
    "issues": Command("triage", "app", "List, explain and triage issues."),
    "analyses": Command("analyses", "app", "Show analyses and how people rate them; enable or disable what happens when an issue opens."),
    "mute-rules": Command("mute_rules", "app", "Manage mute rules, which suppress notifications of known issues."),
    "views": Command("views", "app", "Manage saved views, which are named queries of the issue list."),
    "owners": Command("owners", "app", "List the teams that own what fails, and manage the ownership rules."),
    "detectors": Command("detectors", "app", "List, tune and test detectors."),
    "ai": Command("ai", "app", "Enable or disable the language model and show today's usage."),
    "resources": Command("resources", "app", "Browse the inventory of Kubernetes objects."),
    "runbooks": Command("runbooks", "app", "List, create and run runbooks."),
    "executions": Command("executions", "app", "Inspect and control executions of runbooks."),
    "triggers": Command("triggers", "app", "Manage triggers, which start runbooks by issue, schedule or signed request."),
    "alerts": Command("alerts", "app", "List alerts and the issues that explain them; manage receivers, and silences of Alertmanager."),
    "safeguards": Command("safeguards", "app", "Manage what executions may change, and when: limits, freezes and maintenance windows."),
    "events": Command("events", "app", "List or follow events."),
    "audit": Command("audit", "app", "List, export or verify the audit log: who did what."),
    "keys": Command("keys", "app", "Manage API keys."),
    "members": Command("members", "app", "Manage members and invitations."),
    "identity": Command("identity", "app", "Manage identity providers (OpenID Connect), with which people sign in."),
    "webhooks": Command("webhooks", "app", "Manage webhooks and their deliveries."),
    "mail": Command("mail", "app", "List the e-mail that the server sends, and test it."),
    "forges": Command("forges", "app", "Connect GitHub, GitLab or Gitea, where executions open pull requests."),
    "ca": Command("ca", "app", "Rotate the certificate authority that agents and this server trust."),
}
