import { Empty } from "../../parts";

export function Settings() {
  return <Empty title="Settings" />;
}
