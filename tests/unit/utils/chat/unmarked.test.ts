import { describe, expect, it } from 'vitest'
import { unmarked } from '../../../../utils/chat/unmarked'

describe('a text without its marks', () => {
  it.each([
    ['**bold** and *thin*, __both__ ~~gone~~ `code`', 'bold and thin, both gone code'],
    ['# Title\nand [words](https://example.org/a_b) there', 'Title\nand words there'],
    ['- one\n- [x] two\n\n> said', '• one\n• two\n\nsaid'],
    ['```js\nconst **a** = 1\n```\nafter', 'const **a** = 1\nafter'],
    ['| a | b |\n|---|---|\n| 1 | 2 |', '| a | b |\n| 1 | 2 |'],
    ['`**` is a mark, \\*so\\* they say', '** is a mark, *so* they say'],
    ['snake_case_name, 2 * 3 * 4 and https://example.org/a_b_c', 'snake_case_name, 2 * 3 * 4 and https://example.org/a_b_c'],
    ['---', '---'],
  ])('shows %j as %j', (typed, shown) => {
    expect(unmarked(typed)).toBe(shown)
  })

  it('takes no longer for marks without end', () => {
    for (const mark of ['[', '**a', '*', '_a', '`', '![a](', '\\', '> ']) expect(unmarked(mark.repeat(8_000)).length).toBeGreaterThan(0)
  })
})
