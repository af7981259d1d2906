import { TLSSocket } from "node:tls";

/** How a connection is encrypted, such as `TLSv1.3, cipher TLS_AES_256_GCM_SHA384`; null = it is not. */
export function encryptionOf(stream: unknown): string | null {
  if (!(stream instanceof TLSSocket) || !stream.encrypted) return null;
  const { name } = stream.getCipher();
  return `${stream.getProtocol() ?? "TLS"}, cipher ${name}`;
}

/** The same for people, who should know when it is not. */
export function reportedEncryption(
  encryption: string | null,
  { isCertificateChecked }: { isCertificateChecked: boolean },
): string {
  if (encryption === null) return "not encrypted";
  return `${encryption}, certificate ${isCertificateChecked ? "accepted" : "not checked"}`;
}
