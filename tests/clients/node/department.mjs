// A department in Node: takes up its assignments, asks for the caller, and says what was done.
//
// NATS_URL, NATS_USER and NATS_PASSWORD say where and as whom (`huying nats grant --unit works` prints them). The
// account can fetch from its own consumer and speak for its own unit; everything else the server refuses.
//
//     node department.mjs UNIT [CASES]      ends after so many cases, else never
import { connect } from "@nats-io/transport-node";
import { jetstream } from "@nats-io/jetstream";
import { randomUUID } from "node:crypto";

const [unit, cases = Infinity] = process.argv.slice(2);
const { NATS_URL: servers, NATS_USER: user, NATS_PASSWORD: pass } = process.env;
// Answers come to a subject that nobody else can hear.
const link = await connect({ servers, user, pass, inboxPrefix: `_INBOX_${user}` });

async function ask(verb, id, saw, details) {
  const deed = details ? { verb, with: details } : { verb };
  const body = { id: randomUUID(), case: id, saw, person: "clerk-1", deed };
  const reply = await link.request(`huying.v1.as.${unit}.${verb}`, JSON.stringify(body), { timeout: 10_000 });
  const answer = reply.json();
  console.log(id, verb, answer.answer, answer.refusal?.code ?? "");
  return answer;
}

// The consumer is there already, and waits for us while we are off.
const work = await jetstream(link, { domain: "huying" }).consumers.get("HUYING_ASSIGNMENTS", `unit-${unit}`);
let done = 0;
for await (const message of await work.consume()) {
  const order = message.json();
  // Not told, not withdrawn: it is ours to do.
  if (order.part === "lead" && (await ask("accept", order.case, order.version)).answer === "done") {
    await ask("reveal", order.case, undefined, { purpose: "联系来电人" });
    await ask("resolve", order.case, undefined, { result: "已处理", evidence: [] });
    done += 1;
  }
  message.ack();
  if (done >= cases) break;
}
await link.close();
