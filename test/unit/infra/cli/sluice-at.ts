import { sluice } from "../../../../infra/cli/program.js";
import { type FakeAnswer, fakeApi, type SeenRequest } from "./fake-api.js";
import { fakeTerminal } from "./fake-terminal.js";

/** What one call of the command did. */
export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly seen: readonly SeenRequest[];
}

/** Runs the command against a fake API that answers by `METHOD path`; anything else is answered with a 404 problem. */
export async function sluiceAt(
  answers: Readonly<Record<string, FakeAnswer | ((request: SeenRequest) => FakeAnswer)>>,
  args: readonly string[],
  options: Parameters<typeof fakeTerminal>[0] & {
    /** Ctrl-C is pressed while the first of these requests is being answered: `METHOD path`. */
    interruptAt?: string;
  } = {},
): Promise<CommandResult> {
  let interrupts = options.interruptAt === undefined ? 0 : 1;
  const api = await fakeApi((request) => {
    if (`${request.method} ${request.path}` === options.interruptAt && interrupts-- > 0) terminal.interrupt();
    const answer = answers[`${request.method} ${request.path}`];
    if (answer === undefined) return problem(404, "NOT_FOUND", `nothing at ${request.method} ${request.path}`);
    return typeof answer === "function" ? answer(request) : answer;
  });
  const terminal = fakeTerminal({
    ...options,
    env: { SLUICE_ENDPOINT: api.endpoint, SLUICE_TOKEN: "t0ken", ...options.env },
  });
  try {
    return { code: await sluice(args, terminal), ...terminal.written, seen: api.seen };
  } finally {
    await api.close();
  }
}

/** An error answer of the API. */
export function problem(status: number, code: string, detail: string, more: object = {}): FakeAnswer {
  return { status, body: { type: "about:blank", title: "Error", status, detail, code, hint: "Do better.", ...more } };
}
