// Searches lines for a regular expression away from the page: an expression that takes too long is ended with its worker.
import { matches } from "./logtext";

export interface SearchRequest {
  id: number;
  texts: readonly string[];
  pattern: string;
}
export interface SearchAnswer {
  id: number;
  found: ReturnType<typeof matches>;
}

self.onmessage = (event: MessageEvent<SearchRequest>) => {
  const { id, texts, pattern } = event.data;
  self.postMessage({ id, found: matches(texts, pattern) } satisfies SearchAnswer);
};
