import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { isPassing } from "./api/problem";
import { onBack } from "./live/live";
import { keepErrors, recover } from "./live/steady";
import { preloadPages } from "./pages/lazy";
import { makeRouter, preloadFirst } from "./pages/router";
import "./styles.css";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What the server refused it refuses again. One quick try for a lost connection; after that the page says so, and `recover` goes on.
      retry: (count, error) => count < 1 && isPassing(error),
      retryDelay: 400,
      networkMode: "always", // the server may run on this machine
      refetchOnWindowFocus: false,
    },
  },
});
keepErrors(client);
onBack(recover(client).now);
const router = makeRouter(client);
preloadFirst(router);

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);

preloadPages();
