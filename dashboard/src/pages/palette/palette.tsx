// The command palette: go to anything, do anything with the issue that is open or selected. What fits best comes first, whether it is a command, a
// page or something that the server found.
import * as Radix from "@radix-ui/react-dialog";
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import {
  Bookmark,
  BookOpenCheck,
  Boxes,
  CircleDot,
  Clock,
  CornerDownLeft,
  Play,
  Search,
  Server,
  SquareArrowOutUpRight,
  Zap,
} from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useId, useState } from "react";
import { type Schemas, send } from "../../api/client";
import { type Issue, issueQuery } from "../../api/queries";
import { isLimited, may, meQuery } from "../../api/session";
import { cx, Key } from "../../parts";
import { startTour } from "../../parts/preferences";
import { chosenIssues } from "../chosen";
import { type Change, useIssueActions } from "../issues/actions";
import { usual } from "../issues/snooze";
import { type View, viewsQuery } from "../issues/views";
import { setTheme, type Theme } from "../theme";
import { fitting, type Place, placesFor, rank, recent, remember } from "./entries";
import { target } from "./k9s";
import { actionsHere, press } from "./press";

const PAUSE_MS = 150;
type Found = Schemas["SearchResults"];

interface Entry {
  id: string;
  label: string;
  hint?: string | undefined;
  keys?: string | undefined;
  icon: ReactNode;
  run: () => void;
}
interface Group {
  title: string;
  entries: Entry[];
  /** Of the entry that fits best (`rank`); groups are shown in this order. */
  rank: number;
}

const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ["search", q],
    queryFn: ({ signal }) => send<Found>("GET", "/v1/search", { query: { q }, signal }),
    enabled: q.length > 0,
    placeholderData: q ? keepPreviousData : undefined,
    staleTime: 10_000,
    retry: false,
  });

