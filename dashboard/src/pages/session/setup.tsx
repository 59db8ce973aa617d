import { Empty } from "../../parts";

export function Setup() {
  return <Empty title="Setup" />;
}
