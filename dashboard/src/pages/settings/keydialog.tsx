// The one time a key is shown.
import { CodeBlock } from "../../parts";
import type { CreatedKey } from "./queries";
import { SecretDialog } from "./secret";

export function NewKeyDialog({ created, onStored }: { created: CreatedKey; onStored: () => void }) {
  const curl = `curl -H "Authorization: Bearer ${created.key}" \\\n  "${location.origin}/v1/issues?status=open"`;
  return (
    <SecretDialog
      title="Store this key now"
      description="It won't be shown again. Only a hash of the key is stored."
      name={created.name}
      secret={created.key}
      onStored={onStored}
    >
      <div>
        <p className="mb-1">Try it:</p>
        <CodeBlock text={curl} label="curl example" wrap />
      </div>
    </SecretDialog>
  );
}
