/** How often a shard looks whether its run goes on and renews its share; every second look writes the counters. */
export const LOOK_MS = 1000;
