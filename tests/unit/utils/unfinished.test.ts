import { describe, expect, it } from 'vitest'
import { completed } from '../../../utils/unfinished'

describe('text that is still being written', () => {
  it.each([
    ['plain words', 'plain words'],
    ['so **bo', 'so **bo**'],
    ['so **bold*', 'so **bold**'],
    ['so **bold**', 'so **bold**'],
    ['so **bold ', 'so **bold** '],
    ['so **', 'so '],
    ['an *emph', 'an *emph*'],
    ['an *emph*', 'an *emph*'],
    ['a `co', 'a `co`'],
    ['a `', 'a '],
    ['a `co` b', 'a `co` b'],
    ['~~gone', '~~gone~~'],
    ['see [the do', 'see the do'],
    ['see [the docs](https://exa', 'see the docs'],
    ['see [the docs](https://example.org)', 'see [the docs](https://example.org)'],
    ['a line\n-', 'a line'],
    ['a line\n==', 'a line'],
    ['* one\n* tw', '* one\n* tw'],
    ['- one\n- **tw', '- one\n- **tw**'],
    ['`**` and', '`**` and'],
    ['first **x\n\nsecond', 'first **x\n\nsecond'],
    ['```js\nconst a = "**', '```js\nconst a = "**'],
    ['```js\ncode\n``', '```js\ncode'],
    ['```js\ncode\n```\n\n**a', '```js\ncode\n```\n\n**a**'],
    ['text\n\n``', 'text\n\n'],
  ])('shows %j as %j', (text, shown) => expect(completed(text)).toBe(shown))

  it('leaves a text that is whole as it is', () => {
    const whole = '# Title\n\nA **bold** and *soft* `code` ~~gone~~ [link](https://example.org).\n\n1. one\n2. two\n\n```ts\nconst a = 1 * 2\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |'
    expect(completed(whole)).toBe(whole)
  })
})
