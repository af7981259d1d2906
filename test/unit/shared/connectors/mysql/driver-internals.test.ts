import type { Connection } from "mysql2";
import { describe, expect, it } from "vitest";
import { separateEndPackets } from "../../../../../shared/connectors/mysql/driver-internals.js";

class Packet {
  constructor(readonly buffer: Buffer) {}
  length(): number {
    return this.buffer.length;
  }
  number(value: number): void {
    this.buffer[3] = value;
  }
}

/** A connection that numbers packets as the driver does, and hands them to a socket that reads them later. */
function connectionWith(sent: Buffer[], number: number): { writePacket(packet: Packet): void } {
  const connection = {
    writePacket(packet: Packet): void {
      packet.number(number);
      sent.push(packet.buffer);
    },
  };
  separateEndPackets(connection as unknown as Connection);
  return connection;
}

describe("the packet that ends the data of a LOAD DATA", () => {
  it("has bytes of its own on each connection, whoever sends the driver's one packet meanwhile", () => {
    const shared = new Packet(Buffer.alloc(4));
    const sent: Buffer[] = [];
    connectionWith(sent, 7).writePacket(shared);
    connectionWith(sent, 3).writePacket(shared);
    expect(sent.map((buffer) => buffer[3])).toEqual([7, 3]);
  });

  it("is the only one that is copied", () => {
    const large = new Packet(Buffer.alloc(100));
    const sent: Buffer[] = [];
    connectionWith(sent, 1).writePacket(large);
    expect(sent[0]).toBe(large.buffer);
  });
});
