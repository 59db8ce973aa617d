// What a page shows does not go away by itself. A query that has failed keeps its error while it is fetched again, so that an error and
// its button stay where they are; what the server could not answer is fetched again until it does.
import type { Query, QueryClient } from "@tanstack/react-query";
import { isPassing } from "../api/problem";

export const FIRST_WAIT_MS = 2_000;
export const LONGEST_WAIT_MS = 15_000;

/** Queries that have never been answered show their error until they are; by default each new try would show the page as loading. */
export function keepErrors(client: QueryClient): () => void {
  const errors = new WeakMap<Query, Error>();
  return client.getQueryCache().subscribe((event) => {
    if (event.type !== "updated") return;
    const { query, action } = event;
    if (action.type === "error") errors.set(query, action.error);
    else if (action.type === "success") errors.delete(query);
    else if (action.type === "fetch" && query.state.status === "pending") {
      const error = errors.get(query);
      if (error) query.setState({ error, status: "error" });
    }
  });
}

const hasFailed = (query: Query) => query.isActive() && query.state.status === "error" && isPassing(query.state.error);

/** Fetches again what failed for want of the server until it is answered, with longer waits after each round; `now` does not wait. */
export function recover(client: QueryClient): { now: () => void; stop: () => void } {
  const cache = client.getQueryCache();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = FIRST_WAIT_MS;
  const isNeeded = () => cache.getAll().some(hasFailed);
  const plan = () => {
    if (timer !== undefined) return;
    timer = setTimeout(again, waitMs / 2 + (Math.random() * waitMs) / 2);
  };
  const again = () => {
    clearTimeout(timer);
    timer = undefined;
    if (!isNeeded()) {
      waitMs = FIRST_WAIT_MS;
      return;
    }
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    void client.refetchQueries({ predicate: hasFailed }, { cancelRefetch: false });
    plan();
  };
  const stop = cache.subscribe((event) => event.type === "updated" && event.action.type === "error" && hasFailed(event.query) && plan());
  return {
    now: () => {
      waitMs = FIRST_WAIT_MS;
      again();
    },
    stop: () => {
      clearTimeout(timer);
      stop();
    },
  };
}
