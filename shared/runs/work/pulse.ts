/** How often a shard looks whether its run goes on; every second look writes the counters. */
export const LOOK_MS = 1000;

/** How often a shard of a throttled job renews its share. */
export const SHARE_MS = 500;
