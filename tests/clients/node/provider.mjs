// An identity provider as cities have them, for people who all have the password of their name.
//
//     node provider.mjs         says where it is, and reads orders from standard input, one a line:
//         serve URL             people come from the door at this address
//         rotate                signs with a new key from now on; the old one is shown no more
//         forge HOW             hands out tokens that are wrong in one way; `forge nothing` ends that
//         groups A,B            says that everybody is in these groups
import { Provider } from "oidc-provider";
import { exportJWK, exportSPKI, generateKeyPair, importPKCS8, exportPKCS8, SignJWT } from "jose";
import { createHmac, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

// Its remarks are no answers to orders.
console.info = console.error;
let handler = (_request, response) => response.writeHead(503).end();
const server = createServer((request, response) => handler(request, response));
await new Promise((listens) => server.listen(0, "127.0.0.1", listens));
const issuer = `http://127.0.0.1:${server.address().port}`;

let door = "";
let forged = "nothing";
let groups = [];
let pair;
let kid;

async function newKey() {
  pair = await generateKeyPair("RS256", { extractable: true });
  kid = randomUUID();
}

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const signed = (claims, key = pair.privateKey, header = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid, ...header }).sign(key);

/** The token that was to be handed out, wrong in one way. */
async function forge(token) {
  const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  const past = Math.floor(Date.now() / 1000) - 3600;
  switch (forged) {
    case "issuer": return signed({ ...claims, iss: "https://elsewhere.example" });
    case "audience": return signed({ ...claims, aud: "another" });
    case "audiences": return signed({ ...claims, aud: ["another", "huying"] });
    case "expired": return signed({ ...claims, iat: past - 60, exp: past });
    case "future": return signed({ ...claims, iat: claims.iat + 3600, exp: claims.exp + 3600 });
    case "nonce": return signed({ ...claims, nonce: "another" });
    case "none": return `${encode({ alg: "none", kid })}.${encode(claims)}.`;
    case "hmac": {
      // The public key as if it were a secret that both know.
      const body = `${encode({ alg: "HS256", kid })}.${encode(claims)}`;
      const key = await exportSPKI(pair.publicKey);
      return `${body}.${createHmac("sha256", key).update(body).digest("base64url")}`;
    }
    case "key": return signed(claims, (await generateKeyPair("RS256")).privateKey, { kid: "unknown" });
    case "signature": return signed(claims, (await generateKeyPair("RS256")).privateKey);
    case "body": {
      const [head, , sign] = token.split(".");
      return `${head}.${encode({ ...claims, sub: "operator" })}.${sign}`;
    }
    case "garbage": return "not a token";
    default: return token;
  }
}

async function serve() {
  const key = await importPKCS8(await exportPKCS8(pair.privateKey), "RS256", { extractable: true });
  const provider = new Provider(issuer, {
    clients: [{
      client_id: "huying",
      client_secret: "a secret: 100% + &",
      redirect_uris: [`${door}/v1/sign-in/city/back`],
      post_logout_redirect_uris: [`${door}/sign-in`],
    }],
    jwks: { keys: [{ ...(await exportJWK(key)), kid, alg: "RS256", use: "sig" }] },
    cookies: { keys: [randomUUID()] },
    claims: { openid: ["sub"], profile: ["name", "preferred_username"], groups: ["groups"] },
    scopes: ["openid", "profile", "groups"],
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `${id} 同志`, preferred_username: id.split("@")[0], groups }),
    }),
    pkce: { required: () => true },
  });
  provider.use(async (context, next) => {
    await next();
    if (context.oidc?.route === "token" && context.body?.id_token) {
      context.body = { ...context.body, id_token: await forge(context.body.id_token) };
    }
  });
  handler = provider.callback();
}

await newKey();
console.log(issuer);
for await (const line of createInterface({ input: process.stdin })) {
  const [order, what] = line.split(" ");
  if (order === "serve") door = what;
  if (order === "rotate") await newKey();
  if (order === "serve" || order === "rotate") await serve();
  if (order === "forge") forged = what;
  if (order === "groups") groups = what.split(",");
  console.log("done");
}
process.exit(0);
