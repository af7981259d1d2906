import type { ReadFormat } from "./read-format.js";

/**
 * The end of a line's text: a carriage return before a line feed is not part of it. The line holds something, or begins behind a line feed
 * or with the block.
 */
export function textEnd({ terminator }: ReadFormat, block: Buffer, terminatorAt: number): number {
  const isFeed = terminator.length === 1 && terminator[0] === 10;
  return isFeed && block[terminatorAt - 1] === 13 ? terminatorAt - 1 : terminatorAt;
}

/** Behind the terminator of the physical line at `at`; beyond the block's end when it has none. */
export function lineEnd({ terminator }: ReadFormat, block: Buffer, at: number): number {
  const found = block.indexOf(terminator, at);
  return found < 0 ? block.length + 1 : found + terminator.length;
}
