import { idle, saturate, steady } from './loads.mjs'
import { BUSY, ms, thousands } from './rows.mjs'

/**
 * The loads of candidates that hear by a stream of events or by polls, as the rows of rows.mjs.
 *
 * @type {import('./rows.mjs').Row[]}
 */
export const POSTED_ROWS = [
  {
    key: 'posted-saturated',
    title: 'One room × 200, saturated: deliveries per CPU second',
    figure: 'perCpuSecond',
    better: 'more',
    run: (server, { seconds }) => saturate(server, { rooms: 1, members: 200, ...BUSY, seconds }),
    show: ({ perCpuSecond }) => thousands(perCpuSecond),
  },
  {
    key: 'posted-steady',
    title: 'One room × 200, 50 messages/s: p50 / p99 / p99.9 ms; CPU µs per delivery',
    figure: 'cpuPerDeliveryUs',
    better: 'less',
    run: (server, { seconds }) => steady(server, { members: 200, perSecond: 50, seconds }),
    show: ({ p50, p99, p999, cpuPerDeliveryUs, lost }) => `${ms(p50)} / ${ms(p99)} / ${ms(p999)}; ${cpuPerDeliveryUs.toFixed(1)} µs${lost ? `; ${thousands(lost)} lost` : ''}`,
  },
  {
    key: 'posted-idle',
    title: '1,000 idle connections: memory of each, KB resident',
    figure: 'perConnection',
    better: 'less',
    run: server => idle(server, { connections: 1000 }),
    show: ({ perConnection }) => (perConnection / 1024).toFixed(1),
  },
]