export function Palette({ initial, onClose }: { initial: string; onClose: () => void }) {
  const id = useId();
  const [text, setText] = useState(initial);
  const [at, setAt] = useState(0);
  const [asked, ask] = useState("");
  const isAddress = text.startsWith(":");
  useEffect(() => {
    const wanted = isAddress ? "" : text.trim().slice(0, 100);
    const timer = setTimeout(() => ask(wanted), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, isAddress]);
  const found = useQuery(searchQuery(isAddress ? "" : asked));
  const groups = useGroups(text, isAddress, isAddress || !text.trim() ? undefined : found.data, onClose);
  const all = groups.flatMap((group) => group.entries);
  const current = all[Math.min(at, all.length - 1)];
  useEffect(() => {
    if (current) document.getElementById(`${id}-${current.id}`)?.scrollIntoView({ block: "nearest" });
  }, [current, id]);
  const [isWaiting, wait] = useState(false); // Enter was pressed, and what is found may come before what is marked
  const isSearching = !isAddress && text.trim() !== "" && (asked !== text.trim().slice(0, 100) || found.isFetching);
  const run = useEffectEvent(() => current?.run());
  useEffect(() => {
    if (!isWaiting || isSearching) return;
    wait(false);
    run();
  }, [isWaiting, isSearching]);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? (event.ctrlKey ? { n: 1, p: -1 }[event.key] : undefined);
    if (by && all.length) {
      event.preventDefault();
      setAt((Math.min(at, all.length - 1) + by + all.length) % all.length);
    } else if (event.key === "Enter" && current) {
      event.preventDefault();
      if (isSearching && at === 0 && groups[0]?.rank !== 0) wait(true);
      else current.run();
    }
  };
  return (
    <Radix.Root open onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[var(--shade)]" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed top-[8dvh] left-1/2 z-50 flex max-h-[80dvh] w-[calc(100vw-24px)] max-w-xl -translate-x-1/2 flex-col overflow-hidden rounded-lg border border-line bg-raised shadow-raised"
        >
          <Radix.Title className="sr-only">Command palette</Radix.Title>
          <div className="flex items-center gap-2 border-b border-line px-4">
            <Search aria-hidden className="size-4 shrink-0 text-muted" />
            <input
              autoFocus
              role="combobox"
              aria-label="Search or run a command"
              aria-expanded
              aria-controls={`${id}-list`}
              aria-activedescendant={current && `${id}-${current.id}`}
              aria-autocomplete="list"
              autoComplete="off"
              spellCheck={false}
              maxLength={200}
              placeholder="Search or run a command. :po ns/shop @prod"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setAt(0);
                wait(false);
              }}
              onKeyDown={onKeyDown}
              className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-muted"
            />
          </div>
          <div id={`${id}-list`} role="listbox" aria-label="Results" aria-busy={isSearching} className="min-h-0 overflow-y-auto p-1">
            {groups.map((group) => (
              <div key={group.title} role="group" aria-label={group.title} className="pb-1">
                <div aria-hidden className="px-3 pt-2 pb-1 text-xs font-medium text-muted">
                  {group.title}
                </div>
                {group.entries.map((entry) => (
                  <Row key={entry.id} id={`${id}-${entry.id}`} entry={entry} isCurrent={entry === current} />
                ))}
              </div>
            ))}
          </div>
          <p role="status" className={cx("px-4 text-muted", all.length ? "sr-only" : "py-6 text-center")}>
            {found.isLoadingError && text.trim() ? "Search is not available. " : ""}
            {all.length
              ? `${all.length} results`
              : isSearching
                ? "Searching…"
                : isAddress
                  ? "Type a kind, such as :po or :deploy"
                  : "Nothing found"}
          </p>
          <footer className="flex items-center gap-3 border-t border-line bg-surface px-4 py-1.5 text-xs text-muted max-sm:hidden">
            <span className="flex items-center gap-1">
              <Key>↑</Key>
              <Key>↓</Key> move
            </span>
            <span className="flex items-center gap-1">
              <Key>↵</Key> open
            </span>
            <span className="flex items-center gap-1">
              <Key>:</Key> kind ns/namespace @cluster /name
            </span>
          </footer>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Row({ id, entry, isCurrent }: { id: string; entry: Entry; isCurrent: boolean }) {
  return (
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isCurrent}
      onMouseDown={(event) => event.preventDefault()}
      onClick={entry.run}
      onKeyDown={undefined}
      className={cx("flex min-h-9 cursor-default items-center gap-2.5 rounded-sm px-3 py-1", isCurrent ? "bg-selected" : "hover:bg-hover")}
    >
      <span aria-hidden className="shrink-0 text-muted [&>svg]:size-4">
        {entry.icon}
      </span>
      <span className="min-w-0 flex-1 truncate">{entry.label}</span>
      {entry.hint && <span className="max-w-[45%] shrink-0 truncate text-xs text-muted">{entry.hint}</span>}
      {entry.keys && (
        <span className="flex shrink-0 gap-1">
          {entry.keys.split(" ").map((key) => (
            <Key key={key}>{key}</Key>
          ))}
        </span>
      )}
      {isCurrent && <CornerDownLeft aria-hidden className="size-3.5 shrink-0 text-muted" />}
    </div>
  );
}

