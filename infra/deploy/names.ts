/** A stage's name: it is part of names of functions, roles and buckets, and the last two know no capitals. */
export const STAGE = /^[a-z][a-z0-9-]{0,15}$/;

/** {@link STAGE} in words. */
export const STAGE_EXPECTED = "lower-case letters, digits and -, at most 16";
