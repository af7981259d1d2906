import type { Documents, Stored } from "../platform/documents.js";
import { storeTables } from "./tables.js";

/** What is known of a request that carried an idempotency key. */
export interface KeptAnswer {
  /** Of method, path, query and body: the key stands for this request only. */
  readonly fingerprint: string;
  /** ISO time. */
  readonly at: string;
  /** Null while the request is worked on, `"unkept"` when the answer holds what must not be stored. */
  readonly answer:
    | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
    | "unkept"
    | null;
}

/** Answers by idempotency key. */
export interface AnswersStore {
  find(key: string): Promise<Stored<KeptAnswer> | undefined>;
  /** False when somebody was faster. */
  store(key: string, answer: KeptAnswer, version: number): Promise<boolean>;
  remove(key: string): Promise<void>;
}

/** Opens the store over our documents. */
export function createAnswersStore(documents: Documents): AnswersStore {
  return {
    find: (key) => documents.get<KeptAnswer>(storeTables.answers, [key]),
    store: (key, answer, version) => documents.replace(storeTables.answers, { key: [key], value: answer, version }),
    remove: (key) => documents.remove(storeTables.answers, [key]),
  };
}
