// The one way to the server. `api` is typed by the contract; `send` is for addresses the contract does not hold yet.
// Both throw `Problem`, add the header that proves a change comes from this page, and tell `signedOut` of a 401.
import createClient from "openapi-fetch";
import { Problem, problemOf, unreachable } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

const CHANGES = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const listeners = new Set<() => void>();

/** Calls `listener` whenever the server no longer knows the session. Returns how to stop. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export async function guarded(request: Request): Promise<Response> {
  if (CHANGES.has(request.method)) {
    request.headers.set("X-Optral-CSRF", "1");
    request.headers.set("Content-Type", "application/json");
  }
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw unreachable();
  }
  if (response.ok || response.status === 304) return response;
  if (response.status === 401 && !request.headers.has("X-Optral-Quiet")) listeners.forEach((tell) => tell());
  throw await problemOf(response);
}

export const api = createClient<paths>({
  baseUrl: location.origin,
  fetch: guarded,
  querySerializer: { array: { style: "form", explode: false } },
});

/** The data of an `api` call; failures have been thrown as `Problem` before. */
export async function data<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data: found } = await call;
  return found as T;
}

export interface SendOptions {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** Send the ETag number of what the change is based on; another version is refused with 412. */
  ifVersion?: number;
  /** One key per intent: a repeat after a lost answer does nothing twice. */
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** A 401 is an answer here (signing in), not the end of a session. */
  quiet?: boolean;
}

export async function send<T>(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, options: SendOptions = {}): Promise<T> {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(options.query ?? {}))
    if (value !== undefined && value !== "") url.searchParams.set(name, String(value));
  const headers = new Headers({ Accept: "application/json" });
  if (options.ifVersion !== undefined) headers.set("If-Match", `"v${options.ifVersion}"`);
  if (options.idempotencyKey) headers.set("Idempotency-Key", options.idempotencyKey);
  if (options.quiet) headers.set("X-Optral-Quiet", "1");
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  const response = await guarded(new Request(url, { method, headers, body, signal: options.signal ?? null }));
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** For Idempotency-Key; `crypto.randomUUID` is missing on plain HTTP. */
export function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export { Problem };
