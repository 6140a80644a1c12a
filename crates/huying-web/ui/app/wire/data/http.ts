/** The one place where requests are made: JSON in, JSON out, refusals as values that a person can read. */

/** A sentence in both languages, as the engine gives it. */
export interface Words {
  zh: string;
  en: string;
}

/** What a 409 shows: what has become of the case since it was seen. */
export interface Current {
  version: number;
  stage?: string;
  holder?: string;
  since?: { seq: number; at: string; words: Words; unit_words?: Words }[];
}

/** The engine said no, and why. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly words: Words;
  readonly field: string | null;
  readonly current: Current | null;

  constructor(status: number, code: string, words: Words, field: string | null = null, current: Current | null = null) {
    super(words.en);
    this.status = status;
    this.code = code;
    this.words = words;
    this.field = field;
    this.current = current;
  }
}

/** Nobody answered: no network, or the engine is away. */
export class Unreachable extends Error {}

/** How long one request may take, in milliseconds. */
const REQUEST_MS_MAX = 30_000;

let csrf = "";
let lost: () => void = () => {};

/** Remembers what each change has to bring along. */
export function carry(token: string): void {
  csrf = token;
}

/** What happens when the session is over. */
export function onSessionLost(then: () => void): void {
  lost = then;
}

type Query = Record<string, string | number | boolean | null | undefined>;

export interface Asking {
  query?: Query;
  body?: unknown;
  /** Bytes that go as they are, with their type. */
  bytes?: Blob;
  /** A form with files beside its fields; the browser names its type. */
  form?: FormData;
  /** Names this command: sent again, it happens once. */
  key?: string;
  signal?: AbortSignal;
}

export function address(path: string, query: Query = {}): string {
  const said = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(said.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

export async function ask<T>(method: string, path: string, asking: Asking = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  let body: BodyInit | undefined;
  if (asking.form) {
    body = asking.form;
  } else if (asking.bytes) {
    headers["Content-Type"] = asking.bytes.type;
    body = asking.bytes;
  } else if (asking.body !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(asking.body);
  }
  if (method !== "GET" && csrf) headers["X-Huying-CSRF"] = csrf;
  if (asking.key) headers["Idempotency-Key"] = asking.key;
  const limit = AbortSignal.timeout(REQUEST_MS_MAX);
  const signal = asking.signal ? AbortSignal.any([asking.signal, limit]) : limit;
  let answer: Response;
  try {
    answer = await fetch(address(path, asking.query), { method, headers, body, signal, credentials: "same-origin" });
  } catch (cause) {
    if (asking.signal?.aborted) throw cause;
    throw new Unreachable("nobody answers", { cause });
  }
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
  throw await refusal(answer);
}

type Problem = Partial<Words> & { code?: string; title?: string; field?: string | null; current?: Current };

async function refusal(answer: Response): Promise<Refused> {
  const body = (await answer.json().catch(() => ({}))) as Problem & { answers?: { refusal?: Problem }[] };
  // A single call is answered in the form of a list of them.
  const told = body.answers?.[0]?.refusal ?? body;
  const code = told.code ?? `status_${answer.status}`;
  if (code === "no_session") lost();
  const en = told.en ?? told.title ?? `The engine answered ${answer.status}.`;
  const words = { zh: told.zh ?? `服务返回 ${answer.status}。`, en };
  return new Refused(answer.status, code, words, told.field ?? null, told.current ?? null);
}
