// One stream of events with everything that keeps it alive: it notices a dead line, waits longer after each failure, takes up where it
// left off, and stops when the session ends. Runs inside the shared worker, or inside a page where there are no shared workers.
import { FrameReader } from "./frames";

export type LiveState = "connecting" | "live" | "reconnecting" | "signedOut";
export interface LiveEvent {
  id: string;
  type: string;
  data: Record<string, unknown>;
}
/** `isGapless`: while live, no event was missed since the last time this page was live. Otherwise what it holds may be out of date. */
export type Message = { kind: "state"; state: LiveState; since: number; isGapless: boolean } | { kind: "event"; event: LiveEvent };

const DEAD_AFTER_MS = 40_000; // the server says something every 15 seconds
const MAX_WAIT_MS = 15_000; // somebody may be waiting in front of it

export class Stream {
  private lastId: string | null = null;
  private failures = 0;
  private aborter: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private lastDataAt = 0;
  state: LiveState = "connecting";
  /** When data was last known to be current, as milliseconds since 1970. */
  since = Date.now();

  constructor(private readonly tell: (message: Message) => void) {}

  start(): void {
    this.stop();
    this.watch = setInterval(() => this.check(), 5_000);
    void this.open();
  }

  stop(): void {
    clearTimeout(this.timer);
    clearInterval(this.watch);
    this.aborter?.abort();
    this.aborter = null;
    if (this.state !== "signedOut") this.become("connecting");
  }

  /** Another person may have signed in: start without `Last-Event-ID`. */
  restart(): void {
    this.lastId = null;
    this.failures = 0;
    this.become("connecting");
    this.start();
  }

  /** After sleep or a change of network: do not wait for the timers. */
  wake(): void {
    if (this.state === "reconnecting") {
      clearTimeout(this.timer);
      void this.open();
    } else this.check();
  }

  private check(): void {
    if (this.state === "live") {
      if (Date.now() - this.lastDataAt > DEAD_AFTER_MS) this.aborter?.abort();
      else this.since = Date.now();
    }
  }

  private become(state: LiveState, isGapless = false): void {
    if (state === this.state) return;
    if (this.state === "live") this.since = this.lastDataAt;
    this.state = state;
    if (state === "live") this.since = Date.now();
    this.tell({ kind: "state", state, since: this.since, isGapless });
  }

  private async open(): Promise<void> {
    const aborter = new AbortController();
    this.aborter?.abort();
    this.aborter = aborter;
    let waitMs: number | null = null;
    try {
      waitMs = await this.follow(aborter.signal);
    } catch {
      waitMs = null;
    }
    if (this.aborter !== aborter) return; // replaced or stopped
    if (this.state === "signedOut") return;
    this.become("reconnecting");
    this.timer = setTimeout(() => void this.open(), waitMs ?? this.backoff());
  }

  private backoff(): number {
    const ceiling = Math.min(MAX_WAIT_MS, 1_000 * 2 ** this.failures++);
    return ceiling / 2 + (Math.random() * ceiling) / 2;
  }

  /** Read until the line ends; gives how long to wait before the next try, null for our own judgement. */
  private async follow(signal: AbortSignal): Promise<number | null> {
    const isGapless = this.lastId !== null; // without a place, the server starts at the newest event
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (this.lastId !== null) headers["Last-Event-ID"] = this.lastId;
    const response = await fetch("/v1/events/stream", { headers, signal, cache: "no-store" });
    if (response.status === 401) {
      this.become("signedOut");
      return null;
    }
    if (!response.ok || !response.body) {
      const after = Number(response.headers.get("retry-after"));
      return after > 0 ? after * 1_000 : null;
    }
    this.failures = 0;
    this.lastDataAt = Date.now();
    this.become("live", isGapless);
    const reader = new FrameReader();
    const chunks = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await chunks.read();
      if (done) return reader.retryMs;
      this.lastDataAt = Date.now();
      for (const frame of reader.take(value)) {
        if (frame.id !== null) this.lastId = frame.id;
        const data = parsed(frame.data);
        if (data) this.tell({ kind: "event", event: { id: frame.id ?? "", type: frame.event, data } });
      }
    }
  }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
