import "fake-indexeddb/auto";
import { drop, keep, kept } from "@/calls/data/drafts";
import { blank, callOf, isBlank, lacks, readPoint } from "@/calls/draft";
import { breachesOf, controlOf, formed, inOrder, wallOf } from "@/cases/form";
import { limitText } from "@/cases/parts/limit";
import { speak } from "@/words";
import { left, plainly, span } from "@/words/say";
import { beforeEach, describe, expect, it } from "vitest";

const HOUR_MS = 3_600_000;

describe("a draft", () => {
  it("outlives the page, and is its writer's alone", async () => {
    const now = Date.now();
    const draft = { ...blank("wang"), words: "井盖松动", touched: now };
    await keep(draft);
    expect((await kept("wang", now)).map(({ words }) => words)).toEqual(["井盖松动"]);
    expect(await kept("li", now)).toEqual([]);
    await drop(draft.id);
    expect(await kept("wang", now)).toEqual([]);
  });

  it("is forgotten after a day, since it holds a number", async () => {
    const now = Date.now();
    await keep({ ...blank("wang"), number: "139", touched: now - 25 * HOUR_MS });
    expect(await kept("wang", now)).toEqual([]);
    expect(await kept("wang", now - 25 * HOUR_MS)).toEqual([]);
  });

  it("becomes a call that holds only what was said", () => {
    const draft = { ...blank("wang"), id: "d-1", words: " 井盖松动 ", number: "139", point: "123.3392, 41.4263" };
    expect(callOf(draft)).toEqual({ external_id: "d-1", words: "井盖松动", caller: { number: "139" }, place: { point: { lon: 123.3392, lat: 41.4263, system: "wgs84" } } });
    expect(isBlank(blank("wang"))).toBe(true);
    expect(isBlank(draft)).toBe(false);
  });

  it("reads points as people paste them", () => {
    expect(readPoint("123.3，41.4")).toMatchObject({ lon: 123.3, lat: 41.4 });
    expect(readPoint("41.4 123.3")).toMatchObject({ lon: 123.3, lat: 41.4 });
    expect(readPoint("人民路")).toBeNull();
    expect(readPoint("500, 500")).toBeNull();
  });
});

describe("a form of an act", () => {
  it("says only what was filled in, and what must be there even when it is empty", () => {
    const fields = [
      { name: "result", required: true, schema: { type: "string" } },
      { name: "evidence", required: true, schema: { type: "array" } },
      { name: "note", required: false, schema: { type: ["string", "null"] } },
    ];
    expect(formed(fields, { result: "done", note: "" })).toEqual({ result: "done", evidence: [] });
  });
  it("asks what and until when before why, and for photographs last", () => {
    const field = (name: string) => ({ name, required: true });
    expect(inOrder("suspend", [field("evidence"), field("reason"), field("until"), field("ground")]).map(({ name }) => name)).toEqual(["until", "ground", "reason", "evidence"]);
  });
  it("points whoever is turned away to a way or to an earlier case", () => {
    const fields = [{ name: "guide", required: false }];
    expect(formed(fields, { guide: "仲裁委" })).toEqual({ guide: { to: "way", what: "仲裁委" } });
    expect(formed(fields, { guide: " 0-17 " })).toEqual({ guide: { to: "earlier", what: "0-17" } });
  });
  it("offers the lists of the trade for grounds, and a person's words for reasons", () => {
    expect(controlOf("return", { name: "ground", required: true })).toMatchObject({ kind: "choice", list: "return_ground" });
    expect(controlOf("refuse", { name: "ground", required: true })).toMatchObject({ kind: "choice", list: "refusal_ground" });
    expect(controlOf("return", { name: "reason", required: true })).toEqual({ kind: "text", long: true });
    expect(controlOf("reassign", { name: "lead", required: true })).toEqual({ kind: "unit" });
  });
});