function useGroups(text: string, isAddress: boolean, found: Found | undefined, close: () => void): Group[] {
  const go = useNavigate();
  const commands = useCommands(close);
  const { data: me } = useQuery(meQuery);
  const [here] = useState(actionsHere);
  const { data: views } = useQuery({ ...viewsQuery, enabled: !isLimited(me), retry: false });
  const open = (to: string, label: string, hint = "", isRemembered = true) => {
    close();
    if (isRemembered) remember({ to, label, hint });
    const [path, query] = to.split("?");
    void go({ to: path, search: Object.fromEntries(new URLSearchParams(query)) } as never);
  };
  if (isAddress) {
    const led = target(text);
    if (!led) return [];
    const href = `${led.to}?${new URLSearchParams(led.search)}`;
    return [
      {
        title: "Go to",
        rank: 0,
        entries: [{ id: "address", label: led.label, icon: <Boxes />, run: () => open(href, led.label, "Resources") }],
      },
    ];
  }
  const typed = text.trim();
  const offered = typed ? commands : commands.filter((one) => !one.isRare);
  const before: Entry[] = typed
    ? []
    : recent().map((one, index) => ({
        id: `recent_${index}`,
        label: one.label,
        hint: one.hint,
        icon: <Clock />,
        run: () => open(one.to, one.label, one.hint),
      }));
  const place = (one: Place): Entry => ({
    id: `${one.to}_${one.press ?? ""}`.replace(/\W/g, "_"),
    label: one.label,
    keys: one.keys,
    icon: one.press ? <Zap /> : <SquareArrowOutUpRight />,
    run: () => {
      open(one.to, one.label, "Page", !one.press);
      if (one.press) void press(one.press);
    },
  });
  const button = (name: string): Entry => ({
    id: `here_${here.indexOf(name)}`,
    label: name,
    icon: <Zap />,
    run: () => {
      close();
      void press(name);
    },
  });
  const view = (one: View): Entry => ({
    id: one.id,
    label: one.name,
    hint: one.shared ? "shared" : "yours",
    icon: <Bookmark />,
    run: () => open(`/issues?view=${one.id}`, one.name, "View"),
  });
  const local = [
    group(
      chosenTitle(commands),
      fitting(typed, offered, (one) => [one.label]),
      (one) => one,
    ),
    { title: "Recent", entries: before, rank: 0 },
    group(
      "On this page",
      fitting(typed, typed ? here : [], (name) => [name]),
      button,
    ),
    group(
      "Go to",
      fitting(typed, placesFor(me), (one) => [one.label, one.also]),
      place,
    ),
    group(
      "Saved views",
      fitting(typed, typed ? (views ?? []) : [], (one) => [one.name]),
      view,
    ),
  ];
  // Of what fits as well, what is here at once comes before what arrives later: nothing moves under the cursor.
  return [...local, ...(found ? results(typed, found, open) : [])]
    .filter((one) => one.entries.length > 0)
    .sort((one, other) => one.rank - other.rank);
}

function group<Fit>(title: string, found: [Fit, number][], entry: (fit: Fit) => Entry): Group {
  return { title, entries: found.map(([fit]) => entry(fit)), rank: found[0]?.[1] ?? 0 };
}

const chosenTitle = (commands: Command[]): string => commands[0]?.about ?? "Commands";

/** What the server found, each kind with its place. */
function results(typed: string, found: Found, open: (to: string, label: string, hint: string) => void): Group[] {
  const at = (...parts: (string | null | undefined)[]) => parts.filter(Boolean).join(" / ");
  const entry = (id: string, to: string, label: string, hint: string, icon: ReactNode): Entry => ({
    id,
    label,
    hint,
    icon,
    run: () => open(to, label, hint),
  });
  // The server orders each kind itself; what it found by an id or a namespace fits as well as a word of a name.
  const kind = <One,>(title: string, all: One[], names: (one: One) => string[], shown: (one: One) => Entry): Group => ({
    title,
    entries: all.map(shown),
    rank: Math.min(...all.flatMap(names).map((name) => rank(typed, name) ?? 1)),
  });
  return [
    kind(
      "Issues",
      found.issues,
      (one) => [one.title, one.resource],
      (one) =>
        entry(one.id, `/issues/${one.id}`, one.title, `${one.severity}, ${one.status} · ${at(one.cluster, one.namespace)}`, <CircleDot />),
    ),
    kind(
      "Clusters",
      found.clusters,
      (one) => [one.name],
      (one) => entry(one.id, `/clusters/${one.id}`, one.name, one.status, <Server />),
    ),
    kind(
      "Resources",
      found.resources,
      (one) => [one.name],
      (one) => entry(one.id, `/resources/${one.id}`, one.name, `${one.kind} · ${at(one.cluster, one.namespace)}`, <Boxes />),
    ),
    kind(
      "Runbooks",
      found.runbooks,
      (one) => [one.name],
      (one) => entry(one.id, `/runbooks/${one.id}`, one.name, `${one.risk} risk`, <BookOpenCheck />),
    ),
    kind(
      "Executions",
      found.executions,
      (one) => [one.runbook],
      (one) => entry(one.id, `/executions/${one.id}`, one.runbook, `${one.status} · ${one.target}`, <Play />),
    ),
  ];
}

