/**
 * A side is only looked at, for a plan: nothing of the user's is run there but the SELECTs that splitting needs, where the system has
 * such a thing in a read-only transaction.
 */
export interface Preview {
  /** False = who asked may not see records: not even those SELECTs are run, the system only describes them. */
  readonly mayRead: boolean;
}
