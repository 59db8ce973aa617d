// Settings: what there is in groups at the left, or in a select on a phone; the page is in the address.
import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { isLimited, may, meQuery } from "../../api/session";
import { PageHeader, Select } from "../../parts";
import { lazyPage } from "../lazy";
import { useTitle } from "../title";
import { About } from "./about";
import { Appearance } from "./appearance";
import { ApiKeys } from "./keys";
import { PlanTab } from "./plan";

const Members = lazyPage(() => import("./members"), "Members");
const MuteRules = lazyPage(() => import("./mutes"), "MuteRules");
const Webhooks = lazyPage(() => import("./webhooks"), "Webhooks");
const ApprovalsTab = lazyPage(() => import("./approvals"), "ApprovalsTab");
const Forges = lazyPage(() => import("./forges"), "Forges");
const SafeguardsTab = lazyPage(() => import("./safeguards"), "SafeguardsTab");
const Profile = lazyPage(() => import("./profile"), "Profile");
const Notifications = lazyPage(() => import("./notifications"), "Notifications");
const SignIn = lazyPage(() => import("./signin"), "SignIn");
const AnalysisTab = lazyPage(() => import("./analysis"), "AnalysisTab");
const Owners = lazyPage(() => import("./owners"), "Owners");
const Detectors = lazyPage(() => import("./detectors"), "Detectors");

/** With the scope that a page needs: without it the page is not offered. `isOfAll`: of the whole organization, not for limited members. */
interface Page {
  id: string;
  label: string;
  scope?: string;
  isOfAll?: true;
  content: ReactNode;
}

const GROUPS: [title: string, pages: Page[]][] = [
  [
    "You",
    [
      { id: "profile", label: "Profile", content: <Profile /> },
      { id: "notifications", label: "Notifications", content: <Notifications /> },
      { id: "appearance", label: "Appearance", content: <Appearance /> },
    ],
  ],
  [
    "Organization",
    [
      { id: "members", label: "Members", scope: "members:read", content: <Members /> },
      { id: "sign-in", label: "Sign-in", scope: "identity:write", content: <SignIn /> },
      { id: "plan", label: "Plan & rate limits", content: <PlanTab /> },
      { id: "about", label: "About", content: <About /> },
    ],
  ],
  [
    "Automation",
    [
      { id: "detectors", label: "Detectors", content: <Detectors /> },
      { id: "analysis", label: "Analysis", content: <AnalysisTab /> },
      { id: "mute-rules", label: "Mute rules", content: <MuteRules /> },
      { id: "owners", label: "Owners", isOfAll: true, content: <Owners /> },
      { id: "approvals", label: "Approvals", scope: "runbooks:read", content: <ApprovalsTab /> },
      { id: "safeguards", label: "Safeguards", scope: "runbooks:read", isOfAll: true, content: <SafeguardsTab /> },
    ],
  ],
  [
    "Integrations",
    [
      { id: "api-keys", label: "API Keys", scope: "keys:read", content: <ApiKeys /> },
      { id: "webhooks", label: "Webhooks", scope: "webhooks:read", content: <Webhooks /> },
      { id: "gitops", label: "GitOps", scope: "forges:read", content: <Forges /> },
    ],
  ],
];

export function Settings() {
  const { tab } = useParams({ strict: false }) as { tab: string };
  const { data: me } = useQuery(meQuery);
  const open = GROUPS.flatMap(([, pages]) => pages).find((one) => one.id === tab);
  useTitle(open && `${open.label} · Settings`);
  if (!open) return <Navigate to="/settings/$tab" params={{ tab: "profile" }} search={true as never} replace />;
  const isOffered = (one: Page) => one === open || ((!one.scope || may(me, one.scope)) && !(one.isOfAll && isLimited(me)));
  const groups = GROUPS.map(([title, pages]) => [title, pages.filter(isOffered)] as const).filter(([, pages]) => pages.length > 0);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader title="Settings">
        <Chooser groups={groups} open={open} />
      </PageHeader>
      <div className="flex min-h-0 flex-1">
        <List groups={groups} open={open} />
        <section key={open.id} aria-label={open.label} className="min-w-0 flex-1 overflow-y-auto">
          <h2 className="px-4 pt-3 text-base font-semibold max-md:sr-only">{open.label}</h2>
          {open.content}
        </section>
      </div>
    </div>
  );
}

type Groups = readonly (readonly [title: string, pages: readonly Page[]])[];

function List({ groups, open }: { groups: Groups; open: Page }) {
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest" });
  }, [open.id]);
  return (
    <nav
      ref={list}
      aria-label="Settings"
      className="flex w-52 shrink-0 flex-col gap-4 overflow-y-auto border-r border-line px-2 py-3 max-md:hidden"
    >
      {groups.map(([title, pages]) => (
        <div key={title}>
          <h2 className="px-2 pb-1 text-xs font-medium text-muted">{title}</h2>
          <ul aria-label={title}>
            {pages.map((one) => (
              <li key={one.id}>
                <Link
                  to="/settings/$tab"
                  params={{ tab: one.id }}
                  search={true as never}
                  activeOptions={{ includeSearch: false }}
                  className="flex min-h-8 items-center rounded-sm px-2 text-muted hover:bg-hover hover:text-text data-[status=active]:bg-selected data-[status=active]:font-medium data-[status=active]:text-text"
                >
                  {one.label}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

/** The same on a phone. */
function Chooser({ groups, open }: { groups: Groups; open: Page }) {
  const go = useNavigate();
  return (
    <Select
      aria-label="Settings page"
      className="md:hidden"
      value={open.id}
      onChange={(event) => void go({ to: "/settings/$tab", params: { tab: event.target.value }, search: true as never })}
    >
      {groups.map(([title, pages]) => (
        <optgroup key={title} label={title}>
          {pages.map((one) => (
            <option key={one.id} value={one.id}>
              {one.label}
            </option>
          ))}
        </optgroup>
      ))}
    </Select>
  );
}
