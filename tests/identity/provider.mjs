// A certified OpenID Connect provider on loopback: `node provider.mjs PORT REDIRECT_URI LOGOUT_URI SIGNED_OUT_URI`. Who signs in as NAME has
// the address NAME@example.com and the groups of `groups`.
import { generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [port, redirectUri, logoutUri, signedOutUri] = process.argv.slice(2);
const module_ = createRequire(`${process.cwd()}/`).resolve("oidc-provider");
const { Provider } = await import(pathToFileURL(module_).href);
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const groups = { dev: ["shop"], guest: ["guests"] };
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "optral",
      client_secret: "s3cret/with:signs",
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [signedOutUri],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      backchannel_logout_uri: logoutUri,
      backchannel_logout_session_required: true,
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "k1", use: "sig", alg: "RS256" }] },
  cookies: { keys: ["only for tests"] },
  claims: { openid: ["sub", "email", "email_verified", "groups"], email: [], profile: [] },
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: true, groups: groups[id] ?? [] }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
