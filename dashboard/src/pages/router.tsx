// Every address of the dashboard. Each page is its own chunk; the frame and the first list are what a first visit loads. The first page of
// a visit reads its data while its code is loaded.
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  redirect,
  useNavigate,
} from "@tanstack/react-router";
import { Problem } from "../api/problem";
import { issuesQuery } from "../api/queries";
import { meQuery } from "../api/session";
import { Button, Empty, Failed, Loading } from "../parts";
import { Frame } from "./frame";
import { type IssueSearch, issueParams, MEMBERS } from "./issues/filter";
import { lazyPage } from "./lazy";
import { overviewQuery } from "./overview/queries";
import { parseSearch, pick, stringifySearch } from "./search";

const root = createRootRouteWithContext<{ client: QueryClient }>()({ notFoundComponent: Nowhere });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: pick("to", "organisation"),
  component: lazyPage(() => import("./session/login"), "Login"),
});
const returned = createRoute({
  getParentRoute: () => root,
  path: "/sign-in/callback",
  component: lazyPage(() => import("./session/returned"), "Returned"),
});
const signedOut = createRoute({
  getParentRoute: () => root,
  path: "/signed-out",
  component: lazyPage(() => import("./session/signedout"), "SignedOut"),
});
const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyPage(() => import("./session/setup"), "Setup"),
});
const invite = createRoute({
  getParentRoute: () => root,
  path: "/invite",
  component: lazyPage(() => import("./session/setup"), "Invited"),
});

const forgot = createRoute({
  getParentRoute: () => root,
  path: "/forgot",
  component: lazyPage(() => import("./session/reset"), "Forgot"),
});
const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset",
  component: lazyPage(() => import("./session/reset"), "Reset"),
});

const framed = createRoute({
  getParentRoute: () => root,
  id: "framed",
  component: Frame,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(meQuery);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) throw redirect({ to: "/login", search: { to: location.href } });
    }
  },
});
const home = createRoute({
  getParentRoute: () => framed,
  path: "/",
  validateSearch: pick("cluster", "range"),
  loader: ({ context: { client }, location, cause }) => {
    const { cluster } = location.search as { cluster?: string };
    if (cause === "enter") void client.prefetchQuery(overviewQuery(cluster));
  },
  component: lazyPage(() => import("./overview/overview"), "Overview"),
});

const issues = createRoute({
  getParentRoute: () => framed,
  path: "/issues",
  validateSearch: pick(...MEMBERS),
  loader: ({ context: { client }, location, cause }) => {
    const search = location.search as IssueSearch;
    const isKnown = !search.view && !search.group; // what those show is read first
    if (cause === "enter" && isKnown) void client.prefetchInfiniteQuery(issuesQuery(issueParams(search)));
  },
  component: lazyPage(() => import("./issues/list"), "IssueList"),
});
const issue = createRoute({
  getParentRoute: () => issues,
  path: "$issueId",
  component: lazyPage(() => import("./issues/detail"), "IssueDetail"),
});

const clusters = createRoute({
  getParentRoute: () => framed,
  path: "/clusters",
  validateSearch: pick("status", "q", "sort", "cluster"),
  component: lazyPage(() => import("./clusters/list"), "ClusterList"),
});
const newCluster = createRoute({
  getParentRoute: () => framed,
  path: "/clusters/new",
  component: lazyPage(() => import("./clusters/new"), "NewCluster"),
});
const fleet = createRoute({
  getParentRoute: () => framed,
  path: "/clusters/fleet",
  component: lazyPage(() => import("./clusters/fleet"), "FleetTokens"),
});
const cluster = createRoute({
  getParentRoute: () => framed,
  path: "/clusters/$clusterId",
  validateSearch: pick("tab", "namespace", "owner", "size"),
  component: lazyPage(() => import("./clusters/detail"), "ClusterDetail"),
});
const connect = createRoute({
  getParentRoute: () => framed,
  path: "/clusters/$clusterId/connect",
  validateSearch: pick("method"),
  component: lazyPage(() => import("./clusters/connect"), "ConnectCluster"),
});

const resources = createRoute({
  getParentRoute: () => framed,
  path: "/resources",
  validateSearch: pick("cluster", "kind", "group", "namespace", "q", "status", "state", "label", "sort", "full"),
  component: lazyPage(() => import("./resources/list"), "ResourceList"),
});
const resource = createRoute({
  getParentRoute: () => resources,
  path: "$resourceId",
  validateSearch: pick("tab", "with"),
  component: lazyPage(() => import("./resources/detail"), "ResourceDetail"),
});

