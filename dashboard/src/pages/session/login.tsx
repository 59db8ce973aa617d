import { getRouteApi, useRouter } from "@tanstack/react-router";
import { Card } from "./card";
import { SignInForm } from "./form";
import { safePath } from "../search";

const route = getRouteApi("/login");

export function Login() {
  const { to } = route.useSearch();
  const router = useRouter();
  return (
    <Card title="Sign in" below="First time here? The server prints a one-use link to set up when it starts on an empty database.">
      <SignInForm onDone={() => router.history.push(safePath(to))} />
    </Card>
  );
}
