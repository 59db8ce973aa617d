import { Empty } from "../../parts";

export function RunbookList() {
  return <Empty title="RunbookList" />;
}
