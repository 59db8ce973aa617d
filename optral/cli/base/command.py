"""What every command that calls the server has in common: the option `--context`, and which server and key that means.

From strongest to weakest: `--url` and `--api-key`; `--context`; OPTRAL_URL and OPTRAL_API_KEY; OPTRAL_CONTEXT; the current context. A key
that a context holds is sent to the server of that context only.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperOption

from optral.terms.errors import Misconfigured, OptralError, Refused

if TYPE_CHECKING:
    from optral.client.client import Client as Client
else:
    Client = Any  # loaded only by a command that runs

Url = Annotated[str, typer.Option("--url", envvar="OPTRAL_URL", help="URL of the server.", show_default=True)]
Key = Annotated[
    str, typer.Option("--api-key", envvar="OPTRAL_API_KEY", help="API key (mht_…); prefer the environment variable.", show_default=False)
]
DEFAULT_URL = "http://127.0.0.1:8080"
CONNECTION = (
    inspect.Parameter("url", inspect.Parameter.KEYWORD_ONLY, default=DEFAULT_URL, annotation=Url),
    inspect.Parameter("api_key", inspect.Parameter.KEYWORD_ONLY, default="", annotation=Key),
)
"""The options of every command that calls the server with an API key."""

_BRACED = re.compile(r"\{([A-Z_]+)\}")
_TYPED, _ENVIRONMENT = "COMMANDLINE", "ENVIRONMENT"  # names of click's ParameterSource
_NAME, _USED = "optral.context", "optral.used"
_KEY_INVALID = "unauthenticated"


class Command(TyperCommand):
    """A command; one with `--url` also has `--context`."""

    def __init__(self, *args: Any, params: list[Any] | None = None, **more: Any) -> None:
        params = list(params or [])
        for param in params:
            if _is_argument(param) and param.metavar is None and not hasattr(param.type, "choices"):
                param.metavar = str(param.name).upper()
        if any(param.name == "out" for param in params):
            params.append(_pager_option())
        if any(param.name == "url" for param in params):
            params += [*_place_options(params), _context_option()]
        super().__init__(*args, params=params, **more)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """`NAME` for a required argument: braces are for choices."""
        return [_BRACED.sub(r"\1", piece) for piece in super().collect_usage_pieces(ctx)]

    def invoke(self, ctx: Any) -> Any:
        if "url" in ctx.params:
            ctx.params.update(resolved(ctx))
        try:
            if "api_key" in ctx.params:
                ctx.params.update(_ids(self, ctx) | _cluster_of_kubectl(ctx))
            return super().invoke(ctx)
        except OptralError as error:
            if "url" not in ctx.params or error.code != _KEY_INVALID:
                raise
            login = f"run `optral login {ctx.params['url']}`"
            if (name := ctx.meta.get(_USED)) is not None:
                raise Refused("login_ended", say=f"the API key of context {name} is no longer valid; {login}") from error
            raise Refused(
                "key_invalid", say=f"the server does not accept the API key; {login}, or set OPTRAL_API_KEY to a valid one"
            ) from error


class Typer(typer.Typer):
    """As typer's, with `Command` for each command."""

    def command(self, name: str | None = None, *, cls: type[TyperCommand] | None = None, **more: Any) -> Any:
        register = super().command(name, cls=cls or Command, **more)

        def add(function: Callable[..., None]) -> Callable[..., None]:
            register(connected(function) if "client" in inspect.signature(function).parameters else function)
            return function

        return add


def connected(function: Callable[..., None]) -> Callable[..., None]:
    """A command with `--url` and `--api-key` at its end instead of the parameter `client`; it gets the client that they name."""
    own = inspect.signature(function, eval_str=True)
    options = {one.name: one for one in CONNECTION}

    @wraps(function)
    def run(**values: Any) -> None:
        from optral.cli.base import session

        with session.client(*(values.pop(name) for name in options)) as client:
            function(client=client, **values)

    kept = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own.parameters.values() if parameter.name != "client"]
    run.__signature__ = own.replace(parameters=[*kept, *options.values()])  # type: ignore[attr-defined]
    return run


def inserted(
    command: Callable[..., None], name: str, options: Mapping[str, inspect.Parameter], read: Callable[[Mapping[str, Any]], Any]
) -> Callable[..., None]:
    """The command with `options` in place of its parameter `name`, which gets what `read` makes of their values."""
    own = inspect.signature(command, eval_str=True)

    @wraps(command)
    def run(**values: Any) -> None:
        read_values = read({option: values.pop(option) for option in options})
        command(**{name: read_values}, **values)

    parameters: list[inspect.Parameter] = []
    for parameter in own.parameters.values():
        parameters += options.values() if parameter.name == name else [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)]
    run.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    return run


