import { Empty } from "../../parts";

export function IssueDetail() {
  return <Empty title="IssueDetail" />;
}
