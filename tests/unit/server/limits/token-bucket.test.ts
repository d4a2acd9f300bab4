import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KeyedBuckets, TokenBucket } from '../../../../server/limits/token-bucket'

it('[CON-6] lets a burst pass, then the rate, and says how long to wait', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0)
  expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 0])
  expect(bucket.take(0)).toBe(100)
  expect(bucket.take(99)).toBeGreaterThan(0)
  expect(bucket.take(200)).toBe(0)
})

it('[CON-6] never lets more pass than burst and rate allow, and a wait it named is long enough', () => {
  fc.assert(fc.property(fc.array(fc.nat(200), { maxLength: 200 }), (gaps) => {
    const bucket = new TokenBucket({ perSecond: 30, burst: 60 }, 0)
    let now = 0
    let passed = 0
    for (const gap of gaps) {
      now += gap
      const wait = bucket.take(now)
      if (wait === 0) passed++
      expect(passed).toBeLessThanOrEqual(60 + now * 30 / 1000)
      if (wait > 0) {
        now += wait
        expect(bucket.take(now)).toBe(0)
        passed++
      }
    }
  }))
})

it('keeps an allowance for each key, and for a bounded number of keys', () => {
  const buckets = new KeyedBuckets({ perSecond: 1, burst: 1 })
  expect(buckets.take('a', 0)).toBe(0)
  expect(buckets.take('a', 0)).toBe(1000)
  expect(buckets.take('b', 0)).toBe(0)
  for (let i = 0; i < 12_000; i++) buckets.take(`k${i}`, 0)
  expect(buckets.size).toBe(10_000)
})

it('[CON-6] forgets who has all of their allowance again, and nobody else', () => {
  const buckets = new KeyedBuckets({ perSecond: 1, burst: 10 })
  buckets.of('debtor', 0).owe(0, 5000)
  for (let n = 0; n < 1000; n++) buckets.take(`k${n}`, n * 1000)
  expect(buckets.size).toBeLessThan(20)
  expect(buckets.wait('debtor', 1_000_000)).toBeGreaterThan(0)
  expect(buckets.wait('k999', 999_000, 10)).toBe(1000)
})
