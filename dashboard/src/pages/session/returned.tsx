// Where an identity provider sends the browser back to. What it returned is taken out of the address at once, and good for one request.
import { useQueryClient } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { Problem } from "../../api/problem";
import { meQuery } from "../../api/session";
import { finishVisit } from "../../api/visit";
import { reconnect } from "../../live/live";
import { FormError, Loading } from "../../parts";
import { safePath } from "../search";
import { Card } from "./card";

export function Returned() {
  const client = useQueryClient();
  const router = useRouter();
  const isSent = useRef(false);
  const [failure, fail] = useState<string | null>(null);
  const [isDone, finish] = useState(false);
  useEffect(() => {
    if (isSent.current) return;
    isSent.current = true;
    const returned = new URLSearchParams(location.search);
    history.replaceState(history.state, "", location.pathname);
    void (async () => {
      try {
        const to = await finishVisit(returned);
        if (to === null) return finish(true);
        await client.invalidateQueries();
        await client.fetchQuery({ ...meQuery, staleTime: 0 });
        reconnect();
        router.history.replace(safePath(to));
      } catch (error) {
        fail(error instanceof Problem ? error.detail : "The sign-in failed. Try again.");
      }
    })();
  }, [client, router]);
  if (isDone) return <Card title="You can close this window">Go back to the window in which you began.</Card>;
  if (failure === null)
    return (
      <Card title="Signing in">
        <Loading rows={3} />
      </Card>
    );
  return (
    <Card title="Sign-in failed">
      <div className="mb-4">
        <FormError>{failure}</FormError>
      </div>
      <Link to="/login" className="text-accent hover:underline">
        Back to sign-in
      </Link>
    </Card>
  );
}
