import { describe, expect, it } from 'vitest'
import { nextTick, ref } from 'vue'
import { useRoomLayout } from '../../../../composables/room/useRoomLayout'

/** A room's layout and the switches it hangs on. */
function room(start: { wide?: boolean, staged?: boolean } = {}) {
  const wide = ref(start.wide ?? true)
  const staged = ref(start.staged ?? true)
  const spread = ref(false)
  const busy = ref(false)
  const layout = useRoomLayout({ wide, staged, spread, isSideBusy: () => busy.value })
  const seen = () => [layout.isStageShown.value && 'stage', layout.isSideShown.value && layout.side.value].filter(Boolean).join(' ')
  return { wide, staged, spread, busy, layout, seen }
}

describe('useRoomLayout: something of a room is always shown', () => {
  it('has the chat before a call, the call when one joins, and the chat again after it', async () => {
    const { layout, staged, seen } = room({ wide: false, staged: false })
    expect(seen()).toBe('chat')
    staged.value = true
    await nextTick()
    expect(seen()).toBe('stage')
    layout.choose('people')
    expect(seen()).toBe('people')
    staged.value = false
    await nextTick()
    expect(seen()).toBe('people')
  })

  it('goes on with the call when the window narrows, except for who is writing', async () => {
    const { wide, busy, seen } = room()
    expect(seen()).toBe('stage chat')
    wide.value = false
    await nextTick()
    expect(seen()).toBe('stage')
    wide.value = true
    busy.value = true
    await nextTick()
    wide.value = false
    await nextTick()
    expect(seen()).toBe('chat')
  })

  it('hides the side and brings it back, on a phone the pane', () => {
    const { layout, seen } = room()
    expect(layout.toggle('chat')).toBe(false)
    expect(seen()).toBe('stage')
    expect(layout.toggle('people')).toBe(true)
    expect(seen()).toBe('stage people')
    expect(layout.toggle('chat')).toBe(true)
    expect(seen()).toBe('stage chat')
    const phone = room({ wide: false })
    expect(phone.layout.toggle('chat')).toBe(true)
    expect(phone.seen()).toBe('chat')
    expect(phone.layout.toggle('chat')).toBe(false)
    expect(phone.seen()).toBe('stage')
  })

  it('gives a shared screen the whole width and takes it back, unless the reader chose otherwise', async () => {
    const { layout, spread, busy, seen } = room()
    spread.value = true
    await nextTick()
    expect(seen()).toBe('stage')
    spread.value = false
    await nextTick()
    expect(seen()).toBe('stage chat')
    spread.value = true
    await nextTick()
    layout.choose('people')
    layout.toggle('people')
    spread.value = false
    await nextTick()
    expect(seen()).toBe('stage')
    layout.choose('chat')
    busy.value = true
    spread.value = true
    await nextTick()
    expect(seen()).toBe('stage chat')
  })

  it('without a call never hides what is there', () => {
    const { layout, seen } = room({ staged: false })
    expect(layout.toggle('chat')).toBe(true)
    expect(layout.toggle('chat')).toBe(true)
    expect(seen()).toBe('chat')
  })
})
