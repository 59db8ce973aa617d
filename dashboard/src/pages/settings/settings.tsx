// Settings, a tab each; the tab is in the address.
import { Navigate, useNavigate, useParams } from "@tanstack/react-router";
import { PageHeader, Tabs } from "../../parts";
import { lazyPage } from "../lazy";
import { About } from "./about";
import { Appearance } from "./appearance";
import { ApiKeys } from "./keys";
import { PlanTab } from "./plan";

const Members = lazyPage(() => import("./members"), "Members");
const MuteRules = lazyPage(() => import("./mutes"), "MuteRules");
const Webhooks = lazyPage(() => import("./webhooks"), "Webhooks");
const Forges = lazyPage(() => import("./forges"), "Forges");
const Profile = lazyPage(() => import("./profile"), "Profile");
const Notifications = lazyPage(() => import("./notifications"), "Notifications");
const AnalysisTab = lazyPage(() => import("./analysis"), "AnalysisTab");
const Detectors = lazyPage(() => import("./detectors"), "Detectors");

const TABS = [
  { id: "profile", label: "Profile", content: <Profile /> },
  { id: "notifications", label: "Notifications", content: <Notifications /> },
  { id: "api-keys", label: "API Keys", content: <ApiKeys /> },
  { id: "members", label: "Members", content: <Members /> },
  { id: "mute-rules", label: "Mute rules", content: <MuteRules /> },
  { id: "webhooks", label: "Webhooks", content: <Webhooks /> },
  { id: "gitops", label: "GitOps", content: <Forges /> },
  { id: "detectors", label: "Detectors", content: <Detectors /> },
  { id: "analysis", label: "Analysis", content: <AnalysisTab /> },
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
