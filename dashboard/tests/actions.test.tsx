// Changes of issues show at once, and are reverted when the server refuses them.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Issue } from "../src/api/queries";
import { useIssueActions } from "../src/pages/issues/actions";

const ISSUE = { id: "iss_1", status: "open", title: "Container app of web" } as Issue;
let client: QueryClient;
let actions: ReturnType<typeof useIssueActions>;
let answer: (response: Response) => void;

function Probe() {
  actions = useIssueActions();
  return null;
}
const shown = () => client.getQueryData<{ issues: Issue[] }>(["issues"])!.issues[0]!.status;
const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

beforeEach(async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal("fetch", () => new Promise<Response>((done) => (answer = done)));
  client = new QueryClient();
  client.setQueryData(["issues"], { issues: [ISSUE] });
  const root = createRoot(document.createElement("div"));
  await act(async () => {
    root.render(
      <QueryClientProvider client={client}>
        <Probe />
      </QueryClientProvider>,
    );
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("acknowledging an issue", () => {
  test("shows before the server has answered, and stays when it agrees", async () => {
    const done = actions.acknowledge(ISSUE);
    expect(shown()).toBe("acknowledged");
    await act(async () => {
      answer(json(200, { ...ISSUE, status: "acknowledged" }));
      await done;
    });
    expect(shown()).toBe("acknowledged");
  });
  test("is reverted when the server refuses it", async () => {
    const done = actions.acknowledge(ISSUE);
    expect(shown()).toBe("acknowledged");
    await act(async () => {
      answer(json(409, { code: "stale_version", detail: "The issue has changed", status: 409 }));
      await done;
    });
    expect(shown()).toBe("open");
  });
  test("of an acknowledged issue removes the acknowledgement", async () => {
    const done = actions.acknowledge({ ...ISSUE, status: "acknowledged" });
    expect(shown()).toBe("open");
    await act(async () => {
      answer(json(200, ISSUE));
      await done;
    });
    expect(shown()).toBe("open");
  });
});

describe("a bulk change", () => {
  test("changes the rows that the server changed, and names those that it refused", async () => {
    client.setQueryData(["issues"], { issues: [ISSUE, { ...ISSUE, id: "iss_2" }] });
    const done = actions.changeAll([ISSUE, { ...ISSUE, id: "iss_2" }], { status: "resolved" }, "Resolved");
    expect(shown()).toBe("open");
    await act(async () => {
      answer(
        json(200, {
          results: [
            { id: "iss_1", result: "changed" },
            { id: "iss_2", result: "refused", code: "not_found" },
          ],
        }),
      );
    });
    expect(await done).toEqual(["iss_2"]);
    expect(client.getQueryData<{ issues: Issue[] }>(["issues"])!.issues.map((one) => one.status)).toEqual(["resolved", "open"]);
  });
});
