declare module "@alicloud/fc2" {
  /** The parts of the SDK that the invoker uses; the package brings no declarations. */
  export default class FcClient {
    constructor(
      accountId: string,
      options: {
        accessKeyID: string;
        accessKeySecret: string;
        securityToken?: string;
        region: string;
        endpoint?: string;
        secure?: boolean;
        timeout?: number;
      },
    );
    version: string;
    request(
      method: string,
      path: string,
      query: Record<string, string> | null,
      body: string | Buffer | null,
      headers: Record<string, string>,
      options?: { rawBuf?: boolean },
    ): Promise<{ headers: Record<string, string>; data: unknown }>;
  }
}
