/** The protobuf module inside the SDK package has no types of its own; messages.ts gives each message its shape. */
declare module "tablestore/lib/protocol/tablestore_compiled_proto.js" {
  interface Codec {
    encode(message: object): { finish(): Uint8Array };
    decode(bytes: Uint8Array): object;
  }
  const schema: Readonly<Record<"main" | "filter", { readonly proto: Readonly<Record<string, Codec>> }>>;
  export default schema;
}
