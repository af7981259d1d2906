import { SDU } from "./packets.js";
import { WireWriter } from "./wire.js";

/** Version of the network layer whose lengths have four bytes, and in which nothing else is negotiated. */
const TNS_VERSION = 315;
/** The field version of Oracle 12.1: what came later is left out of all messages. */
const FIELD_VERSION_12_1 = 7;
const charsets = { utf8: 873, utf16: 2000 } as const;

/** Accepts a connection, without the services of network encryption. */
export function acceptBody(): Buffer {
  const body = Buffer.alloc(45 - 8);
  const at = (offset: number) => offset - 8;
  body.writeUInt16BE(TNS_VERSION, at(8));
  body.writeUInt16BE(1, at(10));
  body.writeUInt16BE(SDU, at(12));
  body.writeUInt16BE(32_767, at(14));
  body.writeUInt16BE(1, at(16));
  body[at(22)] = 0x04;
  body[at(23)] = 0x08;
  body.writeUInt32BE(SDU, at(32));
  body.writeUInt32BE(SDU, at(36));
  return body;
}

/** Refuses a connection by a listener's error number. */
export function refuseBody(error: number): Buffer {
  const words = Buffer.from(
    `(DESCRIPTION=(TMP=)(VSNNUM=0)(ERR=${error})(ERROR_STACK=(ERROR=(CODE=${error})(EMFI=4))))`,
  );
  const head = Buffer.alloc(4);
  head.writeUInt16BE(words.length, 2);
  return Buffer.concat([head, words]);
}

/** Sends a client to another address. */
export function redirectBody(host: string, port: number): Buffer {
  const words = Buffer.from(`(ADDRESS=(PROTOCOL=tcp)(HOST=${host})(PORT=${port}))`);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(words.length);
  return Buffer.concat([head, words]);
}

/** What a client's connect packet asks for. */
export function connectDataOf(
  body: Buffer,
  rest: Buffer,
): { readonly service: string | null; readonly sid: string | null } {
  const offset = body.readUInt16BE(26 - 8) - 8;
  const words = Buffer.concat([body.subarray(offset), rest]).toString("latin1");
  const named = (name: string) => new RegExp(`\\(${name}=([^()]*)\\)`, "i").exec(words)?.[1] ?? null;
  return { service: named("SERVICE_NAME"), sid: named("SID") };
}

/** True when the connect packet says that its data comes in a packet of its own. */
export function hasMoreConnectData(body: Buffer): boolean {
  return body.readUInt16BE(24 - 8) > body.length - (body.readUInt16BE(26 - 8) - 8);
}

/** Versions, character sets and capabilities. */
export function protocolAnswer(): Buffer {
  const compile = Buffer.alloc(42);
  compile[FIELD_VERSION_12_1] = FIELD_VERSION_12_1;
  const runtime = Buffer.alloc(7);
  runtime[1] = 1; // tells its time zone with the types
  const description = Buffer.alloc(11);
  description.writeUInt16BE(charsets.utf16, 9);
  return new WireWriter()
    .byte(1, 6, 0)
    .raw(Buffer.from("Sluice test server\0"))
    .uint16LE(charsets.utf8)
    .byte(1)
    .uint16LE(0)
    .uint16(description.length)
    .raw(description)
    .value(compile)
    .value(runtime)
    .done();
}

/** All types as the client has them, and a database in UTC. */
export function dataTypesAnswer(): Buffer {
  const zone = Buffer.alloc(11);
  zone.writeUInt32BE(0x80_00_00_00, 0);
  zone.fill(60, 4, 7);
  return new WireWriter().byte(2).raw(zone).uint16(0).done();
}
