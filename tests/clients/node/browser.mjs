// A browser without a window: signs somebody in at DOOR by way of its provider, and says where that led.
//
//     node browser.mjs DOOR NAME [HOW]
//         HOW: `stranger` comes back in another browser, `twice` comes back twice, `no` does not agree at the provider,
//         `out` signs out again; `keep` and the cookie are printed otherwise
const [door, name, how = ""] = process.argv.slice(2);
const jars = new Map();

/** One request, with the cookies of its site; redirects are not followed. */
async function ask(address, options = {}, jar = jars) {
  const url = new URL(address);
  const cookies = jar.get(url.host) ?? jar.set(url.host, new Map()).get(url.host);
  const sent = [...cookies].filter(([, { path }]) => url.pathname.startsWith(path));
  const headers = { accept: "text/html", ...options.headers };
  if (sent.length > 0) headers.cookie = sent.map(([key, { value }]) => `${key}=${value}`).join("; ");
  const response = await fetch(url, { ...options, headers, redirect: "manual" });
  for (const line of response.headers.getSetCookie()) {
    const [pair, ...attributes] = line.split(";").map((part) => part.trim());
    const [key, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
    const path = attributes.find((one) => one.toLowerCase().startsWith("path="))?.slice(5) ?? "/";
    if (value === "") cookies.delete(key);
    else cookies.set(key, { value, path, line });
  }
  return response;
}

/** Goes on until a page stands there, or the door is reached again by this address. */
async function follow(address, until = () => false) {
  for (let steps = 0; steps < 20; steps += 1) {
    if (until(address)) return { address };
    const response = await ask(address);
    const to = response.headers.get("location");
    if (!to) return { address, response, text: await response.text() };
    address = new URL(to, address).href;
  }
  throw new Error(`no end of redirects at ${address}`);
}

async function fillIn({ address, text }, fields) {
  const action = new URL(/action="([^"]+)"/.exec(text)[1], address).href;
  const body = new URLSearchParams(fields);
  const response = await ask(action, { method: "POST", body });
  return new URL(response.headers.get("location"), action).href;
}

const isBack = (address) => new URL(address).pathname.endsWith("/back");
let page = await follow(`${door}/v1/sign-in/city/start?to=/work`, isBack);
while (!isBack(page.address)) {
  if (page.response.status !== 200) throw new Error(`${page.address}: ${page.response.status} ${page.text}`);
  if (how === "no") {
    page = await follow(new URL(/href="([^"]*abort[^"]*)"/.exec(page.text)[1], page.address).href, isBack);
    continue;
  }
  const prompt = /name="prompt" value="(\w+)"/.exec(page.text)[1];
  const fields = prompt === "login" ? { prompt, login: name, password: "x" } : { prompt };
  page = await follow(await fillIn(page, fields), isBack);
}
const back = page.address;
if (how === "stranger") jars.delete(new URL(door).host);
let arrived = await ask(back);
if (how === "twice") arrived = await ask(back);
console.log("led", arrived.status, arrived.headers.get("location"));
const program = await ask(back, { headers: { accept: "application/json" } });
console.log("again", program.status, (await program.json()).code);
const session = await ask(`${door}/v1/session`);
const told = await session.json();
console.log("session", session.status, JSON.stringify(session.ok ? { ...told, csrf: undefined } : told.code));
if (how === "out") {
  const kept = [...jars.get(new URL(door).host)].find(([key]) => key === "huying_session")[1];
  console.log("cookie", kept.line.replace(/=[0-9a-f]+/, "=…"));
  const left = await ask(`${door}/v1/session`, { method: "DELETE", headers: { "x-huying-csrf": told.csrf } });
  const { leave } = await left.json();
  console.log("out", left.status, new URL(leave).pathname, (await follow(leave)).response.status);
  console.log("after", (await ask(`${door}/v1/session`)).status);
}
