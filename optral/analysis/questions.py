"""Answers common questions about an issue by a grammar, without a model: what changed, since when, who is affected, and so on. Pure.

Each sentence names what it rests on: evidence (ev_…), issues (iss_…) or objects (res_…). What rests on nothing is a note about what Optral
knows, never a statement about the cluster. A question that the grammar does not know is not answered; a question for a list becomes a query
that the person runs.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from optral.analysis.model import Sentence

MOST = 8
MOST_ISSUES, MOST_EACH = 5, 2  # of an answer about a cluster
Issue = Mapping[str, Any]
"""An issue as the API shows it, with its newest analysis."""


class Placed(NamedTuple):
    """A pod of the workload: where it is, and how it is."""

    id: str
    name: str
    node: str | None
    state: str


OTHERS = Placed("", "others", "other nodes", "unread")
"""Stands for the pods beyond those that were read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`intent` None: the question is not one that the grammar knows; `KNOWN` lists those. `query`: for the list that was requested.

    With the intent `model`, a language model (`model`) answered for `usage`, and `evidence` is what its sentences cite.
    """

    intent: str | None = None
    sentences: Sequence[Sentence] = ()
    notes: Sequence[str] = field(default=())
    query: str | None = None
    list: str | None = None
    evidence: Sequence[Mapping[str, Any]] = ()
    model: str | None = None
    usage: Mapping[str, Any] = field(default_factory=dict)


KNOWN: Mapping[str, str] = {
    "cause": "Why does this happen?",
    "changed": "What changed?",
    "since": "Since when?",
    "node": "Is it only this node?",
    "affected": "Who else is affected?",
    "fix": "What would the fix change?",
    "coverage": "What was looked at?",
    "logs": "Show the logs of NAME",
    "list": "Which issues are in NAMESPACE?",
}
"""The questions that need no model, by what they ask for."""
_NAME = r"(?P<name>[a-z0-9][a-z0-9.-]*)"
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("logs", rf"\b(?:show|print|get|give|see)\b.*\blogs?\b(?: (?:of|from|for) (?:the )?(?:pod |container |deployment |service )?{_NAME})?"),
    (
        "list",
        rf"^(?:show|list|which|what|find) (?:me )?(?:all |other |open )*issues?\b(?:.*\b(?:in|of|for) (?:the )?(?:namespace )?{_NAME})?",
    ),
    (
        "list",
        rf"^(?:(?:show|list|which|find) (?:me )?(?:all |failing )*|(?:all|every) (?:failing )?)pods?\b"
        rf"(?:.*\b(?:in|of) (?:the )?(?:namespace |cluster )?{_NAME})?",
    ),
    ("node", r"\b(?:only|just|same|single|particular|this|that|which|one)\b[^.?]*\bnodes?\b|\bnode (?:problem|issue|related)\b"),
    ("coverage", r"\b(?:looked at|look at|checked|examined|covered|coverage)\b|\b(?:how|you) (?:sure|certain)\b|\bhow do you know\b"),
    ("fix", r"\bfix(?:es|ed)?\b|\bwhat now\b|\b(?:what|how) (?:should|can|could|do) (?:i|we)\b.*\b(?:do|solve|repair|resolve|recover)\b"),
    ("changed", r"\bchang(?:e|es|ed|ing)\b|\bwhat(?: was|'s| is)? (?:deployed|different|new)\b|\bwho deployed\b"),
    ("since", r"\bsince when\b|\bwhen did\b|\bhow long\b|\bwhen (?:has|was)\b.*\b(?:start|begin|first)\w*"),
    (
        "affected",
        r"\baffect(?:s|ed|ing)?\b|\bimpact(?:s|ed)?\b|\bblast radius\b|^(?:who|what) else$|\b(?:who|what) else (?:is|are|was|fail)",
    ),
    (
        "cause",
        r"\bwhy\b|\bcaus(?:es?|ed|ing)\b|\breason\b|\bexplain\b|\bhow come\b|\bwhat (?:has )?(?:happen|broke|went wrong|goes wrong)|"
        r"\bwhat(?:'?s| is| was)(?: the| this| going)* (?:wrong|on|happen\w*|failing|broken|down|matter|problem|issue|failure|error)\b",
    ),
)
_COMPILED = tuple((intent, re.compile(pattern)) for intent, pattern in _PATTERNS)
_OF_ANALYSIS = frozenset({"cause", "changed", "fix"})
_STOP = frozenset({"it", "this", "that", "them", "the", "these", "my", "your", "pod", "pods", "container", "cluster", "all"})
_CONTRACTED = re.compile(r"n't\b|'\w*\b|\b(?:can|could|would|will|do|did|have|sure|certain|are(?= (?:sure|certain))) (?:are )?you\b")
_PLAIN = re.compile(
    r"a|about|actually|affect\w*|again|ago|all|already|also|always|am|an|and|any\w*|are|as|at|be|because|been|"
    r"before|began|begin|being|blast|both|but|by|ca|can|caus\w*|certain|chang\w*|check\w*|come|could|cover\w*|day\w*|"
    r"deployed|did|different|do|does|doing|done|each|else|every\w*|exactly|examin\w*|explain|find|first|fix\w*|for|"
    r"from|get\w*|giv\w*|go(?:es|ing|ne)|had|happen\w*|has|have|hello|here|hey|hi|hour\w*|how|i|if|impact\w*|in|"
    r"into|is|issue\w*|it|its|just|keep\w*|kept|know|last|lately|list|long|look\w*|made|make\w*|many|matter|may|me|"
    r"might|minute\w*|more|morning|most|much|must|my|new|next|night|no|not|nothing|now|occur\w*|of|often|ok|on|"
    r"one|only|or|other|our|particular|please|print|problem\w*|radius|really|reason|recent|recently|recover\w*|"
    r"repair\w*|resolv\w*|root|same|see|seen|shall|should|show\w*|since|single|so|solv\w*|something|start\w*|still|"
    r"suddenly|sure|tell|than|thanks|that|the|their|them|then|there|these|they|this|those|time|to|today|"
    r"too|two|until|up|us|use|was|we|week\w*|were|what|whats|when|where|whether|which|while|who|why|will|with|wo|"
    r"would|wrong|yesterday|yet"
)
"""Words that a question about an issue has whatever it is about."""
_OBJECT = re.compile(
    r"apps?|applications?|certificates?|clusters?|config(?:maps?|uration)?|containers?|cpu|deploy(?:s|ments?)?|disks?|dns|endpoints?|images?|"
    r"ingress(?:es)?|jobs?|limits?|logs?|memory|namespaces?|networks?|nodes?|pods?|probes?|replicas?|releases?|rollouts?|secrets?|servers?|"
    r"services?|settings?|traffic|users?|customers?|versions?|volumes?|workloads?"
)
_FAILURE = re.compile(
    r"alert\w*|backoff|br(?:o|ea)k\w*|crash\w*|degraded|died|down|err(?:or)?s?|evict\w*|exit\w*|fail\w*|incident\w*|kill\w*|loop\w*|oom\w*|"
    r"outages?|pending|ready|restart\w*|slow|stuck|terminat\w*|timeouts?|unavailable|unhealthy|unreachable|unschedulable"
)


def answer_of_cluster(
    question: str, cluster: str, issues: Sequence[Issue], *, nothing: str, covered: str, doubts: Sequence[str] = ()
) -> Reply:
    """Answer a question about a cluster from its worst open issues; without any, by `nothing`, which says what was read.

    `covered` says what was read, too; `doubts` are what follows if not everything was.
    """
    names = " ".join(_names(one, ()) for one in issues)
    probe = answer(question, {"id": "", "cluster": cluster, "names": names, "firstSeenAt": "", "lastSeenAt": ""})
    if probe.intent is None or probe.query is not None:
        return probe
    if probe.intent in ("node", "logs"):
        return Reply(intent=probe.intent, notes=["Ask this about one issue: `optral ask ISSUE`."])
    if not issues:
        return Reply(intent=probe.intent, notes=[nothing])
    replies = [(one, answer(question, {**one, "names": names})) for one in issues[:MOST_ISSUES]]
    sentences = [
        sentence
        for one, reply in replies
        for sentence in (Sentence(f"{one['title'].rstrip('.')} ({one['severity']}).", (one["id"],)), *reply.sentences[:MOST_EACH])
    ]
    more = [f"{len(issues) - MOST_ISSUES} more issues are open."] if len(issues) > MOST_ISSUES else []
    rests_on = [covered, *doubts] if doubts or probe.intent == "coverage" else []
    return Reply(intent=probe.intent, sentences=sentences, notes=[*more, *rests_on])


def named(question: str, issues: Sequence[Issue]) -> Issue:
    """The issue that shares the most words with the question; the first of these, which is the worst."""
    words = set(re.findall(r"[a-z0-9-]{3,}", question.casefold()))

    def shared(issue: Issue) -> int:
        text = " ".join(str(issue.get(name) or "") for name in ("title", "type", "resource", "namespace"))
        return len(words.intersection(re.findall(r"[a-z0-9-]{3,}", text.casefold())))

    return max(issues, key=shared)


def answer(question: str, issue: Issue, *, pods: Sequence[Placed] = (), covered: Sequence[str] = (), doubts: Sequence[str] = ()) -> Reply:
    """Answer a question about an issue. `covered`: what is known about what was looked at, one sentence each; `doubts`: what is not."""
    words = " ".join(re.sub(r"[^\w\s.'-]", " ", question.casefold()).split()).strip(" .")
    for intent, pattern in _COMPILED:
        if (found := pattern.search(words)) is not None:
            named = found.groupdict().get("name")
            name = None if named is None or named in _STOP else named
            if not _is_about(words, _names(issue, pods), name):
                break
            if intent in _OF_ANALYSIS and not issue.get("analysis"):
                return Reply(intent=intent, notes=["There is no analysis of this issue yet.", *doubts])
            reply = _ANSWERS[intent](issue, pods, covered, name if intent != "list" else _place(name, words))
            return reply if reply.query is not None else replace(reply, notes=[*reply.notes, *doubts])
    return Reply(notes=["This is not one of the questions that are answered from the evidence. Ask one of these:", *KNOWN.values()])


def _is_about(words: str, names: str, name: str | None) -> bool:
    """Whether a question with the words of an intent asks about this issue: words of something else are allowed only beside a failure."""
    known = set(re.findall(r"[\w.-]+", names.casefold())) | set(re.findall(r"\w+", names.casefold())) | {name}
    asked = [one for one in re.findall(r"[\w.-]*[^\W\d_][\w.-]*", _CONTRACTED.sub(" ", words)) if not _OBJECT.fullmatch(one.strip("."))]
    return any(_FAILURE.fullmatch(one) for one in asked) or all(one.strip(".") in known for one in asked if not _PLAIN.fullmatch(one))


def _names(issue: Issue, pods: Sequence[Placed]) -> str:
    ofs = [issue.get("owner") or {}, *issue.get("affected", ()), *issue.get("symptoms", ())]
    own = [issue.get(name) for name in ("title", "type", "resource", "namespace", "cluster", "names")]
    return " ".join(
        str(one) for one in (*own, *(of.get("name") for of in ofs), *(of.get("title") for of in ofs), *(f"{p.name} {p.node}" for p in pods))
    )


def _place(name: str | None, words: str) -> str:
    kind = "pods" if re.search(r"\bpods?\b", words) else "issues"
    return f"{kind} {name or ''}".strip()


def _cause(issue: Issue, *_: Any) -> Reply:
    analysis = issue.get("analysis") or {}
    cause = analysis.get("rootCause")
    if cause is None:
        return Reply(intent="cause", notes=["No cause is known.", *analysis.get("missingEvidence", ())])
    claims = [Sentence(claim["text"], tuple(claim["evidenceIds"])) for claim in cause["claims"] if claim["evidenceIds"]]
    notes = [f"Cause ({analysis.get('confidenceLabel', 'unrated')} confidence): {cause['title'].rstrip('.')}."]
    return Reply(intent="cause", sentences=claims[:MOST], notes=notes)


def _changed(issue: Issue, *_: Any) -> Reply:
    changes = (issue.get("analysis") or {}).get("changes", ())
    if not changes:
        return Reply(intent="changed", notes=["No change of the workload, or of what it refers to, is recorded before the issue began."])
    return Reply(intent="changed", sentences=[Sentence(change_text(one), (one["evidenceId"],)) for one in changes[:MOST]])


def change_text(one: Mapping[str, Any]) -> str:
    """A change of an analysis in a sentence; only those that came shortly before the issue have a text."""
    said = one.get("text")
    if said is None:
        ref, (before, after) = one["ref"], ("nothing" if one.get(side) is None else f"`{one[side]}`" for side in ("from", "to"))
        place = "/".join(str(ref[part]) for part in ("namespace", "name") if ref.get(part))
        said = f"{ref['kind']} {place} changed: `{one['path']}` from {before} to {after}"
    who = f", by {one['manager']}" if one.get("manager") else ""
    when = f" ({one['at']}{who})" if one.get("at") else ""
    return f"{said.rstrip('.')}{when}."


def _since(issue: Issue, *_: Any) -> Reply:
    first, last = (re.sub(r"\.\d+", "", issue[name]) for name in ("firstSeenAt", "lastSeenAt"))
    times = f"First seen at {first}, last seen at {last}."
    steps = (issue.get("analysis") or {}).get("timeline", ())
    rows = [Sentence(f"{one['at']}: {one['text'].rstrip('.')}.", (one["evidenceId"],)) for one in steps if one.get("evidenceId")]
    return Reply(intent="since", sentences=[Sentence(times, (issue["id"],)), *rows[:MOST]])


def _affected(issue: Issue, *_: Any) -> Reply:
    impact = issue.get("impact") or {}
    found = [Sentence(impact["reason"].rstrip(".") + ".", (issue["id"],))] if impact.get("reason") else []
    found += [Sentence(f"It causes: {one['title'].rstrip('.')}.", (one["id"],)) for one in issue.get("symptoms", ())]
    names = [f"{one['kind']} {one['name']}" for one in issue.get("affected", ())]
    found += [Sentence(f"Affected: {', '.join(names[:MOST])}{_more(names)}.", (issue["id"],))] if names else []
    return Reply(intent="affected", sentences=found, notes=[] if found else ["Nothing else is known to be affected."])


def _node(_issue: Issue, pods: Sequence[Placed], *_: Any) -> Reply:
    failing = [one for one in pods if one.state == "failing"]
    well = [one for one in pods if one.state == "healthy"]
    nodes = {one.node for one in failing if one.node}
    if not nodes:
        return Reply(intent="node", notes=["The inventory shows no failing pod of this workload on a node now."])
    sentences = [_placed("fails", failing), *([_placed("is healthy", well)] if well else [])]
    verdict = _verdict(nodes, pods)
    said = [] if verdict.is_open else [Sentence(verdict.text, tuple(one.id for one in (*failing, *well))[:MOST])]
    return Reply(intent="node", sentences=[*said, *sentences], notes=[verdict.text] if verdict.is_open else [])


class _Verdict(NamedTuple):
    text: str
    is_open: bool = False


def _verdict(failing: set[str], pods: Sequence[Placed]) -> _Verdict:
    """What follows from the nodes of failing and of healthy pods."""
    well = {one.node for one in pods if one.state == "healthy" and one.node}
    others = [one for one in pods if one.node is not None and one.node not in failing]
    if len(failing) > 1:
        return _Verdict(f"No: pods fail on {len(failing)} nodes.")
    if well & failing:
        return _Verdict("No: another pod of the workload is healthy on the same node.")
    if not well:
        return _Verdict("It cannot be decided: no pod of this workload is healthy on another node.", is_open=True)
    if any(one.state != "healthy" for one in others):
        return _Verdict("It cannot be decided: some pods on other nodes are not ready, or were not read.", is_open=True)
    return _Verdict("Only pods on this node fail, and pods on others are healthy. That fits a problem of the node, and does not prove one.")


def _placed(what: str, pods: Sequence[Placed]) -> Sentence:
    texts = [f"{one.name} on {one.node or 'no node'}" for one in pods]
    verb = what if len(pods) == 1 else what.replace("fails", "fail").replace("is ", "are ")
    return Sentence(f"{', '.join(texts[:MOST])}{_more(texts)} {verb}.", tuple(one.id for one in pods[:MOST]))


def _fix(issue: Issue, *_: Any) -> Reply:
    actions = (issue.get("analysis") or {}).get("recommendedActions", ())
    if not actions:
        return Reply(intent="fix", notes=["No action is recommended."])
    sentences = [_action(one) for one in actions[:MOST] if one.get("evidenceIds")]
    note = "Nothing is changed by asking. A dry run of the runbook shows the exact difference before anybody approves it."
    return Reply(intent="fix", sentences=sentences, notes=[note])


def _action(one: Mapping[str, Any]) -> Sentence:
    edit = one.get("edit") or {}
    target = edit.get("target") or {}
    place = f" It changes {target['kind']} {target['name']}." if target.get("name") else ""
    command = f" The command is: {one['command']}." if one.get("command") else ""
    why = f" {one['why'].rstrip('.')}." if one.get("why") else ""
    return Sentence(f"{one['title'].rstrip('.')} (risk: {one['risk']}).{why}{place}{command}", tuple(one["evidenceIds"]))


def _coverage(issue: Issue, _pods: Sequence[Placed], covered: Sequence[str], *_: Any) -> Reply:
    analysis = issue.get("analysis") or {}
    evidence = analysis.get("evidence", ())
    kinds = sorted({one["ref"]["kind"] for one in evidence})
    sentences = []
    if evidence:
        count = f"{len(evidence)} piece{'s' if len(evidence) != 1 else ''} of evidence"
        sentences = [Sentence(f"The analysis cites {count}, from {', '.join(kinds)}.", tuple(one["id"] for one in evidence[:MOST]))]
    missing = [f"Not known: {one}" for one in analysis.get("missingEvidence", ())]
    return Reply(intent="coverage", sentences=sentences, notes=[*covered, *missing])


def _logs(issue: Issue, _pods: Sequence[Placed], _covered: Sequence[str], name: str | None) -> Reply:
    """A log can be long, and reading it asks the agent: the person runs the command."""
    if not (wanted := name or issue.get("resource")):
        return Reply(intent="logs", notes=["Name the pod."])
    place = f"{issue['namespace']}/{wanted}" if issue.get("namespace") else wanted
    return Reply(
        intent="logs",
        query=f"optral logs {place} --cluster {issue['cluster']}",
        list="logs",
        notes=["Run it to read the logs from the cluster."],
    )


def _list(issue: Issue, _pods: Sequence[Placed], _covered: Sequence[str], place: str | None) -> Reply:
    kind, _, name = (place or "issues").partition(" ")
    where = "" if name == issue["cluster"] else name or issue.get("namespace") or ""
    scope = f"cluster:{issue['cluster']}" + (f" ns:{where}" if where else "")
    query = f"kind:Pod state:failing {scope}" if kind == "pods" else f"status:open,acknowledged {scope}"
    return Reply(intent="list", query=query, list="resources" if kind == "pods" else "issues", notes=["Run the query to see the list."])


def _more(found: Sequence[object]) -> str:
    return f" and {len(found) - MOST} more" if len(found) > MOST else ""


_ANSWERS: Mapping[str, Callable[..., Reply]] = {
    "cause": _cause,
    "changed": _changed,
    "since": _since,
    "affected": _affected,
    "node": _node,
    "fix": _fix,
    "coverage": _coverage,
    "logs": _logs,
    "list": _list,
}
