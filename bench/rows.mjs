import { held, idle, saturate, steady, storm, write } from './loads.mjs'

export const thousands = value => Math.round(value).toLocaleString('en')
export const ms = value => value < 10 ? value.toFixed(1) : value.toFixed(0)

/**
 * The writers and their window of a saturating load: 400 messages are on their way at any time, so that a server that waits for its
 * disk has enough to do meanwhile, and one that does not has the same.
 */
export const BUSY = { writers: 50, window: 8 }

/**
 * Every load that is put on every candidate that can carry it. `figure` is what a run is judged by, and whether more is better.
 *
 * `apart` is for a comparison of nodes alone.
 *
 * @typedef {{ key: string, apart?: boolean, title: string, figure: string, better: 'more' | 'less', run: (server: any, scale: { seconds: number }) => Promise<Record<string, any>>, fits?: (candidate: any) => boolean | undefined, show: (figures: any) => string }} Row
 * @type {Row[]}
 */
export const ROWS = [
  ...[200, 1000].map(members => /** @type {Row} */ ({
    key: `fan-out-${members}`,
    title: `One room × ${thousands(members)}, saturated: deliveries per CPU second`,
    figure: 'perCpuSecond',
    better: 'more',
    run: (server, { seconds }) => saturate(server, { rooms: 1, members, ...BUSY, seconds }),
    show: ({ perCpuSecond }) => thousands(perCpuSecond),
  })),
  {
    key: 'rooms',
    title: '200 rooms × 5, saturated: deliveries per CPU second',
    figure: 'perCpuSecond',
    better: 'more',
    run: (server, { seconds }) => saturate(server, { rooms: 200, members: 5, writers: 1, window: 1, seconds }),
    show: ({ perCpuSecond }) => thousands(perCpuSecond),
  },
  ...[200, 1000].map(members => /** @type {Row} */ ({
    key: `steady-${members}`,
    title: `One room × ${thousands(members)}, 50 messages/s: p50 / p99 / p99.9 ms; CPU µs per delivery`,
    figure: 'cpuPerDeliveryUs',
    better: 'less',
    run: (server, { seconds }) => steady(server, { members, perSecond: 50, seconds }),
    show: ({ p50, p99, p999, cpuPerDeliveryUs, lost }) => `${ms(p50)} / ${ms(p99)} / ${ms(p999)}; ${cpuPerDeliveryUs.toFixed(1)} µs${lost ? `; ${thousands(lost)} lost` : ''}`,
  })),
  {
    key: 'stalled',
    title: 'One room × 200, 50 messages/s, 10 of them stalled: p50 / p99 / p99.9 ms; memory a stalled one keeps while 48 MB are said, KB',
    figure: 'p99',
    better: 'less',
    run: async (server, { seconds }) => ({ ...await steady(server, { members: 200, perSecond: 50, seconds, stalled: 10 }), ...await held(server, { stalled: 10, megabytes: 48 }) }),
    show: ({ p50, p99, p999, perStalled }) => `${ms(p50)} / ${ms(p99)} / ${ms(p999)}; ${thousands(perStalled / 1024)}`,
  },
  ...[1000, 5000].map(connections => /** @type {Row} */ ({
    key: `idle-${connections}`,
    title: `${thousands(connections)} idle connections: memory of each, KB resident (KB of heap and buffers)`,
    figure: 'perConnection',
    better: 'less',
    run: server => idle(server, { connections }),
    show: ({ perConnection, heapPerConnection }) => `${(perConnection / 1024).toFixed(1)} (${(heapPerConnection / 1024).toFixed(1)})`,
  })),
  ...[0, 50, 200].map(missed => /** @type {Row} */ ({
    key: `storm-${missed}`,
    title: `1,000 come back at once, ${missed} messages missed by each: p50, all back ms`,
    figure: 'all',
    better: 'less',
    fits: candidate => candidate.resumes,
    run: server => storm(server, { clients: 1000, missed }),
    show: ({ p50, all }) => `${thousands(p50)}, ${thousands(all)}`,
  })),
  {
    key: 'writers',
    title: '50 writers, 4 messages of each on their way: acknowledged/s (per CPU second)',
    figure: 'perSecond',
    better: 'more',
    fits: candidate => candidate.acks,
    run: (server, { seconds }) => write(server, { writers: 50, window: 4, seconds }),
    show: ({ perSecond, perCpuSecond }) => `${thousands(perSecond)} (${thousands(perCpuSecond)})`,
  },
  {
    key: 'writers-500',
    apart: true,
    title: '500 writers in 50 rooms, 1 message of each on its way: acknowledged/s (per CPU second)',
    figure: 'perSecond',
    better: 'more',
    fits: candidate => candidate.acks,
    run: (server, { seconds }) => write(server, { writers: 500, window: 1, seconds, roomOf: n => `room-${n % 50}` }),
    show: ({ perSecond, perCpuSecond }) => `${thousands(perSecond)} (${thousands(perCpuSecond)})`,
  },
]
