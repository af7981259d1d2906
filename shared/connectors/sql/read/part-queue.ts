import type { ReadPart } from "./stream.js";

/** Parts that wait here before the server is made to wait; the pipe behind has a buffer of its own. */
const WAITING_PARTS = 2;

/** Parts between a server that sends and a reader that takes. */
export interface TablePartQueue {
  /** Null = nothing to add. */
  push(part: ReadPart | null): void;
  /** No more will come; with an error once what came before is taken. */
  end(error?: unknown): void;
  read(): AsyncGenerator<ReadPart>;
  /** True once everything has come. */
  isOver(): boolean;
}

/** Makes a queue; `onFull` makes the server wait, `onRoom` lets it go on. */
export function tablePartQueue({ onFull, onRoom }: { onFull(): void; onRoom(): void }): TablePartQueue {
  const parts: ReadPart[] = [];
  let outcome: { readonly error: unknown } | null = null;
  let isFull = false;
  let wake = () => {};
  return {
    push(part) {
      if (part) parts.push(part);
      if (parts.length >= WAITING_PARTS && !isFull) {
        isFull = true;
        onFull();
      }
      wake();
    },
    end(error) {
      outcome ??= { error };
      wake();
    },
    isOver: () => outcome !== null && outcome.error === undefined,
    async *read() {
      for (;;) {
        const part = parts.shift();
        if (part) {
          yield part;
          if (isFull && parts.length < WAITING_PARTS) {
            isFull = false;
            onRoom();
          }
        } else if (outcome?.error !== undefined) throw outcome.error;
        else if (outcome) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
}
