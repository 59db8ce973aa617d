// Pages whose code is loaded when they are needed, or earlier, while the browser has nothing else to do. When the code does not arrive
// the page says so inside the frame and can be tried again: the app itself is never replaced by the browser's error page.
import { type ComponentProps, type FunctionComponent, useEffect, useState } from "react";
import { unreachable } from "../api/problem";
import { onBack } from "../live/live";
import { Failed, Loading } from "../parts";

const AFTER_MS = 2_000; // the first screen comes first
const loaders = new Set<() => Promise<unknown>>();

// biome-ignore lint/suspicious/noExplicitAny: a page decides its own props; `ComponentProps` gives them back to the caller
type Component = FunctionComponent<any>;

/** The component `name` of a module, loaded when it is first drawn or by `preload`. */
export function lazyPage<N extends string, M extends Record<N, Component>>(importer: () => Promise<M>, name: N) {
  let loaded: M[N] | undefined;
  let loading: Promise<M[N]> | undefined;
  const load = () =>
    (loading ??= importer().then(
      (module) => (loaded = module[name]),
      (error: unknown) => {
        loading = undefined; // so that it can be tried again
        throw error;
      },
    ));
  loaders.add(load);
  function LazyPage(props: ComponentProps<M[N]>) {
    const [failure, fail] = useState<"unreachable" | "undelivered" | null>(null);
    const [, redraw] = useState(loaded ? 1 : 0);
    const attempt = (isAgain: boolean) => {
      fail(null);
      load().then(
        () => redraw(1),
        async () => {
          // Some browsers keep a failed import, and after an upgrade the file has another name: with the server back, start afresh.
          const isThere = await isReachable();
          if (isAgain && isThere) location.reload();
          else fail(isThere ? "undelivered" : "unreachable");
        },
      );
    };
    useEffect(() => {
      if (loaded)
        redraw(1); // the code may have arrived since the first drawing
      else attempt(false);
    }, []);
    useEffect(() => (failure === "unreachable" ? onBack(() => attempt(true)) : undefined), [failure]);
    if (loaded) {
      const Loaded: Component = loaded;
      return <Loaded {...props} />;
    }
    if (failure)
      return (
        <Failed
          error={failure === "unreachable" ? unreachable() : new Error("The server may have been upgraded after you opened Optral.")}
          what="Could not load this page"
          retry={() => attempt(true)}
        />
      );
    return <Loading />;
  }
  LazyPage.preload = () =>
    load().then(
      () => {},
      () => {},
    ); // the page itself shows the failure
  return LazyPage;
}

async function isReachable(): Promise<boolean> {
  try {
    return (await fetch("/livez", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/** Load the code of every page, one after the other, once the first screen has settled. What fails is tried again when it is needed. */
export function preloadPages(): void {
  if ((navigator as { connection?: { saveData?: boolean } }).connection?.saveData) return;
  const idle = globalThis.requestIdleCallback ?? ((job: () => void) => setTimeout(job, 200));
  const done = new Set<() => Promise<unknown>>();
  const next = async () => {
    const load = [...loaders].find((one) => !done.has(one)); // the code of a page may have parts of its own
    if (!load) {
      document.documentElement.dataset.pages = "loaded";
      return;
    }
    done.add(load);
    await load().catch(() => {});
    idle(() => void next());
  };
  setTimeout(() => idle(() => void next()), AFTER_MS);
}
