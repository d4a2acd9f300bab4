import type { LineState } from '../../composables/connection/useConnectionLifecycle'
import type { Handlers } from './handlers'
import type { Requests } from './requests'

/**
 * One typed connection to the server: whoever asks is answered, and whoever listens gets each frame once. Its owner calls `flush` once
 * its rooms are joined again.
 */
export interface ChatConnection extends LineState, Pick<Requests, 'request' | 'flush'>, Pick<Handlers, 'on'> {}
