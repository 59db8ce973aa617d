"""Log lines in the formats of common runtimes and log libraries."""

import json

from lab.unseen.manifests import App

_ORDINARY = ("request completed method=GET path=/api/v2/items status=200 duration_ms=12", "cache refreshed entries=412")


def log_of(app: App, *texts: str, level: str = "ERROR") -> str:
    """The end of a log: ordinary lines and these texts, the newest last."""
    lines = [*_opening(app)]
    for number, text in enumerate(texts):
        at = f"09:{26 + number * 20 // 60 % 4:02}:{number * 20 % 60:02}"
        lines += [_line(app, "INFO", _ORDINARY[number % 2], at), _line(app, level, text, at)]
    return "\n".join(lines) + "\n"


def _opening(app: App) -> tuple[str, ...]:
    return {
        "dotnet": (
            "info: Microsoft.Hosting.Lifetime[14]\n      Now listening on: http://[::]:8080",
            "info: Microsoft.Hosting.Lifetime[0]\n      Application started. Press Ctrl+C to shut down.",
        ),
        "java": (
            f"2026-10-05 09:25:58,020 INFO  [io.quarkus] (main) {app.name} 4.2.0 on JVM (powered by Quarkus 3.15.1) started in 3.114s.",
        ),
        "python": ("INFO:     Started server process [7]", "INFO:     Application startup complete."),
        "php": ("[05-Oct-2026 09:25:58] NOTICE: fpm is running, pid 1", "[05-Oct-2026 09:25:58] NOTICE: ready to handle connections"),
    }.get(app.runtime, (_line(app, "INFO", f"starting {app.name} version=4.2.0", "09:25:58"),))


def _line(app: App, level: str, text: str, at: str) -> str:
    short = {"INFO": "info", "WARN": "warn", "ERROR": "fail"}[level]
    return {
        "dotnet": f"{short}: Acme.{app.name.title()}.Worker[0]\n      {text}",
        "java": f"2026-10-05 {at},118 {level:5} [com.acme.{app.name}] (executor-thread-3) {text}",
        "python": f"2026-10-05 {at},118 {level} {app.name}.worker: {text}",
        "php": f"[2026-10-05 {at}] production.{level}: {text}",
        "rust": f"2026-10-05T{at}.118223Z {level:>5} {app.name.replace('-', '_')}::worker: {text}",
    }.get(app.runtime, json.dumps({"time": f"2026-10-05T{at}.118Z", "level": level, "msg": text}))
