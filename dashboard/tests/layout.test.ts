import { describe, expect, test } from "vitest";
import { type KindColumn, layout } from "../src/pages/resources/layout";
import type { Resource } from "../src/pages/resources/queries";

const column = (name: string, change: Partial<KindColumn> = {}): KindColumn => ({
  name,
  title: name,
  description: "",
  type: "text",
  wide: false,
  isState: false,
  ...change,
});
const pod = (change: Partial<Resource> = {}) => ({ name: "a", namespace: "shop", status: "Running", ...change }) as Resource;
const own = [column("ready"), column("node"), column("images", { wide: true })];
const ids = (width: number, columns: KindColumn[], rows: Resource[], isOneCluster = false) =>
  layout(width, columns, rows, { isOneCluster }).map((one) => one.id);

describe("the columns of a list of resources", () => {
  test("are a name and a status on a phone", () => expect(ids(400, own, [pod()])).toEqual(["name", "status"]));
  test("are those of the kind as far as there is room", () => {
    expect(ids(700, own, [pod()])).toEqual(["name", "status", "namespace", "ready", "node", "age"]);
    expect(ids(1600, own, [pod()])).toEqual(["name", "status", "namespace", "ready", "node", "images", "cluster", "age"]);
  });
  test("name the owner where the list has several kinds", () =>
    expect(ids(1600, [], [pod()])).toEqual(["name", "status", "namespace", "cluster", "owner", "age"]));
  test("say the cluster only while there may be several", () => expect(ids(1600, own, [pod()], true)).not.toContain("cluster"));
  test("leave out a status and a namespace that no row has", () =>
    expect(ids(1600, [], [pod({ namespace: null, status: undefined })])).toEqual(["name", "cluster", "owner", "age"]));
  test("say once how an object is", () => {
    const columns = [column("ready", { title: "Ready", isState: true }), column("images")];
    const drawn = layout(1600, columns, [pod({ status: "1/2" })]);
    expect(drawn.map((one) => one.id)).toEqual(["name", "status", "namespace", "images", "cluster", "age"]);
    expect(drawn[1]!.title).toBe("Ready");
  });
});
