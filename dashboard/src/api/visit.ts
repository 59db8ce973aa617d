// The way to an identity provider and back, in a file of its own: the first screen does not need it.
import { queryOptions } from "@tanstack/react-query";
import { freshKey, type Schemas, send } from "./client";
import type { Session } from "./session";

/** The identity providers that people of the organization can sign in with; of the only one if none is named. */
export const providersQuery = (organisation: string | undefined) =>
  queryOptions({
    queryKey: ["offer", "providers", organisation],
    queryFn: () =>
      send<Schemas["OfferedProviders"]>("POST", "/v1/session/providers", { body: organisation ? { organisation } : {}, quiet: true }),
    retry: false,
    staleTime: Infinity,
  });

const SIGN_IN = "/v1/session/provider";
const CONFIRM = "/v1/session/confirm/provider";
const VISIT = "optral.visit"; // in the storage of the window that goes there
const ENDS = "optral.visit"; // the channel on which a window reports to the page that opened it
const POPUP = "popup,width=560,height=720";

interface Visit {
  path: string;
  to: string;
  /** A page waits for the end under this name; the window has no other use. */
  id?: string;
}
interface End {
  id: string;
  problem?: string;
}

const begin = async (path: string, body?: object) =>
  (await send<Schemas["AuthorizationShape"]>("POST", path, { body, quiet: true })).authorizationUrl;
const keep = (storage: Storage, visit: Visit) => storage.setItem(VISIT, JSON.stringify(visit));

/** Sends the browser to an identity provider: to sign in with the one named, or else to confirm the session. It returns to `finishVisit`. */
export async function visitProvider(to: string, providerId?: string): Promise<void> {
  const path = providerId ? SIGN_IN : CONFIRM;
  const url = await begin(path, providerId ? { providerId } : undefined);
  keep(sessionStorage, { path, to });
  location.assign(url);
}

/** The browser opened no window. */
export class Blocked extends Error {}

/**
 * Confirms the session in a window of its own, so that this page keeps what was typed. Call it in a click, or the browser opens none.
 * The opener policy separates the two windows at the provider: the other one reports on a channel, and this page cannot know that it was closed.
 */
export async function confirmInWindow(signal: AbortSignal): Promise<void> {
  const popup = window.open("about:blank", "_blank", POPUP);
  if (!popup || popup.closed) throw new Blocked();
  const id = freshKey();
  let url: string;
  try {
    url = await begin(CONFIRM);
  } catch (error) {
    popup.close();
    throw error;
  }
  const ended = endOf(id, signal);
  keep(popup.sessionStorage, { path: CONFIRM, to: "/", id });
  popup.location.replace(url);
  await ended;
}

function endOf(id: string, signal: AbortSignal): Promise<void> {
  const channel = new BroadcastChannel(ENDS);
  return new Promise<void>((done, failed) => {
    signal.addEventListener("abort", () => failed(signal.reason));
    channel.onmessage = ({ data: end }: MessageEvent<End>) => {
      if (end.id !== id) return;
      if (end.problem) failed(new Error(end.problem));
      else done();
    };
  }).finally(() => channel.close());
}

/** Hands what the identity provider returned to the server. Resolves to where the person wanted to go; null for a window that a page waits for. */
export async function finishVisit(returned: URLSearchParams): Promise<string | null> {
  const { path, to, id } = JSON.parse(sessionStorage.getItem(VISIT) ?? JSON.stringify({ path: SIGN_IN, to: "/" })) as Visit;
  sessionStorage.removeItem(VISIT);
  const body = Object.fromEntries(
    ["state", "code", "error", "iss"].flatMap((name) => (returned.has(name) ? [[name, returned.get(name)]] : [])),
  );
  const sent = send<Session>("POST", `${path}/callback`, { body, quiet: true });
  if (!id) return sent.then(() => to);
  const problem = await sent.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const channel = new BroadcastChannel(ENDS);
  channel.postMessage({ id, problem } satisfies End);
  channel.close();
  window.close();
  return null;
}
