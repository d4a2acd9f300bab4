import { expect, it } from 'vitest'
import { AnswersElsewhere } from '../../../../server/ai/answers-elsewhere'
import { AnswerStream } from '../../../../server/ai/answer-stream'
import { LocalWire } from '../../../../server/realtime/bus/local'
import type { ServerFrame } from '../../../../shared/protocol/frames'

/** Two nodes, one of which gives an answer that the other hears of. */
function world() {
  const wire = new LocalWire()
  const [giving, hearing] = [wire.node(), wire.node()]
  const own = new AnswersElsewhere(giving, () => true, () => 0)
  const elsewhere = new AnswersElsewhere(hearing, () => false, () => 0)
  const tell = (frame: ServerFrame) => giving.publish({ audience: { to: 'room', roomId: 'r' }, frame })
  const stream = new AnswerStream({ id: 's', room: 'lobby', bot: 'host', userId: 'u', inReplyTo: 'm', onDelta: tell, onThinking: tell })
  tell({ type: 'ai.start', room: 'lobby', stream_id: 's', bot: 'host', userId: 'u', in_reply_to: 'm' })
  return { own, elsewhere, tell, stream }
}

it('[AI-2] whoever joins on another node sees an answer on its way as it stands, thinking and recast too, until it ends', () => {
  const { own, elsewhere, tell, stream } = world()
  expect(elsewhere.inRoom('r')).toEqual([stream.snapshot()])
  stream.push('so far ')
  stream.flush()
  stream.push('so good')
  stream.flush()
  expect(elsewhere.inRoom('r')).toEqual([stream.snapshot()])
  stream.recast()
  stream.flush()
  stream.push('the answer')
  stream.flush()
  expect(elsewhere.inRoom('r')).toMatchObject([{ n: stream.snapshot().n, text: 'the answer', thinking: { active: false } }])
  expect(elsewhere.find('s')).toMatchObject({ roomId: 'r', userId: 'u' })
  expect(elsewhere.inRoom('another')).toEqual([])
  expect(own.inRoom('r')).toEqual([])
  tell({ type: 'ai.end', room: 'lobby', stream_id: 's', finish: 'stop' })
  expect(elsewhere.inRoom('r')).toEqual([])
})

it('[AI-2] an answer of which a part was lost is not shown as if it were whole', () => {
  const { elsewhere, tell } = world()
  tell({ type: 'ai.delta', room: 'lobby', stream_id: 's', n: 2, text: 'later' })
  expect(elsewhere.inRoom('r')).toEqual([])
})

it('[AI-6] a raised hand is seen on another node until it is lowered', () => {
  const { elsewhere, tell } = world()
  tell({ type: 'ai.hand', room: 'lobby', bot: 'host', raised: true, in_reply_to: 'm' })
  expect(elsewhere.handOf('r', 'host')).toBe('m')
  tell({ type: 'ai.hand', room: 'lobby', bot: 'host', raised: false })
  expect(elsewhere.handOf('r', 'host')).toBeUndefined()
})
