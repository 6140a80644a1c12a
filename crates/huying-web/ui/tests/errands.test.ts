import { Refused, Unreachable, type Taken } from "@/cases/source";
import type { Errand } from "../app/work/data/pocket";
import { deliver, type Ways } from "../app/work/errands";
import { nextStep } from "../app/work/source";
import type { Row } from "@/cases/source";
import { describe, expect, it } from "vitest";

const taken = (version: number): Taken => ({ seq: version, case: "0-1", version, repeat: false });
let keys = 0;
const errand = (id: string, ask: string, more: Partial<Errand> = {}): Errand => ({
  key: `k${(keys += 1)}`, account: "li", case: id, title: { zh: "井盖", en: "cover" }, ask, said: {}, photos: [], sent: [], at: keys, state: "waiting", ...more,
});

function engine(answer: (id: string, ask: string) => Taken | Error) {
  const asked: { id: string; ask: string; saw: number | undefined; said: Record<string, unknown>; key: string }[] = [];
  const dropped: string[] = [];
  const ways: Ways = {
    put: async (blob) => `hash-${blob.size}`,
    act: async (id, saw, ask, said, key) => {
      asked.push({ id, ask, saw, said, key });
      const told = answer(id, ask);
      if (told instanceof Error) throw told;
      return told;
    },
    bring: async (said, evidence, key) => {
      asked.push({ id: "", ask: "patrol", saw: undefined, said: { ...said, evidence }, key });
      const told = answer("", "patrol");
      if (told instanceof Error) throw told;
      return told;
    },
    keep: async () => undefined,
    drop: async ({ key }) => void dropped.push(key),
  };
  return { asked, dropped, ways };
}

describe("what was done without network", () => {
  it("is sent in the order in which it was done, each with its own key", async () => {
    const { asked, dropped, ways } = engine(() => taken(2));
    const all = [errand("0-1", "accept"), errand("0-1", "arrive"), errand("0-2", "accept")];
    expect(await deliver(all, ways)).toBe(3);
    expect(asked.map(({ id, ask }) => `${id} ${ask}`)).toEqual(["0-1 accept", "0-1 arrive", "0-2 accept"]);
    expect(dropped).toEqual(all.map(({ key }) => key));
  });

  it("does not take its own earlier act for somebody else's change", async () => {
    let version = 4;
    const { asked, ways } = engine(() => taken((version += 1)));
    await deliver([errand("0-1", "accept", { saw: 4 }), errand("0-1", "arrive", { saw: 4 })], ways);
    expect(asked.map(({ saw }) => saw)).toEqual([4, 5]);
  });

  it("brings in what was found with its photographs, and a refusal of it holds up nothing else", async () => {
    const found = errand("key", "patrol", { said: { class: "road", result: "扶正" }, photos: [{ blob: new Blob(["ab"]), before: false, at: 1 }] });
    const brought = engine(() => taken(1));
    expect(await deliver([found, errand("0-2", "accept")], brought.ways)).toBe(2);
    expect(brought.asked[0]).toMatchObject({ ask: "patrol", said: { class: "road", result: "扶正", evidence: ["hash-2"] } });
    const refused = engine((_, ask) => (ask === "patrol" ? new Refused(422, "missing", { zh: "缺", en: "missing" }, "evidence", null) : taken(2)));
    const again = errand("key", "patrol", { said: { class: "road" } });
    expect(await deliver([again, errand("0-2", "accept")], refused.ways)).toBe(1);
    expect(again.state).toBe("refused");
  });

  it("stays whole while nobody answers", async () => {
    const { dropped, ways } = engine(() => new Unreachable("away"));
    const all = [errand("0-1", "accept"), errand("0-2", "accept")];
    expect(await deliver(all, ways)).toBe(0);
    expect(dropped).toEqual([]);
    expect(all.every(({ state }) => state === "waiting")).toBe(true);
  });

  it("tells a conflict plainly, holds what follows on that case, and lets the others pass", async () => {
    const gone = new Refused(409, "wrong_stage", { zh: "已由李明办结", en: "closed by Li" }, null, { version: 9, since: [{ seq: 7, at: "2026-03-02T08:00:00Z", words: { zh: "办结", en: "done" } }] });
    const { asked, ways } = engine((id) => (id === "0-1" ? gone : taken(2)));
    const all = [errand("0-1", "arrive"), errand("0-1", "resolve"), errand("0-2", "accept")];
    expect(await deliver(all, ways)).toBe(1);
    expect(asked.map(({ id, ask }) => `${id} ${ask}`)).toEqual(["0-1 arrive", "0-2 accept"]);
    expect(all[0]).toMatchObject({ state: "refused", refusal: { words: { zh: "已由李明办结" }, since: [{ words: { zh: "办结" } }] } });
    expect(all[1]!.state).toBe("waiting");
  });

  it("waits, and loses nothing, when the session is over or the engine is busy", async () => {
    for (const code of ["no_session", "busy", "late"]) {
      const { dropped, ways } = engine(() => new Refused(code === "no_session" ? 401 : 503, code, { zh: "", en: "" }));
      const one = errand("0-1", "accept");
      await deliver([one], ways);
      expect([dropped, one.state], code).toEqual([[], "waiting"]);
    }
  });

  it("sends each photograph once, also when the act that names it has to wait", async () => {
    let away = true;
    const { asked, ways } = engine(() => (away ? new Unreachable("away") : taken(3)));
    const one = errand("0-1", "resolve", { said: { result: "done", evidence: ["before"] }, photos: [{ blob: new Blob(["12345"]), before: false, at: 1 }] });
    await deliver([one], ways);
    away = false;
    let puts = 0;
    await deliver([one], { ...ways, put: async () => `again-${(puts += 1)}` });
    expect(puts).toBe(0);
    expect(asked.at(-1)!.said).toEqual({ result: "done", evidence: ["before", "hash-5"] });
  });
});

describe("the one big button", () => {
  const row = (stage: string) => ({ stage }) as Row;
  it("leads from 签收 over 到场 and 处置 to 完成", () => {
    expect(nextStep(row("assigned"), [])).toBe("accept");
    expect(nextStep(row("assigned"), ["accept"])).toBe("arrive");
    expect(nextStep(row("handling"), [])).toBe("arrive");
    expect(nextStep(row("handling"), ["arrive"])).toBe("progress");
    expect(nextStep(row("handling"), ["arrive", "progress"])).toBe("resolve");
  });
  it("is not there once the case was given back, done, or is somebody else's", () => {
    expect(nextStep(row("handling"), ["resolve"])).toBeNull();
    expect(nextStep(row("assigned"), ["return"])).toBeNull();
    expect(nextStep(row("resolved"), [])).toBeNull();
  });
});