def _place_options(params: list[Any]) -> list[TyperOption]:
    """`--namespace` and `--cluster` of a command whose argument can be KIND/NAME."""
    if not {_metavariable(param) for param in params if _is_argument(param)} & {"ISSUE", "RESOURCE"}:
        return []
    taken = {name for param in params for name in param.opts}
    rows = (("--namespace", "-n", "Namespace of the object, if it is given by name."), ("--cluster", "-c", "Cluster of the object."))
    return [
        TyperOption(
            param_decls=[long, *([] if short in taken else [short])], expose_value=False, callback=remember, metavar="NAME", help=help_
        )
        for long, short, help_ in rows
        if long not in taken
    ]


def _metavariable(param: Any) -> str:
    """ISSUE for what is shown as `ISSUE`, `[ISSUE]` or `ISSUE...`."""
    return str(param.metavar or "").strip(".[]")


def _is_argument(param: Any) -> bool:
    return bool(param.param_type_name == "argument")


def _ids(command: TyperCommand, ctx: Any) -> dict[str, Any]:
    """The arguments and options that name objects, as ids. An option can be a comma list."""
    from optral.cli.base import refs

    found: dict[str, Any] = {}
    parents: dict[str, str] = {}
    for param in command.params:
        name = str(param.name)
        kind, given = refs.KINDS.get(_metavariable(param)), ctx.params.get(name)
        if kind is None or given in (None, [], ()):
            continue
        is_text = isinstance(given, str)
        texts = [given] if is_text and _is_argument(param) else given.split(",") if is_text else list(given)
        if not all(kind.takes(text) for text in texts):
            texts = _looked_up(ctx, kind, texts, parents)
        found[name] = ",".join(texts) if is_text else texts
        if _is_argument(param):
            parents[_metavariable(param)] = texts[0]
    return found


def _cluster_of_kubectl(ctx: Any) -> dict[str, Any]:
    """As a plugin of kubectl, a list shows the cluster that kubectl works on."""
    from optral.cli import plugin

    if not plugin.is_plugin() or ctx.info_name not in plugin.FILTERED or "cluster" not in ctx.params:
        return {}
    if ctx.params["cluster"] is not None:
        return {"cluster": None} if ctx.params["cluster"] == plugin.ALL else {}
    from optral.cli.base import session

    with session.client(ctx.params["url"], ctx.params["api_key"]) as client:
        return {"cluster": plugin.chosen(client, plugin.context_names())}


def _looked_up(ctx: Any, kind: Any, texts: list[str], parents: dict[str, str]) -> list[str]:
    from optral.cli.base import refs, session

    with session.client(ctx.params["url"], ctx.params["api_key"]) as client:
        typed = refs.Typed("", parents=parents)
        if kind.is_placed:
            cluster = ctx.meta.get("optral.cluster") or ctx.params.get("cluster")
            typed = typed._replace(namespace=ctx.meta.get("optral.namespace") or None, cluster=cluster)
        return [refs.resolve(client, kind, typed._replace(text=text)) for text in texts]


def _pager_option() -> TyperOption:
    def switch(_ctx: Any, _param: Any, value: bool) -> bool:
        if value:
            from optral.cli.base import terminal

            terminal.no_pager()
        return value

    return TyperOption(param_decls=["--no-pager"], is_flag=True, expose_value=False, callback=switch, help="Do not use a pager.")


def _context_option() -> TyperOption:
    return TyperOption(
        param_decls=["--context"],
        envvar="OPTRAL_CONTEXT",
        show_envvar=True,
        expose_value=False,
        callback=remember,
        metavar="NAME",
        help="Context to use; `optral contexts list` shows them.",
    )


def remember(ctx: Any, param: Any, value: Any) -> Any:
    ctx.meta[f"optral.{param.name}"] = value or ""
    return value


def resolved(ctx: Any) -> dict[str, str]:
    """The parameters that a context decides."""
    context_source, name = _source(ctx, "context"), ctx.meta.get(_NAME, "")
    given = [one for one in ("url", "api_key") if ctx.params.get(one)]
    sources = {_source(ctx, one) for one in given}
    if _TYPED in sources and context_source == _TYPED:
        raise Misconfigured("context_and_url", say="give --context, or --url and --api-key, but not both")
    if _TYPED in sources or (_ENVIRONMENT in sources and context_source != _TYPED):
        return _completed(ctx)
    from optral.cli.base import contexts_file

    contexts = contexts_file.read()
    if not (name := name or contexts.current):
        return {}
    return _values(ctx, contexts.get(name))


def _completed(ctx: Any) -> dict[str, str]:
    """A URL was given: without a key, the one that a context has for this very URL."""
    if ctx.params.get("api_key", "-") or _source(ctx, "url") not in (_TYPED, _ENVIRONMENT):
        return {}
    from optral.cli.base import contexts_file

    context = contexts_file.read().for_url(ctx.params["url"])
    return {} if context is None else {"api_key": context.secret()}


def _values(ctx: Any, context: Any) -> dict[str, str]:
    ctx.meta[_USED] = context.name
    values = {"url": context.url}
    if "api_key" in ctx.params:
        values["api_key"] = context.secret()
    if not ctx.params.get("me", "-"):
        values["me"] = context.email
    return values


def _source(ctx: Any, name: str) -> str:
    source = ctx.get_parameter_source(name)
    return "" if source is None else str(source.name)
