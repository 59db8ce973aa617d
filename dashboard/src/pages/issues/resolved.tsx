// That an issue is resolved, and why, before the analysis of what it was.
import { CheckCheck } from "lucide-react";
import type { Issue } from "../../api/queries";
import { Time } from "../../parts";
import { usePeople } from "../people";
import { Notice } from "./triage";

const WHY: Record<string, string> = {
  recovered: "The failure is no longer present.",
  resource_deleted: "The object was deleted.",
  superseded: "The failure continues under a more specific issue.",
  cluster_deleted: "The cluster was removed.",
  detector_disabled: "Its detector was switched off.",
};

export function ResolvedNotice({ issue }: { issue: Issue }) {
  const { name } = usePeople();
  if (issue.status !== "resolved") return null;
  const by = issue.resolution === "manual" && issue.resolvedBy ? name(issue.resolvedBy) : undefined;
  return (
    <Notice icon={<CheckCheck />}>
      Resolved{by ? ` by ${by}` : ""} <Time at={issue.resolvedAt} />. {WHY[issue.resolution ?? ""]}
    </Notice>
  );
}
