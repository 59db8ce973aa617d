// The owners page: what it says while it loads, when it cannot, without teams, and with teams and rules.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterContextProvider } from "@tanstack/react-router";
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Owners } from "../src/pages/settings/owners";

const ORDER = ["annotation", "rules"];
const ANY = { cluster: "*", namespace: "*", kind: "*", name: "*" };
const NO_RULES = { order: ORDER, annotations: ["optral.ai/team"], labels: ["team"], rules: [], version: 0 };
const NO_OWNERS = { owners: [], total: 0, page: 1, pageSize: 1, stale: false };
let page: HTMLElement;

async function draw(answers: Record<string, unknown>) {
  vi.stubGlobal("fetch", (request: Request) => {
    const body = answers[new URL(request.url).pathname];
    if (body === undefined) return new Promise(() => {});
    const status = typeof body === "number" ? body : 200;
    return Promise.resolve(new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } }));
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  client.setQueryData(["me"], { actor: { scopes: ["issues:read"] } });
  const router = createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() });
  page = document.createElement("div");
  await act(async () => {
    createRoot(page).render(
      <RouterContextProvider router={router as never}>
        <QueryClientProvider client={client}>
          <Owners />
        </QueryClientProvider>
      </RouterContextProvider>,
    );
  });
  await act(async () => {
    await new Promise((done) => setTimeout(done));
  });
}

beforeEach(() => vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true));
afterEach(() => vi.unstubAllGlobals());

test("it says that it loads", async () => {
  await draw({});
  expect(page.querySelector("[role=status]")?.textContent).toContain("Loading owners");
});

test("each part that cannot be read says so", async () => {
  await draw({ "/v1/owners": 500, "/v1/owners/rules": 500 });
  expect(page.textContent).toContain("Could not load the teams");
  expect(page.textContent).toContain("Could not load the rules");
});

test("without teams it says when there will be some", async () => {
  await draw({ "/v1/owners": NO_OWNERS, "/v1/owners/rules": NO_RULES });
  expect(page.textContent).toContain("No teams yet");
  expect(page.textContent).toContain("No rules.");
  expect(page.textContent).toContain("annotation of the workload, then rules");
});

test("teams lead to their issues, and strange names are text", async () => {
  const owners = [
    { team: null, openIssues: 3, query: "team:none" },
    { team: "<b>pay</b>", openIssues: 1, query: 'team:"<b>pay</b>"' },
    { team: "idle", openIssues: 0, query: "team:idle" },
  ];
  const rules = [{ ...ANY, team: "pay", namespace: "pay-*" }];
  await draw({ "/v1/owners": { ...NO_OWNERS, owners }, "/v1/owners/rules": { ...NO_RULES, rules } });
  const links = [...page.querySelectorAll("table a")].map((one) => one.getAttribute("href"));
  expect(links).toHaveLength(2);
  expect(links[0]).toContain("team=none");
  expect(page.textContent).toContain("<b>pay</b>");
  expect(page.textContent).toContain("pay-*");
});
