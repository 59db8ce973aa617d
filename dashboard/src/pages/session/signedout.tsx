// Where an identity provider sends the browser back to when its session has ended, and what is said when it could not be ended.
import { Link, Navigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { forgetSignedOut, signedOut } from "../../api/session";
import { Card } from "./card";

export function SignedOut() {
  const [left] = useState(() => signedOut(new URLSearchParams(location.search).get("state")));
  useEffect(() => {
    if (!left) return; // the router is on its way to another page
    forgetSignedOut();
    history.replaceState(history.state, "", location.pathname);
  }, [left]);
  if (!left) return <Navigate to="/login" replace />;
  return (
    <Card title="Signed out">
      <p role="status" className="mb-4">
        {left.isEnded
          ? `You are signed out of Optral and ${left.provider}.`
          : `You are signed out of Optral. Your session at ${left.provider} may still be open: on a shared computer, sign out there too.`}
      </p>
      <Link to="/login" className="text-accent hover:underline">
        Sign in again
      </Link>
    </Card>
  );
}
