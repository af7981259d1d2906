import type { Column } from "../../model/batch.js";
import type { Json } from "../../model/json.js";
import type { Split, SplitPlan } from "../contract.js";
import type { CutPlan, FilePiece, FileReading } from "../file/format/format.js";
import type { FileStore, ObjectInfo } from "./bucket.js";
import { fileOf } from "./file-of.js";

/** Smaller pieces cost more in starting than they gain in parallel work. */
const MIN_PIECE_BYTES = 1024 * 1024;
/** Keeps a split's row in our metadata small. */
const MAX_PIECES = 2000;
/** Files of so many bytes in all are looked through for places to cut per plan. */
const LOOK_BYTES = 4 * 1024 ** 3;

/** A piece of one version of an object. */
export interface Piece extends FilePiece {
  readonly key: string;
  readonly etag: string;
}

/** One slice of the objects, as it travels to a shard. */
export interface ObjectsSpec {
  readonly pieces: readonly Piece[];
  /** What `["*"]` stands for; null when the job lists its columns. */
  readonly found: readonly Column[] | null;
}

/** What splitting needs beside the objects. */
export interface Splitting {
  readonly reading: FileReading;
  /** The job lets objects be cut. */
  readonly enabled: boolean;
  readonly signal: AbortSignal;
  readonly advice: number;
  readonly found: readonly Column[] | null;
}

/** Groups small objects and cuts large ones into about `advice` slices of similar size. */
export async function splitObjects(
  store: FileStore,
  objects: readonly ObjectInfo[],
  splitting: Splitting,
): Promise<SplitPlan> {
  const { advice, found } = splitting;
  const warnings: string[] = [];
  const total = objects.reduce((sum, { size }) => sum + size, 0);
  const plan: CutPlan = {
    pieceBytes: Math.max(MIN_PIECE_BYTES, Math.ceil(total / advice)),
    budget: { left: LOOK_BYTES },
    warn: (message) => warnings.push(message),
  };
  const pieces: Piece[] = [];
  for (const object of objects)
    if (object.size > 0) pieces.push(...(await piecesOf(store, object, { ...splitting, plan })));
  const groups = balanced(pieces, Math.max(advice, Math.ceil(pieces.length / MAX_PIECES)));
  return { splits: groups.map((group) => splitOf(store, group, found)), warnings };
}

/** Cuts an object into pieces of about `pieceBytes`, or leaves it whole where its format or the job does not allow cuts. */
async function piecesOf(
  store: FileStore,
  object: ObjectInfo,
  { reading, enabled, signal, plan }: Splitting & { plan: CutPlan },
): Promise<Piece[]> {
  const { key, etag, size } = object;
  const isLarge = size > plan.pieceBytes * 1.5;
  // Pieces of one size, so that the last is no crumb.
  const even = { ...plan, pieceBytes: Math.ceil(size / Math.round(size / plan.pieceBytes)) };
  const cut = isLarge && enabled ? await reading.cut(fileOf(store, object, signal), even) : null;
  const whole: FilePiece = { start: 0, end: size, line: 1, lines: null };
  return (cut ?? [whole]).map((piece) => ({ key, etag, ...piece }));
}

/** Largest first, each into the group that holds least; the largest group comes first. */
function balanced(pieces: readonly Piece[], count: number): Piece[][] {
  const groups: { bytes: number; pieces: Piece[] }[] = [];
  const sorted = [...pieces].sort((a, b) => bytesOf(b) - bytesOf(a));
  for (const piece of sorted) {
    let group = groups.length < count ? undefined : groups[0];
    if (!group) {
      group = { bytes: 0, pieces: [] };
      groups.push(group);
    } else {
      for (const other of groups) if (other.bytes < group.bytes) group = other;
    }
    group.bytes += bytesOf(piece);
    group.pieces.push(piece);
  }
  return groups.sort((a, b) => b.bytes - a.bytes).map((group) => group.pieces.sort(byPlace));
}

function bytesOf({ start, end }: Piece): number {
  return end - start;
}

function byPlace(a: Piece, b: Piece): number {
  return a.key === b.key ? a.start - b.start : a.key < b.key ? -1 : 1;
}

function splitOf(store: FileStore, pieces: readonly Piece[], found: readonly Column[] | null): Split {
  const bytes = pieces.reduce((sum, piece) => sum + bytesOf(piece), 0);
  const rows = pieces.reduce<number | null>(
    (sum, { lines }) => (sum === null || lines === null ? null : sum + lines),
    0,
  );
  const spec: ObjectsSpec = { pieces, found };
  // An interface has no index signature, so the compiler does not see that this is plain JSON.
  return {
    spec: spec as unknown as Json,
    describe: describe(store, pieces),
    bytes,
    ...(rows === null ? {} : { rows }),
  };
}

function describe({ scheme, name }: FileStore, pieces: readonly Piece[]): string {
  const [first] = pieces;
  if (!first) return `${scheme}://${name}: nothing`;
  const range = `bytes ${first.start} to ${first.end}`;
  const more = pieces.length > 1 ? ` and ${pieces.length - 1} more` : "";
  return `${scheme}://${name}/${first.key} ${range}${more}`;
}
