const MIB = 1024 * 1024;

/** Limits of the service (Tablestore documentation, "Limits"); sizes in bytes, times in ms. */
export const limits = {
  tablesPerInstance: 64,
  keyColumns: 4,
  definedColumns: 32,
  nameBytes: 255,
  keyValueBytes: 1024,
  attributeBytes: 2 * MIB,
  columnsPerWrite: 1024,
  rowBytes: 4 * MIB,
  columnsToGet: 128,
  filters: 10,
  rowsPerBatchGet: 100,
  rowsPerBatchWrite: 200,
  batchWriteBytes: 4 * MIB,
  rowsPerRange: 5000,
  rangeBytes: 4 * MIB,
  bodyBytes: 5 * MIB,
  transactionMs: 60_000,
  transactionBytes: 4 * MIB,
  clockSkewMs: 15 * 60_000,
  minTimeToLiveSec: 86_400,
} as const;

/** Bytes that one capacity unit pays for. */
export const CAPACITY_UNIT_BYTES = 4096;
