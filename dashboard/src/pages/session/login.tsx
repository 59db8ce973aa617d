import { getRouteApi, useRouter } from "@tanstack/react-router";
import { safePath } from "../search";
import { Card } from "./card";
import { SignInForm } from "./form";

const route = getRouteApi("/login");

export function Login() {
  const { to } = route.useSearch();
  const router = useRouter();
  return (
    <Card title="Sign in" below="First time here? The server prints a one-time setup link when it starts with an empty database.">
      <SignInForm onDone={() => router.history.push(safePath(to))} />
    </Card>
  );
}