describe("time in words", () => {
  beforeEach(() => speak("zh-CN"));
  it("names what is left and what is over, in its two largest units", () => {
    expect(left("2026-03-02T10:13:00Z", "2026-03-02T08:00:00Z")).toBe("剩 2 时 13 分");
    expect(left("2026-03-01T05:00:00Z", "2026-03-02T08:00:00Z")).toBe("超 1 天 3 时");
    expect(span(59)).toBe("59 秒");
    speak("en");
    expect(left("2026-03-02T10:13:00Z", "2026-03-02T08:00:00Z")).toBe("2 h 13 min left");
  });
  it("tells people of instants on the city's wall and of fields by their names", () => {
    const words = { zh: "until 最晚为 2026-03-05T10:00:00Z。", en: "until is at the latest 2026-03-05T10:00:00Z." };
    expect(plainly(words, "until", "期限至")).toBe("期限至 最晚为 2026-03-05 18:00 (周四)。");
  });
  it("speaks limits of the rules", () => {
    expect(limitText("2uh")).toBe("2 小时（昼夜连续）");
    expect(limitText("5wd")).toBe("5 个工作日");
    expect(limitText("whatever")).toBe("whatever");
  });
});

describe("what is settled on the line", () => {
  const draft = { ...blank("wang"), id: "d-2", words: "讨薪" };
  const settled = (part: object) => ({ ...draft, settled: { ...draft.settled, ...part } });

  it("owes a way where the ground does, and the earlier case where that is the ground", () => {
    expect(lacks(settled({ as: "refuse", ground: "beyond_duty", reason: "归市场" }))).toEqual(["guide"]);
    expect(lacks(settled({ as: "refuse", ground: "malicious", reason: "骚扰" }))).toEqual([]);
    expect(lacks(settled({ as: "refuse", ground: "nothing_new", reason: "同前", guide: "找社区" }))).toEqual(["guide"]);
    expect(lacks(settled({ as: "refuse", ground: "nothing_new", reason: "同前", guide: "0-17" }))).toEqual([]);
    expect(lacks(settled({ as: "refer" }))).toEqual(["line"]);
    expect(lacks(draft)).toEqual([]);
    expect(lacks(settled({ as: "solve", result: " " }))).toEqual(["result", "evidence"]);
    expect(lacks(settled({ as: "solve", result: "已扶正", evidence: ["h"] }))).toEqual([]);
  });

  it("is said in the call itself, and only what was said", () => {
    expect(callOf(draft)).not.toHaveProperty("settled");
    expect(callOf({ ...draft, follows: "0-12" })).toMatchObject({ follows: "0-12" });
    expect(callOf({ ...settled({ as: "refer", line: "fire" }), follows: "0-12" })).not.toHaveProperty("follows");
    expect(callOf(settled({ as: "answer", contacted: "坐席", done: "周六办公", solved: "yes" }))).toMatchObject({
      settled: { as: "answer", contacted: "坐席", done: "周六办公", verdict: { contacted: true, solved: "yes" } },
    });
    expect(callOf(settled({ as: "refuse", ground: "nothing_new", reason: "同前", guide: "0-17" })).settled).toEqual({ as: "refuse", ground: "nothing_new", reason: "同前", guide: { to: "earlier", what: "0-17" } });
    expect(callOf(settled({ as: "solve", result: " 已扶正 ", evidence: ["h"] })).settled).toEqual({ as: "solve", result: "已扶正", evidence: ["h"] });
    expect(callOf(settled({ as: "refer", line: "110", ground: "malicious" })).settled).toEqual({ as: "refer", line: "110" });
  });
});

describe("a breach that is appealed or exempted", () => {
  it("is one of the case's own, named by its clock and its very instant", () => {
    const clock = { clock: "accept", due: "2026-03-02T10:50:23Z", breached: true, exempted: null, holder: "water" };
    expect(breachesOf([clock, { ...clock, breached: false }, { ...clock, due: null }])).toEqual([{ clock: "accept", due: "2026-03-02T10:50:23Z", exempted: false, holder: "water" }]);
  });

  it("shows an instant as it was typed on this device's wall", () => {
    const typed = "2026-03-02T14:30";
    expect(wallOf(new Date(typed).toISOString())).toBe(typed);
  });
});
