/** Numbers that look random but depend on the place of the row only. */
export interface Random {
  /** In [0, 1). */
  fraction(): number;
  /** A whole number from 0 to `count - 1`; `count` is at least 1 and below 2^53. */
  below(count: number): number;
  /** A number of 64 bits, never negative. */
  bits64(): bigint;
}

const GOLDEN = 0x9e3779b1;
const WORD = 2 ** 32;

/** The numbers of one row: the same for every attempt, so that a repeated split makes the same records. */
export function randomOfRow(split: number, row: number): Random {
  const seed = scramble(scramble(scramble(split + 1) + Math.floor(row / WORD)) + (row % WORD));
  let drawn = 0;
  const word = () => scramble(seed + Math.imul(++drawn, GOLDEN)) >>> 0;
  const fraction = () => (word() * 2 ** 21 + (word() >>> 11)) / 2 ** 53;
  return {
    fraction,
    below: (count) => Math.floor(fraction() * count),
    bits64: () => (BigInt(word()) << 32n) | BigInt(word()),
  };
}

/** Mixes the bits of a 32-bit number so that neighbours have nothing in common. */
function scramble(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return bits ^ (bits >>> 15);
}
