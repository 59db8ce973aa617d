// What stands around every page: the rail, the top bar with scope, live dot, theme and account, help, and the sheet that asks for
// signing in again when a session has ended. The page under the sheet stays as it was.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouter, useRouterState } from "@tanstack/react-router";
import {
  BookOpenCheck,
  Boxes,
  ChevronDown,
  CircleDot,
  Ellipsis,
  Settings as Gear,
  Keyboard,
  LayoutDashboard,
  LogOut,
  Monitor,
  Moon,
  Pause,
  ScrollText,
  Search,
  Server,
  Siren,
  Sun,
  UserRound,
} from "lucide-react";
import { lazy, type ReactNode, Suspense, useEffect, useEffectEvent, useLayoutEffect, useState } from "react";
import { onSignedOut } from "../api/client";
import { clustersQuery, openCriticalQuery } from "../api/queries";
import { may, meQuery, sessionQuery, signOut } from "../api/session";
import { applier, readAgain } from "../live/apply";
import { connect, follow, onGap, togglePaused, useLive } from "../live/live";
import {
  cx,
  Dialog,
  Glyph,
  IconButton,
  Key,
  Menu,
  MenuCheck,
  MenuItem,
  MenuLabel,
  MenuLine,
  Status,
  Toasts,
  timeOfDay,
  toastError,
  useKeys,
} from "../parts";
import { startTour, usePreferences } from "../parts/preferences";
import { EndingNotice } from "./ending";
import { lazyPage } from "./lazy";
import { Notice } from "./notice";
import { SignInForm } from "./session/form";
import { StoppedNotice } from "./stopped";
import { setTheme, useTheme } from "./theme";
import { usePageTitle } from "./title";

/** Its code is for few: a first screen goes without it, and without the tour if it does not arrive. */
const Tour = lazy<() => ReactNode>(() =>
  import("./tour").then(
    (module) => ({ default: module.Tour }),
    () => ({ default: () => null }),
  ),
);
const Palette = lazyPage(() => import("./palette/palette"), "Palette");
const Shortcuts = lazyPage(() => import("./shortcuts"), "Shortcuts");

const NOTIFIER_AFTER_MS = 1_000; // the first screen comes first

const PLACES = [
  { to: "/", label: "Overview", key: "o", icon: <LayoutDashboard /> },
  { to: "/issues", label: "Issues", key: "i", icon: <CircleDot /> },
  { to: "/clusters", label: "Clusters", key: "c", icon: <Server /> },
  { to: "/resources", label: "Resources", key: "r", icon: <Boxes /> },
  { to: "/runbooks", label: "Runbooks", key: "b", icon: <BookOpenCheck /> },
  { to: "/alerts", label: "Alerts", key: "l", icon: <Siren />, isExtra: true },
  { to: "/activity", label: "Activity", key: "a", icon: <ScrollText />, scope: "audit:read", isExtra: true },
  { to: "/settings", label: "Settings", key: "s", icon: <Gear />, isExtra: true },
] satisfies Place[];

interface Place {
  to: string;
  label: string;
  key: string;
  icon: ReactNode;
  /** The right that the page needs; without it the place is not offered. */
  scope?: string;
  /** On a phone, the bar has no room for it: it is under "More". */
  isExtra?: boolean;
}

function usePlaces(): Place[] {
  const { data: me } = useQuery(meQuery);
  return PLACES.filter((place: Place) => !place.scope || may(me, place.scope));
}

/** The cluster chosen in the top bar, by name; it stays in the address when one goes to another page. */
export const useScope = () => useRouterState({ select: (state) => (state.location.search as { cluster?: string }).cluster });

