// That an issue is resolved, and why, before the analysis of what it was; or that the last change did not help.
import { Link } from "@tanstack/react-router";
import { CheckCheck, TriangleAlert } from "lucide-react";
import type { Issue } from "../../api/queries";
import { Time } from "../../parts";
import { usePeople } from "../people";
import { fixText } from "./fixnote";
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
      {issue.fix && (
        <>
          {" "}
          {fixText(issue, name(issue.fix.by), 0)} <Time at={issue.fix.verifiedAt} />:{" "}
          <Link to="/executions/$executionId" params={{ executionId: issue.fix.executionId }} className="rounded-sm text-accent underline">
            show the execution
          </Link>
          .
        </>
      )}
    </Notice>
  );
}

/** That the last change for the issue did not help. */
export function FailedFixNotice({ issue: { failedFix } }: { issue: Issue }) {
  const { name } = usePeople();
  if (!failedFix) return null;
  const by = name(failedFix.by);
  return (
    <Notice icon={<TriangleAlert />}>
      <span className="font-medium">{failedFix.text}</span> Changed{by ? ` by ${by}` : ""} <Time at={failedFix.at} />:{" "}
      <Link to="/executions/$executionId" params={{ executionId: failedFix.executionId }} className="rounded-sm text-accent underline">
        show the execution
      </Link>
      .
    </Notice>
  );
}
