// What to register at an identity provider, and whether its discovery document and keys can be used.

import { useQuery } from "@tanstack/react-query";
import { send } from "../../api/client";
import { asSentence, Button, CopyField, Dialog, Failed, Glyph, Loading } from "../../parts";
import { type Provider, type ProviderTest, providerPath } from "./provider";

export function ProviderTestDialog({ provider, onClose }: { provider: Provider; onClose: () => void }) {
  const test = useQuery({
    queryKey: ["identityTest", provider.id, provider.version],
    queryFn: ({ signal }) => send<ProviderTest>("POST", providerPath(provider.id, "/test"), { body: {}, signal }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Test ${provider.name}`}
      footer={
        <>
          <Button busy={test.isFetching} onClick={() => void test.refetch()}>
            Test again
          </Button>
          <Button kind="primary" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div className="min-h-12">
          {test.isPending ? (
            <Loading label={`Asking ${provider.issuer}`} rows={1} />
          ) : !test.data ? (
            <Failed error={test.error} what="Could not test the provider" retry={() => void test.refetch()} />
          ) : (
            <p role="status" className="flex items-start gap-2">
              <Glyph tone={!test.data.ok ? "critical" : test.data.message ? "medium" : "ok"} className="mt-1.5" />
              <span className="min-w-0 break-words">
                <span className="font-medium">{test.data.ok ? "Discovery works. " : "Nobody can sign in with it. "}</span>
                {test.data.message
                  ? asSentence(test.data.message)
                  : "The provider answered with its endpoints and keys. Whether the client ID and the secret are right shows at the first sign-in."}
              </span>
            </p>
          )}
        </div>
        <div>
          <p className="mb-1 font-medium">Redirect URI to register at the provider</p>
          {provider.redirectUri ? (
            <CopyField value={provider.redirectUri} label="redirect URI" />
          ) : (
            <p className="text-muted">The server has no public address. Whoever runs it sets OPTRAL_PUBLIC_URL.</p>
          )}
        </div>
        {provider.signedOutUri && provider.endsProviderSession && (
          <div>
            <p className="mb-1 font-medium">Post-logout redirect URI</p>
            <CopyField value={provider.signedOutUri} label="post-logout redirect URI" />
            <p className="mt-1 text-xs text-muted">Where the provider sends the browser back to after it ended its session.</p>
          </div>
        )}
        {provider.redirectUri && (
          <div>
            <p className="mb-1 font-medium">Back-channel logout URI (optional)</p>
            <CopyField value={new URL(`/v1/hooks/identity-providers/${provider.id}`, provider.redirectUri).href} label="logout URI" />
            <p className="mt-1 text-xs text-muted">With it, who signs out at the provider is signed out here at once.</p>
          </div>
        )}
      </div>
    </Dialog>
  );
}
