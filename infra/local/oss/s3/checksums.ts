import { createHash } from "node:crypto";
import { createCrc64 } from "../crc64.js";

/** A checksum in the making. */
export interface Checksum {
  update(bytes: Buffer): void;
  /** Base64, as the header has it. */
  digest(): string;
}

/** By what follows `x-amz-checksum-`. Source: Amazon S3 user guide, "Checking object integrity". */
const makers: Readonly<Record<string, () => Checksum>> = {
  crc32: () => crc32(0xedb88320),
  crc32c: () => crc32(0x82f63b78),
  crc64nvme,
  sha1: () => hash("sha1"),
  sha256: () => hash("sha256"),
};

/** The checksum of that name; undefined for one that S3 does not know. */
export function checksumOf(name: string): Checksum | undefined {
  return Object.hasOwn(makers, name) ? makers[name]?.() : undefined;
}

function hash(algorithm: string): Checksum {
  const made = createHash(algorithm);
  return { update: (bytes) => void made.update(bytes), digest: () => made.digest("base64") };
}

/** @param polynomial  bits reversed */
function crc32(polynomial: number): Checksum {
  const table = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc;
  });
  let crc = -1;
  return {
    update(bytes) {
      let next = crc;
      // Indices are within the table by construction.
      for (const byte of bytes) next = (table[(next ^ byte) & 255] as number) ^ (next >>> 8);
      crc = next;
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(~crc);
      return bytes.toString("base64");
    },
  };
}

function crc64nvme(): Checksum {
  const made = createCrc64(0x9a6c9329ac4bc9b5n);
  return {
    update: made.update,
    digest() {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(BigInt(made.digest()));
      return bytes.toString("base64");
    },
  };
}
