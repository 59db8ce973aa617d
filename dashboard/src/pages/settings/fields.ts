// What a form was refused for.
import { Problem } from "../../api/client";

/** `match.names[0]` is the field `names`, `filters.events` is `events`, `thresholds.fullFrom` is `fullFrom`. */
const place = (field: string) => field.replace(/^(match|filters|thresholds|ticket)\./, "").split(/[.[]/)[0]!;

/** What was refused, by field; as a whole where it is none of the form's. */
export function fieldsOf(error: unknown): Record<string, string> {
  if (!(error instanceof Problem)) return { form: error instanceof Error ? error.message : String(error) };
  const role = error.status === 403 && error.code === "missing_scope" ? "Your role does not allow this: " : "";
  const fields = Object.fromEntries(error.errors.map((one) => [place(one.field), one.message]));
  return { ...fields, ...(Object.keys(fields).length ? {} : { form: role + error.detail }) };
}

/** What was refused, with a wrong password said at its field. */
export function withPassword(error: unknown): Record<string, string> {
  const code = error instanceof Problem ? error.code : "";
  if (code === "wrong_password") return { password: "Incorrect password." };
  if (code === "password_required") return { password: "Enter your password." };
  return fieldsOf(error);
}