const runbooks = createRoute({
  getParentRoute: () => framed,
  path: "/runbooks",
  validateSearch: pick("q", "cluster"),
  component: lazyPage(() => import("./runbooks/list"), "RunbookList"),
});
const runbook = createRoute({
  getParentRoute: () => framed,
  path: "/runbooks/$runbookId",
  // cluster, issue and p (JSON of parameters) fill in the execute form
  validateSearch: pick("cluster", "issue", "p", "tab"),
  component: lazyPage(() => import("./runbooks/detail"), "RunbookDetail"),
});
const newRunbook = createRoute({
  getParentRoute: () => framed,
  path: "/runbooks/new",
  validateSearch: pick("from"),
  component: lazyPage(() => import("./runbooks/editor/page"), "RunbookEditor"),
});
const editRunbook = createRoute({
  getParentRoute: () => framed,
  path: "/runbooks/$runbookId/edit",
  component: lazyPage(() => import("./runbooks/editor/page"), "RunbookEditor"),
});
const runbookVersions = createRoute({
  getParentRoute: () => framed,
  path: "/runbooks/$runbookId/versions",
  validateSearch: pick("from", "to"),
  component: lazyPage(() => import("./runbooks/editor/versions"), "RunbookVersions"),
});
const executions = createRoute({
  getParentRoute: () => framed,
  path: "/executions",
  validateSearch: pick("status", "cluster"),
  component: lazyPage(() => import("./runbooks/executions"), "ExecutionList"),
});
const execution = createRoute({
  getParentRoute: () => framed,
  path: "/executions/$executionId",
  component: lazyPage(() => import("./runbooks/execution"), "ExecutionDetail"),
});

const triggers = createRoute({
  getParentRoute: () => framed,
  path: "/triggers",
  component: lazyPage(() => import("./triggers/list"), "TriggerList"),
});

const alerts = createRoute({
  getParentRoute: () => framed,
  path: "/alerts",
  validateSearch: pick("view", "outcome", "status", "cluster"),
  component: lazyPage(() => import("./alerts/list"), "AlertList"),
});

const activity = createRoute({
  getParentRoute: () => framed,
  path: "/activity",
  validateSearch: pick("group", "actor", "target", "cluster", "range", "since", "until"),
  component: lazyPage(() => import("./activity/page"), "Activity"),
});

const settings = createRoute({
  getParentRoute: () => framed,
  path: "/settings",
  beforeLoad: () => {
    throw redirect({ to: "/settings/$tab", params: { tab: "profile" }, search: true as never });
  },
});
const settingsTab = createRoute({
  getParentRoute: () => framed,
  path: "/settings/$tab",
  component: lazyPage(() => import("./settings/settings"), "Settings"),
});
const authorize = createRoute({
  getParentRoute: () => framed,
  path: "/authorize",
  component: lazyPage(() => import("./authorize/authorize"), "Authorize"),
});
const device = createRoute({
  getParentRoute: () => framed,
  path: "/device",
  component: lazyPage(() => import("./device/device"), "Device"),
});
const unknown = createRoute({ getParentRoute: () => framed, path: "$", component: Nowhere });

const tree = root.addChildren([
  login,
  returned,
  signedOut,
  setup,
  invite,
  forgot,
  reset,
  framed.addChildren([
    home,
    issues.addChildren([issue]),
    clusters,
    newCluster,
    fleet,
    cluster,
    connect,
    resources.addChildren([resource]),
    runbooks,
    newRunbook,
    runbook,
    editRunbook,
    runbookVersions,
    executions,
    execution,
    triggers,
    alerts,
    activity,
    settings,
    settingsTab,
    device,
    authorize,
    unknown,
  ]),
]);

export const makeRouter = (client: QueryClient) =>
  createRouter({
    routeTree: tree,
    context: { client },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultPendingComponent: () => <Loading />,
    defaultPendingMs: 150,
    defaultErrorComponent: Broken,
    defaultNotFoundComponent: Nowhere,
  });

/** Load the code of the page that the address names, without waiting for the session. */
export function preloadFirst(router: ReturnType<typeof makeRouter>): void {
  const routes: Record<string, { options: { component?: { preload?: () => void } } }> = router.routesById;
  for (const { routeId } of router.matchRoutes(router.latestLocation)) routes[routeId]?.options.component?.preload?.();
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}

function Broken({ error, reset }: ErrorComponentProps) {
  return <Failed error={error} what="Something went wrong on this page" retry={reset} />;
}

function Nowhere() {
  const go = useNavigate();
  return (
    <Empty title="Page not found" action={<Button onClick={() => void go({ to: "/issues" })}>Go to issues</Button>}>
      The address may be wrong, or the object was deleted.
    </Empty>
  );
}
