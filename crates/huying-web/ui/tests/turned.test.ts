import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { turned } from "@/session/turned";

describe("who was turned away at an identity provider", () => {
  it("reads a known reason, and never what somebody wrote into the address", () => {
    expect(turned("person_unknown")).toBe("person_unknown");
    expect(turned("token_nonce")).toBe("token");
    for (const odd of ["constructor", "__proto__", "<b>", "token_<b>", "call 010-1234"]) expect(turned(odd)).toBe("other");
    for (const none of ["", undefined, null, ["person_unknown"]]) expect(turned(none)).toBeNull();
  });

  it("has words for every code that the engine may send", () => {
    const engine = ["routes", "person"].map((name) => readFileSync(`../src/sign_in/provider/${name}.rs`, "utf8")).join("");
    const codes = [...engine.matchAll(/"((?:sign_in|provider|person|own|account)_[a-z]+)"/g)].map(([, code]) => code!).filter((code) => code !== "account_claim");
    expect(codes.length).toBeGreaterThan(5);
    for (const code of codes) expect(turned(code), code).toBe(code);
  });
});
