import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { useKept } from '../composables/app/useKept'

export type DeviceKind = 'camera' | 'microphone' | 'speaker'

/** One device as a picker shows it. */
export interface DeviceOption {
  id: string
  label: string
}

/** What was chosen; undefined leaves the choice to the browser. */
export type ChosenDevices = Partial<Record<DeviceKind, string>>

const KIND: Record<DeviceKind, MediaDeviceKind> = { camera: 'videoinput', microphone: 'audioinput', speaker: 'audiooutput' }

/** The devices there are and those chosen; the choice is kept over visits. */
export const useDevicesStore = defineStore('devices', () => {
  const available = shallowRef<Record<DeviceKind, DeviceOption[]>>({ camera: [], microphone: [], speaker: [] })
  /** What is open now, as the tracks say. */
  const inUse = shallowRef<ChosenDevices>({})
  const chosen = useKept<ChosenDevices>('lastra:devices', {})

  /** Takes the browser's list. Devices without an id are not known yet: permission is missing. */
  function setAvailable(list: readonly MediaDeviceInfo[]) {
    const of = (kind: DeviceKind) => list
      .filter(device => device.kind === KIND[kind] && device.deviceId !== '')
      .map(device => ({ id: device.deviceId, label: device.label }))
    available.value = { camera: of('camera'), microphone: of('microphone'), speaker: of('speaker') }
  }

  /** Chooses a device. */
  function choose(kind: DeviceKind, id: string) {
    chosen.value = { ...chosen.value, [kind]: id }
  }

  /** The chosen device if it is plugged in, otherwise undefined. */
  function current(kind: DeviceKind): string | undefined {
    const id = chosen.value[kind]
    return available.value[kind].some(device => device.id === id) ? id : undefined
  }

  /** Notes which device is open; undefined for none. */
  function setInUse(kind: DeviceKind, id: string | undefined) {
    if (inUse.value[kind] !== id) inUse.value = { ...inUse.value, [kind]: id }
  }

  /** What a picker shows: the device that is open, else the one that would be; undefined where the browser or system decides. */
  function shown(kind: DeviceKind): string | undefined {
    const known = (id: string | undefined) => available.value[kind].some(device => device.id === id) ? id : undefined
    return known(inUse.value[kind]) ?? current(kind) ?? known('default')
  }

  return { available, chosen, inUse, setAvailable, choose, current, setInUse, shown }
})
