import type { Bus } from './index'

/** The bus of a single node: what is published is delivered before `publish` returns. */
export function createLocalBus(): Bus {
  let receivers: Parameters<Bus['subscribe']>[0] | undefined
  return {
    publish: message => receivers?.room(message),
    publishToPeer: async message => receivers?.peer(message) ?? 'gone',
    subscribe: (given) => { receivers = given },
  }
}
