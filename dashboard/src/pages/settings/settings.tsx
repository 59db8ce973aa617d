// Settings, a tab each; the tab is in the address.
import { useQuery } from "@tanstack/react-query";
import { Navigate, useNavigate, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { isLimited, may, meQuery } from "../../api/session";
import { PageHeader, Tabs } from "../../parts";
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
const AnalysisTab = lazyPage(() => import("./analysis"), "AnalysisTab");
const Detectors = lazyPage(() => import("./detectors"), "Detectors");

/** With the right that a tab needs: without it the tab is not offered. `isOfAll`: it is about the organization, not for limited members. */
const TABS: { id: string; label: string; scope?: string; isOfAll?: true; content: ReactNode }[] = [
  { id: "profile", label: "Profile", content: <Profile /> },
  { id: "notifications", label: "Notifications", content: <Notifications /> },
  { id: "api-keys", label: "API Keys", scope: "keys:read", content: <ApiKeys /> },
  { id: "members", label: "Members", scope: "members:read", content: <Members /> },
  { id: "approvals", label: "Approvals", scope: "runbooks:read", content: <ApprovalsTab /> },
  { id: "mute-rules", label: "Mute rules", content: <MuteRules /> },
  { id: "webhooks", label: "Webhooks", scope: "webhooks:read", content: <Webhooks /> },
  { id: "gitops", label: "GitOps", scope: "forges:read", content: <Forges /> },
  { id: "safeguards", label: "Safeguards", scope: "runbooks:read", isOfAll: true, content: <SafeguardsTab /> },
  { id: "detectors", label: "Detectors", content: <Detectors /> },
  { id: "analysis", label: "Analysis", content: <AnalysisTab /> },
  { id: "plan", label: "Plan & rate limits", content: <PlanTab /> },
  { id: "appearance", label: "Appearance", content: <Appearance /> },
  { id: "about", label: "About", content: <About /> },
];

export function Settings() {
  const { tab } = useParams({ strict: false }) as { tab: string };
  const go = useNavigate();
  const { data: me } = useQuery(meQuery);
  const open = TABS.find((one) => one.id === tab);
  useTitle(open && `${open.label} · Settings`);
  if (!open) return <Navigate to="/settings/$tab" params={{ tab: "profile" }} search={true as never} replace />;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader title="Settings" />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <Tabs
          label="Settings"
          tabs={TABS.filter((one) => one === open || ((!one.scope || may(me, one.scope)) && !(one.isOfAll && isLimited(me))))}
          value={tab}
          onChange={(id) => void go({ to: "/settings/$tab", params: { tab: id }, search: true as never })}
        />
      </div>
    </div>
  );
}
