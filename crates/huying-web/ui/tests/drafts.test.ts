import "fake-indexeddb/auto";
import { drop, keep, kept } from "@/calls/data/drafts";
import { blank, callOf, isBlank, readPoint } from "@/calls/draft";
import { formed, controlOf } from "@/cases/form";
import { limitText } from "@/cases/parts/limit";
import { speak } from "@/words";
import { left, span } from "@/words/say";
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
  it("speaks limits of the rules", () => {
    expect(limitText("2uh")).toBe("2 小时（昼夜连续）");
    expect(limitText("5wd")).toBe("5 个工作日");
    expect(limitText("whatever")).toBe("whatever");
  });
});
