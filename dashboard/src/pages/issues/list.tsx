import { Empty } from "../../parts";

export function IssueList() {
  return <Empty title="IssueList" />;
}
