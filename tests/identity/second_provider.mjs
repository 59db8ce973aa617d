// Another OpenID Connect provider on loopback, which asks nobody anything: `node second_provider.mjs PORT REDIRECT_URI`.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const port = Number(process.argv[2]);
const module_ = createRequire(`${process.cwd()}/`).resolve("oauth2-mock-server");
const { OAuth2Server } = await import(pathToFileURL(module_).href);
const server = new OAuth2Server();
await server.issuer.keys.generate("ES256");
server.issuer.url = `http://127.0.0.1:${port}`;
const person = { sub: "dev", email: "dev@example.com", email_verified: true, groups: ["shop"] };
server.service.on("beforeTokenSigning", (token) => Object.assign(token.payload, person));
await server.start(port, "127.0.0.1");
console.log("listening");
