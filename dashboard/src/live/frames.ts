// Server-sent events as values. The stream is read with fetch: EventSource hides comments (the only sign of life of a quiet stream),
// status numbers (signed out, too many) and cannot send Last-Event-ID after a page was closed.

export interface Frame {
  id: string | null;
  event: string;
  data: string;
}

/** Splits a text stream into whole frames. `retryMs` is the latest `retry` value of the server. */
export class FrameReader {
  retryMs: number | null = null;
  private rest = "";

  take(text: string): Frame[] {
    const blocks = (this.rest + text).replace(/\r\n?/g, "\n").split("\n\n");
    this.rest = blocks.pop() ?? "";
    return blocks.map((block) => this.read(block)).filter((frame): frame is Frame => frame !== null);
  }

  private read(block: string): Frame | null {
    let id: string | null = null;
    let event = "message";
    const lines: string[] = [];
    for (const line of block.split("\n")) {
      if (line.startsWith(":")) continue;
      const colon = line.indexOf(":");
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (name === "data") lines.push(value);
      else if (name === "event") event = value;
      else if (name === "id") id = value;
      else if (name === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
    }
    return lines.length ? { id, event, data: lines.join("\n") } : null;
  }
}