export function Frame() {
  const client = useQueryClient();
  const [helping, help] = useState(false);
  const [asked, ask] = useState(false);
  const [narrow, setNarrow] = useState(false);
  const { tour } = usePreferences();
  const [palette, setPalette] = useState<string | null>(null); // what is typed in it at first; null: closed
  usePaletteKey(() => setPalette((now) => (now === null ? "" : null)));
  const go = useNavigate();
  const scope = useScope();
  useEffect(() => {
    const stops = [follow(applier(client)), onGap(() => readAgain(client))];
    connect();
    return () => stops.forEach((stop) => stop());
  }, [client]);
  useEffect(() => onSignedOut(() => ask(true)), []);
  const { state } = useLive();
  useEffect(() => {
    if (state === "signedOut") ask(true);
  }, [state]);
  useKeys({
    ...Object.fromEntries(PLACES.map((place) => [`g ${place.key}`, () => void go({ to: place.to, search: { cluster: scope } as never })])),
    ":": () => setPalette(":"),
    "?": () => help(true),
    "[": () => setNarrow(!narrow),
  });
  useTabTitle();
  useNotifications();
  return (
    <div className="flex h-full flex-col">
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:p-2">
        Skip to content
      </a>
      <TopBar onHelp={() => help(true)} onSearch={() => setPalette("")} />
      <Notice />
      <StoppedNotice />
      <EndingNotice />
      <div className="flex min-h-0 flex-1">
        <Rail narrow={narrow} scope={scope} />
        <main id="main" tabIndex={-1} className="relative flex min-w-0 flex-1 flex-col overflow-hidden pb-12 outline-none md:pb-0">
          <Outlet />
        </main>
      </div>
      <Toasts />
      <Suspense>{tour && <Tour />}</Suspense>
      {palette !== null && <Palette initial={palette} onClose={() => setPalette(null)} />}
      {helping && <Shortcuts places={PLACES} onClose={() => help(false)} />}
      <Dialog
        blocking
        open={asked}
        onClose={() => ask(false)}
        title="Sign in again"
        description="Your session has ended. This page stays as it is."
      >
        <SignInForm onDone={() => ask(false)} />
      </Dialog>
    </div>
  );
}

/** Notifications of a person in this browser, by code that is loaded after the page. */
function useNotifications(): void {
  const { data: me } = useQuery(meQuery);
  const { history } = useRouter();
  const open = useEffectEvent((path: string) => history.push(path));
  const isPerson = me?.actor.kind === "person";
  useEffect(() => {
    if (!me || !isPerson) return;
    let stop: (() => void) | undefined;
    let isOver = false;
    const timer = setTimeout(async () => {
      const { canNotify, start } = await import("../live/notifier");
      if (!isOver && canNotify()) stop = start(me, open);
    }, NOTIFIER_AFTER_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
      stop?.();
    };
  }, [me?.actor.id, isPerson]);
}

