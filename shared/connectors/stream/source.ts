import { z } from "zod";
import type { SourceSpec } from "../contract.js";

const schema = z.strictObject({});

/** Connection properties: none, since a stream connects to nothing. */
export type StreamSource = z.infer<typeof schema>;

/** The data source of a stream: nothing to fill in, nothing to hide. */
export const streamSource: SourceSpec<StreamSource> = { schema, secrets: [] };
