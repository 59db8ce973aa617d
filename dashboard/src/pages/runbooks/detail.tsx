import { Empty } from "../../parts";

export function RunbookDetail() {
  return <Empty title="RunbookDetail" />;
}
