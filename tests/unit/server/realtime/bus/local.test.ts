import { LocalWire } from '../../../../../server/realtime/bus/local'
import { busContract } from './bus.contract'

busContract('within a process', async (nodes) => {
  const wire = new LocalWire()
  return { nodes: Array.from({ length: nodes }, () => wire.node()), close: async () => undefined }
})
