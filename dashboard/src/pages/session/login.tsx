import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { providersQuery, visitProvider } from "../../api/visit";
import { Button, FormError } from "../../parts";
import { safePath } from "../search";
import { fieldsOf } from "../settings/fields";
import { useSubmit } from "../settings/submit";
import { Card } from "./card";
import { SignInForm } from "./form";

const route = getRouteApi("/login");

export function Login() {
  const { to, organisation } = route.useSearch();
  const router = useRouter();
  return (
    <Card title="Sign in" below="First time here? The server prints a one-time setup link when it starts with an empty database.">
      <Providers to={safePath(to)} organisation={organisation} />
      <SignInForm onDone={() => router.history.push(safePath(to))} />
      <p className="mt-4">
        <Link to="/forgot" className="text-accent hover:underline">
          Forgot password?
        </Link>
      </p>
    </Card>
  );
}

/** A button for each identity provider; nothing where there is none, or while the server does not answer. */
function Providers({ to, organisation }: { to: string; organisation: string | undefined }) {
  const { data } = useQuery(providersQuery(organisation));
  const { errors, isBusy, submit } = useSubmit(fieldsOf);
  if (!data?.providers.length) return null;
  return (
    <div className="mb-4 flex flex-col gap-2 border-b border-line pb-4">
      <FormError>{errors.form}</FormError>
      {data.providers.map(({ id, name }) => (
        <Button key={id} disabled={isBusy} onClick={() => void submit(() => visitProvider(to, id))}>
          Sign in with {name}
        </Button>
      ))}
    </div>
  );
}
