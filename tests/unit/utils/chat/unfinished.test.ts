import { describe, expect, it } from 'vitest'
import { parsed, wordsOf } from '../../../../shared/text/markdown'
import { completed } from '../../../../utils/chat/unfinished'

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
    ['see [a](https://example.org/b_(c', 'see a'],
    ['see [a](https://example.org/b_(c)', 'see a'],
    ['see [a](https://example.org/b_(c)_d', 'see a'],
    ['see [a](https://example.org/b_(c))', 'see [a](https://example.org/b_(c))'],
    ['see [a](https://example.org "the ti', 'see a'],
    ['see [a](https://example.org) (and', 'see [a](https://example.org) (and'],
    ['see <https://exa', 'see https://exa'],
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

  it('shows no bare markup of a link at any length', () => {
    const whole = 'See [the article](https://en.example.org/wiki/Foo_(bar)) and [two (2)](https://example.org/a(b)c "a (title)"), or ![a picture](https://example.org/p_(1).png).'
    for (let length = 0; length <= whole.length; length++) expect(wordsOf(parsed(completed(whole.slice(0, length))))).not.toMatch(/[[\]]|\(https?|!$/)
  })

  it('leaves a text that is whole as it is', () => {
    const whole = '# Title\n\nA **bold** and *soft* `code` ~~gone~~ [link](https://example.org).\n\n1. one\n2. two\n\n```ts\nconst a = 1 * 2\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |'
    expect(completed(whole)).toBe(whole)
  })
})
