import { expect, it } from 'vitest'
import { doorTitle } from '../../../../utils/room/door-title'

it.each([
  [undefined, 'plans'], ['new' as const, 'plans'],
  [{ title: 'Merger', locked: false, member: false }, 'Merger'], [{ title: '', locked: false, member: true }, 'plans'],
  [{ title: 'Merger', locked: true, member: false }, 'plans'], [{ title: 'Merger', locked: true, member: true }, 'Merger'],
])('a door, and a link that is sent around, says of %j no more than is for everybody: %s', (info, title) => expect(doorTitle('plans', info)).toBe(title))
