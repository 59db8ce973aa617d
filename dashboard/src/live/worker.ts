// The shared worker: one stream per browser, however many tabs are open. A tab says hello, then is sent what happens until it says bye.
import { type Message, Stream } from "./stream";

export type Ask = { kind: "hello" } | { kind: "bye" } | { kind: "wake" } | { kind: "restart" };

const ports = new Set<MessagePort>();
const stream = new Stream((message: Message) => ports.forEach((port) => port.postMessage(message)));

function onMessage(port: MessagePort, ask: Ask): void {
  if (ask.kind === "hello") {
    ports.add(port);
    if (ports.size === 1) stream.start();
    port.postMessage({ kind: "state", state: stream.state, since: stream.since, isGapless: false } satisfies Message);
  } else if (ask.kind === "bye") {
    ports.delete(port);
    if (ports.size === 0) stream.stop();
  } else if (ask.kind === "wake") stream.wake();
  else stream.restart();
}

(self as unknown as SharedWorkerGlobalScope).onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  port.onmessage = (message: MessageEvent<Ask>) => onMessage(port, message.data);
};
