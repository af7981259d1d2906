/** How often a shard looks whether its run goes on (every second look writes the counters) and renews its share of the throttle. */
export const LOOK_MS = 1000;