interface Command extends Entry {
  /** What it is about; empty for what is about nothing that is open. */
  about?: string;
  /** Offered only when it is typed. */
  isRare?: boolean;
}

/** What can be done now: with the open issue, or the selected ones. */
function useCommands(close: () => void): Command[] {
  const { issueId } = useParams({ strict: false }) as { issueId?: string };
  const { data: opened } = useQuery({ ...issueQuery(issueId ?? ""), enabled: issueId !== undefined });
  const { data: me } = useQuery(meQuery);
  const actions = useIssueActions();
  const go = useNavigate();
  const issues = opened ? [opened] : chosenIssues();
  const then = (run: () => void) => () => {
    close();
    run();
  };
  const themes = (["light", "dark", "system"] as Theme[]).map((one) => ({
    id: `theme_${one}`,
    label: `Theme: ${one}`,
    icon: <Zap />,
    isRare: true,
    run: then(() => setTheme(one)),
  }));
  const tour = { id: "tour", label: "Guided tour", icon: <Zap />, isRare: true, run: then(() => startTour(go)) };
  if (!issues.length) return [tour, ...themes];
  const about = issues.length === 1 ? issues[0]!.title : `${issues.length} selected issues`;
  const command = (id: string, label: string, run: () => void, keys?: string): Command => ({
    id,
    label,
    keys,
    about,
    isRare: /^(snooze_|unassign)/.test(id),
    icon: <Zap />,
    run: then(run),
  });
  const change = (wanted: Change, message: string) => () => void actions.changeAll(issues, wanted, message);
  return [
    ...(may(me, "issues:write") ? triage(issues, command, change) : []),
    ...runs(issues, command, go),
    ...analyses(issues, command, actions),
    tour,
    ...themes,
  ];
}

type Make = (id: string, label: string, run: () => void, keys?: string) => Command;

function triage(issues: Issue[], command: Make, change: (wanted: Change, message: string) => () => void): Command[] {
  const isOver = issues.every((one) => one.status === "resolved");
  if (isOver) return [command("reopen", "Reopen", change({ status: "open" }, "Reopened"), "e")];
  const isKnown = issues.every((one) => one.status === "acknowledged");
  return [
    isKnown
      ? command("unacknowledge", "Unacknowledge", change({ status: "open" }, "Unacknowledged"), "a")
      : command("acknowledge", "Acknowledge", change({ status: "acknowledged" }, "Acknowledged"), "a"),
    command("resolve", "Resolve", change({ status: "resolved" }, "Resolved"), "e"),
    command("assign", "Assign to me", change({ assignee: "me" }, "Assigned to you")),
    command("unassign", "Unassign", change({ assignee: null }, "Unassigned")),
    ...usual(new Date(), issues.length === 1 ? issues[0]!.severity : null).map((one, index) =>
      command(`snooze_${index}`, `Snooze ${one.word.charAt(0).toLowerCase()}${one.word.slice(1)}`, change({ snooze: one.wish }, "Snoozed")),
    ),
    ...(issues.some((one) => one.snooze) ? [command("wake", "End snooze", change({ snooze: null }, "Snooze ended"))] : []),
  ];
}

/** The runbooks for the type of the one issue. */
function runs(issues: Issue[], command: Make, go: ReturnType<typeof useNavigate>): Command[] {
  const [issue, ...others] = issues;
  if (!issue || others.length) return [];
  return (issue.suggestedRunbooks ?? []).map((one) =>
    command(
      `run_${one.id}`,
      `Run ${one.name}`,
      () => void go({ to: "/runbooks/$runbookId", params: { runbookId: one.id }, search: { issue: issue.id } as never }),
    ),
  );
}

function analyses(issues: Issue[], command: Make, actions: ReturnType<typeof useIssueActions>): Command[] {
  const [issue, ...others] = issues;
  return issue && !others.length && issue.status !== "resolved"
    ? [command("analyze", "Analyze", () => void actions.analyse(issue), "i")]
    : [];
}
