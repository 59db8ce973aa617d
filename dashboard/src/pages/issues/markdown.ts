// An issue as Markdown, for a ticket or a chat: what broke, why, what to do, and where to read more.
import type { Issue } from "../../api/queries";

/** Text from a cluster cannot become a link, an image or a heading. Names between backquotes stay what they are. */
const plain = (text: string) =>
  text
    .split("`")
    .map((part, index) => (index % 2 ? `\`${part}\`` : part.replace(/[\\[\]<>*_#|~!]/g, "\\$&")))
    .join("")
    .replace(/\s+/g, " ");

export function markdown(issue: Issue, url: string): string {
  const { rootCause, confidenceLabel, recommendedActions, summary } = issue.analysis ?? {};
  const best = recommendedActions?.[0];
  const where = `${issue.resourceKind} ${issue.namespace ? `${issue.namespace}/` : ""}${issue.resource}`;
  const lines = [
    `**${plain(issue.title)}**`,
    "",
    `- Severity: ${issue.severity} (${issue.status})`,
    `- Cluster: ${plain(issue.cluster)}`,
    `- Resource: ${plain(where)}`,
    `- First seen: ${issue.firstSeenAt}`,
    rootCause && `- Cause: ${plain(rootCause.title)}${confidenceLabel ? ` (${confidenceLabel} confidence)` : ""}`,
    ...(rootCause?.claims ?? []).map((claim) => `  - ${plain(claim.text)}`),
    !rootCause && summary && `- Analysis: ${plain(summary)}`,
    best && `- Recommended action: ${plain(best.title)}`,
    `- ${url}`,
  ];
  return `${lines.filter((line) => typeof line === "string").join("\n")}\n`;
}