/** Ctrl-K or ⌘K, also while somebody types; not over a dialog that waits for an answer. */
function usePaletteKey(toggle: () => void): void {
  const act = useEffectEvent(toggle);
  useLayoutEffect(() => {
    // before the page is seen: who sees it can press the keys
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      const dialog = document.querySelector("[role=dialog]");
      if (!dialog || dialog.querySelector("[aria-label='Search or run a command']")) act();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

const isWithin = (path: string, place: string) => (place === "/" ? path === "/" : path.startsWith(place));

function useTabTitle(): void {
  const { data: critical } = useQuery(openCriticalQuery);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const named = usePageTitle();
  useEffect(() => {
    const place = named ?? PLACES.find((one) => isWithin(path, one.to))?.label;
    document.title = `${critical ? `(${critical}) ` : ""}${place ? `${place} · ` : ""}Optral`;
  }, [critical, path, named]);
}

const PLACE =
  "flex h-8 items-center gap-2.5 rounded-sm px-2 font-medium text-muted hover:bg-hover hover:text-text max-md:h-full max-md:flex-1 max-md:flex-col max-md:justify-center max-md:gap-0 max-md:px-0 max-md:text-xs max-[22.5rem]:text-[10px] data-[status=active]:bg-selected data-[status=active]:text-text [&>svg]:size-4 [&>svg]:shrink-0";

function Rail({ narrow, scope }: { narrow: boolean; scope: string | undefined }) {
  const { data: critical } = useQuery(openCriticalQuery);
  const places = usePlaces();
  return (
    <nav
      aria-label="Main"
      className={cx(
        "no-print z-30 flex shrink-0 border-line bg-surface max-md:fixed max-md:inset-x-0 max-md:bottom-0 max-md:h-12 max-md:justify-around max-md:border-t md:flex-col md:gap-0.5 md:border-r md:p-2",
        narrow ? "md:w-12" : "md:w-[208px]",
      )}
    >
      {places.map((place) => (
        <Link
          key={place.to}
          to={place.to as never}
          search={{ cluster: scope } as never}
          title={narrow ? place.label : undefined}
          className={cx(place.isExtra && "max-md:hidden", PLACE)}
          activeOptions={{ includeSearch: false, exact: place.to === "/" }}
        >
          {place.icon}
          <span className={cx("md:flex-1", narrow && "md:sr-only")}>{place.label}</span>
          {place.to === "/issues" && !!critical && !narrow && (
            <span className="inline-flex items-center gap-1 text-xs text-critical max-md:hidden" title={`${critical} open critical issues`}>
              <Glyph tone="critical" className="text-current" />
              {critical}
              <span className="sr-only"> critical</span>
            </span>
          )}
        </Link>
      ))}
      <More places={places.filter((place) => place.isExtra)} scope={scope} />
    </nav>
  );
}

/** What the bar of a phone has no room for. */
function More({ places, scope }: { places: Place[]; scope: string | undefined }) {
  const go = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <Menu
      align="end"
      trigger={
        <button
          type="button"
          data-status={places.some((place) => isWithin(path, place.to)) ? "active" : undefined}
          className={cx(PLACE, "md:hidden")}
        >
          <Ellipsis aria-hidden />
          More
        </button>
      }
    >
      {places.map((place) => (
        <MenuItem key={place.to} onSelect={() => void go({ to: place.to as never, search: { cluster: scope } as never })}>
          <span aria-hidden className="text-muted [&>svg]:size-4">
            {place.icon}
          </span>
          {place.label}
        </MenuItem>
      ))}
    </Menu>
  );
}

function TopBar({ onHelp, onSearch }: { onHelp: () => void; onSearch: () => void }) {
  const { state } = useLive();
  return (
    <header className="no-print flex h-11 shrink-0 items-center gap-1 border-b border-line bg-surface pr-2 pl-3">
      <Link to="/" className="flex items-center gap-2 rounded-sm pr-2 text-base font-semibold">
        <svg aria-hidden viewBox="0 0 32 32" className="size-5 text-accent">
          <circle cx="16" cy="16" r="12" fill="none" stroke="currentColor" strokeWidth="4" />
          <circle cx="16" cy="16" r="4" fill="currentColor" />
        </svg>
        <span className={cx(state === "live" ? "max-[26rem]:sr-only" : "max-sm:sr-only")}>Optral</span>
      </Link>
      <Scope />
      <span className="flex-1" />
      <button
        type="button"
        onClick={onSearch}
        className="flex h-7 items-center justify-center gap-2 rounded-sm border border-line bg-bg px-2 text-sm text-muted hover:bg-hover max-md:border-0 max-md:bg-transparent md:w-56 pointer-coarse:min-h-11 pointer-coarse:min-w-11"
      >
        <Search aria-hidden className="size-3.5 shrink-0" />
        <span className="flex-1 text-left max-md:sr-only">
          Search<span className="sr-only"> or run a command</span>
        </span>
        <span aria-hidden className="max-md:hidden">
          <Key>{/mac|iphone|ipad/i.test(navigator.userAgent) ? "⌘K" : "Ctrl K"}</Key>
        </span>
      </button>
      <LiveDot />
      <span className="max-md:hidden">
        <IconButton label="Keyboard shortcuts" onClick={onHelp}>
          <Keyboard />
        </IconButton>
      </span>
      <ThemeMenu />
      <Account />
    </header>
  );
}

function Scope() {
  const go = useNavigate();
  const scope = useScope();
  const { data: all } = useQuery(clustersQuery({}));
  const choose = (cluster: string | undefined) => void go({ to: ".", search: (before: object) => ({ ...before, cluster }) } as never);
  return (
    <Menu
      trigger={
        <button
          type="button"
          className="flex h-7 max-w-56 min-w-16 items-center gap-1.5 rounded-sm border border-line bg-bg px-2 text-sm hover:bg-hover pointer-coarse:h-9"
          aria-label={`Scope: ${scope ?? "all clusters"}`}
        >
          <span className="truncate">{scope ?? "All clusters"}</span>
          <ChevronDown aria-hidden className="size-3.5 shrink-0 text-muted" />
        </button>
      }
    >
      <MenuCheck checked={!scope} onChange={() => choose(undefined)}>
        All clusters
      </MenuCheck>
      {!!all?.clusters.length && <MenuLine />}
      {all?.clusters.map((one) => (
        <MenuCheck key={one.id} checked={scope === one.name} onChange={() => choose(one.name)}>
          <span className="flex items-center justify-between gap-3">
            {one.name}
            <span className="text-xs">
              <Status quiet value={one.status} />
            </span>
          </span>
        </MenuCheck>
      ))}
    </Menu>
  );
}

function LiveDot() {
  const { state, since } = useLive();
  const clock = timeOfDay(since);
  const shown: Record<string, [string, ReactNode, string?]> = {
    live: ["Live", <span className="size-2 rounded-full bg-ok-solid" />],
    paused: ["Paused", <Pause className="size-3" />, `, data from ${clock}`],
    reconnecting: ["Reconnecting", <span className="size-2 animate-pulse rounded-full bg-medium-solid" />, `, data from ${clock}`],
    connecting: ["Connecting", <span className="size-2 rounded-full border border-control" />],
    signedOut: ["Signed out", <span className="size-2 rounded-full border border-control" />],
  };
  const [word, dot, age] = shown[state]!;
  return (
    <button
      type="button"
      onClick={togglePaused}
      title={state === "paused" ? "Updates are paused. Click to resume." : "Click to pause updates"}
      className="flex h-7 items-center justify-center gap-1.5 rounded-sm px-2 text-xs text-muted hover:bg-hover pointer-coarse:min-h-11 pointer-coarse:min-w-9"
    >
      <span aria-hidden className="flex">
        {dot}
      </span>
      <span aria-live="polite" className={cx((state === "live" || state === "connecting") && "max-sm:sr-only")}>
        {word}
        {age && <span className="max-sm:sr-only">{age}</span>}
      </span>
    </button>
  );
}

function ThemeMenu() {
  const theme = useTheme();
  return (
    <Menu
      align="end"
      trigger={<IconButton label="Theme">{theme === "dark" ? <Moon /> : theme === "light" ? <Sun /> : <Monitor />}</IconButton>}
    >
      {(["system", "light", "dark"] as const).map((one) => (
        <MenuCheck key={one} checked={theme === one} onChange={() => setTheme(one)}>
          {{ system: "System", light: "Light", dark: "Dark" }[one]}
        </MenuCheck>
      ))}
    </Menu>
  );
}

function Account() {
  const { data: me } = useQuery(meQuery);
  const { data: session } = useQuery(sessionQuery);
  const client = useQueryClient();
  const go = useNavigate();
  const leave = async () => {
    let next: string;
    try {
      next = await signOut();
    } catch (error) {
      toastError(error);
      return;
    }
    client.clear();
    location.assign(next);
  };
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label="Account">
          <UserRound />
        </IconButton>
      }
    >
      <MenuLabel>
        {me ? (
          <>
            <span className="block font-medium text-text">{session?.member.email ?? me.actor.id}</span>
            {me.organisation.name}
            {me.actor.role ? ` · ${me.actor.role}` : ""}
          </>
        ) : (
          "Unknown"
        )}
      </MenuLabel>
      <MenuLine />
      <MenuItem onSelect={() => void go({ to: "/settings/$tab", params: { tab: "profile" } })}>Profile and sessions</MenuItem>
      <MenuItem onSelect={() => startTour(go)}>Guided tour</MenuItem>
      <MenuItem onSelect={() => location.assign("/docs")}>API explorer</MenuItem>
      <MenuItem onSelect={() => void leave()}>
        <LogOut aria-hidden className="size-4" /> Sign out
      </MenuItem>
    </Menu>
  );
}
