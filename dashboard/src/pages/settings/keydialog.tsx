// The one time a key is shown.
import { CodeBlock } from "../../parts";
import type { CreatedKey } from "./queries";
import { SecretDialog } from "./secret";

export function NewKeyDialog({ made, onStored }: { made: CreatedKey; onStored: () => void }) {
  const curl = `curl -H "Authorization: Bearer ${made.key}" \\\n  "${location.origin}/v1/issues?status=open"`;
  return (
    <SecretDialog title="Store this key now" description="It won't be shown again: only a fingerprint of it is kept here." name={made.name} secret={made.key} onStored={onStored}>
      <div>
        <p className="mb-1">Try it:</p>
        <CodeBlock text={curl} label="curl example" wrap />
      </div>
    </SecretDialog>
  );
}
