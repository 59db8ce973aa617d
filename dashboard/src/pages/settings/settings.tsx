// Settings, a tab each; the tab is in the address.
import { lazy, Suspense, type ReactNode } from "react";
import { Navigate, useNavigate, useParams } from "@tanstack/react-router";
import { Loading, PageHeader, Tabs } from "../../parts";
import { About } from "./about";
import { ApiKeys } from "./keys";
import { Appearance } from "./appearance";
import { PlanTab } from "./plan";

const Members = lazy(() => import("./members").then((module) => ({ default: module.Members })));
const MuteRules = lazy(() => import("./mutes").then((module) => ({ default: module.MuteRules })));
const Webhooks = lazy(() => import("./webhooks").then((module) => ({ default: module.Webhooks })));
const Detectors = lazy(() => import("./detectors").then((module) => ({ default: module.Detectors })));

const later = (page: ReactNode) => <Suspense fallback={<Loading />}>{page}</Suspense>;

const TABS = [
  { id: "api-keys", label: "API Keys", content: <ApiKeys /> },
  { id: "members", label: "Members", content: later(<Members />) },
  { id: "mute-rules", label: "Mute rules", content: later(<MuteRules />) },
  { id: "webhooks", label: "Webhooks", content: later(<Webhooks />) },
  { id: "detectors", label: "Detectors", content: later(<Detectors />) },
  { id: "plan", label: "Plan & rate limits", content: <PlanTab /> },
  { id: "appearance", label: "Appearance", content: <Appearance /> },
  { id: "about", label: "About", content: <About /> },
];

export function Settings() {
  const { tab } = useParams({ strict: false }) as { tab: string };
  const go = useNavigate();
  if (!TABS.some((one) => one.id === tab)) return <Navigate to="/settings/$tab" params={{ tab: "api-keys" }} replace />;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader title="Settings" />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <Tabs label="Settings" tabs={TABS} value={tab} onChange={(id) => void go({ to: "/settings/$tab", params: { tab: id } })} />
      </div>
    </div>
  );
}
